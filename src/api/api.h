/*
 * api.h - a request as a handler sees it, and the few tools that handlers share.
 *
 * A handler reads validated inputs (rq->params, rq->body), asks the database (rq->db), and then
 * writes its answer to rq->out. It returns an error instead of writing one; until it has written
 * more than the sink's buffer, that error still becomes a proper answer. Gather first, then write.
 */
#ifndef WFM_API_H
#define WFM_API_H

#include "../core/json_writer.h"
#include "../core/route.h"
#include "../db/db.h"
#include "../db/statements.h"

typedef struct wfm_request_t {
    apr_pool_t *pool;           /**< the request's */
    const wfm_route_t *route;   /**< the row that matched */
    int head;                   /**< HEAD: headers matter, the body is dropped */
    wfm_args_t params;          /**< path variables and query parameters */
    wfm_args_t body;            /**< declared body fields */
    const wfm_limits_t *limits; /**< ceilings from directives */
    int csv_guard;              /**< WfmetricsCsvFormulaGuard */
    wfm_db_caller_t db;         /**< the selected cluster's database */
    const char *cluster;        /**< and its name */
    const char *if_none_match;  /**< the header, or NULL */

    /* the answer; all but out must be set before the first write */
    int status;               /**< 200 unless set */
    const char *content_type; /**< "application/json" unless set */
    apr_table_t *headers;     /**< further headers */
    wfm_out_t *out;           /**< where the body goes */
} wfm_request_t;

/** The endpoints. */
extern const wfm_route_t wfm_routes[];
extern const int wfm_routes_count;

/* Handlers: api_<resource>_<verb>. */
wfm_error_t *api_configs_patch(wfm_request_t *rq);
wfm_error_t *api_schemas_active(wfm_request_t *rq);
wfm_error_t *api_runs_list(wfm_request_t *rq);
wfm_error_t *api_runs_retry(wfm_request_t *rq);
wfm_error_t *api_dimensions_values(wfm_request_t *rq);
wfm_error_t *api_export(wfm_request_t *rq);

/** Values of columns that are enumerations; NULL-terminated. */
extern const char *const api_run_statuses[];
extern const char *const api_trigger_sources[];

/* ---- tools ---- */

/** How a column's text becomes JSON. */
typedef enum api_kind_e {
    API_TEXT,        /**< a string */
    API_INT,         /**< an integer, as it is */
    API_BOOL,        /**< PostgreSQL's t or f */
    API_TIME,        /**< RFC 3339 */
    API_JSON,        /**< jsonb: spliced in */
    API_TEXT_OR_NULL /**< a string; '' is null */
} api_kind_e;

typedef struct api_column_t {
    const char *name; /**< key in the answer; NULL ends the list */
    api_kind_e kind;
} api_column_t;

/** Run a fixed statement with the given texts (each const char *) as parameters. */
#define api_query(rq, id, result, ...)                                                             \
    wfm_db_query(&(rq)->db, wfm_stmt(id),                                                          \
                 (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)),              \
                 (const char *[]){__VA_ARGS__}, result)

/** An integer argument as a parameter's text. */
const char *api_bind_int(wfm_request_t *rq, const char *param);

/** An instant argument as a parameter's text; NULL when it was not given. */
const char *api_bind_time(wfm_request_t *rq, const char *param);

/**
 * Set the ETag of what the result holds; has the client got it already? Then the status is 304 and
 * the handler returns without writing.
 */
int api_not_modified(wfm_request_t *rq, const wfm_result_t *result);

/** Start the answer: {"meta":{"code":2000},"data": — the caller writes the data's value next. */
void api_begin(wfm_request_t *rq, wfm_json_t *j);

/** End the answer. */
void api_end(wfm_json_t *j);

/** Write one value. */
void api_value(wfm_json_t *j, api_kind_e kind, const char *text, apr_size_t len);

/** Write key and value of consecutive columns, from `first` on, as the list names them. */
void api_columns(wfm_json_t *j, const wfm_result_t *result, int row, int first,
                 const api_column_t *columns);

/** Answer with one row as the data: envelope, columns from `first` on. */
void api_answer_row(wfm_request_t *rq, const wfm_result_t *result, int first,
                    const api_column_t *columns);

#endif
