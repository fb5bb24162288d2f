/*
 * export_select.c - owns which rows an export has, whether the limit leaves some out, and the
 * statements that ask for them.
 */
#include "export.h"
#include <apr_strings.h>

/* Up to this limit it is known before the first byte whether rows are left out. */
#define KNOWN_LIMIT 10000

#define NEWEST_FIRST " ORDER BY m.\"timestamp\" DESC, m.id"

static void add_int(wfm_sql_t *q, apr_int64_t number)
{
    wfm_sql_bind(q, apr_psprintf(q->pool, "%" APR_INT64_T_FMT, number), "bigint");
}

/*
 * PostgreSQL takes a condition on a field of a jsonb to be true of 0.5 % of the rows, and an export
 * with a filter for a small one. Of a CASE it knows nothing, and assumes one half.
 */
void api_export_add_selection(const export_t *x, wfm_sql_t *q)
{
    wfm_sql_add(q, " WHERE m.config_id = ");
    wfm_sql_bind(q, x->selection.id, "bigint");
    api_where_time(&x->selection, q);
    wfm_sql_add(q, " AND CASE WHEN true");
    api_where_named(&x->selection, q);
    wfm_sql_add(q, " THEN true END");
}

/* ---- are rows left out? ---- */

static wfm_error_t *run(wfm_db_t *db, const wfm_sql_t *q, wfm_result_t **result)
{
    wfm_stmt_t stmt = wfm_sql_stmt(q);

    return wfm_db_run(db, &stmt, q->params->nelts, wfm_sql_params(q), result);
}

/* @param count of the selection's rows, in its first column; of many, one more than the limit will
 * do */
static void set_truncated(export_t *x, const wfm_result_t *count)
{
    apr_int64_t rows = apr_atoi64(wfm_result_get(count, 0, 0));

    x->truncated = rows > x->limit ? EXPORT_TRUNCATED : EXPORT_COMPLETE;
    x->few = rows <= EXPORT_FEW_ROWS || x->limit <= EXPORT_FEW_ROWS;
}

/* Are there more rows than the limit? An index alone can say. */
static wfm_error_t *count_some(export_t *x, wfm_db_t *db)
{
    wfm_result_t *count;
    wfm_sql_t q;

    wfm_sql_init(&q, x->rq->pool);
    wfm_sql_add(&q,
                "SELECT count(*) FROM (SELECT FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_bind(&q, x->selection.id, "bigint");
    api_where_time(&x->selection, &q);
    wfm_sql_add(&q, NEWEST_FIRST " LIMIT ");
    wfm_sql_int(&q, x->limit + 1);
    wfm_sql_add(&q, ") m");
    WFM_TRY(run(db, &q, &count));
    set_truncated(x, count);
    return NULL;
}

/* Rows that a filter selects may be hard to find, so they are found once: first their ids, one more
 * than the limit, then the rows by these. */
static wfm_error_t *find_ids(export_t *x, wfm_db_t *db)
{
    wfm_result_t *found;
    wfm_sql_t q;

    wfm_sql_init(&q, x->rq->pool);
    wfm_sql_add(&q, "SELECT count(*), (array_agg(id))[1:");
    wfm_sql_int(&q, x->limit);
    wfm_sql_add(&q, "]::text FROM (SELECT m.id FROM github_workflow_metrics m");
    api_export_add_selection(x, &q);
    wfm_sql_add(&q, NEWEST_FIRST " LIMIT ");
    wfm_sql_int(&q, x->limit + 1);
    wfm_sql_add(&q, ") m");
    WFM_TRY(run(db, &q, &found));
    set_truncated(x, found);
    x->ids = wfm_result_get(found, 0, 1) ? wfm_result_get(found, 0, 1) : "{}";
    return NULL;
}

static int is_whole_config(const api_selection_t *s)
{
    return !s->run_id && !s->schema_id && !s->range.start && !s->range.end && !s->dimensions &&
           !s->numbers;
}

/* How many rows there are, if the summaries know. Of a whole config a statement asks that is
 * prepared: to plan it takes longer than to run it, before the first byte. */
static wfm_error_t *look_up(export_t *x, wfm_db_t *db)
{
    const api_selection_t *s = &x->selection;
    wfm_result_t *count;
    const char *sql;
    wfm_sql_t q;

    if (wfm_db_summaries(&x->rq->db) != WFM_SUMMARIES_IN_USE)
        return NULL;
    if (is_whole_config(s)) {
        WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_EXPORT_ROWS_SUMMED), 1, &s->id, &count));
    } else {
        wfm_sql_init(&q, x->rq->pool);
        sql = api_count_summed(s, &q);
        if (!sql) /* a range without a whole day: they would have it counted, too */
            return x->filtered ? NULL : count_some(x, db);
        wfm_sql_add(&q, sql);
        WFM_TRY(run(db, &q, &count));
    }
    set_truncated(x, count);
    return NULL;
}

wfm_error_t *api_export_look_ahead(export_t *x, wfm_db_t *db)
{
    x->truncated = EXPORT_UNKNOWN;
    if (x->limit <= KNOWN_LIMIT)
        return x->filtered ? find_ids(x, db) : count_some(x, db);
    WFM_TRY(look_up(x, db));
    /* what is unknown now, the end can still say */
    x->ask_more = x->truncated == EXPORT_UNKNOWN &&
                  (x->format == EXPORT_JSON || wfm_args_int(&x->rq->params, "truncated"));
    return NULL;
}

/* ---- the rows' statement ---- */

/*
 * A child may hold only so much of a row, and libpq holds it whole, twice, and never gives back
 * what its buffer has grown to. So what is larger than EXPORT_MOST_BYTES does not come, and the
 * writer sees that.
 *
 * An object is asked for whole where most of it is wanted. One that is stored in more than some KB
 * might hold much else: then, if it is too large, what is wanted is taken out of it. (Up to there
 * PostgreSQL's compression cannot have hidden a MB, and the size costs nothing to ask. Only numbers
 * of very many digits can.)
 */
#define MOST         WFM_STRINGIFY(EXPORT_MOST_BYTES)
#define CUT_CELL     "::varchar(40001)" /* one more than EXPORT_MOST_CELL */
#define SMALL_STORED "8000"

/* Of a value that is made in between, itself or one byte. */
#define FITS_BEGIN                                                                                 \
    "(SELECT CASE WHEN octet_length(f.f) <= " MOST                                                 \
    " THEN f.f ELSE decode('00', 'hex') END FROM (SELECT "
#define FITS_END " AS f OFFSET 0) f)"

/* Only an object has members. */
#define MEMBERS_OF(object) "jsonb_each(" WFM_OBJECT(object) ") e"

/* The array of wanted names stands between these. */
#define WHOLE(object)                                                                              \
    "CASE WHEN pg_column_size(" object ") <= " SMALL_STORED " THEN substr(jsonb_send(" object      \
    "), 1, " MOST " + 1) ELSE (SELECT CASE WHEN octet_length(w.whole) <= " MOST " THEN w.whole"    \
    " ELSE " FITS_BEGIN "jsonb_send((SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM" \
    " " MEMBERS_OF(object) " WHERE e.key = ANY ("
#define WHOLE_END(object)                                                                          \
    ")))" FITS_END " END FROM (SELECT jsonb_send(" object ") AS whole OFFSET 0) w) END"

/* Where the names are much of an object, its values alone: they are found in one pass over it. */
#define VALUES_BEGIN FITS_BEGIN "array_send(ARRAY(SELECT e.value"
#define VALUES_OF(object)                                                                          \
    ") WITH ORDINALITY n (name, place) LEFT JOIN " MEMBERS_OF(                                     \
        object) " ON e.key = n.name ORDER BY n.place))" FITS_END

/* What can be asked of an object, whose name is text of the code's. */
typedef struct object_t {
    const char *name, *whole, *whole_end, *values;
} object_t;

#define OBJECT(name)                                                                               \
    {                                                                                              \
        name, WHOLE(name), WHOLE_END(name), VALUES_OF(name)                                        \
    }
static const object_t dimensions_object = OBJECT("o.o"), metrics_object = OBJECT("m.metrics");

static void add_whole(export_t *x, wfm_sql_t *q, const apr_array_header_t *names,
                      const object_t *object)
{
    wfm_sql_add(q, object->whole);
    wfm_sql_bind(q, wfm_sql_array(x->rq->pool, names), "text[]");
    wfm_sql_add(q, object->whole_end);
}

/* CSV wants a value's text; JSON the value itself, as text. */
static void add_values(export_t *x, wfm_sql_t *q, const apr_array_header_t *names,
                       const object_t *object)
{
    wfm_sql_add(q, VALUES_BEGIN);
    wfm_sql_add(q, x->format == EXPORT_CSV ? " #>> '{}'" : "::text");
    wfm_sql_add(q, " FROM unnest(");
    wfm_sql_bind(q, wfm_sql_array(x->rq->pool, names), "text[]");
    wfm_sql_add(q, object->values);
}

static void add_member(export_t *x, wfm_sql_t *q, const object_t *object, const char *name)
{
    int csv = x->format == EXPORT_CSV;

    wfm_sql_add(q, "(");
    wfm_sql_add(q, object->name);
    wfm_sql_add(q, csv ? " ->> " : " -> ");
    wfm_sql_bind(q, name, "text");
    wfm_sql_add(q, csv ? ")" : ")::text");
}

static void add_array(export_t *x, wfm_sql_t *q, const apr_array_header_t *names,
                      const object_t *object)
{
    wfm_sql_add(q, FITS_BEGIN "array_send(ARRAY[");
    for (int i = 0; i < names->nelts; i++) {
        if (i)
            wfm_sql_add(q, ", ");
        add_member(x, q, object, APR_ARRAY_IDX(names, i, const char *));
    }
    wfm_sql_add(q, "])" FITS_END);
}

static void add_cells(export_t *x, wfm_sql_t *q, const apr_array_header_t *names,
                      const object_t *object)
{
    for (int i = 0; i < names->nelts; i++) {
        if (i)
            wfm_sql_add(q, ", ");
        add_member(x, q, object, APR_ARRAY_IDX(names, i, const char *));
        wfm_sql_add(q, CUT_CELL);
    }
}

static void add_object(export_t *x, wfm_sql_t *q, export_form_e form,
                       const apr_array_header_t *names, const object_t *object)
{
    static void (*const adds[])(export_t *, wfm_sql_t *, const apr_array_header_t *,
                                const object_t *) = {[EXPORT_WHOLE] = add_whole,
                                                     [EXPORT_VALUES] = add_values,
                                                     [EXPORT_ARRAY] = add_array,
                                                     [EXPORT_CELLS] = add_cells};

    adds[form](x, q, names, object);
}

/*
 * Dimensions, and columns of the run, come out of a sub-select that depends on nothing but them: a
 * run's rows have the same ones as the last run's, and PostgreSQL (14 on) can put a Memoize node on
 * it. Then an object is taken apart or printed once, and found by its bytes from then on. Which is
 * why m.dimensions may occur once in it, and why OFFSET 0 keeps it from being dissolved.
 */
static void add_dimensions(export_t *x, wfm_sql_t *q)
{
    if (!x->dimensions->nelts)
        return;
    wfm_sql_add(q, ", LATERAL (SELECT ");
    add_object(x, q, x->dimension_form, x->dimensions, &dimensions_object);
    wfm_sql_add(q, " AS dimensions FROM (SELECT m.dimensions AS o OFFSET 0) o OFFSET 0) d");
}

/* The run may be gone; the row knows its id. The run is looked up by its key, a run at a time. */
static void add_run(export_t *x, wfm_sql_t *q)
{
    int of_run = 0;

    if (!x->included->nelts)
        return;
    wfm_sql_add(q, ", LATERAL (SELECT array_send(ARRAY[");
    for (int i = 0; i < x->included->nelts; i++) {
        const char *name = APR_ARRAY_IDX(x->included, i, const char *);
        int of_row = !strcmp(name, "run_id");

        of_run |= !of_row;
        wfm_sql_add(q, i ? ", " : "");
        wfm_sql_add(q, of_row ? "k.run_id" : apr_pstrcat(q->pool, "r.", name, NULL));
        wfm_sql_add(q, "::text");
    }
    wfm_sql_add(q, "]) AS run FROM (SELECT m.run_id OFFSET 0) k");
    if (of_run)
        wfm_sql_add(q, " LEFT JOIN github_workflow_runs r ON r.id = k.run_id");
    wfm_sql_add(q, " OFFSET 0) r");
}

/* n rows of the selection behind the first `skipped`. */
static void add_rows(export_t *x, wfm_sql_t *q, apr_int64_t skipped, apr_int64_t n)
{
    api_export_add_selection(x, q);
    wfm_sql_add(q, NEWEST_FIRST " LIMIT ");
    add_int(q, n);
    wfm_sql_add(q, " OFFSET ");
    add_int(q, skipped);
}

static void add_statement(export_t *x, wfm_sql_t *q, apr_int64_t skipped, apr_int64_t n)
{
    wfm_sql_add(q, "SELECT m.\"timestamp\", m.source_file");
    wfm_sql_add(q, x->included->nelts ? ", r.run" : "");
    wfm_sql_add(q, x->dimensions->nelts ? ", d.dimensions" : "");
    if (x->metrics->nelts) {
        wfm_sql_add(q, ", ");
        add_object(x, q, x->metric_form, x->metrics, &metrics_object);
    }
    wfm_sql_add(q, " FROM ");
    if (x->ids) { /* in their order, which a loop over them keeps */
        wfm_sql_add(q, "unnest(");
        wfm_sql_bind(q, x->ids, "bigint[]");
        wfm_sql_add(q, ") s (id) CROSS JOIN LATERAL (SELECT * FROM github_workflow_metrics m"
                       " WHERE m.id = s.id OFFSET 0) m");
    } else {
        wfm_sql_add(q, "github_workflow_metrics m");
    }
    add_run(x, q);
    add_dimensions(x, q);
    if (!x->ids)
        add_rows(x, q, skipped, n);
}

static wfm_error_t *stream(export_t *x, wfm_db_t *db, wfm_db_row_fn row, void *ctx,
                           apr_int64_t skipped, apr_int64_t n)
{
    wfm_stmt_t stmt;
    wfm_sql_t q;

    wfm_sql_init(&q, x->rq->pool);
    add_statement(x, &q, skipped, n);
    stmt = wfm_sql_stmt(&q);
    return wfm_db_stream(db, &stmt, q.params->nelts, wfm_sql_params(&q), row, ctx);
}

/*
 * PostgreSQL sends when its buffer is full or the statement ends. So the first rows are a statement
 * of their own, unless they are few, or a filter might make them hard to find.
 */
wfm_error_t *api_export_stream(export_t *x, wfm_db_t *db, wfm_db_row_fn row, void *ctx)
{
    apr_int64_t n = x->limit + x->ask_more;

    if (n <= EXPORT_FIRST_ROWS || x->few || x->filtered)
        return stream(x, db, row, ctx, 0, n);
    WFM_TRY(stream(x, db, row, ctx, 0, EXPORT_FIRST_ROWS));
    if (x->rq->exported < EXPORT_FIRST_ROWS || x->rq->out->status != APR_SUCCESS)
        return NULL; /* there are no more, or nobody wants them */
    return stream(x, db, row, ctx, EXPORT_FIRST_ROWS, n - EXPORT_FIRST_ROWS);
}
