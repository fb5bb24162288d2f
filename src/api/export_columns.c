/*
 * export_columns.c - owns which columns an export has, what they are called, and in which form
 * their values are asked for.
 */
#include "../core/text.h"
#include "export.h"
#include <apr_hash.h>
#include <apr_strings.h>

const char *const api_export_includes[] = {"run_id", "github_run_id", "head_sha", "head_branch",
                                           NULL};

static apr_array_header_t *names_make(apr_pool_t *p)
{
    return apr_array_make(p, 8, sizeof(const char *));
}

static const char *name_at(const apr_array_header_t *names, int i)
{
    return APR_ARRAY_IDX(names, i, const char *);
}

/* ---- metric_fields ---- */

static const wfm_arg_t *wanted_of(const wfm_request_t *rq)
{
    return wfm_args_get(&rq->params, "metric_fields");
}

const char *api_export_bind_wanted(wfm_request_t *rq)
{
    return api_bind_names(rq, wanted_of(rq));
}

/* ---- without a schema ---- */

/* The names of the selected rows' dimensions or metrics, no more than one too many. */
static void add_keys(wfm_sql_t *q, const char *kind, const char *object, const char *wanted)
{
    wfm_sql_texts(q, "(SELECT '", kind, "' AS kind, key FROM m, LATERAL jsonb_object_keys(", object,
                  ") key WHERE octet_length(key) <= " WFM_STRINGIFY(WFM_NAME_MAX),
                  " GROUP BY key ORDER BY ");
    if (wanted) {
        wfm_sql_add(q, "key = ANY (");
        wfm_sql_bind(q, wanted, "text[]");
        wfm_sql_add(q, ") DESC, ");
    }
    wfm_sql_add(q, "key LIMIT " WFM_STRINGIFY(EXPORT_MAX_FIELDS) " + 1)");
}

/* Without a schema: the keys that the selected rows have, sorted by code point. Of many metrics
 * those that the client may want are among them. */
static wfm_error_t *find_keys(export_t *x, wfm_db_t *db)
{
    const char *wanted = api_export_bind_wanted(x->rq);
    wfm_result_t *keys;
    wfm_stmt_t stmt;
    wfm_sql_t q;

    wfm_sql_init(&q, x->rq->pool);
    wfm_sql_add(&q, "WITH m AS MATERIALIZED (SELECT m.dimensions, m.metrics"
                    " FROM github_workflow_metrics m");
    api_export_add_selection(x, &q);
    wfm_sql_add(&q, " ORDER BY m.\"timestamp\" DESC, m.id LIMIT ");
    wfm_sql_int(&q, x->limit);
    wfm_sql_add(&q, ") SELECT kind, key FROM (");
    add_keys(&q, "d", WFM_OBJECT("m.dimensions"), NULL);
    wfm_sql_add(&q, " UNION ALL ");
    add_keys(&q, "m", WFM_OBJECT("m.metrics"), wanted);
    wfm_sql_add(&q, ") k ORDER BY kind, key COLLATE \"C\"");
    stmt = wfm_sql_stmt(&q);
    WFM_TRY(wfm_db_run(db, &stmt, q.params->nelts, wfm_sql_params(&q), &keys));
    for (int row = 0; row < wfm_result_rows(keys); row++)
        APR_ARRAY_PUSH(*wfm_result_get(keys, row, 0) == 'd' ? x->dimensions : x->metrics,
                       const char *) = wfm_result_get(keys, row, 1);
    return NULL;
}

/* ---- choosing metrics ---- */

static void choose_one(export_t *x, const char *name)
{
    x->metrics = names_make(x->rq->pool);
    APR_ARRAY_PUSH(x->metrics, const char *) = name;
}

/*
 * What the client asked for and the schema does not have must at least be in the data.
 * @param found those that are, or the one name that the whole of metric_fields is
 */
static wfm_error_t *find_beyond(export_t *x, wfm_db_t *db, apr_array_header_t *beyond,
                                const char **one)
{
    const char *whole = api_whole_name(wanted_of(x->rq)), *params[2] = {api_bind_int(x->rq, "id")};
    wfm_result_t *unknown;
    wfm_error_t *err = NULL;

    if (whole)
        APR_ARRAY_PUSH(beyond, const char *) = whole;
    params[1] = wfm_sql_array(x->rq->pool, beyond);
    if (whole)
        apr_array_pop(beyond);
    WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_METRICS_UNKNOWN), 2, params, &unknown));
    *one = whole;
    for (int row = 0; row < wfm_result_rows(unknown); row++) {
        const char *name = wfm_result_get(unknown, row, 0);

        if (whole && !strcmp(name, whole))
            *one = NULL;
        else
            wfm_error_field(&err, x->rq->pool, "metric_fields",
                            "names a field that is neither in the schema nor in the data: %s",
                            name);
    }
    return *one ? NULL : err;
}

/*
 * metric_fields: those of the schema in the schema's order, then those that only the data has. The
 * whole text comes before the comma, if it is a metric's name: one of the schema's or of the rows
 * that took its place; or, where the data is asked anyway, one of the data's.
 */
static wfm_error_t *select_metrics(export_t *x, wfm_db_t *db)
{
    const apr_array_header_t *wanted = wanted_of(x->rq)->names;
    apr_array_header_t *selected = names_make(x->rq->pool), *beyond = names_make(x->rq->pool);
    const char *whole = wanted ? api_whole_name(wanted_of(x->rq)) : NULL, *one = NULL;

    if (!wanted)
        return NULL;
    if (whole && wfm_names_hold(x->metrics, whole)) {
        choose_one(x, whole);
        return NULL;
    }
    for (int i = 0; i < x->metrics->nelts; i++)
        if (wfm_names_hold(wanted, name_at(x->metrics, i)))
            APR_ARRAY_PUSH(selected, const char *) = name_at(x->metrics, i);
    for (int i = 0; i < wanted->nelts; i++)
        if (!wfm_names_hold(x->metrics, name_at(wanted, i)))
            APR_ARRAY_PUSH(beyond, const char *) = name_at(wanted, i);
    if (beyond->nelts)
        WFM_TRY(find_beyond(x, db, beyond, &one));
    apr_array_cat(selected, beyond);
    x->metrics = selected;
    if (one)
        choose_one(x, one);
    return NULL;
}

/* In the order in which they stand, whatever the client's. */
static void select_included(export_t *x)
{
    const apr_array_header_t *wanted = wfm_args_get(&x->rq->params, "include")->names;

    x->included = names_make(x->rq->pool);
    for (int i = 0; wanted && api_export_includes[i]; i++)
        if (wfm_names_hold(wanted, api_export_includes[i]))
            APR_ARRAY_PUSH(x->included, const char *) = api_export_includes[i];
}

/* Would the names be most of an object? */
static int are_long(const apr_array_header_t *names)
{
    apr_size_t bytes = 0;

    for (int i = 0; i < names->nelts; i++)
        bytes += strlen(name_at(names, i));
    return bytes > 128 * 1024;
}

/*
 * PostgreSQL's part is the larger one, so it is asked for what costs it least. (Instructions a row,
 * PostgreSQL 15: a ->> 1400; a -> as text 3200; a whole object 2100 and 700 a member.)
 *
 * A run's rows have the same dimensions as the last run's, and PostgreSQL can remember what it made
 * of them (export_select.c). An array of texts is fewer bytes than the whole object, and its form
 * goes out as it is; but where PostgreSQL does not memoize, many ->> cost more.
 *
 * Metrics differ from row to row. They come as whole objects too, unless few are wanted of many.
 */
static export_form_e metric_form(const export_t *x, apr_int64_t known)
{
    int csv = x->format == EXPORT_CSV, wanted = x->metrics->nelts, few = 4 * wanted <= known;

    if (wanted <= 3 && (csv || few))
        return EXPORT_CELLS;
    if (are_long(x->metrics))
        return EXPORT_VALUES;
    return few ? EXPORT_ARRAY : EXPORT_WHOLE;
}

static export_form_e dimension_form(const export_t *x)
{
    if (x->format == EXPORT_CSV && x->dimensions->nelts <= 8)
        return EXPORT_ARRAY;
    return are_long(x->dimensions) ? EXPORT_VALUES : EXPORT_WHOLE;
}

/* The first row has how many metrics and dimensions the active schema has; names follow. */
static apr_int64_t take_schema(export_t *x, const wfm_result_t *schema)
{
    for (int row = 1; row < wfm_result_rows(schema); row++)
        APR_ARRAY_PUSH(*wfm_result_get(schema, row, 0) == 'd' ? x->dimensions : x->metrics,
                       const char *) = wfm_result_get(schema, row, 1);
    return apr_atoi64(wfm_result_get(schema, 0, 1));
}

wfm_error_t *api_export_columns(export_t *x, wfm_db_t *db, const wfm_result_t *schema)
{
    apr_pool_t *p = x->rq->pool;
    apr_int64_t known_metrics;

    if (!wfm_result_rows(schema) || *wfm_result_get(schema, 0, 0) != 'c')
        return wfm_error_make(p, WFM_NOT_FOUND, "config not found");
    x->dimensions = names_make(p);
    x->metrics = names_make(p);
    known_metrics = take_schema(x, schema);
    if (!known_metrics && !strcmp(wfm_result_get(schema, 0, 2), "0")) {
        WFM_TRY(find_keys(x, db));
        known_metrics = x->metrics->nelts;
    }
    WFM_TRY(select_metrics(x, db));
    select_included(x);
    x->dimension_form = dimension_form(x);
    x->metric_form = metric_form(x, known_metrics);
    if (x->dimensions->nelts + x->metrics->nelts > EXPORT_MAX_FIELDS)
        return wfm_error_make(p, WFM_BAD_REQUEST,
                              "an export has at most %d fields: choose some with metric_fields",
                              EXPORT_MAX_FIELDS);
    return NULL;
}

/* ---- names ---- */

/* A name that an earlier column has already gets a prefix, as often as it takes: no oftener than
 * there are such columns. Written from its end, so that each is no copy of the one before. */
static const char *prefixed(apr_hash_t *seen, int n, const char *name, const char *prefix)
{
    apr_size_t len = strlen(name) + 1, more = strlen(prefix);
    apr_pool_t *scratch;
    char *start;

    apr_pool_create(&scratch, apr_hash_pool_get(seen));
    start = (char *)apr_palloc(scratch, len + (apr_size_t)n * more) + (apr_size_t)n * more;
    memcpy(start, name, len);
    do {
        start -= more;
        memcpy(start, prefix, more);
    } while (apr_hash_get(seen, start, APR_HASH_KEY_STRING));
    name = apr_pstrdup(apr_hash_pool_get(seen), start);
    apr_pool_destroy(scratch);
    return name;
}

static void add_unique(apr_hash_t *seen, const char **names, int *n, const char *name,
                       const char *prefix)
{
    if (apr_hash_get(seen, name, APR_HASH_KEY_STRING))
        name = prefixed(seen, *n, name, prefix);
    apr_hash_set(seen, name, APR_HASH_KEY_STRING, name);
    names[(*n)++] = name;
}

const char **api_export_names(const export_t *x, int *n)
{
    apr_pool_t *p = x->rq->pool;
    apr_hash_t *seen = apr_hash_make(p);
    int most = x->dimensions->nelts + x->metrics->nelts + 2 + x->included->nelts;
    const char **names = apr_palloc(p, sizeof *names * (apr_size_t)most);

    *n = 0;
    for (int i = 0; i < x->dimensions->nelts; i++)
        add_unique(seen, names, n, name_at(x->dimensions, i), "");
    for (int i = 0; i < x->metrics->nelts; i++)
        add_unique(seen, names, n, name_at(x->metrics, i), "metrics.");
    add_unique(seen, names, n, "collected_at", "row.");
    add_unique(seen, names, n, "source_file", "row.");
    for (int i = 0; i < x->included->nelts; i++)
        add_unique(seen, names, n, name_at(x->included, i), "row.");
    return names;
}

/* {"name": or ,"name": by way of the scratch, which has room for a name that is all escapes */
static const char *before_value(apr_pool_t *p, char *scratch, apr_size_t size, const char *name,
                                int first)
{
    wfm_out_t o;

    wfm_out_init(&o, scratch, size, NULL, NULL);
    wfm_out_char(&o, first ? '{' : ',');
    wfm_json_quote(&o, name, strlen(name));
    wfm_out_char(&o, ':');
    return apr_pstrmemdup(p, o.buf, o.len);
}

const char **api_export_keys(const export_t *x)
{
    apr_pool_t *p = x->rq->pool, *temporary;
    apr_size_t size = 64;
    const char **keys;
    char *scratch;
    int n;

    keys = api_export_names(x, &n);
    apr_pool_create(&temporary, p);
    for (int i = 0; i < n; i++)
        if (size < 6 * strlen(keys[i]) + 64)
            size = 6 * strlen(keys[i]) + 64;
    scratch = apr_palloc(temporary, size);
    for (int i = 0; i < n; i++)
        keys[i] = before_value(p, scratch, size, keys[i], i == 0);
    apr_pool_destroy(temporary);
    return keys;
}
