/*
 * filter.c - owns how run-time SQL is put together, and the meaning of a dimension filter in SQL.
 */
#include "filter.h"
#include "../core/dimfilter.h"
#include "../core/pages.h"
#include <apr_strings.h>
#include <assert.h>
#include <stdlib.h>

void wfm_sql_init(wfm_sql_t *q, apr_pool_t *p)
{
    q->pool = p;
    q->parts = apr_array_make(p, 32, sizeof(const char *));
    q->params = apr_array_make(p, 8, sizeof(const char *));
    q->fixed = NULL;
    q->max_bytes = 0;
    q->plan_anew = 0;
    q->plan_kept = 0;
}

void wfm_sql_fixed(wfm_sql_t *q, const wfm_stmt_t *stmt)
{
    q->fixed = stmt;
}

void wfm_sql_add(wfm_sql_t *q, const char *text)
{
    APR_ARRAY_PUSH(q->parts, const char *) = text;
}

void wfm_sql_add_all(wfm_sql_t *q, const char *const *texts)
{
    for (; *texts; texts++)
        wfm_sql_add(q, *texts);
}

void wfm_sql_int(wfm_sql_t *q, apr_int64_t number)
{
    wfm_sql_add(q, apr_psprintf(q->pool, "%" APR_INT64_T_FMT, number));
}

void wfm_sql_ref(wfm_sql_t *q, int number, const char *type)
{
    wfm_sql_add(q, apr_psprintf(q->pool, "$%d::%s", number, type));
}

int wfm_sql_param(wfm_sql_t *q, const char *value)
{
    APR_ARRAY_PUSH(q->params, const char *) = value;
    return q->params->nelts;
}

int wfm_sql_bind(wfm_sql_t *q, const char *value, const char *type)
{
    int number = wfm_sql_param(q, value);

    wfm_sql_ref(q, number, type);
    return number;
}

void wfm_sql_and(wfm_sql_t *q, const char *condition, const char *value, const char *type)
{
    if (!value)
        return;
    wfm_sql_add(q, " AND ");
    wfm_sql_add(q, condition);
    wfm_sql_add(q, " ");
    wfm_sql_bind(q, value, type);
}

const char *wfm_sql_array(apr_pool_t *p, const apr_array_header_t *texts)
{
    apr_size_t size = 3; /* {, } and the NUL */
    char *out, *o;

    for (int i = 0; i < texts->nelts; i++)
        size += 2 * strlen(APR_ARRAY_IDX(texts, i, const char *)) + 3;
    o = out = wfm_pages_or_pool(p, size);
    *o++ = '{';
    for (int i = 0; i < texts->nelts; i++) {
        if (i)
            *o++ = ',';
        *o++ = '"';
        for (const char *s = APR_ARRAY_IDX(texts, i, const char *); *s; s++) {
            if (*s == '"' || *s == '\\')
                *o++ = '\\';
            *o++ = *s;
        }
        *o++ = '"';
    }
    *o++ = '}';
    *o = '\0';
    return out;
}

/* One of the texts, or none of them. A single one is compared without an array, in every row. */
static void add_equal(wfm_sql_t *q, const apr_array_header_t *texts, int negative)
{
    if (texts->nelts == 1) {
        wfm_sql_add(q, negative ? " <> " : " = ");
        wfm_sql_bind(q, APR_ARRAY_IDX(texts, 0, const char *), "text");
        return;
    }
    wfm_sql_add(q, negative ? " <> ALL (" : " = ANY (");
    wfm_sql_bind(q, wfm_sql_array(q->pool, texts), "text[]");
    wfm_sql_add(q, ")");
}

/*
 * A row that lacks the dimension has NULL there. Beside the values that a row may have, or that it
 * may not have, that is said by itself.
 */
static void add_dimension(wfm_sql_t *q, const wfm_dim_t *d)
{
    int passes = d->absent != d->negative; /* does a row without the dimension? */

    wfm_sql_add(q, " AND (m.dimensions ->> ");
    if (d->texts->nelts) {
        int name = wfm_sql_bind(q, d->name, "text");

        add_equal(q, d->texts, d->negative);
        if (passes) {
            wfm_sql_add(q, " OR m.dimensions ->> ");
            wfm_sql_ref(q, name, "text");
            wfm_sql_add(q, " IS NULL");
        }
    } else {
        wfm_sql_bind(q, d->name, "text");
        wfm_sql_add(q, d->negative ? " IS NOT NULL" : " IS NULL");
    }
    wfm_sql_add(q, ")");
}

void wfm_sql_dimensions(wfm_sql_t *q, const apr_array_header_t *dims)
{
    for (int i = 0; dims && i < dims->nelts; i++)
        add_dimension(q, &APR_ARRAY_IDX(dims, i, wfm_dim_t));
}

/* A $ stands in the code's SQL for nothing but a placeholder. */
const char *wfm_sql_copy(apr_pool_t *p, const char *sql, int n, const char *const *literals)
{
    apr_array_header_t *parts = apr_array_make(p, 2 * n + 3, sizeof(const char *));
    const char *dollar;

    APR_ARRAY_PUSH(parts, const char *) = "COPY (";
    while ((dollar = strchr(sql, '$'))) {
        char *end;
        long number = strtol(dollar + 1, &end, 10);

        assert(number >= 1 && number <= n && "a placeholder without a parameter");
        APR_ARRAY_PUSH(parts, const char *) = apr_pstrmemdup(p, sql, (apr_size_t)(dollar - sql));
        APR_ARRAY_PUSH(parts, const char *) = literals[number - 1];
        sql = end;
    }
    APR_ARRAY_PUSH(parts, const char *) = sql;
    APR_ARRAY_PUSH(parts, const char *) = ") TO STDOUT (FORMAT binary)";
    return apr_array_pstrcat(p, parts, 0);
}

wfm_stmt_t wfm_sql_stmt(const wfm_sql_t *q)
{
    wfm_stmt_t stmt = {.effect = WFM_READS};

    if (q->fixed)
        stmt = *q->fixed;
    else
        stmt.sql = apr_array_pstrcat(q->pool, q->parts, 0);
    if (q->max_bytes)
        stmt.max_bytes = q->max_bytes;
    stmt.plan_anew |= q->plan_anew;
    return stmt;
}

const char *const *wfm_sql_params(const wfm_sql_t *q)
{
    return (const char *const *)q->params->elts;
}
