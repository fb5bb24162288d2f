/*
 * export.h - what the parts of the export share: its course (export.c), which columns it has
 * (export_columns.c), which rows, and the statements that ask for them (export_select.c), and how a
 * row is written (export_rows.c).
 */
#ifndef WFM_API_EXPORT_H
#define WFM_API_EXPORT_H

#include "selection.h"

/** In the order of routes.c's list. */
typedef enum export_format_e { EXPORT_CSV, EXPORT_JSON, EXPORT_NDJSON } export_format_e;

/** How the values of a row's dimensions, or of its metrics, come from PostgreSQL. */
typedef enum export_form_e {
    EXPORT_WHOLE,  /**< the whole object, as the binary form of a jsonb */
    EXPORT_ARRAY,  /**< those wanted, as the binary form of an array of texts */
    EXPORT_VALUES, /**< the same, made in another way, for names that are long */
    EXPORT_CELLS   /**< those wanted, a column each */
} export_form_e;

/** Does the limit leave rows out? */
typedef enum export_truncated_e {
    EXPORT_COMPLETE,
    EXPORT_TRUNCATED,
    EXPORT_UNKNOWN
} export_truncated_e;

typedef struct export_t {
    wfm_request_t *rq;
    export_format_e format;
    apr_int64_t limit; /**< of rows */
    api_selection_t selection;
    int filtered; /**< by dimensions */

    apr_array_header_t *dimensions; /**< of const char *, each once */
    apr_array_header_t *metrics;    /**< of const char *, each once */
    apr_array_header_t *included;   /**< of const char *, columns of the run */
    export_form_e dimension_form, metric_form;

    export_truncated_e truncated;
    int few;         /**< it is known that there are no more than EXPORT_FEW_ROWS */
    int ask_more;    /**< ask for a row more than the limit, to see whether there is one */
    const char *ids; /**< the rows' ids, as an array's text; NULL: the selection finds them */
} export_t;

/** Names of the columns that `include` adds, in the order in which they stand; NULL-terminated. */
extern const char *const api_export_includes[];

/** An export's most fields: fewer than PostgreSQL takes in a select list (1664). */
#define EXPORT_MAX_FIELDS 1600

/* ---- export_columns.c ---- */

/** Find the columns. @param schema the rows of WFM_STMT_EXPORT_SCHEMA */
wfm_error_t *api_export_columns(export_t *x, wfm_db_t *db, const wfm_result_t *schema);

/** The names of metrics that the client may mean, for WFM_STMT_EXPORT_SCHEMA; NULL: all. */
const char *api_export_bind_wanted(wfm_request_t *rq);

/** The columns' names, no two of them alike: dimensions, metrics, collected_at, source_file, those
 * of the run. */
const char **api_export_names(const export_t *x, int *n);

/** What stands before the value of each in JSON: {"Op": or ,"Model": */
const char **api_export_keys(const export_t *x);

/* ---- export_select.c ---- */

/**
 * Most bytes of a row's dimensions, and of its metrics, as PostgreSQL sends them whole or as an
 * array: 1 MB and the form's number. What is larger comes cut, longer than this, or as one byte.
 * And most characters of one of few metrics, of four bytes each; what is larger comes cut.
 */
#define EXPORT_MOST_BYTES 1000001
#define EXPORT_MOST_CELL  40000

/**
 * Columns of the rows' statement, in binary form. Then, if the export has such: columns of the run
 * (an array of texts), dimensions (in their form), metrics (in theirs).
 */
enum { EXPORT_COLUMN_TIME, EXPORT_COLUMN_FILE, EXPORT_COLUMN_OTHERS };

/** Append WHERE of the rows that the request selects. */
void api_export_add_selection(const export_t *x, wfm_sql_t *q);

/** Find out whether the limit leaves rows out, and whether they are few, as far as it is cheap. */
wfm_error_t *api_export_look_ahead(export_t *x, wfm_db_t *db);

/** Hand the rows to `row`. */
wfm_error_t *api_export_stream(export_t *x, wfm_db_t *db, wfm_db_row_fn row, void *ctx);

/* ---- export_rows.c ---- */

/**
 * After so many rows the first bytes go out; they do not wait for those behind them. Unless the
 * rows are few: these are gathered, so that a small answer has its length, and an error its status.
 */
#define EXPORT_FIRST_ROWS 16
#define EXPORT_FEW_ROWS   200

typedef struct export_rows_t export_rows_t;

/** Write what stands before the rows. */
export_rows_t *api_export_begin(const export_t *x);

/** Write a row: a wfm_db_row_fn. @param rows an export_rows_t */
int api_export_row(void *rows, const wfm_value_t *row);

/** Write what stands behind them. An error: a row could not be written. */
wfm_error_t *api_export_end(export_rows_t *rows);

#endif
