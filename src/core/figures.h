/*
 * figures.h - the table of all figures about the service: names, meaning, unit, labels, and where
 * the numbers come from.
 *
 * mod_status' page and Prometheus' text are made from it, so one says what the other does. A figure
 * is of a cluster and gives samples: one, or one a kind of error, one a row of the route table …
 */
#ifndef WFM_CORE_FIGURES_H
#define WFM_CORE_FIGURES_H

#include "counters.h"
#include "out.h"

typedef enum wfm_figure_type_e {
    WFM_FIGURE_INFO, /**< says something by its labels; of no cluster */
    WFM_FIGURE_COUNTER,
    WFM_FIGURE_GAUGE,
    WFM_FIGURE_SUMMARY, /**< a sum and how many it is the sum of */
    WFM_FIGURE_HISTOGRAM
} wfm_figure_type_e;

/** What tells a figure's samples apart, beside the cluster. */
typedef enum wfm_figure_by_e {
    WFM_BY_NOTHING,
    WFM_BY_KIND,         /**< of error */
    WFM_BY_ROUTE,        /**< method and route */
    WFM_BY_ROUTE_STATUS, /**< and class of status */
} wfm_figure_by_e;

struct wfm_figure_t;

/** Look a number up. Times are microseconds. @return 0: it is not known */
typedef int (*wfm_figure_fn)(const wfm_counters_t *counters, int which, apr_uint64_t *value);

typedef struct wfm_figure_t {
    const char *name; /**< in Prometheus, as a sample has it, with base units */
    const char *help; /**< a sentence without quotes and backslashes */
    wfm_figure_type_e type;
    wfm_figure_by_e by;
    int is_time;         /**< its numbers are times */
    wfm_figure_fn value; /**< NULL: its samples are the counters' of routes */
    int which;           /**< for value */
    int count;           /**< of a summary: for value, how many it is the sum of */
    /* mod_status, ?auto and HTML; title NULL: not in the table of clusters */
    const char *key, *title;
    const char *count_key, *count_title; /**< of a summary's count */
    int per;                             /**< there a number is shown in units of so many; 0: 1 */
} wfm_figure_t;

extern const wfm_figure_t wfm_figures[];
extern const int wfm_figures_count;

/** A kind of error, see wfm_error_kind_e. */
typedef struct wfm_kind_t {
    const char *label; /**< in Prometheus */
    const char *key;   /**< in mod_status, behind that of the figure */
    const char *title;
} wfm_kind_t;

/** A number with its labels. */
typedef struct wfm_sample_t {
    const char *suffix;        /**< of the figure's name: "", "_sum", "_count", "_bucket" */
    const char *method, *path; /**< of the row; NULL: it is not about rows */
    const wfm_kind_t *kind;    /**< of error, NULL */
    const char *status;        /**< class, NULL */
    int bucket;                /**< its number, -1: no bucket */
    int is_time;
    apr_uint64_t value;
} wfm_sample_t;

typedef void (*wfm_sample_fn)(void *ctx, const wfm_figure_t *figure, const wfm_sample_t *sample);

/**
 * All samples that a figure has of a cluster. A row of the route table has samples from its first
 * request on, then all of them.
 * @param routes the table that is counted by
 */
void wfm_figure_samples(const wfm_figure_t *figure, const wfm_counters_t *counters,
                        const wfm_route_t *routes, int nroutes, wfm_sample_fn fn, void *ctx);

/** A cluster whose figures are shown. */
typedef struct wfm_figures_of_t {
    const char *cluster;
    const wfm_counters_t *counters;
} wfm_figures_of_t;

/**
 * Write all figures of some clusters for Prometheus.
 * @param openmetrics 1: OpenMetrics 1.0, 0: the text format 0.0.4
 */
void wfm_figures_write(wfm_out_t *out, int openmetrics, const wfm_figures_of_t *of, int n,
                       const wfm_route_t *routes, int nroutes);

#endif
