/*
 * test_recipes.c - what else the documents and conf/ give to paste: CORS with a login, TLS and
 * HTTP/2, compression, files with passwords and certificates, mod_status, another path, the first
 * look.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRIEND "Origin: https://lens.example.com"
#define EVIL   "Origin: https://evil.example"
#define CROSS  "Sec-Fetch-Site: cross-site"
#define LOGIN  "Authorization: Basic TkFNRTpzZWNyZXQ="

/* A command that must succeed; what it printed. */
static const char *shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
    return output;
}

/* A cluster's host with this text in it. */
static const char *host(int port, const char *name, const char *text)
{
    return strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "%s</VirtualHost>\n", port, name,
                fixture_sockets(), name, name, text);
}

static int join(void *all, const char *name, const char *value)
{
    (void)name;
    *(const char **)all = strf("%s,%s", *(const char **)all, value);
    return 1;
}

/* All values of a header, lower case, as ",a,b,". */
static const char *values(const http_response_t *res, const char *name)
{
    const char *all = "";
    char *text, *to;

    apr_table_do(join, &all, res->headers, name, NULL);
    text = to = strf("%s,", all);
    for (const char *at = text; *at; at++)
        if (*at != ' ')
            *to++ = *at >= 'A' && *at <= 'Z' ? *at + 32 : *at;
    *to = '\0';
    return text;
}

static void expect_cors(const http_response_t *res)
{
    expect_header(res, "Access-Control-Allow-Origin", "https://lens.example.com");
    expect_header(res, "Access-Control-Allow-Credentials", "true");
    expect_contains(values(res, "Vary"), ",origin,");
}

/* As a browser asks before a PATCH with a login: without it. */
static void check_preflight(http_request_t rq)
{
    http_response_t *res;

    rq.method = "OPTIONS";
    rq.path = "/configs/1";
    rq.headers[0] = FRIEND;
    rq.headers[1] = CROSS;
    rq.headers[2] = "Access-Control-Request-Method: PATCH";
    rq.headers[3] = "Access-Control-Request-Headers: authorization,content-type,if-match";
    res = http_send(&rq);
    expect_status(res, 200);
    expect_cors(res);
    expect_contains(values(res, "Access-Control-Allow-Methods"), ",patch,");
    expect_contains(values(res, "Access-Control-Allow-Methods"), ",delete,");
    expect_contains(values(res, "Access-Control-Allow-Headers"), ",authorization,content-type,");
    expect_contains(values(res, "Access-Control-Allow-Headers"), ",if-match,");
    expect_header(res, "Access-Control-Max-Age", "7200");
    rq.headers[0] = EVIL;
    res = http_send(&rq);
    expect_header(res, "Access-Control-Allow-Origin", NULL);
    expect_header(res, "Access-Control-Allow-Credentials", NULL);
    expect_contains(values(res, "Vary"), ",origin,");
}

/* The requests themselves; a page sees errors, too, that of the login among them. */
static void check_requests(http_request_t rq)
{
    static const char *const exposed[] = {"content-disposition", "etag", "location", "retry-after",
                                          "wfmetrics-truncated"};
    apr_int64_t config = seed_config(DB_A, "of another origin");
    http_response_t *res;

    rq.path = strf("/configs/" ID, config);
    rq.headers[0] = FRIEND;
    rq.headers[1] = CROSS;
    res = http_send(&rq);
    expect_error(res, 4010, "unauthorized");
    expect_cors(res);
    rq.headers[2] = LOGIN;
    res = http_send(&rq);
    expect_success(res);
    expect_cors(res);
    for (size_t i = 0; i < countof(exposed); i++)
        expect_contains(values(res, "Access-Control-Expose-Headers"), strf(",%s,", exposed[i]));
    rq.headers[3] = strf("If-None-Match: %s", http_header(res, "ETag"));
    res = http_send(&rq);
    expect_status(res, 304);
    expect_cors(res);
    rq.method = "PATCH";
    rq.body = "{\"enabled\":false}";
    rq.headers[3] = JSON_TYPE;
    res = http_send(&rq);
    expect_success(res);
    expect_cors(res);
    rq.headers[0] = EVIL;
    res = http_send(&rq);
    expect_status(res, 403);
    expect_header(res, "Access-Control-Allow-Origin", NULL);
}

static void test_cors(void)
{
    int port = side_free_port();
    const char *text = side_replace(side_recipe("cors-login"), "/etc/apache2/wfmetrics.users",
                                    strf("%s/users", fixture_dir()));

    shell(
        strf("printf 'NAME:%%s\\n' \"$(openssl passwd -apr1 secret)\" > %s/users", fixture_dir()));
    if (side_start(port, host(port, "cors.test", text)) == 0) {
        check_preflight((http_request_t){.port = port, .host = "cors.test"});
        check_requests((http_request_t){.port = port, .host = "cors.test"});
    }
    side_stop();
}

static void expect_gzip(const http_response_t *res)
{
    expect_status(res, 200);
    expect_header(res, "Content-Encoding", "gzip");
    expect_contains(values(res, "Vary"), ",accept-encoding,");
}

static void test_compression(void)
{
    int port = side_free_port();
    apr_int64_t config = seed_config(DB_A, "compressed");
    http_request_t rq = {.port = port, .host = "small.test", .headers = {"Accept-Encoding: gzip"}};
    http_response_t *res;

    for (int i = 0; i < 5; i++) /* mod_deflate leaves fewer than some 60 bytes alone */
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"a\":1}", "{\"m\":2}", "f");
    if (side_start(port, host(port, "small.test",
                              strf("%s%s", side_recipe("nobody-writes"),
                                   side_recipe("compression")))) == 0) {
        rq.path = strf("/configs/" ID "/export", config);
        expect_gzip(http_send(&rq));
        rq.path = strf("/configs/" ID "/export?format=ndjson", config);
        expect_gzip(http_send(&rq));
        rq.path = strf("/configs/" ID, config);
        res = http_send(&rq);
        expect_gzip(res);
        expect_contains(http_header(res, "ETag"), "-gzip\"");
        rq.headers[1] = strf("If-None-Match: %s", http_header(res, "ETag"));
        expect_status(http_send(&rq), 304);
        rq.headers[0] = "Accept-Encoding: identity";
        rq.headers[1] = NULL;
        res = http_send(&rq);
        expect_header(res, "Content-Encoding", NULL);
        expect_contains(values(res, "Vary"), ",accept-encoding,");
    }
    side_stop();
}

/* A certificate for a name, and its key. */
static void make_certificate(const char *path, const char *name)
{
    shell(strf("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s"
               " -addext subjectAltName=DNS:%s -keyout %s.key -out %s.pem 2>&1",
               name, name, path, path));
}

#define NAME_EAST "mi325-east.example.com"

static void check_tls(int plain, int tls)
{
    apr_int64_t run = seed_run(DB_A, seed_config(DB_A, "over TLS"), "failed");
    const char *path = strf(API_BASE "/runs/" ID, run);
    const char *curl = strf("curl -sS -i --cacert %s/east.pem --resolve " NAME_EAST ":%d:127.0.0.1",
                            fixture_dir(), tls);
    const char *output;
    http_response_t *res;
    http_request_t retry = {.port = plain,
                            .host = NAME_EAST,
                            .method = "POST",
                            .path = strf("/runs/" ID "/retry?x=1", run)};

    res = http_send(&retry);
    expect_status(res, 308);
    expect_header(res, "Location",
                  strf("https://" NAME_EAST API_BASE "/runs/" ID "/retry?x=1", run));
    output = shell(strf("%s https://" NAME_EAST ":%d%s", curl, tls, path));
    expect_contains(output, "\"status\":\"failed\"");
    expect_contains(output, fixture_threaded() ? "HTTP/2 200" : "HTTP/1.1 200 OK");
    output = shell(strf("%s --http1.1 -X POST https://" NAME_EAST ":%d%s/retry", curl, tls, path));
    expect_contains(output, "HTTP/1.1 200 OK");
    expect_contains(output, "Strict-Transport-Security: max-age=31536000\r\n");
    expect_contains(output, "\"new_status\":\"pending\"");
}

/* conf/'s pair of hosts, but for ports, certificate and database. */
static const char *tls_example(int plain, int tls)
{
    const char *text = side_file("conf/vhosts/mi325-east-tls.conf");

    make_certificate(strf("%s/east", fixture_dir()), NAME_EAST);
    text = side_replace(text, "*:80>", strf("*:%d>", plain));
    text = side_replace(text, "*:443>", strf("*:%d>", tls));
    text = side_replace(text, "/etc/ssl/certs/mi325-east", strf("%s/east", fixture_dir()));
    text = side_replace(text, "/etc/ssl/private/mi325-east", strf("%s/east", fixture_dir()));
    text = side_replace(text, "host=/run/postgresql", strf("host=%s", fixture_sockets()));
    return side_replace(text, "lens_mi325_east", DB_A);
}

static void test_tls(void)
{
    int plain = side_free_port(), tls;

    while ((tls = side_free_port()) == plain)
        ;
    if (side_start(plain, strf("Listen 127.0.0.1:%d\n%s", tls, tls_example(plain, tls))) == 0)
        check_tls(plain, tls);
    side_stop();
}

/* The pair without the redirect: one cluster, declared by both hosts in the same words. */
static void test_pair(void)
{
    int plain = side_free_port(), tls;
    const char *text, *cluster, *end;
    http_request_t rq = {.port = plain, .host = NAME_EAST, .path = "/health"};

    while ((tls = side_free_port()) == plain)
        ;
    text = tls_example(plain, tls);
    cluster = strstr(text, "    DBDriver");
    end = strstr(text, "</Location>");
    if (!expect(cluster && end, "no cluster in: %s", text))
        return;
    cluster = apr_pstrmemdup(fixture_pool(), cluster, end + strlen("</Location>\n") - cluster);
    text = side_replace(text, "    Redirect 308 \"/\" \"https://" NAME_EAST "/\"\n", cluster);
    if (side_start(plain, strf("Listen 127.0.0.1:%d\n%s", tls, text)) == 0) {
        expect_success(http_send(&rq));
        expect_contains(shell(strf("curl -sS --cacert %s/east.pem --resolve " NAME_EAST
                                   ":%d:127.0.0.1 https://" NAME_EAST ":%d" API_BASE "/health",
                                   fixture_dir(), tls, tls)),
                        "{\"meta\":{\"code\":2000},");
        expect_contains(side_log(), "1 cluster(s)");
    }
    side_stop();
}

/* The README's first look, as it is pasted; and what is shown where the database is not. */
static void test_first_look(void)
{
    int port = side_free_port();
    const char *readme = side_file("README.md"), *line = strstr(readme, "curl --resolve ");
    const char *text = side_file("conf/vhosts/mi325-east.conf");

    text = side_replace(text, "*:80>", strf("*:%d>", port));
    text = side_replace(text, "host=/run/postgresql", strf("host=%s", fixture_sockets()));
    text = side_replace(text, "lens_mi325_east", DB_A);
    text = strf("%s%s%s", text, side_recipe("status"),
                host(port, "lens.example.com", side_recipe("base-path")));
    if (expect(line != NULL, "the README has no curl --resolve") && side_start(port, text) == 0) {
        line = apr_pstrndup(fixture_pool(), line, strcspn(line, "\n"));
        line = side_replace(line, ":80:", strf(":%d:", port));
        line = side_replace(line, "http://" NAME_EAST, strf("http://" NAME_EAST ":%d", port));
        expect_contains(shell(strf("%s -sS", line)), "{\"meta\":{\"code\":2000},");
        expect_contains(shell(strf("curl -sS http://127.0.0.1:%d/server-status?auto", port)),
                        "WfmetricsRequests[mi325-east]: 1\n");
        expect_success(http_send(&(http_request_t){
            .port = port, .host = "lens.example.com", .base = "/lens" API_BASE, .path = "/runs"}));
    }
    side_stop();
}

static void expect_health(int port, const char *name, int status)
{
    expect_status(http_send(&(http_request_t){.port = port, .host = name, .path = "/health"}),
                  status);
}

/* PostgreSQL lets in only who fits this line of pg_hba.conf. */
static void add_hba(const char *sockets, const char *line)
{
    shell(strf("sed -i '1i %s' %s/data/pg_hba.conf", line, sockets));
}

/* The role api_pass, which needs a password. */
static void make_password_role(void)
{
    db_run("postgres", "CREATE ROLE api_pass LOGIN PASSWORD 'Kennwort' IN ROLE wfmetrics", 0);
    add_hba(fixture_sockets(), "local all api_pass scram-sha-256");
    db_run("postgres", "SELECT pg_reload_conf()", 0);
    for (int i = 0; i < 1000 && db_int("postgres",
                                       "SELECT count(*) FROM pg_hba_file_rules"
                                       " WHERE 'api_pass' = ANY (user_name)",
                                       0) == 0;
         i++)
        ;
}

static const char *passfile_host(int port, const char *name)
{
    return side_replace(host(port, name, side_recipe("nobody-writes")), "user=wfmetrics",
                        strf("user=api_pass passfile=%s/%s.pgpass", fixture_dir(), name));
}

/* The child reads it, as www-data, and only if nobody else can. */
static void test_passfile(void)
{
    int port = side_free_port();
    const char *text, *owner = getuid() == 0 ? "-o www-data" : "";

    make_password_role();
    shell(strf("cd %s && echo '*:*:" DB_A ":api_pass:Kennwort' > x.pgpass &&"
               " install %s -m 0600 x.pgpass good.pgpass &&"
               " install %s -m 0644 x.pgpass open.pgpass && install -m 0000 x.pgpass root.pgpass",
               fixture_dir(), owner, owner));
    text = strf("%s%s%s", passfile_host(port, "good"), passfile_host(port, "open"),
                passfile_host(port, "root"));
    if (side_start(port, text) == 0) {
        expect_health(port, "good", 200);
        expect_health(port, "open", 503);
        expect_health(port, "root", 503);
        expect_contains(side_log(), "fe_sendauth: no password supplied");
        expect_lacks(side_log(), "Kennwort");
    }
    side_stop();
}

/* A PostgreSQL of its own that speaks TLS, at this port of 127.0.0.1, with lens_a in it. */
static const char *start_tls_postgres(int port)
{
    const char *dir = strf("%s/tls", fixture_dir()), *home;

    make_certificate(strf("%s/pg", fixture_dir()), "db.example.com");
    make_certificate(strf("%s/other", fixture_dir()), "db.example.com");
    setenv("PG_SETTINGS",
           strf("fsync=off listen_addresses=127.0.0.1 port=%d ssl=on ssl_cert_file=server.pem"
                " ssl_key_file=server.key",
                port),
           1);
    shell(strf("%s pg-init %s", fixture_servers_sh(), dir));
    home = shell(strf("%s pg-socket %s", fixture_servers_sh(), dir));
    home = apr_pstrndup(fixture_pool(), home, strcspn(home, "\n"));
    shell(strf("%s cp %s/pg.pem %s/data/server.pem && install %s -m 0600 %s/pg.key"
               " %s/data/server.key",
               "", fixture_dir(), home, getuid() == 0 ? "-o postgres" : "", fixture_dir(), home));
    add_hba(home, "hostssl all all 127.0.0.1/32 trust");
    shell(strf("%s pg-start %s", fixture_servers_sh(), dir));
    shell(strf("p='psql -X -q -v ON_ERROR_STOP=1 -h %s -p %d -U postgres'; $p -c 'CREATE DATABASE"
               " " DB_A "' && cat %s/src/db/schema/*.sql | $p -d " DB_A " && $p -d " DB_A
               " -f %s/src/db/roles/api_role.sql",
               home, port, fixture_root(), fixture_root()));
    return dir;
}

static const char *rootcert_host(int port, int pg, const char *name, const char *ca)
{
    return side_replace(host(port, name, side_recipe("nobody-writes")),
                        strf("host=%s", fixture_sockets()),
                        strf("host=db.example.com hostaddr=127.0.0.1 port=%d sslmode=verify-full"
                             " sslrootcert=%s/%s",
                             pg, fixture_dir(), ca));
}

static void test_rootcert(void)
{
    int port = side_free_port(), pg;
    const char *dir, *text;

    while ((pg = side_free_port()) == port)
        ;
    dir = start_tls_postgres(pg);
    shell(strf("cd %s && install -m 0644 pg.pem ca.pem && install -m 0644 other.pem wrong.pem &&"
               " install -m 0000 pg.pem closed.pem",
               fixture_dir()));
    text = strf("%s%s%s", rootcert_host(port, pg, "good", "ca.pem"),
                rootcert_host(port, pg, "wrong", "wrong.pem"),
                rootcert_host(port, pg, "closed", "closed.pem"));
    if (side_start(port, text) == 0) {
        expect_health(port, "good", 200);
        expect_health(port, "wrong", 503);
        expect_health(port, "closed", 503);
        expect_contains(side_log(), "certificate verify failed");
    }
    side_stop();
    shell(strf("%s pg-destroy %s", fixture_servers_sh(), dir));
}

/* Prometheus gets in from its address, to nothing else; nobody else gets in there. */
static void test_scrape(void)
{
    int port = side_free_port();
    const char *recipe = side_replace(side_recipe("prometheus"), "10.0.0.5", "127.0.0.2");
    http_request_t rq = {.port = port, .host = "scraped", .from = "127.0.0.2"};

    if (side_start(port, host(port, "scraped",
                              strf("<Location \"" API_BASE "\">\nSetHandler wfmetrics\n"
                                   "Require all denied\n</Location>\n%s",
                                   recipe))) == 0) {
        rq.path = "/metrics/prometheus";
        expect_status(http_send(&rq), 200);
        rq.path = "/runs";
        expect_status(http_send(&rq), 403);
        rq.from = NULL;
        rq.path = "/metrics/prometheus";
        expect_status(http_send(&rq), 403);
    }
    side_stop();
}

/* ---- the access log in JSON ---- */

#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

/* Bytes that no client of good breeding would send. printf's escapes. */
static void send_bytes(int port, const char *bytes)
{
    shell(strf("bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d; printf \"%s\" >&3; cat <&3 >/dev/null'",
               port, bytes));
}

/* The log, when it has so many lines: a line is written after its answer was sent. */
static const char *await_lines(const char *path, int n)
{
    const char *text = "";
    int found = 0;

    for (int i = 0; i < 600 && found < n; i++, usleep(50000)) {
        fixture_shell(strf("cat %s", path), &text);
        found = 0;
        for (const char *c = text; *c; c++)
            found += *c == '\n';
    }
    expect_int(found, n);
    return text;
}

/* The lines of such a log, each one JSON object. */
static apr_array_header_t *read_lines(const char *text)
{
    apr_array_header_t *lines = apr_array_make(fixture_pool(), 8, sizeof(json_object *));
    char *line, *state;

    for (line = apr_strtok(apr_pstrdup(fixture_pool(), text), "\n", &state); line;
         line = apr_strtok(NULL, "\n", &state)) {
        json_object *object;

        expect(json_read(line, strlen(line), &object), "not JSON: %s", line);
        APR_ARRAY_PUSH(lines, json_object *) = object;
    }
    return lines;
}

static void expect_member(json_object *line, const char *name, const char *text)
{
    json_object *member = json_member(line, name);

    if (text)
        expect_str(json_text(member), text);
    else
        expect(member == NULL, "%s is %s", name, json_object_to_json_string(member));
}

/* One after the other in the log, too, whose text is returned. */
static const char *send_odd_requests(int port, const char *log)
{
    http_request_t rq = {.port = port, .host = "json.test", .path = "/configs/999999999"};

    rq.headers[0] = "traceparent: " TRACE;
    rq.headers[1] = "User-Agent: a \"quoted\" \\ agent";
    expect_status(http_send(&rq), 404);
    await_lines(log, 1);
    rq.headers[0] = "traceparent: " TRACE "-more";
    rq.path = "/runs?status=%22%00%ff";
    expect_status(http_send(&rq), 400);
    await_lines(log, 2);
    send_bytes(port, "GET " API_BASE
                     "/runs?a=\\\"\\\\\\\\x\\xff\\xc3\\xa9 HTTP/1.1\\r\\nHost: json.test\\r\\n"
                     "User-Agent: \\t\\xe2\\x82\\xac\\xff\\r\\nConnection: close\\r\\n\\r\\n");
    await_lines(log, 3);
    send_bytes(port, "GET \\x01\\\" HTTP/1.1\\r\\n\\r\\n"); /* httpd itself refuses it */
    await_lines(log, 4);
    rq = (http_request_t){.port = port, .host = "json.test", .base = "", .path = "/elsewhere"};
    expect_status(http_send(&rq), 404);
    return await_lines(log, 5);
}

/* Whatever the request is, the line is JSON; and it finds the error log's, and the trace. */
static void test_json_log(void)
{
    int port = side_free_port();
    const char *log = strf("%s/requests.json", fixture_dir());
    const char *recipe = side_replace(side_recipe("json-log"), "/usr/share/mod_wfmetrics/",
                                      strf("%s/conf/", fixture_root()));
    apr_array_header_t *lines;
    json_object **line;

    unlink(log);
    recipe = side_replace(recipe, "${APACHE_LOG_DIR}/wfmetrics.json", log);
    recipe = strf("%sLogLevel wfmetrics:info\nLogFormat \"%%{wfmetrics-cluster}n "
                  "%%{wfmetrics-route}n\" notes\nCustomLog %s/notes notes\n",
                  recipe, fixture_dir());
    if (side_start(port, host(port, "json.test",
                              strf("%s<Location \"" API_BASE "\">\nSetHandler wfmetrics\n"
                                   "</Location>\n",
                                   recipe))) == 0) {
        lines = read_lines(send_odd_requests(port, log));
        line = (json_object **)lines->elts;
        if (lines->nelts == 5) {
            expect_member(line[0], "request", "GET " API_BASE "/configs/999999999 HTTP/1.1");
            expect_member(line[0], "cluster", "json.test");
            expect_member(line[0], "route", "/configs/:id");
            expect_member(line[0], "traceparent", TRACE);
            expect_member(line[0], "user_agent", "a \"quoted\" \\ agent");
            expect_member(line[0], "user", NULL);
            expect_int(json_object_get_int(json_member(line[0], "status")), 404);
            expect_contains(side_log(), strf("log_id=%s traceparent=" TRACE ": config not found",
                                             json_text(json_member(line[0], "log_id"))));
            expect_member(line[1], "traceparent", NULL); /* not valid */
            expect_contains(side_log(), strf("log_id=%s: status must be",
                                             json_text(json_member(line[1], "log_id"))));
            expect_member(line[2], "request",
                          "GET " API_BASE "/runs?a=\"\\x\xef\xbf\xbd\xc3\xa9 HTTP/1.1");
            expect_member(line[2], "user_agent", "\xe2\x82\xac\xef\xbf\xbd");
            expect_member(line[3], "route", NULL);
            expect_int(json_object_get_int(json_member(line[3], "status")), 400);
            expect_member(line[4], "cluster", NULL);
        }
        expect_contains(shell(strf("cat %s/notes", fixture_dir())),
                        "json.test /configs/:id\njson.test /runs\n");
    }
    side_stop();
}

/* A host that is read-only but for results. */
static void test_results(void)
{
    int port = side_free_port();
    const char *config = strf("/configs/" ID, seed_config(DB_A, "a host for results"));
    http_request_t rq = {.method = "POST",
                         .port = port,
                         .host = "results.example.com",
                         .path = strf("%s/results?github_run_id=1&source_file=a.csv", config),
                         .body = "Op,v\nx,1\n"};

    if (side_start(port, host(port, "results.example.com", side_recipe("results"))) == 0) {
        expect_status(http_send(&rq), 201);
        expect_status(http_send(&rq), 200);
        rq.path = config;
        rq.method = "PATCH";
        rq.body = "{}";
        expect_error(http_send(&rq), 4030, "this API is read-only here");
    }
    side_stop();
}

SUITE(recipes) = {
    {"Prometheus gets in", test_scrape},
    {"the access log in JSON", test_json_log},
    {"a frontend of another origin, with a login", test_cors},
    {"a host for results", test_results},
    {"compression", test_compression},
    {"TLS, HTTP/2 and the way there", test_tls},
    {"plain HTTP beside TLS", test_pair},
    {"the first look, mod_status, another path", test_first_look},
    {"a file with the password", test_passfile},
    {"a file with the database's certificate", test_rootcert},
    CU_TEST_INFO_NULL,
};
