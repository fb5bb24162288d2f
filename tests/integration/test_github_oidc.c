/*
 * test_github_oidc.c - conf/vhosts/github-oidc.conf: who signs, for whom, of which repository; with
 * keys of the test's own in the place of GitHub's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>
#include <time.h>

#define NAME      "results.example.com"
#define GITHUB    "https://token.actions.githubusercontent.com"
#define HERE      "127.0.0.1"
#define ELSEWHERE "127.0.0.2"
#define CSV_TYPE  "Content-Type: text/csv"

/* As a system has it that has the package, or as tests/support/deps.sh unpacks it. */
#define LOAD_OPENIDC                                                                               \
    "<IfFile \"${MODULES}/mod_auth_openidc.so\">\n"                                                \
    "LoadModule auth_openidc_module ${MODULES}/mod_auth_openidc.so\n</IfFile>\n"                   \
    "<IfModule !auth_openidc_module>\nLoadModule auth_openidc_module \"${DIR}/checkout/build/"     \
    "libapache2-mod-auth-openidc/usr/lib/apache2/modules/mod_auth_openidc.so\"\n</IfModule>\n"

static const char *token_sh(const char *args)
{
    const char *output;
    int status = fixture_shell(strf("%s/tests/support/token.sh %s", fixture_root(), args), &output);

    expect(status == 0, "token.sh %s: %s", args, output);
    return output;
}

/* A certificate of this machine's address, and its key. */
static void make_certificate(void)
{
    const char *output;
    int status = fixture_shell(
        strf("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=keys -addext"
             " subjectAltName=IP:" HERE " -keyout %s/tls.key -out %s/tls.pem",
             fixture_dir(), fixture_dir()),
        &output);

    expect(status == 0, "openssl: %s", output);
}

/* The host as it stands there, but for port, TLS, database, network and whose keys; those are
 * fetched by TLS alone. */
static const char *example(int port, int keys)
{
    const char *text = side_file("conf/vhosts/github-oidc.conf");

    text = side_replace(text, "*:443>", strf("*:%d>", port));
    text = side_replace(text, "SSLEngine on", "SSLEngine off");
    text = side_replace(text, "/etc/ssl/certs/results", strf("%s/tls", fixture_dir()));
    text = side_replace(text, "/etc/ssl/private/results", strf("%s/tls", fixture_dir()));
    text = side_replace(text, "host=/run/postgresql", strf("host=%s", fixture_sockets()));
    text = side_replace(text, "lens_mi325_east", DB_A);
    text = side_replace(text, "10.0.0.0/8 127.0.0.1 ::1", HERE);
    text = side_replace(text, "OIDCOAuthVerifyJwksUri " GITHUB "/.well-known/jwks",
                        strf("OIDCCABundlePath %s/tls.pem\n    OIDCOAuthVerifyJwksUri https://" HERE
                             ":%d/jwks",
                             fixture_dir(), keys));
    return strf(LOAD_OPENIDC
                "Listen " HERE ":%d\n%s<VirtualHost *:%d>\nServerName keys.example.com\n"
                "SSLEngine on\nSSLCertificateFile %s/tls.pem\nSSLCertificateKeyFile %s/tls.key\n"
                "Alias /jwks %s/github.jwks\n</VirtualHost>\n",
                keys, text, keys, fixture_dir(), fixture_dir(), fixture_dir());
}

typedef struct claims_t {
    const char *iss, *aud, *repository, *ref;
    int age; /* seconds since it expired */
} claims_t;

static const claims_t right = {GITHUB, "https://" NAME, "AMD-AGI/Primus-Turbo", "refs/heads/main",
                               -300};

static const char *claims_json(const claims_t *c)
{
    return strf("'{\"iss\":\"%s\",\"aud\":\"%s\",\"repository\":\"%s\",\"ref\":\"%s\","
                "\"sub\":\"repo:%s:ref:%s\",\"exp\":%ld}'",
                c->iss, c->aud, c->repository, c->ref, c->repository, c->ref,
                (long)time(NULL) - c->age);
}

static const char *signed_by(const char *key, const claims_t *c)
{
    return token_sh(strf("sign %s %s %s", fixture_dir(), key, claims_json(c)));
}

static http_response_t *post(int port, const char *from, const char *path, const char *token)
{
    return http_send(&(http_request_t){
        .port = port,
        .host = NAME,
        .from = from,
        .method = "POST",
        .path = path,
        .body = "Op,batch_size,throughput\nGEMM,32,157.25\n",
        .headers = {CSV_TYPE, token ? strf("Authorization: Bearer %s", token) : NULL}});
}

static const char *results_path(apr_int64_t config, int run)
{
    return strf("/configs/" ID "/results?github_run_id=%d&source_file=summary.csv", config, run);
}

static void check_refused(int port, const char *path)
{
    static const claims_t old = {GITHUB, "https://" NAME, "AMD-AGI/Primus-Turbo", "refs/heads/main",
                                 300};
    const char *token = signed_by("github", &right);
    const char *broken = strf("%.*s%s", (int)strlen(token) - 8, token, "AAAAAAAA");
    const struct {
        const char *what, *token;
    } unknown[] = {
        {"no token", NULL},
        {"too old", signed_by("github", &old)},
        {"another's key", signed_by("other", &right)},
        {"another signature", broken},
        {"not signed", token_sh(strf("sign-none %s", claims_json(&right)))},
        {"no token of this kind", "x"},
    };

    for (size_t i = 0; i < countof(unknown); i++) {
        http_response_t *res = post(port, HERE, path, unknown[i].token);

        expect(res->status == 401, "%s: %ld %s", unknown[i].what, res->status, res->body);
        expect_error(res, 4010, "unauthorized");
        expect_contains(http_header(res, "WWW-Authenticate"), "Bearer");
    }
}

static void check_forbidden(int port, const char *path)
{
    claims_t wrong[] = {right, right, right, right, right, right};

    wrong[0].repository = "AMD-AGI/Primus";
    wrong[1].repository = "AMD-AGI/Primus-Turbo2";
    wrong[2].repository = "amd-agi/primus-turbo-fork/AMD-AGI/Primus-Turbo";
    wrong[3].ref = "refs/heads/main2";
    wrong[4].aud = "https://github.com/AMD-AGI";
    wrong[5].iss = GITHUB "/enterprise";
    for (size_t i = 0; i < countof(wrong); i++)
        expect_error(post(port, HERE, path, signed_by("github", &wrong[i])), 4030, "forbidden");
}

/* Whoever may send may do nothing else that writes. */
static void check_writes(int port, apr_int64_t config, const char *token)
{
    http_request_t rq = {.port = port,
                         .host = NAME,
                         .method = "DELETE",
                         .path = strf("/configs/" ID, config),
                         .headers = {strf("Authorization: Bearer %s", token)}};

    expect_error(http_send(&rq), 4030, "this API is read-only here");
}

static void check_reading(int port, apr_int64_t config)
{
    http_request_t rq = {
        .port = port, .host = NAME, .from = HERE, .path = strf("/configs/" ID, config)};

    expect_success(http_send(&rq));
    rq.headers[0] = "Authorization: Bearer x";
    expect_success(http_send(&rq));
    rq.headers[0] = JSON_TYPE;
    rq.method = "POST";
    rq.path = strf("/configs/" ID "/metrics/query", config);
    rq.body = "{}";
    expect_success(http_send(&rq));
    rq.from = ELSEWHERE;
    expect_error(http_send(&rq), 4010, "unauthorized");
}

static void test_example(void)
{
    int port = side_free_port(), keys;
    apr_int64_t config = seed_config(DB_A, "by GitHub's token");
    const char *path = results_path(config, 1), *token;

    while ((keys = side_free_port()) == port)
        ;
    make_certificate();
    token_sh(strf("make %s github", fixture_dir()));
    token_sh(strf("make %s other", fixture_dir()));
    if (side_start(port, example(port, keys)) == 0) {
        token = signed_by("github", &right);
        check_refused(port, path);
        check_forbidden(port, path);
        expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                          strf(ID, config)),
                   0);
        expect_status(post(port, HERE, path, token), 201);
        expect_status(post(port, ELSEWHERE, path, token), 200);
        check_writes(port, config, token);
        check_reading(port, config);
    }
    side_stop();
}

SUITE(github_oidc) = {
    {"the example host lets in the repository's workflows by their token", test_example},
    CU_TEST_INFO_NULL,
};
