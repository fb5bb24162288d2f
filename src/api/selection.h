/*
 * selection.h - which metric rows something is about, as a value: a request may have several.
 */
#ifndef WFM_API_SELECTION_H
#define WFM_API_SELECTION_H

#include "api.h"

typedef struct api_selection_t {
    apr_pool_t *pool;
    const char *owner; /**< the table of what the rows belong to: configs, or runs */
    /** Its id there, a parameter's text, as the next two; NULL: several, which is the statement's
     * business. */
    const char *id;
    const char *run_id;                   /**< NULL: any */
    const char *run_ids;                  /**< several, as bigint[]; NULL: any */
    const char *schema_id;                /**< NULL: any */
    api_range_t range;                    /**< of instants */
    const apr_array_header_t *dimensions; /**< of wfm_dim_t, NULL: no filter was given */
    const apr_array_header_t *numbers;    /**< of wfm_metric_filter_t, NULL likewise */
} api_selection_t;

#define API_OF_CONFIG "github_workflow_configs"
#define API_OF_RUN    "github_workflow_runs"

/**
 * Make one of what there is among inputs: run_id, schema_id, start, end, dimensions,
 * metric_filters.
 * @param owner  API_OF_CONFIG or API_OF_RUN, of that id
 * @param inputs n lists, of which an earlier one hides what a later one has under the same name
 */
wfm_error_t *api_selection_make(api_selection_t *s, apr_pool_t *p, const char *owner,
                                const char *id, const wfm_args_t *const *inputs, int n);

/** That of a request about the path's config or run, from all its inputs. */
wfm_error_t *api_selection_of(wfm_request_t *rq, api_selection_t *s);

/** Do dimensions leave any rows out? ({} and {"Op":[]} do not) */
int api_selection_is_filtered(const api_selection_t *s);

/** Append all its conditions on metric rows m, but that of the owner's column. Each starts with
 * " AND ". */
void api_where_metrics(const api_selection_t *s, wfm_sql_t *q);

/** Those of api_where_metrics that are about instants. */
void api_where_time(const api_selection_t *s, wfm_sql_t *q);

/** Those that are about the owner, schema_id and dimensions: of summaries, too, which have the same
 * columns. */
void api_where_named(const api_selection_t *s, wfm_sql_t *q);

/** Only while the owner is there: rows of a deleted one are still being deleted. */
void api_where_exists(wfm_sql_t *q, const char *owner, const char *id);

/**
 * The statement that counts the metric rows of a config's list, or of its export, by the summaries:
 * one row, total. Parameters of the summaries and of conditions go to q. NULL: they do not serve
 * this request.
 */
const char *api_count_summed(const api_selection_t *s, wfm_sql_t *q);

/** Append the metric's numeric value, NULL where it is absent or no number. @param field its name
 */
void api_add_number(wfm_sql_t *q, const char *field);

#endif
