/*
 * csv_delimiter.c - owns what stands between the cells, by what the file begins with.
 */
#include "csv_delimiter.h"
#include <string.h>
#include <strings.h>

/* How often a byte stands outside quotes. */
static int count_outside(const char *s, apr_size_t len, char wanted)
{
    int n = 0, quoted = 0;

    for (apr_size_t i = 0; i < len; i++) {
        quoted ^= s[i] == '"';
        n += !quoted && s[i] == wanted;
    }
    return n;
}

char wfm_csv_find_delimiter(const char *s, apr_size_t len)
{
    static const char candidates[] = "\t;,";
    char found = ',';
    int most = 0;

    for (const char *c = candidates; *c; c++) {
        int n = count_outside(s, len, *c);

        if (n > most) {
            most = n;
            found = *c;
        }
    }
    return found;
}

int wfm_csv_says_delimiter(const char *s, apr_size_t len)
{
    return len > 4 && !strncasecmp(s, "sep=", 4) && strchr("\t;,", s[4]) &&
           strspn(s + 5, "\r\n") == len - 5;
}
