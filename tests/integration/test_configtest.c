/*
 * test_configtest.c - apachectl configtest: what can work passes, what cannot is refused with a
 * sentence that says what to write.
 */
#include "../support/suite.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define LOAD_MPM    "LoadModule mpm_${MPM}_module ${MODULES}/mod_mpm_${MPM}.so\n"
#define LOAD_AUTHZ  "LoadModule authz_core_module ${MODULES}/mod_authz_core.so\n"
#define LOAD_DBD    "LoadModule dbd_module ${MODULES}/mod_dbd.so\n"
#define LOAD_MODULE "LoadModule wfmetrics_module ${MODULE}\n"
#define LOAD        LOAD_MPM LOAD_AUTHZ LOAD_DBD LOAD_MODULE "Listen 127.0.0.1:${PORT}\nServerName x\n"

#define DBD(db)       "DBDriver pgsql\nDBDParams \"host=/nowhere dbname=" db "\"\n"
#define CLUSTER(name) DBD(name) "WfmetricsCluster " name "\n"
#define LOCATION(in)                                                                               \
    "<Location /v1/github-workflow-metrics>\nSetHandler wfmetrics\n" in "</Location>\n"
#define HOST(name, in) "<VirtualHost *:${PORT}>\nServerName " name "\n" in "</VirtualHost>\n"

/* apache2 -t on this configuration; its exit status, and what it printed. */
static int configtest(const char *conf, const char **output)
{
    const char *path = fixture_write_conf("configtest.conf", conf);

    return fixture_shell(strf("%s httpd-test %s %s", fixture_servers_sh(), fixture_dir(), path),
                         output);
}

static void passes(expect_at_t at, const char *conf)
{
    const char *output;
    int status = configtest(conf, &output);

    expect_that(at, status == 0, "expected the configuration to pass, but: %s\n%s", output, conf);
    expect_contains_at(at, "output", output, "Syntax OK");
}

static void refused(expect_at_t at, const char *conf, const char *sentence)
{
    const char *output;
    int status = configtest(conf, &output);

    expect_that(at, status != 0, "expected to be refused, but it passed:\n%s", conf);
    expect_contains_at(at, "output", output, sentence);
}

#define expect_passes(conf)            passes(EXPECT_HERE, conf)
#define expect_refused(conf, sentence) refused(EXPECT_HERE, conf, sentence)

static void test_good(void)
{
    expect_passes(LOAD);
    expect_passes(LOAD CLUSTER("one") LOCATION(""));
    expect_passes(LOAD HOST("a", CLUSTER("one") LOCATION("")));
    expect_passes(LOAD HOST("a", CLUSTER("one") "WfmetricsServeClusters two\n" LOCATION(""))
                      HOST("b", CLUSTER("two") "WfmetricsServeClusters *\n" LOCATION("")));
    expect_passes(LOAD HOST("a", CLUSTER("one") "DBDMax 2\nWfmetricsMaxExports 3\n"
                                                "WfmetricsMaxIngests 3\n" LOCATION("")));
    expect_passes(LOAD "WfmetricsStatementTimeout 0\nWfmetricsExportTimeout 0\n"
                       "WfmetricsIngestTimeout 0\nWfmetricsMaxIngests 1\n"
                       "WfmetricsAcquireTimeout 1\nWfmetricsMaxExports 1\n"
                       "WfmetricsMaxThreads 1\n" HOST(
                           "a", CLUSTER("one") LOCATION("WfmetricsReadOnly On\n"
                                                        "WfmetricsMaxBody 1\n"
                                                        "WfmetricsIngest On\n"
                                                        "WfmetricsMaxUpload 1\n"
                                                        "WfmetricsExportMaxRows 1\n"
                                                        "WfmetricsCsvFormulaGuard Off\n"
                                                        "WfmetricsAllowOrigin *\n"
                                                        "WfmetricsBasePath /v1/\n")));
}

/* A cluster of the main server is its own: it asks nothing of the hosts beside it. */
static void test_main_server(void)
{
    expect_passes(LOAD CLUSTER("one") LOCATION("") HOST("a", ""));
    expect_passes(LOAD CLUSTER("one") LOCATION("") HOST("a", DBD("something_else")));
    expect_passes(LOAD CLUSTER("one") LOCATION("") HOST("a", "DBDMax 3\n"));
    expect_passes(LOAD CLUSTER("one") LOCATION("") HOST("a", CLUSTER("two") LOCATION("")));
    expect_refused(LOAD CLUSTER("one") HOST("a", LOCATION("")),
                   "needs a cluster: write 'WfmetricsCluster NAME' in the host");
}

#define HANDLED(path, in)                                                                          \
    LOAD HOST("a", CLUSTER("one") "<Location " path ">\nSetHandler wfmetrics\n" in "</"            \
                                  "Location>\n")

/* A location that no path of the API lies in could answer nothing but 404. */
static void test_locations(void)
{
    expect_refused(HANDLED("/api", ""), "write 'WfmetricsBasePath /api' there");
    expect_refused(HANDLED("\"/api\"", ""), "write 'WfmetricsBasePath /api' there");
    expect_refused(HANDLED("/api", "WfmetricsBasePath /other\n"),
                   "write 'WfmetricsBasePath /api' there");
    expect_refused(HANDLED("/v1/github-workflow-metricsX", ""),
                   "write 'WfmetricsBasePath /v1/github-workflow-metricsX' there");
    expect_passes(HANDLED("/api", "WfmetricsBasePath /api\n"));
    expect_passes(HANDLED("/api", "WfmetricsBasePath \"/api/\"\n"));
    expect_passes(LOAD HOST("a", CLUSTER("one") "WfmetricsBasePath /api\n"
                                                "<Location /api>\nSetHandler wfmetrics\n"
                                                "</Location>\n"));
    expect_passes(HANDLED("/", ""));
    expect_passes(HANDLED("\"/v1/\"", ""));
    expect_passes(HANDLED("/v1", ""));
    expect_passes(HANDLED("/v1/github-workflow-metrics/", ""));
    expect_passes(HANDLED("/v1/github-workflow-metrics/runs", ""));
    expect_passes(HANDLED("/api", "WfmetricsBasePath /\n"));
}

/* libpq cannot read it; what it holds, perhaps a password, is not repeated. */
static void test_unreadable_params(void)
{
    const char *output;
    int status = configtest(LOAD HOST("a", "DBDriver pgsql\nDBDParams \"nonsense=1 =\"\n"
                                           "WfmetricsCluster one\n" LOCATION("")),
                            &output);

    expect(status != 0, "unreadable DBDParams passed: %s", output);
    expect_contains(output, "libpq cannot read its DBDParams");
    expect_lacks(output, "nonsense");
}

static const char *repeated(const char *text, int n)
{
    const char *all = "";

    while (n-- > 0)
        all = strf("%s%s", all, text);
    return all;
}

/* What github_workflow_configs.cluster_name can hold. */
static void test_cluster_names(void)
{
    const char *const bad[] = {" ", "\t ", "\xc2\xa0", "\xff", "a\xc3", repeated("n", 256)};
    const char *const good[] = {"n", "mi325 east", repeated("n", 255), repeated("\xc3\xa9", 255)};

    for (size_t i = 0; i < countof(bad); i++)
        expect_refused(strf(LOAD HOST("a", DBD("x") "WfmetricsCluster \"%s\"\n"), bad[i]),
                       "WfmetricsCluster takes the name of a cluster");
    for (size_t i = 0; i < countof(good); i++)
        expect_passes(strf(LOAD HOST("a", DBD("x") "WfmetricsCluster \"%s\"\n"), good[i]));
}

/* httpd takes dot segments out of every request's path. */
static void test_base_paths(void)
{
    static const char *const bad[] = {"/a/../b", "/.", "/..", "/a/..", "/a/.", "/./a", "/a/./b/"};
    static const char *const good[] = {"/.well-known/api", "/a/..b", "/a/b..", "/...", "/v1.0/"};

    for (size_t i = 0; i < countof(bad); i++)
        expect_refused(strf(LOAD "WfmetricsBasePath %s\n", bad[i]),
                       strf("WfmetricsBasePath must be a path such as /v1/github-workflow-metrics,"
                            " not '%s'",
                            bad[i]));
    for (size_t i = 0; i < countof(good); i++)
        expect_passes(strf(LOAD "WfmetricsBasePath %s\n", good[i]));
}

/* Nothing of the module is used: it must not ask for mod_dbd. */
static void test_loaded_only(void)
{
    expect_passes(LOAD_MPM LOAD_AUTHZ LOAD_MODULE "Listen 127.0.0.1:${PORT}\nServerName x\n");
}

static void test_no_dbd(void)
{
    expect_refused(LOAD_MPM LOAD_AUTHZ LOAD_MODULE "Listen 127.0.0.1:${PORT}\nServerName x\n" HOST(
                       "a", "WfmetricsCluster one\n" LOCATION("")),
                   "mod_dbd is not loaded: write 'LoadModule dbd_module modules/mod_dbd.so'");
}

static void test_database_settings(void)
{
    expect_refused(
        LOAD HOST("a", "WfmetricsCluster one\n" LOCATION("")),
        "it has no DBDParams: write 'DBDriver pgsql' and 'DBDParams \"host=... dbname=...\"'");
    expect_refused(LOAD HOST("a", "DBDriver pgsql\nWfmetricsCluster one\n" LOCATION("")),
                   "it has no DBDParams: write");
    expect_refused(LOAD DBD("shared") HOST("a", "WfmetricsCluster one\n" LOCATION("")),
                   "it has no DBDParams of its own");
    expect_refused(LOAD DBD("shared") HOST("a", "DBDMax 3\nWfmetricsCluster one\n" LOCATION("")),
                   "it has no DBDParams of its own");
}

static void test_driver(void)
{
    const char *output;
    int status = configtest(LOAD HOST("a", "DBDriver sqlite3\nDBDParams x.db\n"
                                           "WfmetricsCluster one\n" LOCATION("")),
                            &output);

    expect(status != 0, "another driver passed: %s", output);
    /* where apr-util has no such driver, mod_dbd speaks first */
    expect(strstr(output, "DBDriver pgsql") || strstr(output, "sqlite3"), "no word of it in %s",
           output);
}

static void test_clusters(void)
{
    expect_refused(LOAD HOST("a", CLUSTER("one") "WfmetricsServeClusters two\n" LOCATION("")),
                   "'WfmetricsServeClusters two' names a cluster that no host declares: write"
                   " 'WfmetricsCluster two' in the host");
    expect_refused(LOAD HOST("a", DBD("one") LOCATION("")),
                   "needs a cluster: write 'WfmetricsCluster NAME' in the host");
    expect_refused(LOAD HOST("a", CLUSTER("one") "WfmetricsCluster two\n"),
                   "WfmetricsCluster is given twice");
    expect_refused(LOAD HOST("a", DBD("x") "WfmetricsCluster *\n"),
                   "WfmetricsCluster takes the name of a cluster");
}

/* Hosts of one cluster (a pair of :80 and :443, a read-only twin) share its connections. */
static void test_shared_clusters(void)
{
    static const struct {
        const char *first, *second, *differs;
    } cases[] = {
        {DBD("one"), DBD("other"), "DBDParams"},
        {DBD("one"), DBD("one") "DBDMax 5\n", "DBDMax"},
        {DBD("one") "DBDMin 0\n", DBD("one"), "DBDMin"},
        {DBD("one"), DBD("one") "DBDKeep 3\n", "DBDKeep"},
        {DBD("one"), DBD("one") "DBDExptime 3\n", "DBDExptime"},
        {DBD("one"), DBD("one") "DBDPersist Off\n", "DBDPersist"},
        {DBD("one"), DBD("one") "DBDInitSQL \"SET search_path = lens\"\n", "DBDInitSQL"},
        {DBD("one") "DBDInitSQL \"SET jit = on\"\n", DBD("one") "DBDInitSQL \"SET jit = off\"\n",
         "DBDInitSQL"},
        {DBD("one") "WfmetricsMaxExports 2\n", DBD("one"), "WfmetricsMaxExports"},
        {DBD("one"), DBD("one") "WfmetricsMaxIngests 2\n", "WfmetricsMaxIngests"},
    };

    expect_passes(LOAD HOST("a", CLUSTER("one") LOCATION(""))
                      HOST("a", CLUSTER("one") LOCATION("WfmetricsReadOnly On\n"))
                          HOST("b", CLUSTER("one") "WfmetricsAcquireTimeout 5\n"
                                                   "WfmetricsStatementTimeout 6\n"
                                                   "WfmetricsExportTimeout 7\n"
                                                   "WfmetricsIngestTimeout 8\n"));
    expect_passes(LOAD CLUSTER("one") LOCATION("") HOST("a", CLUSTER("one") LOCATION("")));
    expect_passes(LOAD "WfmetricsMaxExports 2\n" HOST("a", CLUSTER("one"))
                      HOST("b", CLUSTER("one") "WfmetricsMaxExports 2\n"));
    for (size_t i = 0; i < countof(cases); i++) {
        const char *conf = strf(LOAD HOST("a", "%sWfmetricsCluster one\n")
                                    HOST("b", "%sWfmetricsCluster one\n"),
                                cases[i].first, cases[i].second),
                   *output;
        int status = configtest(conf, &output);

        expect(status != 0, "passed: %s", conf);
        expect_contains(output, "host 'a' (");
        expect_contains(output, "host 'b' (");
        expect_contains(output, "declares 'WfmetricsCluster one'");
        expect_contains(output, strf("but their %s differ", cases[i].differs));
        expect_lacks(output, "dbname=");
    }
}

static void test_numbers(void)
{
    static const struct {
        const char *line, *range;
    } cases[] = {
        {"WfmetricsMaxBody", "must be an integer between 1 and 1073741824"},
        {"WfmetricsMaxUpload", "must be an integer between 1 and 1099511627776"},
        {"WfmetricsExportMaxRows", "must be an integer between 1 and 1000000000000"},
        {"WfmetricsMaxExports", "must be an integer between 1 and 10000"},
        {"WfmetricsMaxIngests", "must be an integer between 1 and 10000"},
        {"WfmetricsMaxThreads", "must be an integer between 1 and 100000"},
        {"WfmetricsAcquireTimeout", "must be an integer between 1 and 86400000"},
        {"WfmetricsStatementTimeout", "must be an integer between 0 and 86400000"},
        {"WfmetricsExportTimeout", "must be an integer between 0 and 86400000"},
        {"WfmetricsIngestTimeout", "must be an integer between 0 and 86400000"},
    };
    static const char *const bad[] = {"-1", "ten", "1.5", "99999999999999999999", "10s"};

    for (size_t i = 0; i < countof(cases); i++) {
        for (size_t b = 0; b < countof(bad); b++)
            expect_refused(strf(LOAD "%s %s\n", cases[i].line, bad[b]),
                           strf("%s %s", cases[i].line, cases[i].range));
        if (strstr(cases[i].range, "between 1"))
            expect_refused(strf(LOAD "%s 0\n", cases[i].line),
                           strf("%s %s", cases[i].line, cases[i].range));
    }
}

static void test_origins(void)
{
    static const char *const bad[] = {
        "null",           "lens.example.com",   "https://",       "https://lens/",
        "https://lens/x", "https://u@lens",     "https://lens:0", "https://lens:x",
        "https://*.lens", "https://lens:99999",
    };

    for (size_t i = 0; i < countof(bad); i++)
        expect_refused(strf(LOAD "WfmetricsAllowOrigin https://good %s\n", bad[i]),
                       "WfmetricsAllowOrigin takes origins such as https://lens.example.com"
                       " (scheme, host and port, no path), or *, not '");
    expect_refused(LOAD "WfmetricsAllowOrigin\n", "WfmetricsAllowOrigin requires");
    expect_passes(LOAD "WfmetricsAllowOrigin https://lens.example.com http://localhost:3000\n"
                       "WfmetricsAllowOrigin http://[::1]:8080\n"
                       "<Location /x>\nWfmetricsAllowOrigin *\n</Location>\n");
}

static void test_other_values(void)
{
    expect_refused(LOAD "WfmetricsReadOnly maybe\n", "WfmetricsReadOnly must be On or Off");
    expect_refused(LOAD "WfmetricsIngest sometimes\n", "WfmetricsIngest must be On or Off");
    expect_refused(LOAD "WfmetricsCsvFormulaGuard maybe\n",
                   "WfmetricsCsvFormulaGuard must be On or Off");
    expect_refused(LOAD "WfmetricsBasePath v1\n",
                   "WfmetricsBasePath must be a path such as /v1/github-workflow-metrics");
    expect_refused(LOAD "WfmetricsBasePath /a//b\n", "WfmetricsBasePath must be a path");
    expect_refused(LOAD "WfmetricsServeClusters\n", "WfmetricsServeClusters");
    expect_refused(LOAD "<Location /x>\nWfmetricsCluster one\n</Location>\n",
                   "WfmetricsCluster not allowed");
    expect_refused(LOAD "<Location /x>\nWfmetricsStatementTimeout 1\n</Location>\n",
                   "WfmetricsStatementTimeout not allowed");
    expect_refused(LOAD HOST("a", CLUSTER("one") "WfmetricsMaxThreads 5\n"),
                   "WfmetricsMaxThreads cannot occur within <VirtualHost> section");
}

SUITE(configtest) = {
    {"configurations that work", test_good},
    {"the module loaded, but not used", test_loaded_only},
    {"mod_dbd missing", test_no_dbd},
    {"no database settings of its own", test_database_settings},
    {"another driver", test_driver},
    {"clusters: twice, undeclared, missing", test_clusters},
    {"several hosts of one cluster", test_shared_clusters},
    {"numbers out of range", test_numbers},
    {"origins", test_origins},
    {"other values and places", test_other_values},
    {"a cluster of the main server", test_main_server},
    {"locations that no path of the API lies in", test_locations},
    {"DBDParams that libpq cannot read", test_unreadable_params},
    {"names of clusters", test_cluster_names},
    {"base paths with dot segments", test_base_paths},
    CU_TEST_INFO_NULL,
};
