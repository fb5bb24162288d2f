/*
 * compare.h - what the parts of a comparison share: its course (compare.c), how each side's runs
 * are chosen (compare_sides.c), what was found (compare_found.c), their values (compare_values.c),
 * what these say (compare_verdicts.c), which are shown (compare_page.c), and how they are written
 * (compare_json.c, compare_csv.c, compare_markdown.c).
 */
#ifndef WFM_API_COMPARE_H
#define WFM_API_COMPARE_H

#include "chart.h"
#include "computing.h"
#include "verdict.h"

/** Most runs of a side; most groups and fields, which PostgreSQL takes in one select list. */
#define COMPARE_MOST_RUNS     100
#define COMPARE_DEFAULT_LAST  10
#define COMPARE_MOST_GROUPS   100
#define COMPARE_MOST_FIELDS   1400
#define COMPARE_SHOWN_DEFAULT 100
#define COMPARE_SHOWN_MOST    1000

/** In the order of routes.c's list. */
typedef enum compare_format_e { COMPARE_JSON, COMPARE_CSV, COMPARE_MARKDOWN } compare_format_e;

typedef enum compare_side_e { COMPARE_BASE, COMPARE_HEAD, COMPARE_SIDES } compare_side_e;

/** The words for it, in the order in which series stand; NULL-terminated. */
extern const char *const api_compare_verdicts[];

/** What a series comes to; the worst first. */
typedef enum compare_verdict_e {
    COMPARE_REGRESSION,
    COMPARE_CHANGED,
    COMPARE_IMPROVEMENT,
    COMPARE_UNDETERMINED,
    COMPARE_MISSING,
    COMPARE_NEW,
    COMPARE_UNCHANGED,
    COMPARE_VERDICTS
} compare_verdict_e;

/** Whether a side's values are means of runs, or rows. NULL-terminated. */
extern const char *const api_compare_units[];

/** A set of runs. */
typedef struct compare_side_t {
    const char *name;          /**< "base", "head": what its inputs' names begin with */
    wfm_args_t args;           /**< its inputs, without that */
    api_selection_t selection; /**< of its rows; its range is of its runs' first ones */
    int first, runs;           /**< the rows of its runs, and how many */
} compare_side_t;

/** What a side's values of a series are. */
typedef struct compare_figures_t {
    int n; /**< 0: there are none, and nothing else is set */
    double mean, stddev, min, max, median;
} compare_figures_t;

typedef struct compare_series_t {
    int rows[COMPARE_SIDES]; /**< of the values, -1: the side has none */
    int field;
    compare_verdict_e verdict;
    double difference, percent; /**< NaN: of nothing, or of 0 */
    double pvalue, adjusted;    /**< NaN: none */
} compare_series_t;

typedef struct compare_t {
    api_chart_t chart; /**< fields and groups; its selection is what both sides share */
    compare_side_t sides[COMPARE_SIDES];
    double min_change, max_pvalue;
    int is_paged; /**< the sides are a cursor's */
    /* compare_found.c */
    const wfm_result_t *found;         /**< config, runs, names */
    const wfm_direction_e *directions; /**< of the fields */
    /* compare_values.c */
    const wfm_result_t *values;
    double *room; /**< for a side's values */
    /* compare_verdicts.c */
    api_computing_t computing;
    apr_uint64_t digest;        /**< of all values */
    apr_array_header_t *series; /**< of compare_series_t, the worst first */
    int counts[COMPARE_VERDICTS];
    const char *verdict; /**< of the whole */
    /* compare_page.c: what is shown */
    int from, limit; /**< of the series, from which on, and how many */
    int is_limited;  /**< the client said how many */
} compare_t;

/* ---- compare_sides.c ---- */

/** Take the sides' inputs; 400 for a side that is chosen in no way, or in two. @param after the
 * lists of both sides' ids of a cursor, or NULL */
wfm_error_t *api_compare_choose(compare_t *c, const char *after);

/** Add the WITH item base or head (id, at), with a comma behind it; $1 is the config. */
void api_compare_add_side(const compare_side_t *side, wfm_sql_t *q);

/** Is it chosen by its runs' ids? */
int api_compare_is_by_run(const compare_side_t *side);

/** The input that it is chosen by, for a message. */
const char *api_compare_chosen_by(const compare_side_t *side, apr_pool_t *p);

/* ---- compare_found.c ---- */

/** Find the runs of both, and groups and fields; 400, 404. */
wfm_error_t *api_compare_find(compare_t *c);

/** Columns of found: of the config's row (the first), and of a run's. */
enum {
    COMPARE_KIND,
    COMPARE_RUN_ID,
    COMPARE_AT,
    COMPARE_TEXT,
    COMPARE_OWNER = COMPARE_TEXT,
    COMPARE_REPO,
    COMPARE_FIELDS,
    COMPARE_GITHUB_RUN_ID = COMPARE_TEXT,
    COMPARE_SHA,
    COMPARE_BRANCH
};

/* ---- compare_values.c ---- */

/** Read the values of both sides. */
wfm_error_t *api_compare_read(compare_t *c);

/** Find the series that there are: rows and field of each. */
wfm_error_t *api_compare_series(compare_t *c);

/** The figures of a side's values, which are then in the room, ascending. */
void api_compare_figures(const compare_t *c, const compare_series_t *s, compare_side_e side,
                         compare_figures_t *figures);

/** The column of a row's first group. */
#define COMPARE_GROUPS 1

/** "run" or "row": what a side's values are. */
const char *api_compare_unit(const compare_side_t *side);

/** Of which row a series' groups are. */
int api_compare_row(const compare_series_t *s);

/* ---- compare_verdicts.c ---- */

/** Compute what each series comes to, and put the worst first. */
wfm_error_t *api_compare_judge(compare_t *c);

/** What a series is, field and groups, as a number. */
apr_uint64_t api_compare_identity(const compare_t *c, const compare_series_t *s);

/** The order of those that changed as much: of fields, then of groups. */
int api_compare_order(const compare_series_t *a, const compare_series_t *b);

/** How much a series changed: its place among those of its verdict. */
double api_compare_weight(const compare_series_t *s);

/* ---- compare_page.c ---- */

/** Read the request's cursor, which says where the page before it ended; key NULL: there is none.
 */
wfm_error_t *api_compare_read_cursor(wfm_request_t *rq, wfm_cursor_t *after);

/** Choose the series to show, and from which on; 400 where the cursor's is gone. */
wfm_error_t *api_compare_show(compare_t *c, const wfm_cursor_t *after);

/** The cursor of what follows a series of those that are shown. */
const char *api_compare_cursor(const compare_t *c, int last);

/* ---- compare_json.c, compare_csv.c, compare_markdown.c ---- */

/** Write the answer; nothing is asked any more. JSON: a page; CSV: all series, unless the client
 * says how many; Markdown: as many as a person reads. */
void api_compare_write_json(const compare_t *c);
void api_compare_write_csv(const compare_t *c);
void api_compare_write_markdown(const compare_t *c);

#endif
