/*
 * results.c - owns in which order results are stored, and what it means when that fails.
 *
 * The order of locks is a collector's: rows, then the run, then the config. A run that is new has
 * its number from the beginning, for its rows, and its own row at the end: no table of any
 * generation refers to another by a key. Whoever makes the same run meanwhile is found out there,
 * and all is done once more.
 */
#include "results.h"
#include "statements.h"
#include <apr_strings.h>
#include <string.h>

/* The same run may be made by a collector meanwhile, or be deleted, but not for ever. */
#define ATTEMPTS 3

#define COLUMNS                                                                                    \
    "config_id, run_id, schema_id, source_file, \"timestamp\", dimensions, metrics, raw_data"

/* They may be sent twice, and broken off: nothing stays before the end. */
static const wfm_stmt_t copy = {.name = "results_copy",
                                .effect = WFM_READS,
                                .sql = "COPY github_workflow_metrics (" COLUMNS ") FROM STDIN"};

/* PostgreSQL has no COPY into a table whose policies apply: there the rows come into another one
 * first. */
static const wfm_stmt_t stage = {.name = "results_stage",
                                 .effect = WFM_READS,
                                 .sql = "CREATE TEMPORARY TABLE wfm_results ON COMMIT DROP AS"
                                        " SELECT " COLUMNS
                                        " FROM github_workflow_metrics WITH NO DATA"},
                        copy_staged = {.name = "results_copy_staged",
                                       .effect = WFM_READS,
                                       .sql = "COPY pg_temp.wfm_results (" COLUMNS ") FROM STDIN"},
                        insert_staged = {.name = "results_insert_staged",
                                         .effect = WFM_READS,
                                         .sql = "INSERT INTO github_workflow_metrics (" COLUMNS
                                                ") SELECT " COLUMNS " FROM pg_temp.wfm_results"};

/* results_open.sql */
enum {
    OPEN_SCHEMA,
    OPEN_SCHEMA_SAID,
    OPEN_RUN,
    OPEN_NEW_RUN,
    OPEN_NEW_SCHEMA,
    OPEN_REPLACED,
    OPEN_REPLACED_OF_SCHEMA,
    OPEN_ROWS_BESIDE,
    OPEN_FILES_BESIDE,
    OPEN_NAMES_SET,
    OPEN_COUNTS,
    OPEN_TELLS_COLLECTION,
    OPEN_HAS_POLICIES
};

#define RUN_PARAMS 16 /* parts/sent_columns.sql */
#define MOST_STEPS 6

typedef struct store_t {
    apr_pool_t *pool;
    const wfm_sending_t *sending;
    wfm_stored_t *stored;
    const wfm_result_t *open;
    int again; /* what was found in the beginning is true no more */
    const char *run[RUN_PARAMS];
    wfm_step_t steps[MOST_STEPS];
    int n;
} store_t;

static const char *opened(const store_t *s, int column)
{
    return wfm_result_get(s->open, 0, column);
}

static int is_yes(const store_t *s, int column)
{
    return *opened(s, column) == 't';
}

static wfm_error_t *config_not_found(apr_pool_t *p)
{
    return wfm_error_make(p, WFM_NOT_FOUND, "config not found");
}

static const char *number(apr_pool_t *p, apr_int64_t n)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, n);
}

static void add_step(store_t *s, wfm_stmt_id_e id, int n, const char *const *params)
{
    s->steps[s->n++] = (wfm_step_t){wfm_stmt(id), n, params};
}

/* ---- rows ---- */

/* As COPY's text format has it. */
static const char *escaped(apr_pool_t *p, const char *text)
{
    char *out = apr_palloc(p, 2 * strlen(text) + 1), *end = out;

    for (const char *c = text; *c; c++) {
        const char *special = strchr("\\\t\n\r", *c);

        if (special)
            *end++ = '\\';
        *end++ = special ? "\\tnr"[special - "\\\t\n\r"] : *c;
    }
    *end = '\0';
    return out;
}

static wfm_error_t *copy_rows(store_t *s, wfm_db_t *db)
{
    const char *before = apr_pstrcat(s->pool, s->sending->config_id, "\t", s->stored->run_id, "\t",
                                     s->stored->schema_id, "\t",
                                     escaped(s->pool, s->sending->source_file), "\t", NULL);

    if (!is_yes(s, OPEN_HAS_POLICIES))
        return wfm_db_copy_in(db, &copy, before, s->sending->lines, &s->stored->rows);
    WFM_TRY(wfm_db_run(db, &stage, 0, NULL, NULL));
    WFM_TRY(wfm_db_copy_in(db, &copy_staged, before, s->sending->lines, &s->stored->rows));
    return wfm_db_run(db, &insert_staged, 0, NULL, NULL);
}

/* ---- what comes last ---- */

static void add_run(store_t *s)
{
    const wfm_sent_run_t *run = s->sending->run;
    wfm_stmt_id_e make =
        is_yes(s, OPEN_NAMES_SET) ? WFM_STMT_RESULTS_RUN_NEW_OF_SET : WFM_STMT_RESULTS_RUN_NEW;
    const char *rows = NULL, *files = NULL;

    if (s->sending->lines) {
        rows = number(s->pool, s->stored->rows + apr_atoi64(opened(s, OPEN_ROWS_BESIDE)));
        files = number(s->pool, 1 + apr_atoi64(opened(s, OPEN_FILES_BESIDE)));
    }
    memcpy(s->run,
           (const char *[RUN_PARAMS]){
               s->stored->run_id, s->sending->config_id, run->workload_name, run->workflow_name,
               run->head_branch, run->head_sha, run->github_run_id, run->github_run_number,
               run->github_job_id, run->status, run->error_message, run->started_at,
               run->completed_at, rows, files, run->workload_uid},
           sizeof s->run);
    add_step(s, s->stored->is_new ? make : WFM_STMT_RESULTS_RUN, RUN_PARAMS, s->run);
}

static const char **list(apr_pool_t *p, int n, const char *const *values)
{
    return apr_pmemdup(p, values, sizeof *values * (apr_size_t)n);
}

#define LIST(p, ...)                                                                               \
    sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                                        \
        list(p, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                            \
             (const char *[]){__VA_ARGS__})

static void add_schema(store_t *s)
{
    const wfm_sent_schema_t *schema = s->sending->new_schema;
    apr_int64_t more = s->stored->rows - apr_atoi64(opened(s, OPEN_REPLACED_OF_SCHEMA));

    if (!s->sending->schema_id) {
        add_step(s, WFM_STMT_SCHEMA_LOCK, LIST(s->pool, s->sending->config_id));
        add_step(s, WFM_STMT_RESULTS_SCHEMA,
                 LIST(s->pool, s->stored->schema_id, s->sending->config_id, schema->name,
                      schema->fields, schema->dimension_fields, schema->metric_fields,
                      s->sending->source_file));
    }
    if (is_yes(s, OPEN_COUNTS))
        add_step(s, WFM_STMT_RESULTS_COUNTED_NEWER,
                 LIST(s->pool, s->stored->schema_id, number(s->pool, more)));
}

/* The statements that find that what was there is gone, or the other way round, divide by zero. */
static wfm_error_t *explain(store_t *s, wfm_error_t *err)
{
    const char *at = err->statement ? err->statement : "";
    int found_out = !strcmp(err->sqlstate, "22012"), there = !strcmp(err->sqlstate, "23505");

    if (found_out && !strcmp(at, wfm_stmt(WFM_STMT_RESULTS_CONFIG)->name))
        return config_not_found(s->pool);
    if (found_out && !strcmp(at, wfm_stmt(WFM_STMT_RESULTS_SCHEMA)->name)) {
        s->stored->schema_moved = 1;
        return NULL;
    }
    s->again = found_out || there;
    return err;
}

static wfm_error_t *finish(store_t *s, wfm_db_t *db)
{
    wfm_error_t *err;

    s->n = 0;
    add_run(s);
    add_step(s, WFM_STMT_RESULTS_CONFIG, LIST(s->pool, s->sending->config_id));
    if (s->sending->lines)
        add_schema(s);
    if (is_yes(s, OPEN_TELLS_COLLECTION))
        add_step(s, WFM_STMT_RESULTS_COLLECTED_NEWER, LIST(s->pool, s->stored->run_id));
    err = wfm_db_commit(db, s->steps, s->n);
    return err ? explain(s, err) : NULL;
}

/* ---- the whole ---- */

static int is_same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static wfm_error_t *store(wfm_db_t *db, wfm_result_t *open, void *ctx)
{
    store_t *s = ctx;
    wfm_stored_t *stored = s->stored;

    s->open = open;
    s->again = 0;
    memset(stored, 0, sizeof *stored);
    if (!wfm_result_rows(open))
        return config_not_found(s->pool);
    if (s->sending->lines && !(is_same(opened(s, OPEN_SCHEMA), s->sending->schema_id) &&
                               is_same(opened(s, OPEN_SCHEMA_SAID), s->sending->schema_said))) {
        stored->schema_moved = 1;
        return NULL;
    }
    stored->is_new = !opened(s, OPEN_RUN);
    stored->run_id = opened(s, stored->is_new ? OPEN_NEW_RUN : OPEN_RUN);
    stored->replaced = apr_atoi64(opened(s, OPEN_REPLACED));
    if (s->sending->lines) {
        stored->schema_id = opened(s, s->sending->schema_id ? OPEN_SCHEMA : OPEN_NEW_SCHEMA);
        if (!stored->run_id || !stored->schema_id)
            return wfm_error_internal(s->pool, "an id has no sequence of its own");
        WFM_TRY(copy_rows(s, db));
    }
    return finish(s, db);
}

/* What the usual right of the role does not include. */
static wfm_error_t *hint(apr_pool_t *p, wfm_error_t *err)
{
    if (err && err->status == WFM_INTERNAL && !strcmp(err->sqlstate, "42501"))
        err->detail = apr_pstrcat(
            p, err->detail, "; for results the role needs more: api_role.sql -v ingest=1", NULL);
    return err;
}

wfm_error_t *wfm_db_store_results(const wfm_db_caller_t *caller, const wfm_sending_t *sending,
                                  wfm_stored_t *stored)
{
    const char *params[] = {sending->config_id, sending->run->workload_uid, sending->source_file};
    const wfm_step_t first[] = {{wfm_stmt(WFM_STMT_RESULTS_LOCK), 2, params},
                                {wfm_stmt(WFM_STMT_RESULTS_OPEN), 3, params}};
    store_t s = {.pool = caller->pool, .sending = sending, .stored = stored};
    wfm_error_t *err = NULL;

    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        err = wfm_db_transact(caller, first, sizeof first / sizeof *first, store, &s);
        if (!err || !s.again)
            break;
    }
    return hint(caller->pool, err);
}

/* results_destination.sql */
enum {
    DESTINATION_SCHEMA,
    DESTINATION_SAID,
    DESTINATION_FIELDS,
    DESTINATION_DIMENSIONS,
    DESTINATION_METRICS,
    DESTINATION_COMPLETED
};

wfm_error_t *wfm_db_find_destination(const wfm_db_caller_t *caller, const char *config_id,
                                     const char *workload_uid, wfm_destination_t *destination)
{
    const char *params[] = {config_id, workload_uid};
    wfm_result_t *r;

    WFM_TRY(hint(caller->pool,
                 wfm_db_query(caller, wfm_stmt(WFM_STMT_RESULTS_DESTINATION), 2, params, &r)));
    if (!wfm_result_rows(r))
        return config_not_found(caller->pool);
    *destination =
        (wfm_destination_t){.schema_id = wfm_result_get(r, 0, DESTINATION_SCHEMA),
                            .schema_said = wfm_result_get(r, 0, DESTINATION_SAID),
                            .fields = wfm_result_get(r, 0, DESTINATION_FIELDS),
                            .dimension_fields = wfm_result_get(r, 0, DESTINATION_DIMENSIONS),
                            .metric_fields = wfm_result_get(r, 0, DESTINATION_METRICS),
                            .completed_at = wfm_result_get(r, 0, DESTINATION_COMPLETED)};
    return NULL;
}
