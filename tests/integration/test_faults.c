/*
 * test_faults.c - the database is away, comes back, is slow, is busy. What breaks while an answer
 * is being streamed is in test_streams.c.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* One request for each endpoint, on rows that exist. */
typedef struct six_t {
    http_request_t rq[6];
    apr_int64_t run;
} six_t;

static six_t make_six(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);
    six_t six = {.run = seed_run(DB_A, config, "failed")};

    seed_schema(DB_A, config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}", "{}", NULL);
    six.rq[0] = (http_request_t){.path = strf("/runs?config_id=" ID, config)};
    six.rq[1] = (http_request_t){.path = strf("/configs/" ID "/schemas/active", config)};
    six.rq[2] = (http_request_t){.path = strf("/configs/" ID "/dimensions/Op/values", config)};
    six.rq[3] = (http_request_t){.path = strf("/configs/" ID "/export", config)};
    six.rq[4] = (http_request_t){.method = "PATCH",
                                 .path = strf("/configs/" ID, config),
                                 .body = "{\"description\":\"patched\"}",
                                 .headers = {JSON_TYPE}};
    six.rq[5] = (http_request_t){.method = "POST", .path = strf("/runs/" ID "/retry", six.run)};
    return six;
}

static void expect_all_answer(six_t *six)
{
    db_run(DB_A, "UPDATE github_workflow_runs SET status = 'failed' WHERE id = $1", 1,
           strf(ID, six->run));
    for (size_t i = 0; i < countof(six->rq); i++)
        expect_status(http_send(&six->rq[i]), 200);
}

/* Nothing of what the operator must know may reach the client. */
static void expect_discreet(const char *body)
{
    static const char *const secrets[] = {"/tmp",  "lens_a", "wfmetrics", "socket", "SELECT",
                                          "libpq", "server", "relation",  "FATAL",  "connection"};

    for (size_t i = 0; i < countof(secrets); i++)
        expect_lacks(body, secrets[i]);
}

static void expect_unavailable(const http_response_t *res, const char *message)
{
    expect_error(res, 5030, message);
    expect_discreet(res->body);
    expect(http_header(res, "Retry-After") && atoi(http_header(res, "Retry-After")) > 0,
           "%s: Retry-After is %s", res->what, http_header(res, "Retry-After"));
}

/* The line that the operator reads. */
static void expect_log(apr_off_t mark, const char *cluster, const char *route, const char *status)
{
    const char *log = fixture_log_since(mark);

    expect_contains(log, strf("cluster=%s ", cluster));
    expect_contains(log, strf("route=\"%s\"", route));
    expect_contains(log, strf("status=%s ", status));
    expect_contains(log, "sqlstate=");
    expect_contains(log, "duration_ms=");
}

static void test_postgres_stopped_and_back(void)
{
    six_t six = make_six("stopped");
    apr_off_t mark = fixture_log_mark();
    http_response_t *res;

    expect_all_answer(&six);
    if (!expect(fixture_servers("pg-stop", "fast") == 0, "PostgreSQL did not stop"))
        return;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < countof(six.rq); i++) {
            six.rq[i].timeout_ms = 5000;
            expect_unavailable(http_send(&six.rq[i]), "the database is unavailable");
        }
    }
    expect_log(mark, "cluster-a", "GET /configs/:id/export", "503");
    /* what needs no database goes on */
    expect_status(http_json("OPTIONS", "/configs/1", NULL), 200);
    expect_error(http_json("DELETE", "/runs", NULL), 4050, "method not allowed");
    expect_error(http_get("/nope"), 4040, "no such endpoint");
    expect_field(http_get("/runs?limit=0"), "limit", "must be an integer between 1 and 100");
    res = http_send(&(http_request_t){.method = "HEAD", .path = "/runs"});
    expect_status(res, 503);
    expect_int(res->len, 0);
    expect(fixture_servers("pg-start", "") == 0, "PostgreSQL did not start");
    for (int round = 0; round < 3; round++)
        expect_all_answer(&six);
}

/* More requests at once than the pool has connections, so that each of them is met. */
static void expect_no_failure(six_t *six)
{
    http_request_t rqs[24];
    http_response_t **res;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = six->rq[i % 5];
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++)
        if (i % 5 != 3) /* exports have a share of their own, and are refused beyond it */
            expect_status(res[i], 200);
    expect_all_answer(six);
}

static void test_postgres_restarted(void)
{
    static const char *const modes[] = {"fast", "immediate"};
    six_t six = make_six("restarted");

    for (size_t i = 0; i < countof(modes); i++) {
        expect_no_failure(&six);
        expect(fixture_servers("pg-restart", modes[i]) == 0, "PostgreSQL did not restart");
        expect_no_failure(&six);
    }
}

/* Fill the pool: each of these requests waits for a lock on a connection of its own. */
static void warm_all_connections(const http_request_t *rq, int status)
{
    const char *holder = "BEGIN; LOCK TABLE github_workflow_configs; SELECT pg_sleep(1); COMMIT";
    const char *held =
        "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
        " AND relation = 'github_workflow_configs'::regclass";
    http_request_t rqs[8];
    http_response_t **res;

    fixture_shell(strf("psql -X -q -h %s -U postgres -d " DB_A " -c '%s' > /dev/null 2>&1 &",
                       fixture_sockets(), holder),
                  NULL);
    while (db_int(DB_A, held, 0) == 0)
        usleep(20000);
    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = *rq;
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++)
        expect_status(res[i], status);
}

static void kill_backends(const char *where)
{
    db_run("postgres",
           strf("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name LIKE 'cluster-%%' AND %s",
                where),
           0);
}

static void test_idle_connections_killed(void)
{
    six_t six = make_six("killed");

    for (int round = 0; round < 3; round++) {
        warm_all_connections(&six.rq[1], 200);
        kill_backends("true");
        expect_no_failure(&six);
    }
    for (size_t i = 0; i < countof(six.rq); i++) {
        db_run(DB_A, "UPDATE github_workflow_runs SET status = 'failed' WHERE id = $1", 1,
               strf(ID, six.run));
        kill_backends("true");
        expect_status(http_send(&six.rq[i]), 200);
    }
}

/* A DSN that leads nowhere. */
static void test_unreachable_database(void)
{
    apr_off_t mark = fixture_log_mark();
    http_request_t rq = {.host = HOST_NOWHERE, .path = "/runs", .timeout_ms = 10000};

    for (int i = 0; i < 3; i++)
        expect_unavailable(http_send(&rq), "the database is unavailable");
    expect_log(mark, "cluster-nowhere", "GET /runs", "503");
    expect_status(http_get("/runs"), 200);
}

/* Holds the rows of a table until the connection is closed. */
static PGconn *lock_table(const char *table)
{
    PGconn *conn = db_open(DB_A);

    db_run_on(conn, "BEGIN");
    db_run_on(conn, strf("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", table));
    return conn;
}

static http_response_t *send_tiny(http_request_t rq)
{
    rq.host = HOST_TINY;
    return http_send(&rq);
}

static void test_locked(void)
{
    static const char *const tables[] = {
        "github_workflow_runs",    "github_workflow_metric_schemas", "github_workflow_metrics",
        "github_workflow_metrics", "github_workflow_configs",        "github_workflow_runs"};
    six_t six = make_six("locked");

    for (size_t i = 0; i < countof(six.rq); i++) {
        apr_off_t mark = fixture_log_mark();
        PGconn *lock = lock_table(tables[i]);
        http_response_t *res = send_tiny(six.rq[i]);
        expect_error(res, 5040, "the database took too long to answer");
        expect_discreet(res->body);
        expect_contains(fixture_log_since(mark), "sqlstate=57014");
        db_close(lock);
        expect_status(send_tiny(six.rq[i]), 200);
    }
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
                      " AND application_name = 'cluster-tiny'",
                      0),
               0);
}

/* Of equal questions at once one is asked for all; none of them gets what was true before it came.
 */
static void test_equal_questions(void)
{
    apr_int64_t config = seed_config(DB_A, "equal questions");
    http_request_t rqs[12];

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] =
            (http_request_t){.path = strf("/configs/" ID "%s", config, i % 4 ? "" : "/schemas")};
    for (int round = 0; round < 30; round++) {
        const char *description = strf("of round %d", round), *etag = NULL;
        http_response_t **res;

        expect_status(
            http_send(&(http_request_t){.method = "PATCH",
                                        .path = strf("/configs/" ID, config),
                                        .body = strf("{\"description\":\"%s\"}", description),
                                        .headers = {JSON_TYPE}}),
            200);
        res = http_send_all(rqs, countof(rqs));
        for (size_t i = 0; i < countof(rqs); i++) {
            expect_status(res[i], 200);
            if (i % 4 == 0) {
                expect_json(res[i], "data.schemas", "[ ]");
                continue;
            }
            expect_text(res[i], "data.description", description);
            if (etag)
                expect_header(res[i], "ETag", etag);
            etag = http_header(res[i], "ETag");
        }
    }
}

/* Two connections, both waiting for a lock: who comes then is told so in time. */
static void test_busy(void)
{
    six_t six = make_six("busy");
    http_request_t rqs[4];
    http_response_t **res;
    PGconn *lock = lock_table("github_workflow_runs");
    int late = 0, busy = 0;

    for (size_t i = 0; i < countof(rqs); i++) {
        rqs[i] = (http_request_t){.host = HOST_TINY, .path = strf("/runs?limit=%d", (int)i + 1)};
    }
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++) {
        late += res[i]->status == 504;
        busy += res[i]->status == 503;
        if (res[i]->status == 503)
            expect_unavailable(res[i], "the database is busy");
        else
            expect_error(res[i], 5040, "the database took too long to answer");
    }
    expect_int(late, fixture_threaded() ? 2 : 4); /* under prefork, each child has its own pool */
    expect_int(busy, fixture_threaded() ? 2 : 0);
    db_close(lock);
    expect_status(send_tiny(six.rq[0]), 200);
}

/* Exports have a share of the connections; beyond it they are refused, and the rest goes on. */
static void test_too_many_exports(void)
{
    six_t six = make_six("exports");
    http_request_t rqs[4];
    http_response_t **res;
    PGconn *lock = lock_table("github_workflow_metrics");
    int late = 0, refused = 0;

    for (size_t i = 0; i < 3; i++)
        rqs[i] = six.rq[3];
    rqs[3] = six.rq[0];
    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i].host = HOST_TINY;
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < 3; i++) {
        late += res[i]->status == 504;
        refused += res[i]->status == 503;
        if (res[i]->status == 503)
            expect_unavailable(res[i], "too many exports are running");
    }
    expect_int(late, fixture_threaded() ? 1 : 3);
    expect_int(refused, fixture_threaded() ? 2 : 0);
    expect_success(res[3]);
    db_close(lock);
    expect_status(send_tiny(six.rq[3]), 200);
}

/* Where more exports are allowed than there are connections, they wait as others do. */
static void test_waiting_exports(void)
{
    six_t six = make_six("waiting exports");
    http_request_t rqs[6];
    http_response_t **res;

    for (size_t i = 0; i < countof(rqs); i++) {
        rqs[i] = six.rq[3];
        rqs[i].host = HOST_ODD;
    }
    for (int round = 0; round < 5; round++) {
        res = http_send_all(rqs, countof(rqs));
        for (size_t i = 0; i < countof(rqs); i++)
            expect_status(res[i], 200);
    }
}

#define WAITING                                                                                    \
    " FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"              \
    " AND query NOT LIKE '%wfm_maintain%' AND query NOT LIKE '%DELETE FROM%'"                      \
    " AND query NOT LIKE '%wfm_backfill_tasks%'"

/* Until so many statements of these connections wait for a lock. Maintenance, which comes when it
 * is due, is none of them. */
static int lock_waits(const char *application, int n)
{
    for (int i = 0; i < 600 * fixture_patience(); i++) {
        if (db_int(DB_A, "SELECT count(*)" WAITING, 1, application) == n)
            return 1;
        usleep(50000);
    }
    return expect(
        0, "%s: not %d statements wait for a lock, but: %s", application, n,
        db_text(DB_A,
                "SELECT coalesce(string_agg(concat(now() - query_start, ' ', query), '; '),"
                " 'none')" WAITING,
                1, application));
}

/* The backend dies under a statement that waits: an error in JSON, and no half of a write. */
static void test_killed_while_waiting(void)
{
    six_t six = make_six("waiting");
    const char *retry = strf("POST " API_BASE "%s HTTP/1.1\r\nHost: " HOST_PATIENT "\r\n"
                             "Content-Length: 0\r\nConnection: close\r\n\r\n",
                             six.rq[5].path);
    PGconn *lock = lock_table("github_workflow_runs");
    int fd = http_raw_open(retry, strlen(retry));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    const char *answer;

    lock_waits("cluster-shared", 1);
    for (int i = 0; i < 600 && poll(&p, 1, 50) == 0; i++) /* it may be sent anew */
        kill_backends("application_name = 'cluster-shared' AND wait_event_type = 'Lock'");
    answer = http_raw_rest(fd);
    expect_contains(answer, " 503 ");
    expect_contains(answer, "\r\nRetry-After: ");
    answer = strstr(answer, "\r\n\r\n");
    expect_contains(answer, "\"the database is unavailable\"");
    expect_discreet(answer);
    db_close(lock);
    expect_str(db_text(DB_A, "SELECT status FROM github_workflow_runs WHERE id = $1", 1,
                       strf(ID, six.run)),
               "failed");
    expect_status(send_tiny(six.rq[5]), 200);
}

/* Clients that do not read hold no connection: the answer is there before it is written. */
static void test_slow_clients(void)
{
    apr_int64_t config = seed_config(DB_A, "slow clients");
    const char *head = strf("GET " API_BASE "/configs/" ID "/dimensions/v/values?limit=10000"
                            " HTTP/1.1\r\nHost: " HOST_TINY "\r\n\r\n",
                            config);
    int fds[3];

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT $1::bigint, 1, 1, now(),"
           " jsonb_build_object('v', i || repeat('x', 1500)) FROM generate_series(1, 10000) i",
           1, strf(ID, config));
    for (size_t i = 0; i < countof(fds); i++) {
        char byte;
        fds[i] = http_raw_open(head, strlen(head));
        expect_int(read(fds[i], &byte, 1), 1); /* its answer has begun */
    }
    for (int i = 0; i < 3; i++)
        expect_status(send_tiny((http_request_t){.path = "/runs?limit=1"}), 200);
    for (size_t i = 0; i < countof(fds); i++)
        close(fds[i]);
}

/* A database without the module's tables is the operator's fault, and told to nobody else. */
static void test_internal_error(void)
{
    apr_off_t mark = fixture_log_mark();
    http_request_t rq = {.host = HOST_B, .path = "/runs"};
    http_response_t *res;

    expect_success(http_send(&rq));
    db_run(DB_B, "ALTER TABLE github_workflow_runs RENAME TO hidden", 0);
    res = http_send(&rq);
    db_run(DB_B, "ALTER TABLE hidden RENAME TO github_workflow_runs", 0);
    expect_error(res, 5000, "internal error");
    expect_discreet(res->body);
    expect_log(mark, "cluster-b", "GET /runs", "500");
    expect_contains(fixture_log_since(mark), "sqlstate=42P01");
    expect_success(http_send(&rq));
}

/* The same under a statement that was put together for a request and prepared as it came again. */
static void test_migrated_under_lists(void)
{
    const http_request_t rq = {.host = HOST_B, .path = "/runs?limit=1"};

    for (int i = 0; i < 12; i++) /* on every connection of the pool, most likely */
        expect_success(http_send(&rq));
    db_run(DB_B, "ALTER TABLE github_workflow_runs ALTER COLUMN head_branch TYPE text", 0);
    for (int i = 0; i < 12; i++)
        expect_success(http_send(&rq));
    db_run(DB_B, "ALTER TABLE github_workflow_runs ALTER COLUMN status TYPE varchar(60)", 0);
    for (int i = 0; i < 12; i++)
        expect_success(http_send(&rq));
    db_run(DB_B,
           "ALTER TABLE github_workflow_runs ALTER COLUMN head_branch TYPE varchar(255),"
           " ALTER COLUMN status TYPE varchar(50)",
           0);
}

/* A table that changes under a prepared statement: "cached plan must not change result type". */
static void test_migrated_under_way(void)
{
    static const char *const types[] = {"text", "varchar(255)"};
    six_t six = make_six("migrated");

    for (size_t i = 0; i < countof(types); i++) {
        warm_all_connections(&six.rq[1], 200);
        db_run(
            DB_A,
            strf("ALTER TABLE github_workflow_metric_schemas ALTER COLUMN name TYPE %s", types[i]),
            0);
        expect_all_answer(&six);
        expect_no_failure(&six);
    }
}

/* The same for a batch, whose statements are sent before the first one's failure is known. */
static void test_migrated_under_batches(void)
{
    static const char *const types[] = {"bigint", "integer"};
    six_t six = make_six("migrated batches");
    http_request_t create = {.method = "POST",
                             .path = apr_pstrcat(fixture_pool(), six.rq[4].path, "/schemas", NULL),
                             .body = "{\"name\":\"s\",\"fields\":[{\"name\":\"Op\"}]}",
                             .headers = {JSON_TYPE}};
    http_request_t rqs[8], exports[5]; /* half of DBDMax, as many as there may be at once */
    http_response_t **res;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = create;
    for (size_t i = 0; i < countof(exports); i++)
        exports[i] = six.rq[3];
    for (size_t i = 0; i < countof(types); i++) {
        warm_all_connections(&six.rq[1], 200);
        warm_all_connections(&create, 201);
        res = http_send_all(exports, countof(exports));
        for (size_t r = 0; r < countof(exports); r++)
            expect_status(res[r], 200);
        db_run(DB_A,
               strf("ALTER TABLE github_workflow_metric_schemas ALTER COLUMN version TYPE %s,"
                    " ALTER COLUMN dimension_fields TYPE %s USING dimension_fields::%s",
                    types[i], i ? "jsonb" : "json", i ? "jsonb" : "json"),
               0);
        res = http_send_all(rqs, countof(rqs));
        for (size_t r = 0; r < countof(rqs); r++)
            expect_status(res[r], 201);
        res = http_send_all(exports, countof(exports));
        for (size_t r = 0; r < countof(exports); r++)
            expect_status(res[r], 200);
        expect_all_answer(&six);
        expect_no_failure(&six);
    }
}

/*
 * A statement on the patient host, still waiting when one of two seconds on another host has been
 * given up, gets its answer; one on the hasty host does not. Both on a connection that the other
 * host may have used before.
 */
static void test_shared_pool(void)
{
    six_t six = make_six("shared pool");
    http_request_t hasty = six.rq[0];
    const char *patient = strf("GET " API_BASE "%s HTTP/1.1\r\nHost: " HOST_PATIENT "\r\n"
                               "Connection: close\r\n\r\n",
                               six.rq[0].path);

    hasty.host = HOST_HASTY;
    for (int round = 0; round < 2; round++) {
        expect_success(http_send(&hasty));
        PGconn *lock = lock_table("github_workflow_runs");
        int fd = http_raw_open(patient, strlen(patient));
        lock_waits("cluster-shared", 1);
        expect_error(send_tiny(six.rq[0]), 5040, "the database took too long to answer");
        db_close(lock);
        expect_contains(http_raw_rest(fd), " 200 OK\r\n");
        lock = lock_table("github_workflow_runs");
        expect_error(http_send(&hasty), 5040, "the database took too long to answer");
        db_close(lock);
    }
}

/* A client that leaves while its statement waits takes it along; that is no fault of the server's.
 */
static void test_client_leaves_waiting(void)
{
    six_t six = make_six("impatient");
    const char *head =
        strf("GET " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n\r\n", six.rq[0].path);
    const char *gone = "route=\"GET /runs\" status=499 ";
    apr_off_t mark = fixture_log_mark();
    PGconn *lock = lock_table("github_workflow_runs");
    int fd = http_raw_open(head, strlen(head));

    lock_waits("cluster-a", 1);
    usleep(500000); /* it has been looked after at least once */
    close(fd);
    lock_waits("cluster-a", 0); /* its own timeout is a minute */
    for (int i = 0; i < 600 && !strstr(fixture_log_since(mark), gone); i++)
        usleep(50000);
    expect_contains(fixture_log_since(mark), gone);
    expect_lacks(fixture_log_since(mark), "status=5");
    db_close(lock);
    expect_all_answer(&six);
}

static void test_graceful_restart(void)
{
    six_t six = make_six("graceful");

    for (int round = 0; round < 3; round++) {
        apr_off_t mark = fixture_log_mark();
        expect_all_answer(&six);
        expect(fixture_servers("httpd-graceful", "") == 0, "httpd did not restart");
        for (int i = 0; i < 100 && !strstr(fixture_log_since(mark), "resuming normal"); i++)
            usleep(100000 * fixture_patience());
        expect_contains(fixture_log_since(mark), "resuming normal operations");
        expect_all_answer(&six);
        expect_lacks(fixture_log_since(mark), "exit signal");
    }
}

SUITE(faults) = {
    {"PostgreSQL stopped, and back", test_postgres_stopped_and_back},
    {"PostgreSQL restarted", test_postgres_restarted},
    {"idle connections killed", test_idle_connections_killed},
    {"a database that cannot be reached", test_unreachable_database},
    {"a lock ends as 504", test_locked},
    {"equal questions at once", test_equal_questions},
    {"all connections are busy", test_busy},
    {"too many exports", test_too_many_exports},
    {"waiting exports", test_waiting_exports},
    {"killed while waiting", test_killed_while_waiting},
    {"slow clients hold no connection", test_slow_clients},
    {"a table is missing", test_internal_error},
    {"a table changes under way", test_migrated_under_way},
    {"a table changes under lists", test_migrated_under_lists},
    {"a table changes under batches", test_migrated_under_batches},
    {"hosts that share a pool keep their own timeouts", test_shared_pool},
    {"the client leaves while its statement waits", test_client_leaves_waiting},
    {"graceful restart", test_graceful_restart},
    CU_TEST_INFO_NULL,
};
