/*
 * fuzz_ingest.c - a CSV file, read whole and in pieces: the same becomes of it, its rows are JSON,
 * and what is taken for a number is one. The first byte chooses the pieces.
 */
#include "fuzz.h"
#include "ingest.h"
#include "ingest/figure.h"
#include <stdlib.h>
#include <string.h>

/* What strtod reads of the number's text is what it reads of a plain cell. */
static void check_figure(const char *data, apr_size_t len)
{
    char text[WFM_FIGURE_TEXT];
    wfm_figure_t figure;

    for (int reading = WFM_POINT_IS_DECIMAL; reading <= WFM_COMMA_IS_DECIMAL; reading++) {
        if (!wfm_figure_read(data, len, reading, &figure))
            continue;
        must(wfm_figure_text(&figure, text) < sizeof text);
        must(fuzz_is_json(text, strlen(text), 1));
        if (reading == WFM_POINT_IS_DECIMAL && !figure.unit &&
            strspn(data, "0123456789.eE+-") == len)
            must(strtod(text, NULL) == strtod(data, NULL));
    }
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const char *text;

    if (!len)
        return;
    text = fuzz_text(p, data + 1, len - 1);
    fuzz_ingest_told(p, WFM_FORMAT_CSV, text, len - 1, 1 + (unsigned char)*data % 7);
    check_figure(text, len - 1);
}
