/*
 * summaries.h - what of an answer comes from the summaries, and what from the rows: pieces of SQL
 * and their parameters.
 */
#ifndef WFM_API_SUMMARIES_H
#define WFM_API_SUMMARIES_H

#include "selection.h"

/** What the summaries cover of a range of time: texts to bind. */
typedef struct api_cover_t {
    const char *from, *to;   /**< the first and the last whole day */
    const char *edges[2][2]; /**< first and last instant of what is left at either end, or NULL */
    int minus[2];            /**< the edge is to be taken away from the whole days */
} api_cover_t;

enum {
    API_COVER_SUBTRACT = 1, /**< counts: of an edge's day take the whole and subtract the rest */
    API_COVER_SAYABLE = 2   /**< only days that RFC 3339 can say */
};

/**
 * Cut a range into days and edges.
 * @return 0: it holds no whole day
 */
int api_cover(apr_pool_t *p, const api_range_t *range, unsigned flags, api_cover_t *cover);

/** Bind $1 config, $2 from, $3 to, $4 to $7 the edges: the first of a statement's parameters. */
void api_cover_begin(wfm_sql_t *q, const char *config, const api_cover_t *cover);

/** FROM item e (lo, hi): the edges; NULLs where there is none. */
#define API_COVER_EDGES                                                                            \
    "(VALUES ($4::timestamptz, $5::timestamptz), ($6::timestamptz, $7::timestamptz)) e (lo, hi)"

/** What the pieces below are about: the config of $1. Those of _OF are about what another one's id
 * is: config, an expression. */
#define API_COVER_CONFIG "$1::bigint"

/** WITH item u (lo, hi): the ranges of time that the rows must answer for. */
#define API_COVER_UNSUMMED            API_COVER_UNSUMMED_OF(API_COVER_CONFIG)
#define API_COVER_UNSUMMED_OF(config) API_COVER_UNSUMMED_DAYS(config) ")"
#define API_COVER_UNSUMMED_DAYS(config)                                                            \
    "u (lo, hi) AS MATERIALIZED (SELECT e.lo, e.hi FROM " API_COVER_EDGES                          \
    " WHERE e.lo IS NOT NULL UNION SELECT c.day, wfm_day_end(c.day)"                               \
    " FROM wfm_unclean('m', " config ") c WHERE c.day >= $2::timestamptz"                          \
    " AND c.day <= $3::timestamptz"

/** The same where sums must be by dimensions: of days that are not detailed, too. */
#define API_COVER_UNDETAILED API_COVER_UNDETAILED_OF(API_COVER_CONFIG)
#define API_COVER_UNDETAILED_OF(config)                                                            \
    API_COVER_UNSUMMED_DAYS(config)                                                                \
    " UNION SELECT d.day, wfm_day_end(d.day) FROM wfm_metric_days d"                               \
    " WHERE d.config_id = " config " AND d.day >= $2::timestamptz"                                 \
    " AND d.day <= $3::timestamptz AND d.sets IS NULL)"

/** Condition: a summary, by its alias, is of the config and of a day that u leaves to the
 * summaries. */
#define API_COVER_SUMMED(alias) API_COVER_SUMMED_OF(API_COVER_CONFIG, alias)
#define API_COVER_SUMMED_OF(config, alias)                                                         \
    alias ".config_id = " config " AND " alias ".day >= $2::timestamptz AND " alias                \
          ".day <= $3::timestamptz AND " alias ".day NOT IN (SELECT lo FROM u)"

/** FROM item m: the rows of u's ranges. OFFSET 0: one scan of the index a range; the planner, who
 * cannot know how few ranges there are, might else scan all rows and compare each with each. */
#define API_COVER_ROWS API_COVER_ROWS_OF(API_COVER_CONFIG)
#define API_COVER_ROWS_OF(config)                                                                  \
    "u CROSS JOIN LATERAL (SELECT m.run_id, m.schema_id, m.\"timestamp\", m.source_file, "         \
    "m.dimensions, " WFM_METRICS_UNPACKED                                                          \
    " FROM github_workflow_metrics m WHERE m.config_id = " config                                  \
    " AND m.\"timestamp\" >= u.lo AND m.\"timestamp\" <= u.hi OFFSET 0) m"

/** Which names are asked for. Conditions start with " AND "; "" is none. */
typedef struct api_names_t {
    const char *which;    /**< condition on n, see wfm_metric_names */
    const char *unlisted; /**< the same, on dimensions n whose values are not listed */
    /** Condition that n comes after p: API_NEXT_NAME, or of the one column that `which` leaves
     * open, else the index cannot find the place at once. */
    const char *next;
    const char *first; /**< ORDER BY and LIMIT where only the first are wanted */
    /** Of found: as many as tell names apart. */
    const char *columns;
    /** SELECT of such names (kind, key, value) of a metric row m; of the dimensions u.keys alone,
     * unless that is NULL. */
    const char *rows;
} api_names_t;

/**
 * Append WITH RECURSIVE items, of which the last is found (its columns): the names of the range's
 * rows.
 */
void api_add_names(const api_selection_t *s, wfm_sql_t *q, const api_names_t *names);

#define API_NEXT_NAME "(n.kind, n.key, n.value) > (p.kind, p.key, p.value)"

/** All names and values of dimensions. */
extern const api_names_t api_dimension_names;

#endif
