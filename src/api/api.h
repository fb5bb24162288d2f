/*
 * api.h - a request as a handler sees it, and the few tools that handlers share.
 *
 * A handler reads validated inputs (rq->params, rq->body), asks the database (rq->db), and then
 * writes its answer to rq->out. It returns an error instead of writing one; until it has written
 * more than the sink's buffer, that error still becomes a proper answer. Gather first, then write.
 */
#ifndef WFM_API_H
#define WFM_API_H

#include "../core/counters.h"
#include "../core/cursor.h"
#include "../core/gunzip.h"
#include "../core/json_writer.h"
#include "../core/route.h"
#include "../db/db.h"
#include "../db/filter.h"
#include "../db/pieces.h"
#include "../db/statements.h"
#include "shapes.h"

/** A cluster that may be asked for here. */
typedef struct api_cluster_t {
    const char *name;
    int own;                        /**< the host's own, which needs no ?cluster= */
    int read_only;                  /**< may it not be changed by way of this host? */
    int takes_results;              /**< may result files be sent by way of this host? */
    const wfm_counters_t *counters; /**< of all its hosts and processes */
} api_cluster_t;

typedef struct wfm_request_t {
    apr_pool_t *pool;          /**< the request's */
    const wfm_route_t *routes; /**< the table */
    int nroutes;               /**< how many rows it has */
    const wfm_route_t *route;  /**< the row that matched */
    wfm_args_t params;         /**< path variables and query parameters */
    wfm_args_t body;           /**< declared body fields; those of a header are among params */
    int has_body;              /**< where the body is a file: does one come, perhaps empty? */
    const char *body_type;     /**< its Content-Type, or NULL */
    /** Have its pieces, as they arrive: once, with all else checked */
    wfm_error_t *(*receive)(const struct wfm_request_t *rq, wfm_piece_fn piece, void *ctx);
    apr_pool_t *inputs;         /**< what they were built in; it ends with the answer */
    const wfm_limits_t *limits; /**< ceilings from directives */
    int csv_guard;              /**< WfmetricsCsvFormulaGuard */
    int statement_timeout;      /**< of the cluster, in ms, 0: none; computing takes no longer */
    wfm_db_caller_t db;         /**< the selected cluster's database */
    const char *cluster;        /**< and its name */
    const char *if_match;       /**< the header, or NULL */
    const char *if_none_match;  /**< the header, or NULL */
    const char *accept;         /**< the header, or NULL */
    const char *user;           /**< whom httpd knows to ask, UTF-8; NULL: nobody */
    const char *base_path;      /**< where the API's tree starts, for Location */
    const char *cluster_query;  /**< "?cluster=…" as the client gave it, or "" */
    /** The clusters that may be asked for here, the own one first, then by name: of api_cluster_t
     */
    const apr_array_header_t *(*served)(const struct wfm_request_t *rq);
    void *ctx;                                /**< for served and receive */
    const struct api_document_t *description; /**< of the API, see openapi.h */

    /* the answer; all but out must be set before the first write */
    int status;               /**< 200 unless set */
    const char *content_type; /**< "application/json" unless set */
    apr_table_t *headers;     /**< further headers */
    wfm_out_t *out;           /**< where the body goes */
    apr_int64_t exported;     /**< rows of an export that were written */
    apr_int64_t ingested;     /**< rows of a result file that were stored */
} wfm_request_t;

/** The endpoints. */
extern const wfm_route_t wfm_routes[];
extern const int wfm_routes_count;

/** ?cluster=, which every endpoint takes. */
extern const wfm_param_spec_t api_cluster_param[];

/* Handlers: api_<resource>_<verb>, each a row's of routes.c, which this is made of. */
#include "made/handlers.h"

/** Values of columns that are enumerations; NULL-terminated. */
extern const char *const api_run_statuses[];
extern const char *const api_trigger_sources[];
/** Aggregate functions, in the order of metrics/aggregate's inputs. */
extern const char *const api_agg_funcs[];

/* ---- tools ---- */

/** Run a fixed statement with the given texts (each const char *) as parameters. */
#define api_query(rq, id, result, ...)                                                             \
    wfm_db_query(&(rq)->db, wfm_stmt(id),                                                          \
                 (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)),              \
                 (const char *[]){__VA_ARGS__}, result)

/** Run a reading statement that was put together for this request. */
wfm_error_t *api_run(wfm_request_t *rq, const wfm_sql_t *q, wfm_result_t **result);

/** An input by name, wherever it came from; NULL: the route has none of that name. */
const wfm_arg_t *api_find(const wfm_request_t *rq, const char *name);

/** An integer input (its default, if the client gave none) as a statement's parameter. */
const char *api_bind_int(wfm_request_t *rq, const char *name);

/** The same, NULL when the client gave none or the route has none. */
const char *api_bind_given_int(wfm_request_t *rq, const char *name);

/** An instant as a parameter's text; NULL when it was not given. */
const char *api_bind_time(wfm_request_t *rq, const char *name);

/** A range of time; what is NULL is open. */
typedef struct api_range_t {
    const wfm_time_t *start, *end;
} api_range_t;

/** The range of two inputs of a request. */
api_range_t api_range(const wfm_request_t *rq, const char *start, const char *end);

/** "true" or "false"; NULL when it was not given. */
const char *api_bind_bool(wfm_request_t *rq, const char *name);

/** The chosen value of an enumeration; NULL when it was not given and has no default. */
const char *api_bind_choice(wfm_request_t *rq, const char *name);

/** An input's text; NULL when it was not given, or is empty as a form's box is. */
const char *api_bind_filled(wfm_request_t *rq, const char *name);

/** The whole text of a list of names, where it may be one name with commas or blanks in it; else
 * NULL. */
const char *api_whole_name(const wfm_arg_t *arg);

/** Every name that a list of names may mean, that one among them, as text[]; NULL: none was given.
 */
const char *api_bind_names(wfm_request_t *rq, const wfm_arg_t *arg);

/** Start the answer, {"meta":{"code":2000},"data":{ — keys and values of the data come next. */
void api_begin(wfm_request_t *rq, wfm_json_t *j);

/** End the data and the answer. */
void api_end(wfm_json_t *j);

/** Write one value. */
void api_value(wfm_json_t *j, api_kind_e kind, const char *text, apr_size_t len);

/** Write key and value of consecutive columns, from `first` on, as the list names them (but those
 * that are written by hand); and behind them "left_out":[names] if there are any that were too
 * large. */
void api_columns(wfm_json_t *j, const wfm_result_t *result, int row, int first,
                 const api_column_t *columns);

/** Most bytes that api_columns writes for a row. */
apr_size_t api_columns_most(const wfm_result_t *result, int row, int first,
                            const api_column_t *columns);

#define API_DOUBLE_TEXT 32

/** A number's text, with as many digits as tell it from others. @return 0: it is no number */
int api_double_text(double v, char text[API_DOUBLE_TEXT]);

/** Write key and number, that way; what is no number is null. */
void api_double(wfm_json_t *j, const char *key, double v);

/** Write key and array of texts (const char *). */
void api_texts(wfm_json_t *j, const char *key, const apr_array_header_t *texts);

/** The answer is 201, and Location says where the object is: in which list of the API's, its id. */
void api_created(wfm_request_t *rq, const char *list, const char *id);

/** Answer with one row, which has the shape that the route's row says, or with a 404 when there is
 * none. */
wfm_error_t *api_answer_found(wfm_request_t *rq, const wfm_result_t *result, const char *not_found);

/** The same with a table's row, whose version is the column after those of the shape. */
wfm_error_t *api_answer_versioned(wfm_request_t *rq, const wfm_result_t *result,
                                  const char *not_found);

/** Writes the data's keys and values from a result. */
typedef void (*api_write_fn)(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *result);

/**
 * Builds a request's statement.
 * @param summed the summaries may be used; a request that they do not serve is built without
 */
typedef wfm_error_t *(*api_build_fn)(wfm_request_t *rq, wfm_sql_t *q, int summed);

/**
 * Answer a GET about a config from built SQL whose result has no row where there is no such config:
 * run it, 404 "config not found", 304, or what `write` writes.
 */
wfm_error_t *api_answer_config(wfm_request_t *rq, api_build_fn build, api_write_fn write);

/** Did a statement fail because it asked for what not every database has: tables of the module's
 * own, of this version, with rights to them? */
int api_is_wanting(const wfm_error_t *err);

/** 404 "config not found" unless the config of the path's :id exists. */
wfm_error_t *api_require_config(wfm_request_t *rq);

/** 404 "repository not found" unless the cluster has a config of the path's :owner and :repo. */
wfm_error_t *api_require_repository(wfm_request_t *rq);

/* ---- tags and preconditions ---- */

/*
 * A read sets its answer's tag, and request.c compares If-Match with it. A write of an object
 * itself (PUT, PATCH or DELETE of its path) must compare its version in the statement that writes.
 * No other write has anything that a tag could name: api_check_write, before the handler, lets none
 * through.
 */

/**
 * Set the ETag of what the result holds; has the client got it already? Then the status is 304 and
 * the handler returns without writing.
 */
int api_not_modified(wfm_request_t *rq, const wfm_result_t *result);

/** The same of an answer that no result holds. */
int api_digest_not_modified(wfm_request_t *rq, apr_uint64_t digest);

/** The same of one row, whose version is the last column. A write's answer is never 304. */
int api_row_not_modified(wfm_request_t *rq, const wfm_result_t *result);

/** The versions that If-Match lets the statement change, as text[]; NULL: any. */
const char *api_bind_versions(wfm_request_t *rq);

/** 412, if the row, whose version is the last column, is none that If-Match lets change. */
wfm_error_t *api_check_version(wfm_request_t *rq, const wfm_result_t *row);

/** Why did a versioned write of the path's object find no row? 404, or 412. */
wfm_error_t *api_missed(wfm_request_t *rq);

/** 412: what If-Match names is not there (any more). */
wfm_error_t *api_unmatched(wfm_request_t *rq);

/** Does If-Match name tags, so that a write of what has none must not be made? */
int api_names_tags(const wfm_request_t *rq);

/** Before a write: 404 or 412, if its preconditions forbid it whatever the statement finds. */
wfm_error_t *api_check_write(wfm_request_t *rq);

/* ---- lists ---- */

/** Most bytes of an answer of a list: then there are fewer rows than asked for, at least one. */
#define API_LIST_BYTES (8 * 1024 * 1024)

/** The list that the request asks for, as its cursors have it: see wfm_cursor_list. */
apr_uint64_t api_list_digest(wfm_request_t *rq);

/**
 * A list, and a page of it. All texts are the code's own; values are bound in `where`.
 * The order is by the key, if there is one, then by id.
 */
typedef struct api_page_t {
    const char *table; /**< with its alias: "github_workflow_runs r"; its id is never NULL */
    const char *alias; /**< "r" */
    /** A list of groups: the query that makes them, once for the total and the page; NULL: rows of
     * the table. Then the table is the alias, and a group's id its place in `order`. No cursor. */
    const char *groups;
    const char *order;     /**< of groups: "g.runs DESC, g.name COLLATE \"C\"" */
    const char *select;    /**< the answer's columns */
    const char *joins;     /**< after the page is cut, before it is ordered again, or NULL */
    const char *texts;     /**< in place of joins: what is made of each row, or NULL */
    int plan_anew;         /**< its plan depends on the conditions' values, see wfm_stmt_t */
    const char *key;       /**< an expression, NULL: none */
    wfm_cursor_key_e kind; /**< of the key; a time has an index and is never NULL */
    int key_descending, id_descending;
    const api_shape_t *shape; /**< of its rows; NULL: the one that the route's row says */
    /* Set by api_page_open. */
    wfm_cursor_t *after; /**< the page begins after this row; NULL: at the offset */
} api_page_t;

/** Look at the cursor, if the route takes one. @return a 400 for one that is not this list's */
wfm_error_t *api_page_open(wfm_request_t *rq, api_page_t *page);

/**
 * Run the page's statement: page and total in one, hence of one snapshot.
 * @param page  opened
 * @param where conditions, each starting with " AND ", and their parameters; offset, cursor and
 * limit are the request's
 */
wfm_error_t *api_page(wfm_request_t *rq, const api_page_t *page, const wfm_sql_t *where,
                      wfm_result_t **result);

/** The query that counts a page's rows: total and, where there is no key, lowest and highest id. */
const char *api_page_count(wfm_request_t *rq, const api_page_t *page, const char *where);

/**
 * Append the page's statement.
 * @param count one that answers as api_page_count's does; lowest and highest may be wider. After a
 *              cursor it is not used
 * @param where conditions whose parameters are in q already
 */
void api_page_statement(wfm_request_t *rq, const api_page_t *page, const char *count,
                        const char *where, wfm_sql_t *q);

/** Has the list no rows at all? (After a cursor: none are left.) */
int api_page_is_empty(const wfm_result_t *result);

/** A column of `select`, of any row: of those that say something about the whole list. */
const char *api_page_value(const wfm_result_t *result, int column);

/** Answer {"<key>":[rows],"total":…,"offset":…,"limit":…,"next_cursor":… and leave the data open.
 * Key and shape are those that the route's row says. */
wfm_error_t *api_page_begin(wfm_request_t *rq, wfm_json_t *j, const api_page_t *page,
                            const wfm_result_t *result);

/** The whole answer, with its entity tag. */
wfm_error_t *api_answer_page(wfm_request_t *rq, const api_page_t *page, const wfm_result_t *result);

/** Most names of a kind (dimensions, or metrics) in one answer. */
#define API_MOST_NAMES 10000

/* ---- schemas ---- */

/** A schema that is to be a config's next version; JSON as text, NULL: none. */
typedef struct api_new_schema_t {
    const char *name, *fields, *dimension_fields, *metric_fields;
    const char *is_active; /**< "true" or "false"; NULL: true */
    const char *generated_by, *sample_file;
} api_new_schema_t;

/** Store it for the config of the path's :id. @param result its id and version; no row: there is no
 * such config */
wfm_error_t *api_schema_store(wfm_request_t *rq, const api_new_schema_t *schema,
                              wfm_result_t **result);

/* ---- runs ---- */

/**
 * 400 when a status or a trigger source is neither a declared one nor any run's. The database is
 * asked only for one that is not declared.
 */
wfm_error_t *api_check_runs(wfm_request_t *rq);

/**
 * Conditions on runs r from every input but config and dates. Each starts with " AND ".
 * @return are they about status and trigger source alone (what the summaries count by)?
 */
int api_where_runs(wfm_request_t *rq, wfm_sql_t *q);

/* ---- summaries: see summaries.h ---- */

/** Build and run, from the summaries if the database has them. */
wfm_error_t *api_run_summed(wfm_request_t *rq, api_build_fn build, wfm_result_t **result);

/** Subquery: ids of the schemas of config $1, the highest version first, as a JSON array. */
#define API_SCHEMAS_OF_CONFIG                                                                      \
    "SELECT coalesce(json_agg(id), '[]')::text FROM (SELECT id FROM"                               \
    " github_workflow_metric_schemas WHERE config_id = $1::bigint"                                 \
    " ORDER BY version DESC, id DESC LIMIT 1000) known"

/** Write schema_id and available_schema_ids, if the request has a schema_id. */
void api_schemas_of(wfm_request_t *rq, wfm_json_t *j, const char *ids);

/** A schema's list of fields (jsonb text): names, or objects that have a name; no name twice. */
apr_array_header_t *api_field_names(apr_pool_t *p, const char *jsonb, apr_size_t len);

#endif
