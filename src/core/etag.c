/*
 * etag.c - makes entity tags and reads If-None-Match.
 */
#include "etag.h"
#include <apr_strings.h>
#include <string.h>

const char *wfm_etag_make(apr_pool_t *p, apr_uint64_t digest)
{
    return apr_psprintf(p, "\"%016" APR_UINT64_T_HEX_FMT "\"", digest);
}

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/** Is the opaque part s (without quotes) our tag's, perhaps with a content coding's suffix? */
static int same_tag(const char *s, apr_size_t len, const char *etag)
{
    static const char *const suffixes[] = {"", "-gzip", "-br"};
    apr_size_t own = strlen(etag) - 2; /* without its quotes */
    unsigned i;

    if (len < own || memcmp(s, etag + 1, own) != 0)
        return 0;
    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (len - own == strlen(suffixes[i]) && memcmp(s + own, suffixes[i], len - own) == 0)
            return 1;
    return 0;
}

const char *wfm_etag_match(apr_pool_t *p, const char *header, const char *etag)
{
    const char *s, *close;

    if (!header)
        return NULL;
    s = skip_blanks(header);
    if (*s == '*')
        return *skip_blanks(s + 1) == '\0' ? etag : NULL;
    for (;;) {
        while (*s == ',' || *s == ' ' || *s == '\t')
            s++;
        if (strncmp(s, "W/", 2) == 0)
            s += 2;
        /* A comma may stand inside a tag, so the list is cut at the quotes. */
        if (*s != '"' || !(close = strchr(s + 1, '"')))
            return NULL;
        if (same_tag(s + 1, (apr_size_t)(close - s - 1), etag))
            return apr_pstrmemdup(p, s, (apr_size_t)(close - s + 1));
        s = skip_blanks(close + 1);
        if (*s != ',')
            return NULL;
    }
}
