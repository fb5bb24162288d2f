/*
 * test_mutations.c - ten thousand mutated requests, over raw sockets: not one 5xx of the module, no
 * crash, no line in the error log that says more than that a request was malformed.
 *
 * Requests that are right are broken at random, each in one of the places that another layer reads
 * first: the target, the headers, the body (with a true Content-Length, so that it gets as far as
 * the parsers), or any byte at all. The numbers are a fixed sequence, so that a failure comes
 * again; WFM_MUTATIONS and WFM_MUTATION_SEED try more, and others.
 */
#include "../support/suite.h"
#include "db.h"
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include <apr_lib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 65536 /* bytes of a request, and those of an answer that are looked at */

typedef struct part_t {
    char data[ROOM];
    apr_size_t len;
} part_t;

typedef struct mutation_t {
    apr_uint64_t random;
    apr_int64_t config, run;
    part_t target, headers, body, request, answer;
    const char *method;
    int cut;        /* there was more of the answer */
    int of_httpd;   /* answers 501 and 505, which are httpd's own */
    int classes[6]; /* answers 2xx, 3xx …; 0: none at all */
} mutation_t;

/* SplitMix64. */
static apr_uint64_t next(mutation_t *m)
{
    apr_uint64_t z = m->random += APR_UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * APR_UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * APR_UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static apr_size_t below(mutation_t *m, apr_size_t n)
{
    return n ? (apr_size_t)(next(m) % n) : 0;
}

/* ---- mutations of bytes ---- */

/* What readers of requests stumble over. */
static const char *const tokens[] = {
    "%00",
    "%ff",
    "%2F",
    "%25",
    "%",
    "%zz",
    "%c0%af",
    "../",
    "//",
    "/./",
    ";",
    "?",
    "&",
    "=",
    "#",
    "+",
    " ",
    "\t",
    "\r\n",
    "\n",
    "\\",
    "\"",
    "'",
    "''",
    "`",
    "$1",
    "$$",
    "--",
    "/*",
    "' OR '1'='1",
    "{",
    "}",
    "[",
    "]",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":",
    ",",
    ":",
    "null",
    "true",
    "1e999",
    "-0",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "9223372036854775808",
    "NaN",
    "Infinity",
    "1e-400",
    "00",
    "0x10",
    "\\u0000",
    "\\ud800",
    "\\ud83d\\ude00",
    "\xc3",
    "\xc3\xa9",
    "\xff\xfe",
    "\xf0\x9f\x98\x80",
    "2025-01-01T00:00:00Z",
    "2025-13-01T00:00:00Z",
    "infinity",
    "now",
    "9999-12-31T23:59:60.999999999+23:59",
    "0000-00-00T00:00:00-00:00",
    "&limit=",
    "&limit=0",
    "&offset=9223372036854775807",
    "&cluster=",
    "&dimensions={",
    "&dimensions=%7B%22Op%22:%5B%5D%7D",
    "&metric_fields=,,",
    "&format=json",
    "cluster-b",
    "\"Op\":",
    "\"gte\":",
    "\"throughput\"",
    "\"start\":",
    "\"limit\":-1,",
    "\"group_by\":[],",
    "%n%s%x",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

/* Headers, whole lines. */
static const char *const lines[] = {
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Expect: 100-continue\r\n",
    "Range: bytes=0-1\r\n",
    "If-None-Match: *\r\n",
    "If-None-Match: \"\r\n",
    "If-Match: \"x\"\r\n",
    "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
    "Accept-Encoding: gzip\r\n",
    "Content-Encoding: gzip\r\n",
    "Content-Type: text/plain\r\n",
    "Content-Type: \r\n",
    "Content-Type: application/json; charset=utf-16\r\n",
    "Host: b.test\r\n",
    "Host: \r\n",
    "Origin: null\r\n",
    "Origin: http://a.test\r\n",
    "Sec-Fetch-Site: cross-site\r\n",
    "X-HTTP-Method-Override: DELETE\r\n",
    "Cookie: \x01\r\n",
    "Connection: keep-alive\r\n",
    "Upgrade: h2c\r\n",
    "HTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n",
    "Authorization: Basic Og==\r\n",
    ": empty\r\n",
    " folded\r\n",
    "X\r\n",
    "TE: trailers\r\n",
};

/* Put len bytes in place of some that are there. */
static void splice(part_t *part, apr_size_t at, apr_size_t gone, const char *data, apr_size_t len)
{
    if (at > part->len)
        at = part->len;
    if (gone > part->len - at)
        gone = part->len - at;
    if (part->len - gone + len > ROOM - 1)
        return;
    memmove(part->data + at + len, part->data + at + gone, part->len - at - gone);
    memcpy(part->data + at, data, len);
    part->len += len - gone;
    part->data[part->len] = '\0';
}

static void append(part_t *part, const char *text)
{
    splice(part, part->len, 0, text, strlen(text));
}

/* Anywhere behind the first bytes, which stay. */
static void mutate(mutation_t *m, part_t *part, apr_size_t first)
{
    apr_size_t at = first + below(m, part->len + 1 - first), len = below(m, 16);
    const char *token = tokens[below(m, countof(tokens))];
    char scratch[16 * 1024];

    switch (below(m, 8)) {
    case 0: /* another byte */
        scratch[0] = (char)next(m);
        splice(part, at, 1, scratch, 1);
        break;
    case 1: /* one bit */
        scratch[0] = (char)(at < part->len ? part->data[at] ^ (1 << below(m, 8)) : 0);
        splice(part, at, 1, scratch, 1);
        break;
    case 2:
        splice(part, at, len, "", 0);
        break;
    case 3: /* twice the same */
        len = below(m, at - first + 1 < 200 ? at - first + 1 : 200);
        memcpy(scratch, part->data + at - len, len);
        splice(part, at, 0, scratch, len);
        break;
    case 4: /* a lot of one thing */
        len = below(m, sizeof scratch);
        memset(scratch, "A[{(/%,\" 0"[below(m, 10)], len);
        splice(part, at, 0, scratch, len);
        break;
    case 5:
        splice(part, at, len, token, strlen(token));
        break;
    default:
        splice(part, at, 0, token, strlen(token));
    }
}

static void mutate_header(mutation_t *m)
{
    const char *line = lines[below(m, countof(lines))];

    if (below(m, 2))
        splice(&m->headers, 0, 0, line, strlen(line));
    else
        mutate(m, &m->headers, 0);
}

/* ---- other values, where the rest stays right: these get as far as PostgreSQL ---- */

/* Between the quotes of a JSON string. */
static const char *const texts[] = {
    "",
    " ",
    "a",
    "Op",
    "throughput",
    "l",
    "' OR 1=1 --",
    "\\\"",
    "\\\\",
    "$1",
    "%s",
    "%",
    "_",
    "\\u0041",
    "\\ud83d\\ude00",
    "\xc3\xa9",
    "\xf0\x9f\x98\x80",
    "\\n",
    "\\t",
    "\\/",
    "null",
    "32",
    "1e400",
    "-0",
    "NaN",
    "infinity",
    "now",
    "2025-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2025-01-01T00:00:00-23:59",
    "1h",
    "p99",
    "asc",
    "desc",
    "*",
    "{}",
    "[]",
    "\\u200b",
    "\\u007f",
    "\\u0001",
    "timestamp",
    "id",
    "metrics->>'x'",
    "a.b",
    "a,b",
    "{1,2}",
};

/* What may stand where a number does. */
static const char *const numbers[] = {
    "0",
    "1",
    "-1",
    "2",
    "1.5",
    "1e3",
    "1e308",
    "1e309",
    "1e-400",
    "-0.0",
    "100",
    "1001",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1234567890123456789012345678901234567890",
    "1e131071",
    "-1e131072",
    "true",
    "null",
    "\"5\"",
    "[1]",
    "{}",
};

/* What may stand where a parameter's value does. */
static const char *const values[] = {
    "",
    "0",
    "1",
    "2",
    "-1",
    "1.5",
    "100",
    "1001",
    "9223372036854775807",
    "9223372036854775808",
    "a",
    "x",
    "%27",
    "%22",
    "%25",
    "%5C",
    "_",
    "%C3%A9",
    "%F0%9F%98%80",
    "+",
    "%0A",
    "%2F",
    "null",
    "true",
    "false",
    "failed",
    "pending",
    "manual",
    "csv",
    "json",
    "ndjson",
    "throughput",
    "throughput,l",
    "2025-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.9999999Z",
    "2025-01-01T00:00:00%2B23:59",
    "%7B%7D",
    "%7B%22Op%22:%22x%22%7D",
    "%7B%22Op%22:%5B32,1e400%5D%7D",
    "%7B%22%27%22:%5Btrue,null,%22%5C%22%22%5D%7D",
    "cluster-a",
    "cluster-b",
};

#define pick(m, list) list[below(m, countof(list))]

/* Where one of these bytes stands, looking from a random place on; the end: there is none. */
static apr_size_t find_any(mutation_t *m, const part_t *part, const char *bytes)
{
    apr_size_t from = below(m, part->len + 1), at = from + strcspn(part->data + from, bytes);

    return at < part->len ? at : strcspn(part->data, bytes);
}

static void change_value(mutation_t *m, part_t *part)
{
    apr_size_t at;
    const char *with;

    if (part == &m->target) {
        at = find_any(m, part, "=");
        with = pick(m, values);
        if (at < part->len)
            splice(part, at + 1, strcspn(part->data + at + 1, "&"), with, strlen(with));
    } else if (below(m, 2)) {
        at = find_any(m, part, "\"");
        with = pick(m, texts);
        if (at < part->len) /* half of the time it is a closing quote, and a fault */
            splice(part, at + 1, strcspn(part->data + at + 1, "\""), with, strlen(with));
    } else {
        at = find_any(m, part, "0123456789");
        with = pick(m, numbers);
        splice(part, at, strspn(part->data + at, "0123456789.e"), with, strlen(with));
    }
}

/* ---- requests ---- */

typedef struct template_t {
    const char *method, *path; /* of the config or the run, see fill */
    const char *body;
} template_t;

#define RANGE "\"start\":\"2025-01-01T00:00:00Z\",\"end\":\"2025-02-01T00:00:00Z\""

/* %c: the config, %r: the run. A delete finds nothing, so that there is something to find. */
static const template_t templates[] = {
    {"GET", "/configs?name=x&enabled=true&github_owner=o&github_repo=r&offset=0&limit=5", NULL},
    {"GET", "/configs/%c", NULL},
    {"GET", "/configs/%c/stats", NULL},
    {"GET", "/configs/%c/summary?start=2025-01-01T00:00:00Z&end=2025-02-01T00:00:00Z", NULL},
    {"GET", "/configs/%c/schemas", NULL},
    {"GET", "/configs/%c/schemas/active", NULL},
    {"GET", "/configs/%c/schemas/changes", NULL},
    {"GET",
     "/configs/%c/changes?since=2025-01-01T00:00:00Z&head_branch=main&verdict=regression"
     "&exclude_control=%7B%22Op%22:%5B%22x%22,32%5D%7D&limit=5",
     NULL},
    {"POST", "/configs/%c/changes/acknowledge",
     "{\"field\":\"throughput\",\"dimensions\":{\"Op\":\"x\",\"b\":null},\"run_id\":7,\"note\":"
     "\"n\","
     "\"head_branch\":\"main\",\"since\":\"2025-01-01T00:00:00Z\"}"},
    {"DELETE",
     "/configs/%c/changes/acknowledge?field=throughput&dimensions=%7B%22Op%22:32%7D&run_id=7"
     "&head_branch=main",
     NULL},
    {"GET", "/schemas/1?cluster=", NULL},
    {"GET", "/runs?config_id=%c&status=failed&trigger_source=realtime&limit=5", NULL},
    {"GET", "/configs/%c/runs?start_date=2025-01-01T00:00:00%2B01:00&offset=1", NULL},
    {"GET", "/configs/%c/runners?since=2025-01-01T00:00:00Z&limit=2", NULL},
    {"GET", "/runs/%r", NULL},
    {"GET", "/runs/%r/metrics?limit=3", NULL},
    {"GET", "/configs/%c/metrics?run_id=1&schema_id=1&limit=3", NULL},
    {"GET", "/configs/%c/dimensions?schema_id=1", NULL},
    {"GET", "/configs/%c/dimensions/Backend%2FStage/values?limit=10", NULL},
    {"GET", "/configs/%c/values?dimension=..&q=e&offset=1", NULL},
    {"GET", "/configs/%c/fields", NULL},
    {"GET",
     "/configs/%c/export?dimensions=%7B%22Op%22:%5B%22x%22,32%5D%7D&metric_fields=throughput",
     NULL},
    {"GET", "/configs/%c/export?format=ndjson&limit=2", NULL},
    {"GET",
     "/configs/%c/compare?base_run=1,2&head_branch=main&head_last=3&group_by=Op&metric_fields=a,l&"
     "min_change=1&max_pvalue=0.1&verdict=new,changed&limit=3&dimensions[Op]=x",
     NULL},
    {"GET",
     "/configs/%c/compare?base_sha=a&head_start=2025-01-01T00:00:00Z&head_end="
     "2025-02-01T00:00:00Z",
     NULL},
    {"GET", "", NULL},
    {"GET", "/openapi.json", NULL},
    {"GET", "/clusters", NULL},
    {"GET", "/repositories?github_owner=o&q=r&offset=0&limit=10", NULL},
    {"GET", "/repositories/o/r", NULL},
    {"GET", "/metrics/prometheus", NULL},
    {"GET", "/health?cluster=cluster-b", NULL},
    {"HEAD", "/runs?limit=1", NULL},
    {"OPTIONS", "/configs/%c", NULL},
    {"POST", "/configs",
     "{\"name\":\"m\",\"runner_set_namespace\":\"n\",\"runner_set_name\":\"s\",\"github_owner\":"
     "\"o\","
     "\"github_repo\":\"r\",\"file_patterns\":[\"*.csv\"],\"enabled\":false,"
     "\"display_settings\":{\"a\":[1,{}]}}"},
    {"PATCH", "/configs/%c",
     "{\"name\":\"mutated\",\"enabled\":true,\"description\":\"\",\"file_patterns\":[\"a\"]}"},
    {"PUT", "/configs/%c",
     "{\"name\":\"m\",\"runner_set_namespace\":\"n\",\"runner_set_name\":\"t\",\"github_owner\":"
     "\"o\","
     "\"github_repo\":\"r\",\"file_patterns\":[\"*.csv\"]}"},
    {"DELETE", "/configs/999999999", NULL},
    {"POST", "/configs/%c/schemas",
     "{\"name\":\"s\",\"fields\":[{\"name\":\"Op\",\"type\":\"string\"},\"b\"],"
     "\"dimension_fields\":[\"Op\"],\"metric_fields\":[\"throughput\"],\"is_active\":true}"},
    {"POST", "/configs/%c/schemas/preview",
     "{\"sample_files\":[{\"path\":\"a.csv\",\"name\":\"a\",\"file_type\":\"csv\",\"content\":"
     "\"Op,v\\nx,1.5\\n\"}]}"},
    {"POST", "/configs/%c/schemas/regenerate",
     "{\"sample_files\":[{\"path\":\"a.csv\",\"name\":\"a\",\"file_type\":\"csv\",\"content\":"
     "\"Op,v\\nx,1.5\\n\"}]}"},
    {"POST",
     "/configs/%c/results?github_run_id=7&run_attempt=2&job=a%2Fb&head_sha=0a&source_file=s.csv"
     "&format=csv&dimensions=Op&metrics=v&timestamp_column=t&strict=true"
     "&completed_at=2025-01-01T00:00:00Z",
     "Op,v,t\nx,1.5,2025-01-01 00:00\n\"y \"\"z\"\"\",N/A,1738324800\n"},
    {"POST", "/configs/%c/results?workload_uid=u&status=failed", NULL},
    {"PATCH", "/schemas/999999999",
     "{\"fields\":[{\"name\":\"throughput\",\"direction\":\"higher\",\"unit\":\"TFLOPS\","
     "\"description\":\"of all kernels\"}]}"},
    {"POST", "/schemas/999999999/activate", NULL},
    {"POST", "/runs/%r/retry", NULL},
    {"POST", "/configs/%c/runs/batch-retry", NULL},
    {"POST", "/configs/%c/backfill",
     "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-02T00:00:00Z\","
     "\"workload_uids\":[\"a\"],\"dry_run\":true}"},
    {"GET", "/configs/%c/backfill/status", NULL},
    {"GET", "/configs/%c/backfill/tasks?offset=1&limit=5", NULL},
    {"POST", "/configs/%c/backfill/cancel", NULL},
    {"POST", "/configs/%c/metrics/query",
     "{" RANGE ",\"dimensions\":{\"Op\":[\"x\",32,true],\"b\":null},\"metric_filters\":"
     "{\"throughput\":{\"gte\":1,\"lt\":1e3},\"l\":5},\"sort_by\":\"throughput\",\"sort_order\":"
     "\"asc\",\"offset\":0,\"limit\":10}"},
    {"POST", "/configs/%c/metrics/aggregate",
     "{" RANGE ",\"metric_field\":\"throughput\",\"agg_func\":\"p95\",\"interval\":\"6h\","
     "\"timezone\":\"Europe/Berlin\",\"group_by\":[\"Op\",\"Backend/Stage\"]}"},
    {"POST", "/repositories/o/r/metrics/trends",
     "{" RANGE ",\"metric_fields\":[\"throughput\"],\"interval\":\"1d\",\"fill\":true}"},
    {"POST", "/configs/%c/metrics/changes",
     "{" RANGE ",\"metric_fields\":[\"throughput\",\"l\"],\"group_by\":[\"Op\"],\"schema_id\":1,"
     "\"head_branch\":\"main\",\"window_len\":50,\"max_pvalue\":0.001,\"min_change\":5,"
     "\"points\":true}"},
    {"POST", "/configs/%c/metrics/trends",
     "{" RANGE
     ",\"metric_fields\":[\"throughput\",\"l\"],\"interval\":\"1M\",\"group_by\":[\"Op\"],"
     "\"fill\":true,\"schema_id\":1}"},
};

static void fill(mutation_t *m, const char *path)
{
    m->target.len = 0;
    append(&m->target, API_BASE);
    for (; *path; path++) {
        if (path[0] == '%' && (path[1] == 'c' || path[1] == 'r'))
            append(&m->target, strf(ID, *++path == 'c' ? m->config : m->run));
        else
            splice(&m->target, m->target.len, 0, path, 1);
    }
}

static void assemble(mutation_t *m)
{
    part_t *rq = &m->request;

    rq->len = 0;
    append(rq, m->method);
    append(rq, " ");
    splice(rq, rq->len, 0, m->target.data, m->target.len);
    append(rq, " HTTP/1.1\r\n");
    splice(rq, rq->len, 0, m->headers.data, m->headers.len);
    if (m->body.len)
        append(rq, strf("Content-Length: %" APR_SIZE_T_FMT "\r\n", m->body.len));
    append(rq, "\r\n");
    splice(rq, rq->len, 0, m->body.data, m->body.len);
}

enum { HEADERS, PATH, QUERY, BYTES, BODY, VALUES, KINDS = 8 };

static void break_it(mutation_t *m, apr_size_t kind)
{
    apr_size_t query = strcspn(m->target.data, "?");

    switch (kind) {
    case HEADERS:
        mutate_header(m);
        break;
    case PATH: /* mostly other trees' paths, which are all the same: the base stays */
        mutate(m, &m->target, strlen(API_BASE));
        break;
    case QUERY:
        mutate(m, &m->target, query);
        break;
    case BODY:
        mutate(m, m->body.len ? &m->body : &m->target, m->body.len ? 0 : query);
        break;
    default:
        change_value(m, m->body.len && below(m, 2) ? &m->body : &m->target);
    }
}

static void make_request(mutation_t *m)
{
    const template_t *t = &templates[below(m, countof(templates))];
    apr_size_t kind = below(m, KINDS), times = 1 + below(m, 3);

    m->method = t->method;
    fill(m, t->path);
    if (!strchr(t->path, '?'))
        append(&m->target, "?");
    m->headers.len = m->body.len = 0;
    append(&m->headers, "Host: " HOST_A "\r\nConnection: close\r\n");
    if (t->body) {
        append(&m->headers, JSON_TYPE "\r\n");
        append(&m->body, t->body);
    }
    for (apr_size_t i = 0; i < times && kind != BYTES; i++)
        break_it(m, kind);
    assemble(m);
    for (apr_size_t i = 0; i < times && kind == BYTES; i++)
        mutate(m, &m->request, 0);
}

/* ---- answers ---- */

/* Send, say that nothing more comes, read to the end. -1: httpd neither answers nor closes. */
static int exchange(mutation_t *m)
{
    int fd = http_raw_open("", 0);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char more[8192];
    ssize_t n = 1;

    m->answer.len = 0;
    m->cut = 0;
    /* httpd may have refused it before it has read all */
    send(fd, m->request.data, m->request.len, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (n > 0 && poll(&ready, 1, 60000) == 1) {
        n = recv(fd, more, sizeof more, 0);
        if (n > 0)
            splice(&m->answer, m->answer.len, 0, more, (apr_size_t)n);
        m->cut |= n > 0 && m->answer.len + (apr_size_t)n > ROOM - 1;
    }
    m->answer.data[m->answer.len] = '\0';
    close(fd);
    return n > 0 ? -1 : 0;
}

/* The bytes of a request, for whoever wants to send it again. */
static const char *escaped(const part_t *part)
{
    char *text = apr_palloc(fixture_pool(), 4 * 2000 + 1), *to = text;

    for (apr_size_t i = 0; i < part->len && i < 2000; i++)
        to += sprintf(to, apr_isprint(part->data[i]) ? "%c" : "\\x%02x",
                      (unsigned char)part->data[i]);
    *to = '\0';
    return text;
}

/* An answer may be several, if the request became several. 501 (a method, a Transfer-Encoding) and
 * 505 (a version) are httpd's; the module has no such status. */
static int is_server_error(mutation_t *m)
{
    for (const char *at = m->answer.data; (at = strstr(at, "HTTP/1.1 5")); at++) {
        if (strncmp(at + 9, "501", 3) && strncmp(at + 9, "505", 3))
            return 1;
        m->of_httpd++;
    }
    return 0;
}

/* An answer of the module is one whole JSON value, whatever it was asked. */
static int is_broken_json(const mutation_t *m)
{
    const char *head = m->answer.data, *body = strstr(head, "\r\n\r\n");

    if (!body || m->cut || strstr(head + 1, "HTTP/1.1 ") || strstr(head, " 206 ") ||
        !strstr(head, "Content-Type: application/json") || !strstr(head, "Content-Length: ") ||
        strstr(head, "Content-Encoding") || !strcmp(m->method, "HEAD") || !body[4])
        return 0;
    return !json_is_strict(body + 4, strlen(body + 4));
}

/* Lines of the error log that httpd writes about a malformed request, or this configuration. */
static int is_expected(const char *line)
{
    static const char *const about[] = {
        "AH00126", /* Invalid URI in request */
        "AH00127", /* Cannot map: no file can have such a long name */
        "AH00135", /* Invalid method in request, which has left the API's tree */
        "AH10244", /* invalid URI path */
        "AH00161", /* MaxRequestWorkers, the same under prefork */
        "AH10159", /* MinSpareThreads: the tests' httpd has few threads */
        "AH00629", /* Can't connect: maintenance of the clusters without a database */
        "AH02655", /* the same */
        "AH00633", /* the same, the first time, which may come late where httpd is slow */
    };

    if (strstr(line, "[wfmetrics:info]") || !strstr(line, "] "))
        return 1;
    for (size_t i = 0; i < countof(about); i++)
        if (strstr(line, about[i]))
            return 1;
    return strstr(line, ":info] ") || strstr(line, ":debug] ");
}

static void expect_quiet_log(apr_off_t mark)
{
    char *log = apr_pstrdup(fixture_pool(), fixture_log_since(mark)), *state;
    int unexpected = 0;

    for (char *line = apr_strtok(log, "\n", &state); line; line = apr_strtok(NULL, "\n", &state))
        if (!is_expected(line) && unexpected++ < 10)
            expect(0, "unexpected in the error log: %s", line);
    expect(!unexpected, "%d unexpected lines", unexpected);
}

static apr_uint64_t setting(const char *name, apr_uint64_t otherwise)
{
    const char *value = getenv(name);

    return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

static mutation_t *prepare(void)
{
    mutation_t *m = apr_pcalloc(fixture_pool(), sizeof *m);

    m->random = setting("WFM_MUTATION_SEED", 20261125);
    m->config = seed_config(DB_A, "mutations");
    m->run = seed_run(DB_A, m->config, "failed");
    seed_schema(DB_A, m->config, 1, 1, "[\"Op\",\"Backend/Stage\"]", "[\"throughput\"]");
    for (int i = 0; i < 3; i++)
        seed_metric(DB_A, m->config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\",\"Backend/Stage\":32}",
                    "{\"throughput\":1.5,\"l\":\"N/A\"}", "f");
    return m;
}

static void test_mutations(void)
{
    mutation_t *m = prepare();
    apr_uint64_t n = setting("WFM_MUTATIONS", 10000);
    apr_array_header_t *before = fixture_httpd_children();
    apr_off_t mark;
    int failures = 0;

    expect_success(http_get("/runs?limit=1")); /* the child has started, and said what it says */
    mark = fixture_log_mark();
    for (apr_uint64_t i = 0; i < n && failures < 10; i++) {
        int ok;

        make_request(m);
        ok = exchange(m) == 0 && !is_server_error(m) && !is_broken_json(m);
        failures += !ok;
        m->classes[m->answer.len > 9 ? (m->answer.data[9] - '0') % 6 : 0]++;
        expect(ok, "request %d of the sequence: %s\nwas answered: %.300s", (int)i,
               escaped(&m->request), m->answer.data);
    }
    printf(
        "\n    %d requests: %d answered 2xx, %d 3xx, %d 4xx, %d 501 or 505 by httpd, %d not ... ",
        (int)n, m->classes[2], m->classes[3], m->classes[4], m->of_httpd, m->classes[0]);
    expect_quiet_log(mark);
    if (fixture_threaded()) { /* its one child is still the same */
        expect_int(fixture_httpd_children()->nelts, before->nelts);
        expect_int(APR_ARRAY_IDX(fixture_httpd_children(), 0, pid_t),
                   APR_ARRAY_IDX(before, 0, pid_t));
    }
    expect_success(http_get("/runs?limit=1"));
}

/* A new endpoint's requests are mutated, too. */
static void test_every_operation(void)
{
    described_forget();
    for (size_t i = 0; i < countof(templates); i++) {
        const char *path = templates[i].path;

        for (const char *id; (id = strchr(path, '%')) && (id[1] == 'c' || id[1] == 'r');)
            path = strf("%.*s1%s", (int)(id - path), path, id + 2);
        described_note(templates[i].method, path);
    }
    expect_str(described_missing(), "");
}

SUITE(mutations) = {
    {"every operation is mutated", test_every_operation},
    {"mutated requests", test_mutations},
    CU_TEST_INFO_NULL,
};
