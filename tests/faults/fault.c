/*
 * fault.c - owns the course of a fault and the table.
 */
#include "fault.h"
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "ledger.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LOADS 8
#define MAX_ROWS  128

typedef struct row_t {
    char name[64];
    int sent, refused, wrong;
    apr_interval_time_t recovered; /* -1: there was nothing to recover from */
    char note[160];
} row_t;

static row_t rows[MAX_ROWS];
static int nrows;

/* The fault that is on. */
static struct {
    const char *name;
    load_t *loads[MAX_LOADS];
    int nloads, failures;
    http_count_t before;
    apr_time_t hit, lifted, recovered;
    apr_off_t log;
} now;

int fault_scale(int full, int in_short_round)
{
    const char *round = getenv("FAULTS_ROUND");

    return round && !strcmp(round, "short") ? in_short_round : full;
}

void fault_begin(const char *name)
{
    memset(&now, 0, sizeof(now));
    now.name = name;
    now.before = *http_count();
    now.failures = (int)CU_get_number_of_failures();
    now.log = fixture_log_mark();
}

load_t *fault_load(const load_plan_t *plan)
{
    load_t *load = load_start(plan);

    now.loads[now.nloads++] = load;
    expect(load_wait_ok(load, 0), "'%s' was not answered before the fault", plan->ops);
    return load;
}

void fault_hit(void)
{
    now.hit = apr_time_now();
}

void fault_lifted(void)
{
    now.lifted = apr_time_now();
}

apr_time_t fault_hit_at(void)
{
    return now.hit;
}

apr_time_t fault_lifted_at(void)
{
    return now.lifted;
}

void fault_await_recovery(void)
{
    http_request_t rq = {.path = "/runs?limit=1"};

    for (int i = 0; i < 1200 && http_send(&rq)->status != 200; i++)
        usleep(50000);
    now.recovered = apr_time_now();
}

const char *fault_log(void)
{
    return fixture_log_since(now.log);
}

int fault_httpd_rests(void)
{
    http_request_t rq = {.base = "", .path = "/server-status?auto"};

    for (int i = 0; i < 600; i++) {
        http_response_t *res = http_send(&rq);
        const char *busy = strstr(res->body, "BusyWorkers: ");

        if (busy && atoi(busy + 13) <= 1) /* the one that answers this */
            return 1;
        usleep(50000);
    }
    return 0;
}

/* The clients go on until they have seen it work again; what they were told is judged. */
static void end_load(load_t *load, row_t *row)
{
    const char *ops = load_plan(load)->ops;
    load_tally_t t;

    expect(load_wait_ok(load, now.lifted), "%s: '%s' did not recover", now.name, ops);
    load_stop(load);
    t = load_tally(load, ops, 0, 0);
    row->sent += t.sent;
    row->refused += t.refused + t.unknown + t.cut;
    row->wrong += t.wrong;
    expect(t.wrong == 0, "%s: %d of %d answers were wrong; the first: %s", now.name, t.wrong,
           t.sent, t.why);
    row->wrong += t.wrong ? -1 : 0; /* that assertion is one of them */
    if (t.last_failed > now.lifted && t.last_failed - now.lifted > row->recovered)
        row->recovered = t.last_failed - now.lifted;
    if (strpbrk(ops, "ps"))
        ledger_audit(load);
}

void fault_end(void)
{
    row_t *row = &rows[nrows < MAX_ROWS - 1 ? nrows++ : nrows];

    apr_cpystrn(row->name, now.name, sizeof(row->name));
    row->recovered = now.recovered ? now.recovered - now.lifted : now.lifted ? 0 : -1;
    for (int i = 0; i < now.nloads; i++)
        end_load(now.loads[i], row);
    row->sent += http_count()->sent - now.before.sent;
    row->refused += http_count()->refused - now.before.refused;
    expect(fault_httpd_rests(), "%s: a thread of httpd hangs", now.name);
    expect_lacks(fault_log(), "exit signal");
    row->wrong += (int)CU_get_number_of_failures() - now.failures;
}

void fault_note(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (nrows > 0)
        vsnprintf(rows[nrows - 1].note, sizeof(rows->note), fmt, ap);
    va_end(ap);
}

void fault_print_table(void)
{
    printf("\n%-60s %9s %9s %7s %11s\n", "fault", "requests", "refused", "wrong", "recovered");
    for (int i = 0; i < nrows; i++) {
        const row_t *r = &rows[i];

        printf("%-60s %9d %9d %7d ", r->name, r->sent, r->refused, r->wrong);
        if (r->recovered < 0)
            printf("%11s\n", "-");
        else
            printf("%9.3f s\n", (double)r->recovered / APR_USEC_PER_SEC);
        if (r->note[0])
            printf("    %s\n", r->note);
    }
    printf(
        "refused: 503 or 504 as promised, or an export cut visibly; recovered: how long after the"
        " fault\nwas lifted the last request failed.\n\n");
}
