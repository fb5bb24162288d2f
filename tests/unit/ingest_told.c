/*
 * ingest_told.c - reads a file whole and in pieces.
 */
#include "ingest_told.h"
#include "core/text.h"
#include "ingest/rows.h"
#include <apr_strings.h>
#include <string.h>

/* How a file is read: whole, or cut. */
typedef struct cuts_t {
    apr_size_t every;    /* bytes; 0: whole */
    apr_size_t at;       /* or once, there */
    apr_uint64_t random; /* or anywhere */
} cuts_t;

/* What is told of a file; in a pool of its own, since a file is read thousands of times. */
typedef struct told_t {
    apr_pool_t *p;
    wfm_format_e format;
    const char *text;
    apr_size_t len;
    const cuts_t *cuts;
} told_t;

static void add_json(apr_array_header_t *out, const char *before, wfm_json_text_t json)
{
    wfm_text_append(out, before);
    wfm_text_append(out, json.text ? apr_pstrmemdup(out->pool, json.text, json.len) : "null");
}

static wfm_error_t *add_row(void *ctx, const wfm_row_t *row)
{
    add_json(ctx, "", row->dimensions);
    add_json(ctx, " ", row->metrics);
    add_json(ctx, " ", row->raw_data);
    wfm_text_append(ctx, "\n");
    return NULL;
}

static wfm_error_t *read_cut(const told_t *t, wfm_columns_t *columns, wfm_notes_t *notes,
                             wfm_record_fn record, void *ctx, char *delimiter)
{
    const cuts_t *cuts = t->cuts;
    apr_uint64_t state = cuts->random;
    wfm_reader_t *r = wfm_reader_create(t->p, t->format, columns, notes, record, ctx);

    for (apr_size_t done = 0; done < t->len;) {
        apr_size_t n = t->len - done;
        char *piece;

        if (cuts->every && n > cuts->every)
            n = cuts->every;
        if (cuts->at && done < cuts->at && cuts->at < t->len)
            n = cuts->at - done;
        if (cuts->random && n > 1)
            n = 1 + unit_random(&state) % (n < 9 ? n : 9);
        piece = apr_pmemdup(t->p, t->text + done, n);
        WFM_TRY(wfm_reader_feed(r, piece, n));
        memset(piece, 'x', n); /* nobody kept it */
        done += n;
    }
    WFM_TRY(wfm_reader_end(r));
    *delimiter = wfm_reader_delimiter(r);
    return NULL;
}

static void add_columns(apr_array_header_t *out, const wfm_inference_t *inference)
{
    static const char *const what[] = {"left out", "dimension", "metric"};
    static const char *const better[] = {"", " higher", " lower"};

    for (int i = 0; i < inference->inferred->nelts; i++) {
        const wfm_inferred_t *c = &APR_ARRAY_IDX(inference->inferred, i, wfm_inferred_t);

        wfm_text_append(out, apr_psprintf(out->pool, "%s: %s%s%s%s%s\n", c->name, what[c->what],
                                          c->whole ? " whole" : "", c->unit ? " " : "",
                                          c->unit ? c->unit->name : "", better[c->direction]));
    }
}

/* All that becomes of a file, as text. */
static const char *tell(const told_t *t)
{
    apr_array_header_t *out = wfm_text_new(t->p);
    wfm_notes_t notes, said;
    wfm_columns_t columns, again;
    wfm_inference_t inference;
    wfm_error_t *err;
    char delimiter;

    wfm_notes_init(&notes, t->p);
    wfm_notes_init(&said, t->p);
    wfm_columns_init(&columns, t->p);
    wfm_columns_init(&again, t->p);
    wfm_infer_init(&inference, t->p, &columns);
    err = read_cut(t, &columns, &notes, wfm_infer_record, &inference, &delimiter);
    if (err)
        return apr_psprintf(t->p, "error: %s\n", err->message);
    wfm_infer_decide(&inference, delimiter, &notes);
    add_columns(out, &inference);
    read_cut(t, &again, &said, wfm_rows_record,
             wfm_rows_create(t->p, &inference, &notes, add_row, out), &delimiter);
    for (int i = 0; i < notes.texts->nelts; i++)
        wfm_text_append(
            out, apr_psprintf(t->p, "warning: %s\n", APR_ARRAY_IDX(notes.texts, i, const char *)));
    return wfm_text_get(out);
}

static void check_cut(wfm_format_e format, const char *text, apr_size_t len, cuts_t cuts,
                      const char *whole)
{
    apr_pool_t *p;

    apr_pool_create(&p, unit_pool());
    expect_str(tell(&(told_t){p, format, text, len, &cuts}), whole);
    apr_pool_destroy(p);
}

#define LARGE 20000
#define SMALL 1000
#define CUTS  100 /* of a file that is not small; its other bytes are pieces all at once */

const char *ingest_told(wfm_format_e format, const char *text, apr_size_t len)
{
    const char *whole = tell(&(told_t){unit_pool(), format, text, len, &(cuts_t){0}});

    check_cut(format, text, len, (cuts_t){.every = 4093}, whole);
    if (len > LARGE)
        return whole;
    for (apr_size_t every = 1; every < 4; every++)
        check_cut(format, text, len, (cuts_t){.every = every}, whole);
    for (apr_uint64_t seed = 1; seed < 8; seed++)
        check_cut(format, text, len, (cuts_t){.random = seed}, whole);
    for (apr_size_t at = 1; at < len; at += len < SMALL ? 1 : 1 + len / CUTS)
        check_cut(format, text, len, (cuts_t){.at = at}, whole);
    return whole;
}
