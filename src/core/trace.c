/*
 * trace.c - reads traceparent as strictly as the specification does: an invalid one is as if there
 * were none.
 */
#include "trace.h"
#include <apr_strings.h>
#include <string.h>

/* Lengths in hex digits, in their order; a hyphen stands between. */
static const int fields[] = {2 /* version */, 32 /* trace */, 16 /* parent */, 2 /* flags */};

#define LENGTH 55

/* @return they are hex digits in lower case, and (for an id) not all of them 0 */
static int is_hex(const char *s, int n)
{
    int zeros = 1;

    for (int i = 0; i < n; i++) {
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f')))
            return 0;
        zeros &= s[i] == '0';
    }
    return n == 2 || !zeros;
}

const char *wfm_trace_parent(apr_pool_t *p, const char *header)
{
    const char *s = header;
    apr_size_t len = header ? strlen(header) : 0;

    if (len < LENGTH)
        return NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if ((i > 0 && *s++ != '-') || !is_hex(s, fields[i]))
            return NULL;
        s += fields[i];
    }
    if (!strncmp(header, "ff", 2)) /* no version */
        return NULL;
    /* The first version ends here; what another one has more stands behind a hyphen. */
    if (len > LENGTH && (!strncmp(header, "00", 2) || *s != '-'))
        return NULL;
    return apr_pstrmemdup(p, header, LENGTH);
}
