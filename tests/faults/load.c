/*
 * load.c - owns the clients' threads, what they send, and the verdict on each answer.
 *
 * A thread has pools of its own: the fixture's belong to the main thread. The clients' lists of
 * answers are read by the main thread while they grow, hence the lock.
 */
#include "load.h"
#include "../integration/db.h"
#include "../integration/fixture.h"
#include "../integration/http.h"
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define KEPT        8192 /* bytes of a body that are looked at */
#define ENDLESS_MS  60000L
#define UNKNOWN_END ": the change may or may not have been made"

typedef struct client_t {
    load_t *load;
    int number;
    apr_int64_t config;
    apr_pool_t *pool;
    apr_thread_t *thread;
    CURL *curl;
    apr_array_header_t *answers; /* of load_answer_t * */
} client_t;

struct load_t {
    load_plan_t plan;
    int number;
    apr_pool_t *pool;
    apr_thread_mutex_t *lock;
    volatile apr_uint32_t over, ok;
    client_t *clients;
    int stopped;
};

/* One answer as it comes in. */
typedef struct reply_t {
    char body[KEPT + 1];
    apr_size_t kept, len, lines;
    char last;
    int retry_after, is_json;
} reply_t;

const load_plan_t *load_plan(const load_t *load)
{
    return &load->plan;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    reply_t *reply = ctx;
    size_t len = size * n, keep = len < KEPT - reply->kept ? len : KEPT - reply->kept;

    memcpy(reply->body + reply->kept, data, keep);
    reply->kept += keep;
    reply->len += len;
    for (size_t i = 0; i < len; i++)
        reply->lines += data[i] == '\n';
    if (len)
        reply->last = data[len - 1];
    return len;
}

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
    reply_t *reply = ctx;

    if (size * n > 12 && !strncasecmp(data, "Retry-After:", 12))
        reply->retry_after = atoi(data + 12);
    if (size * n > 30 && !strncasecmp(data, "Content-Type: application/json", 30))
        reply->is_json = 1;
    return size * n;
}

/* ---- the verdict ---- */

static void is_wrong(load_answer_t *a, apr_pool_t *p, const reply_t *reply, CURLcode curl)
{
    a->verdict = LOAD_WRONG;
    a->why = apr_psprintf(p, "'%c' after %d ms: curl %d, status %ld, %d bytes, %d lines: %.300s",
                          a->op, (int)apr_time_as_msec(a->done - a->sent), (int)curl, a->status,
                          (int)reply->len, (int)reply->lines, reply->body);
}

static int is_write(char op)
{
    return op == LOAD_PATCH || op == LOAD_SCHEMA;
}

/* The API's form, a Retry-After with a 503, and nothing that is the operator's. */
static int is_refusal(const load_answer_t *a, const reply_t *reply)
{
    static const char *const secrets[] = {"/tmp", "lens_", "SELECT", "FATAL", "relation", "socket"};
    const char *code = a->status == 503 ? "{\"meta\":{\"code\":5030," : "{\"meta\":{\"code\":5040,";

    if ((a->status != 503 && a->status != 504) || !reply->is_json)
        return 0;
    for (size_t i = 0; i < countof(secrets); i++)
        if (strstr(reply->body, secrets[i]))
            return 0;
    return !strncmp(reply->body, code, strlen(code)) &&
           (a->status == 504 || reply->retry_after > 0);
}

static int is_success(const load_answer_t *a, const reply_t *reply)
{
    long expected = a->op == LOAD_SCHEMA ? 201 : a->op == LOAD_BAD ? 400 : 200;

    if (a->status != expected)
        return 0;
    if (a->op == LOAD_EXPORT)
        return reply->lines == LOAD_ROWS + 1 && reply->last == '\n';
    return a->op == LOAD_STATIC || (reply->is_json && reply->last == '}');
}

static void judge(load_answer_t *a, apr_pool_t *p, const reply_t *reply, CURLcode curl)
{
    if (curl == CURLE_OK && is_success(a, reply))
        a->verdict = LOAD_OK;
    else if (curl == CURLE_OK && is_refusal(a, reply))
        a->verdict =
            is_write(a->op) && strstr(reply->body, UNKNOWN_END) ? LOAD_UNKNOWN : LOAD_REFUSED;
    else if (a->op == LOAD_EXPORT && a->status == 200 && reply->len > 0 &&
             (curl == CURLE_PARTIAL_FILE || curl == CURLE_RECV_ERROR))
        a->verdict = LOAD_CUT;
    else
        is_wrong(a, p, reply, curl);
}

/* ---- a client ---- */

static const char *path_of(const client_t *c, char op, apr_pool_t *p)
{
    switch (op) {
    case LOAD_READ:
        return apr_psprintf(p, API_BASE "/runs?config_id=" ID, c->config);
    case LOAD_SCHEMA:
        return apr_psprintf(p, API_BASE "/configs/" ID "/schemas", c->config);
    case LOAD_EXPORT:
        return apr_psprintf(p, API_BASE "/configs/" ID "/export", c->config);
    case LOAD_STATIC:
        return "/hello.txt";
    case LOAD_BAD:
        return API_BASE "/runs?limit=0";
    default:
        return apr_psprintf(p, API_BASE "/configs/" ID, c->config);
    }
}

static void set_write(const client_t *c, const load_answer_t *a, apr_pool_t *p)
{
    if (a->op == LOAD_PATCH) {
        curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, "PATCH");
        curl_easy_setopt(c->curl, CURLOPT_COPYPOSTFIELDS,
                         apr_psprintf(p, "{\"description\":\"%s\"}", a->token));
    } else if (a->op == LOAD_SCHEMA) {
        curl_easy_setopt(
            c->curl, CURLOPT_COPYPOSTFIELDS,
            apr_psprintf(p, "{\"name\":\"%s\",\"fields\":[{\"name\":\"Op\"}]}", a->token));
    }
}

static void ask_once(client_t *c, load_answer_t *a)
{
    const load_plan_t *plan = &c->load->plan;
    struct curl_slist *headers = NULL;
    reply_t reply = {.last = 0};
    apr_pool_t *p;
    CURLcode code;

    apr_pool_create(&p, c->pool);
    curl_easy_reset(c->curl);
    headers = curl_slist_append(headers, apr_pstrcat(p, "Host: ", plan->host, NULL));
    headers = curl_slist_append(headers, JSON_TYPE);
    curl_easy_setopt(
        c->curl, CURLOPT_URL,
        apr_psprintf(p, "http://127.0.0.1:%d%s", fixture_port(), path_of(c, a->op, p)));
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, ENDLESS_MS);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_FORBID_REUSE, plan->keepalive ? 0L : 1L);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &reply);
    curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, &reply);
    set_write(c, a, p);
    a->sent = apr_time_now();
    code = curl_easy_perform(c->curl);
    a->done = apr_time_now();
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &a->status);
    judge(a, c->pool, &reply, code);
    curl_slist_free_all(headers);
    apr_pool_destroy(p);
}

static void *APR_THREAD_FUNC run_client(apr_thread_t *thread, void *data)
{
    client_t *c = data;
    const load_plan_t *plan = &c->load->plan;
    size_t nops = strlen(plan->ops);

    c->curl = curl_easy_init();
    for (int i = 0; !apr_atomic_read32(&c->load->over); i++) {
        load_answer_t *a = apr_pcalloc(c->pool, sizeof(*a));

        a->op = plan->ops[(c->number + i) % nops];
        a->token = apr_psprintf(c->pool, "load%d-%d-%d", c->load->number, c->number, i);
        ask_once(c, a);
        if (a->verdict == LOAD_OK)
            apr_atomic_inc32(&c->load->ok);
        apr_thread_mutex_lock(c->load->lock);
        APR_ARRAY_PUSH(c->answers, load_answer_t *) = a;
        apr_thread_mutex_unlock(c->load->lock);
        if (plan->pause_ms)
            apr_sleep(apr_time_from_msec(plan->pause_ms));
    }
    curl_easy_cleanup(c->curl);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static apr_int64_t seed_client(const load_t *load, int number)
{
    const char *db = load->plan.dbname;
    apr_int64_t config = seed_config(db, strf("load %d, client %d", load->number, number));

    seed_run(db, config, "failed");
    seed_schema(db, config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    db_run(db,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1, now(), '{\"Op\":\"GEMM\"}',"
           " '{\"throughput\":1}' FROM generate_series(1, $2::int)",
           2, strf(ID, config), strf("%d", LOAD_ROWS));
    return config;
}

/* ---- the load ---- */

load_t *load_start(const load_plan_t *plan)
{
    static int number;
    load_t *load = apr_pcalloc(fixture_pool(), sizeof(*load));

    load->plan = *plan;
    load->number = ++number;
    if (!load->plan.host)
        load->plan.host = HOST_A;
    if (!load->plan.dbname)
        load->plan.dbname = DB_A;
    apr_pool_create(&load->pool, NULL);
    apr_thread_mutex_create(&load->lock, APR_THREAD_MUTEX_DEFAULT, load->pool);
    load->clients = apr_pcalloc(load->pool, plan->clients * sizeof(client_t));
    for (int i = 0; i < plan->clients; i++) {
        client_t *c = &load->clients[i];

        c->load = load;
        c->number = i;
        if (strpbrk(plan->ops, "rpsx"))
            c->config = seed_client(load, i);
        apr_pool_create(&c->pool, NULL);
        c->answers = apr_array_make(c->pool, 256, sizeof(load_answer_t *));
    }
    for (int i = 0; i < plan->clients; i++)
        apr_thread_create(&load->clients[i].thread, NULL, run_client, &load->clients[i],
                          load->pool);
    return load;
}

void load_stop(load_t *load)
{
    apr_status_t rv;

    if (load->stopped)
        return;
    load->stopped = 1;
    apr_atomic_set32(&load->over, 1);
    for (int i = 0; i < load->plan.clients; i++)
        apr_thread_join(&rv, load->clients[i].thread);
}

apr_array_header_t *load_answers(load_t *load)
{
    apr_array_header_t *all = apr_array_make(fixture_pool(), 1024, sizeof(load_answer_t *));

    apr_thread_mutex_lock(load->lock);
    for (int i = 0; i < load->plan.clients; i++)
        apr_array_cat(all, load->clients[i].answers);
    apr_thread_mutex_unlock(load->lock);
    return all;
}

static int count(load_t *load, char op, apr_time_t since, load_verdict_e verdict)
{
    int n = 0;

    apr_thread_mutex_lock(load->lock);
    for (int i = 0; i < load->plan.clients; i++) {
        const apr_array_header_t *answers = load->clients[i].answers;

        for (int k = answers->nelts - 1; k >= 0; k--) {
            const load_answer_t *a = APR_ARRAY_IDX(answers, k, load_answer_t *);

            if (a->sent < since)
                break;
            n += a->op == op && a->verdict == verdict;
        }
    }
    apr_thread_mutex_unlock(load->lock);
    return n;
}

int load_count_ok(load_t *load, char op, apr_time_t since)
{
    return count(load, op, since, LOAD_OK);
}

int load_count_all_ok(load_t *load)
{
    return (int)apr_atomic_read32(&load->ok);
}

int load_wait_ok(load_t *load, apr_time_t since)
{
    for (int i = 0; i < 1200; i++) {
        const char *op = load->plan.ops;

        while (*op && load_count_ok(load, *op, since) > 0)
            op++;
        if (!*op)
            return 1;
        usleep(50000);
    }
    return 0;
}

load_tally_t load_tally(load_t *load, const char *ops, apr_time_t from, apr_time_t to)
{
    apr_array_header_t *answers = load_answers(load);
    load_tally_t t = {0};

    for (int i = 0; i < answers->nelts; i++) {
        const load_answer_t *a = APR_ARRAY_IDX(answers, i, load_answer_t *);

        if (!strchr(ops, a->op) || a->sent < from || (to && a->sent >= to))
            continue;
        t.sent++;
        t.ok += a->verdict == LOAD_OK;
        t.refused += a->verdict == LOAD_REFUSED;
        t.unknown += a->verdict == LOAD_UNKNOWN;
        t.cut += a->verdict == LOAD_CUT;
        t.wrong += a->verdict == LOAD_WRONG;
        if (!t.why)
            t.why = a->why;
        if (a->done - a->sent > t.slowest)
            t.slowest = a->done - a->sent;
        if (a->verdict != LOAD_OK && a->done > t.last_failed)
            t.last_failed = a->done;
    }
    return t;
}
