/*
 * ledger.c - owns the comparison; the ledger itself is ledger.sql.
 */
#include "ledger.h"
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include <apr_hash.h>
#include <string.h>

#define DESCRIBED 3 /* differences that are told one by one */

int ledger_open(const char *dir, const char *dbname)
{
    return fixture_shell(strf("%s pg-psql %s %s -f %s/tests/faults/ledger.sql",
                              fixture_servers_sh(), dir, dbname, fixture_root()),
                         NULL);
}

int ledger_count(const char *dbname, const char *token)
{
    return (int)db_int(dbname, "SELECT count(*) FROM ledger WHERE token = $1", 1, token);
}

/* token -> how often, as int * */
static apr_hash_t *read_ledger(const char *dbname)
{
    const char *text = db_text(dbname, "SELECT string_agg(token, E'\\n') FROM ledger", 0);
    apr_hash_t *counts = apr_hash_make(fixture_pool());
    char *last, *copy = apr_pstrdup(fixture_pool(), text ? text : "");

    for (char *token = apr_strtok(copy, "\n", &last); token;
         token = apr_strtok(NULL, "\n", &last)) {
        int *n = apr_hash_get(counts, token, APR_HASH_KEY_STRING);

        if (!n) {
            n = apr_pcalloc(fixture_pool(), sizeof(*n));
            apr_hash_set(counts, token, APR_HASH_KEY_STRING, n);
        }
        (*n)++;
    }
    return counts;
}

static int is_as_told(const load_answer_t *a, int n)
{
    switch (a->verdict) {
    case LOAD_OK:
        return n == 1;
    case LOAD_REFUSED:
        return n == 0;
    default:
        return n <= 1;
    }
}

static int audit_schemas(const char *dbname)
{
    int n = (int)db_int(dbname,
                        "SELECT count(*) FROM (SELECT 1 FROM github_workflow_metric_schemas"
                        " GROUP BY config_id HAVING count(*) FILTER (WHERE is_active) <> 1"
                        " OR max(version) <> count(*)) odd",
                        0);

    expect(n == 0, "%d configs have a schema that is half made", n);
    return n;
}

int ledger_audit(load_t *load)
{
    const char *dbname = load_plan(load)->dbname;
    apr_hash_t *counts = read_ledger(dbname);
    apr_array_header_t *answers = load_answers(load);
    int wrong = 0;

    for (int i = 0; i < answers->nelts; i++) {
        const load_answer_t *a = APR_ARRAY_IDX(answers, i, load_answer_t *);
        const int *n = apr_hash_get(counts, a->token, APR_HASH_KEY_STRING);

        if ((a->op != LOAD_PATCH && a->op != LOAD_SCHEMA) || is_as_told(a, n ? *n : 0))
            continue;
        if (wrong++ < DESCRIBED)
            expect(0, "the write %s ('%c') was answered %ld, verdict %d, but is there %d times",
                   a->token, a->op, a->status, a->verdict, n ? *n : 0);
    }
    return wrong + audit_schemas(dbname);
}
