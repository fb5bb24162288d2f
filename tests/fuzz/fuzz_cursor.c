/*
 * fuzz_cursor.c - cursors: what is read is what was written, and nothing else is read.
 */
#include "core/cursor.h"
#include "fuzz.h"
#include <string.h>

#define LIST APR_UINT64_C(0x0123456789abcdef)

/* One text a cursor: what can be read is what would be written. */
static void read_text(apr_pool_t *p, const char *text)
{
    for (int kind = WFM_CURSOR_ID; kind <= WFM_CURSOR_SERIES; kind++) {
        wfm_cursor_t c = {0, 0, NULL};

        if (!wfm_cursor_read(p, text, LIST, (wfm_cursor_key_e)kind, &c))
            continue;
        must(!strcmp(wfm_cursor_write(p, LIST, &c), text));
        must(c.id >= 0 && c.floor >= 0);
    }
}

/* A key of any text, with a digest that is right: taken only if it reads back the same. */
static void forge_key(apr_pool_t *p, const char *key)
{
    const wfm_cursor_t c = {7, 3, key};
    const char *text = wfm_cursor_write(p, LIST, &c);

    for (int kind = WFM_CURSOR_ID; kind <= WFM_CURSOR_SERIES; kind++) {
        wfm_cursor_t read = {0, 0, NULL};

        if (!wfm_cursor_read(p, text, LIST, (wfm_cursor_key_e)kind, &read))
            continue;
        must(kind != WFM_CURSOR_ID && read.key && !strcmp(read.key, key));
        must(read.id == 7 && read.floor == 3);
        must(!strpbrk(key, "'\\;\"")); /* nothing but an instant, a number or ids */
    }
    must(!wfm_cursor_read(p, text, LIST + 1, WFM_CURSOR_TIME, &(wfm_cursor_t){0}));
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const char *text = fuzz_text(p, data, len);

    read_text(p, text);
    forge_key(p, text);
}
