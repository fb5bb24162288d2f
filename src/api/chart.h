/*
 * chart.h - metric values over time, by groups: what metrics/aggregate and metrics/trends share.
 *
 * One scan of the rows, whatever the number of fields and groups. Values are PostgreSQL's numeric:
 * exact, and without NaN, infinity or overflow, which JSON could not say. A row whose value is
 * absent or no number counts nowhere. Groups are told apart by the text of their dimensions, as
 * drop-downs and filters are; absent and null are one group.
 */
#ifndef WFM_API_CHART_H
#define WFM_API_CHART_H

#include "api.h"
#include "buckets.h"
#include "summaries.h"

/** Most bytes of one group's texts: a row must fit into memory several times while it is read. */
#define API_CHART_GROUP_BYTES 262144

/** A 400 if too_long, the result's last column, is true of a row. */
wfm_error_t *api_chart_check_groups(wfm_request_t *rq, const wfm_result_t *r);

/** Most rows of an answer (buckets times groups): beyond it a chart shows nothing, and nothing is
 * unbounded. */
#define API_CHART_ROWS 100000

typedef struct api_chart_t {
    wfm_request_t *rq;
    api_selection_t selection;
    const char *owner, *repo; /**< the repository whose configs it is about; NULL: of one config */
    const apr_array_header_t *fields; /**< metrics, of const char * */
    const apr_array_header_t *groups; /**< dimensions, of const char *; perhaps none */
    api_buckets_t buckets;
    int summed; /**< is it made from the summaries? */
} api_chart_t;

/** What a request asks for, once for each statement. */
wfm_error_t *api_chart_of(api_chart_t *c, wfm_request_t *rq, const apr_array_header_t *fields);

/** Begin a statement that may use the summaries: sets summed if it does, and binds the first of its
 * parameters. */
void api_chart_begin(api_chart_t *c, wfm_sql_t *q);

/** Append WITH items that the summaries are read by, if they are, before the SELECT. */
void api_chart_with(const api_chart_t *c, wfm_sql_t *q);

/** Append a FROM item k (id, name): the repository's configs. What api_chart_with and
 * api_chart_from append is then of one of them, in a LATERAL subquery behind it. */
void api_chart_configs(const api_chart_t *c, wfm_sql_t *q);

/**
 * Append " FROM (…) m GROUP BY bucket, g0…": a row for each matching metric row with bucket, groups
 * g0…, numbers n0…; from the summaries, sums by number f of the field (from 1 on): c numbers, total
 * t, squares q, lowest l, highest h.
 */
void api_chart_from(api_chart_t *c, wfm_sql_t *q);

/** Append ", g0, g1": the groups. */
void api_chart_groups(const api_chart_t *c, wfm_sql_t *q);

/** Append ", … AS too_long": are a group's texts too long to be answered? */
void api_chart_too_long(const api_chart_t *c, wfm_sql_t *q);

/** Append the texts of the groups, each after a comma; NULL unless `shown`, a condition, or where
 * they are too_long. */
void api_chart_texts(const api_chart_t *c, wfm_sql_t *q, const char *shown);

/** Append the end, LIMIT, and bound the result in bytes. */
void api_chart_limit(wfm_sql_t *q);

/**
 * Build and run; 400 for what is too much, or for a time zone that there is not, 404 for a config
 * or repository that there is not. The result's last column is too_long.
 */
wfm_error_t *api_chart_run(wfm_request_t *rq, api_build_fn build, wfm_result_t **result);

/** A 400 that says that there is too much, and what to narrow. @param of "rows" */
wfm_error_t *api_chart_too_much(wfm_request_t *rq, int most, const char *of);

/** Write "dimensions":{"Op":"GEMM","batch_size":"32"} from a row's groups. @param first their first
 * column */
void api_chart_dimensions(const api_chart_t *c, wfm_json_t *j, const wfm_result_t *r, int row,
                          int first);

/** Add "throughput (Op=GEMM, batch_size=32)", a series' name, to a text that is being written. */
void api_chart_add_name(const api_chart_t *c, wfm_json_t *j, const char *field,
                        const wfm_result_t *r, int row, int first);

#endif
