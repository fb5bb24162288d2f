/*
 * answer.c - owns what the answers of all handlers have in common: envelope, columns.
 */
#include "../core/text.h"
#include "../core/time.h"
#include "api.h"
#include <apr_strings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void api_begin(wfm_request_t *rq, wfm_json_t *j)
{
    static const char meta[] = "{\"code\":2000}";

    wfm_json_init(j, rq->out);
    wfm_json_object(j);
    wfm_json_name(j, "meta");
    wfm_json_raw(j, meta, sizeof meta - 1);
    wfm_json_name(j, "data");
    wfm_json_object(j);
}

void api_end(wfm_json_t *j)
{
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

static void write_time(wfm_json_t *j, const char *text, apr_size_t len)
{
    char buf[WFM_TIME_TEXT];
    apr_size_t n = wfm_time_format_pg(text, len, buf);

    if (n)
        wfm_json_string_n(j, buf, n);
    else
        wfm_json_null(j); /* 'infinity' and the like: no instant that RFC 3339 can say */
}

void api_value(wfm_json_t *j, api_kind_e kind, const char *text, apr_size_t len)
{
    if (!text) {
        wfm_json_null(j);
        return;
    }
    switch (kind) {
    case API_TEXT_OR_NULL:
        wfm_json_string_n(j, len ? text : NULL, len);
        break;
    case API_TEXT_SHORT:
        wfm_json_string_n(j, len ? text : NULL, wfm_text_cut(text, len, API_SHORT_BYTES));
        break;
    case API_TEXT:
        wfm_json_string_n(j, text, len);
        break;
    case API_BOOL:
        wfm_json_bool(j, text[0] == 't');
        break;
    case API_TIME:
        write_time(j, text, len);
        break;
    case API_JSON:
    case API_JSON_TEXT:
        if (len)
            wfm_json_raw(j, text, len);
        else
            wfm_json_null(j);
        break;
    case API_INT:
    case API_NUMBER:
    case API_AGAIN:
    case API_SHAPE:
        wfm_json_raw(j, text, len);
        break;
    }
}

static int is_json(const api_column_t *column)
{
    return column->kind == API_JSON || column->kind == API_JSON_TEXT;
}

/* Has it a column of its own in the result? */
static int is_read(const api_column_t *column)
{
    return column->kind != API_AGAIN && !(column->flags & API_BY_HAND);
}

static int is_left_out(const wfm_result_t *result, int row, int at, const api_column_t *column)
{
    return is_json(column) && !wfm_result_length(result, row, at) &&
           wfm_result_get(result, row, at);
}

static int is_absent(const wfm_result_t *result, int row, int at, const api_column_t *column)
{
    const char *value = column->flags & API_NEWER ? wfm_result_get(result, row, at) : NULL;

    return value && *value == *WFM_ABSENT;
}

static void write_left_out(wfm_json_t *j, const wfm_result_t *result, int row, int first,
                           const api_column_t *columns)
{
    int at = first;

    wfm_json_name(j, "left_out");
    wfm_json_array(j);
    for (const api_column_t *c = columns; c->name; c++)
        if (is_read(c) && is_left_out(result, row, at++, c))
            wfm_json_string(j, c->name);
    wfm_json_array_end(j);
}

void api_columns(wfm_json_t *j, const wfm_result_t *result, int row, int first,
                 const api_column_t *columns)
{
    int at = first - 1, left_out = 0;

    for (const api_column_t *c = columns; c->name; c++) {
        const api_column_t *of = c->kind == API_AGAIN ? c - 1 : c;

        if (c->flags & API_BY_HAND)
            continue;
        at += is_read(c);
        if (is_absent(result, row, at, c))
            continue;
        wfm_json_name(j, c->name);
        api_value(j, of->kind, wfm_result_get(result, row, at), wfm_result_length(result, row, at));
        left_out |= is_left_out(result, row, at, of);
    }
    if (left_out)
        write_left_out(j, result, row, first, columns);
}

/* A byte of a string is at most \uXXXX; a name stands in the row, and perhaps in left_out. */
apr_size_t api_columns_most(const wfm_result_t *result, int row, int first,
                            const api_column_t *columns)
{
    apr_size_t most = sizeof ",{},\"left_out\":[]", len = 0;
    int at = first - 1;

    for (const api_column_t *c = columns; c->name; c++) {
        if (c->flags & API_BY_HAND)
            continue;
        if (is_read(c))
            len = wfm_result_length(result, row, ++at);
        most += 2 * strlen(c->name) + WFM_TIME_TEXT + (is_json(c) ? len : 6 * len);
    }
    return most;
}

int api_double_text(double v, char text[API_DOUBLE_TEXT])
{
    if (!isfinite(v))
        return 0;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, API_DOUBLE_TEXT, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    return 1;
}

void api_double(wfm_json_t *j, const char *key, double v)
{
    char text[API_DOUBLE_TEXT];

    wfm_json_key(j, key);
    if (api_double_text(v, text))
        wfm_json_raw(j, text, strlen(text));
    else
        wfm_json_null(j);
}

void api_texts(wfm_json_t *j, const char *key, const apr_array_header_t *texts)
{
    wfm_json_key(j, key);
    wfm_json_array(j);
    for (int i = 0; i < texts->nelts; i++)
        wfm_json_string(j, APR_ARRAY_IDX(texts, i, const char *));
    wfm_json_array_end(j);
}

void api_created(wfm_request_t *rq, const char *list, const char *id)
{
    rq->status = WFM_CREATED;
    apr_table_setn(rq->headers, "Location",
                   apr_pstrcat(rq->pool, rq->base_path, list, "/", id, rq->cluster_query, NULL));
}

static void answer_row(wfm_request_t *rq, const wfm_result_t *result)
{
    wfm_json_t j;

    api_begin(rq, &j);
    api_columns(&j, result, 0, 0, rq->route->answer->row->columns);
    api_end(&j);
}

wfm_error_t *api_answer_found(wfm_request_t *rq, const wfm_result_t *result, const char *not_found)
{
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "%s", not_found);
    if (rq->route->access != WFM_ACCESS_READ || !api_not_modified(rq, result))
        answer_row(rq, result);
    return NULL;
}

wfm_error_t *api_answer_versioned(wfm_request_t *rq, const wfm_result_t *result,
                                  const char *not_found)
{
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "%s", not_found);
    if (!api_row_not_modified(rq, result))
        answer_row(rq, result);
    return NULL;
}

wfm_error_t *api_answer_config(wfm_request_t *rq, api_build_fn build, api_write_fn write)
{
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(api_run_summed(rq, build, &result));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (api_not_modified(rq, result))
        return NULL;
    api_begin(rq, &j);
    write(rq, &j, result);
    api_end(&j);
    return NULL;
}

wfm_error_t *api_require_config(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_BRIEF, &result, api_bind_int(rq, "id")));
    return wfm_result_rows(result) ? NULL
                                   : wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
}

wfm_error_t *api_require_repository(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_REPOSITORY_KNOWN, &result, rq->cluster, api_find(rq, "owner")->s,
                      api_find(rq, "repo")->s));
    return wfm_result_rows(result)
               ? NULL
               : wfm_error_make(rq->pool, WFM_NOT_FOUND, "repository not found");
}
