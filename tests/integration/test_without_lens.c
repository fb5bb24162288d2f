/*
 * test_without_lens.c - README's five commands from an empty database to a chart's numbers, as they
 * stand there.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>

#define DATABASE "lens_new"

static const char *shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
    return output;
}

/* The block below the README's heading, with this machine's server, database and files. */
static const char *commands(int port)
{
    const char *readme = side_file("README.md"), *start = strstr(readme, "## Without Lens\n"), *end;
    const char *block, *api = start ? strstr(start, "(`API=") : NULL;

    start = start ? strstr(start, "\n```\n") : NULL;
    if (!expect(start && api && api < start, "the README has no block, or no API="))
        return "false";
    end = strstr(start + 1, "\n```\n");
    block = apr_pstrmemdup(fixture_pool(), start + 5, end + 1 - start - 5);
    api = apr_pstrmemdup(fixture_pool(), api + 2, strcspn(api + 2, "`"));
    block = side_replace(block, "/usr/share/mod_wfmetrics/{schema,roles}",
                         strf("%s/src/db/{schema,roles}", fixture_root()));
    block = side_replace(block, "sudo -u postgres ", "");
    block = side_replace(block, "lens_mi325_east", DATABASE);
    return strf("%s\n%s", side_replace(api, "mi325-east.example.com", strf("127.0.0.1:%d", port)),
                block);
}

static void test_commands(void)
{
    int port = side_free_port();
    const char *host = side_file("conf/vhosts/mi325-east.conf"), *output;

    host = side_replace(host, "*:80>", strf("*:%d>", port));
    host = side_replace(host, "host=/run/postgresql", strf("host=%s", fixture_sockets()));
    host = side_replace(host, "lens_mi325_east", DATABASE);
    host = side_replace(host, "SetHandler wfmetrics",
                        "SetHandler wfmetrics\n        WfmetricsIngest On");
    shell(strf(
        "printf 'Op,throughput\\nGEMM,157.25\\nGEMM,158.25\\nAttention,99\\n' > %s/summary.csv",
        fixture_dir()));
    if (side_start(port, host) == 0) {
        output = shell(
            strf("cd %s && export PGHOST=%s PGUSER=postgres && bash -e -o pipefail -c '%s'",
                 fixture_dir(), fixture_sockets(), side_replace(commands(port), "'", "'\\''")));
        expect_contains(output, "\"series\":[{\"name\":\"throughput (Op=Attention)\",\"field\":"
                                "\"throughput\",\"dimensions\":{\"Op\":\"Attention\"},\"values\":"
                                "[99],\"counts\":[1]},");
        expect_contains(output, "\"values\":[157.75],\"counts\":[2]}");
    }
    side_stop();
    db_run("postgres", "DROP DATABASE IF EXISTS " DATABASE " WITH (FORCE)", 0);
}

SUITE(without_lens) = {
    {"the README's commands lead from an empty database to numbers", test_commands},
    CU_TEST_INFO_NULL,
};
