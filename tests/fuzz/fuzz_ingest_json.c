/*
 * fuzz_ingest_json.c - JSON, lines of it and tools' files, read whole and in pieces: the same
 * becomes of it, its rows are JSON, and what is taken for JSON is JSON, but for NaN and its like.
 * The first byte chooses the pieces, the second one the format.
 */
#include "fuzz.h"
#include "ingest.h"
#include <string.h>

#define FORMATS (WFM_FORMAT_BENCHER - WFM_FORMAT_JSON + 1)

/* May something in it be a number that is none? */
static int may_be_nan(const char *text)
{
    return strcasestr(text, "nan") || strcasestr(text, "inf");
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const char *text, *told;
    wfm_format_e format;

    if (len < 2)
        return;
    format = WFM_FORMAT_JSON + (unsigned char)data[1] % FORMATS;
    len -= 2;
    text = fuzz_text(p, data + 2, len);
    told = fuzz_ingest_told(p, format, text, len, 1 + (unsigned char)*data % 7);
    if (format == WFM_FORMAT_NDJSON || !strncmp(told, "error: ", 7))
        return;
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        text += 3;
        len -= 3;
    }
    must(may_be_nan(text) || fuzz_is_json(text, len, 32));
}
