/*
 * saved.c - owns the name of a file that a client saves, and how CSV begins.
 */
#include "saved.h"
#include <apr_strings.h>
#include <apr_time.h>

void api_saved_as(wfm_request_t *rq, const char *name, const char *extension)
{
    apr_time_exp_t today;

    apr_time_exp_gmt(&today, apr_time_now());
    apr_table_setn(rq->headers, "Accept-Ranges", "none"); /* two answers are not one file */
    apr_table_setn(rq->headers, "Content-Disposition",
                   apr_psprintf(rq->pool, "attachment; filename=\"%s-config-%s-%04d%02d%02d.%s\"",
                                name, api_bind_int(rq, "id"), today.tm_year + 1900,
                                today.tm_mon + 1, today.tm_mday, extension));
}

void api_saved_csv(wfm_request_t *rq, wfm_csv_t *csv)
{
    static const char delimiters[] = {',', ';', '\t'}; /* in the order of routes.c's list */

    if (wfm_args_int(&rq->params, "bom"))
        wfm_out_mem(rq->out, "\xEF\xBB\xBF", 3);
    wfm_csv_init(csv, rq->out, delimiters[wfm_args_int(&rq->params, "delimiter")], rq->csv_guard);
}
