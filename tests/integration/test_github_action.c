/*
 * test_github_action.c - contrib/github-action, run as a runner runs it (tests/support/action.sh)
 * against a real httpd: which files it sends, what it says of the run, when it tries again, and
 * that nothing that it is told becomes a command of the runner.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HERE  "127.0.0.1"
#define TABLE "Op,batch_size,throughput\nGEMM,32,157.25\nAttention,64,99\n"

/* How the action ended, and what it wrote where. */
typedef struct action_t {
    int status;
    const char *log, *output, *summary, *waits;
} action_t;

static int port;
static apr_int64_t config;

static const char *shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
    return output;
}

static const char *dir(void)
{
    return strf("%s/action", fixture_dir());
}

static const char *read_file(const char *name)
{
    return shell(strf("touch %s/%s; cat %s/%s", dir(), name, dir(), name));
}

/* A file of the workspace; its name is quoted for the shell. */
static void write_file(const char *name, const char *text)
{
    shell(strf(
        "cd %s/workspace && f=%s && mkdir -p \"$(dirname \"$f\")\" && printf '%%s' '%s' > \"$f\"",
        dir(), name, text));
}

/* An empty workspace, and a sleep that takes no time: it notes how long, and then the server has
 * time again if it had none. */
static void set_up(void)
{
    shell(strf("rm -rf %s && mkdir -p %s/workspace %s/bin && chmod 755 %s && cd %s &&"
               " printf '#!/bin/sh\\necho \"$1\" >> %s/waits\\nrm -f %s/busy\\n' > bin/sleep &&"
               " chmod 755 bin/sleep",
               dir(), dir(), dir(), dir(), dir(), dir(), dir()));
}

/* Run it with the inputs, quoted for the shell, and with variables before them. */
static action_t run_with(const char *variables, const char *inputs)
{
    action_t a;

    a.status = fixture_shell(
        strf("cd %s && rm -f output summary waits && PATH=$PWD/bin:$PATH RUNNER_TEMP=$PWD"
             " GITHUB_WORKSPACE=$PWD/workspace GITHUB_OUTPUT=$PWD/output"
             " GITHUB_STEP_SUMMARY=$PWD/summary GITHUB_RUN_ID=16000000123 GITHUB_RUN_ATTEMPT=2"
             " GITHUB_RUN_NUMBER=42 GITHUB_JOB=bench GITHUB_REF_NAME=main"
             " GITHUB_SHA=0123456789abcdef0123456789abcdef01234567 GITHUB_WORKFLOW=Benchmarks %s"
             " %s/tests/support/action.sh workspace url=http://" HERE ":%d" API_BASE "/ config=" ID
             " %s",
             dir(), variables, fixture_root(), port, config, inputs),
        &a.log);
    a.output = read_file("output");
    a.summary = read_file("summary");
    a.waits = read_file("waits");
    return a;
}

static action_t run_action(const char *inputs)
{
    return run_with("", inputs);
}

/* One value of the one run of this test's config. */
static const char *of_run(const char *column)
{
    return db_text(DB_A, strf("SELECT %s FROM github_workflow_runs WHERE config_id = $1", column),
                   1, strf(ID, config));
}

static const char *sources(void)
{
    return db_text(DB_A,
                   "SELECT string_agg(source_file || ' ' || n, E'\\n' ORDER BY source_file COLLATE"
                   " \"C\") FROM (SELECT source_file, count(*) n FROM github_workflow_metrics"
                   " WHERE config_id = $1 GROUP BY 1) files",
                   1, strf(ID, config));
}

/* Results come in; with a file "busy" they do not, and below /closed they do with a token only. */
static int start(void)
{
    set_up();
    port = side_free_port();
    config = seed_config(DB_A, "from an action");
    return side_start(
        port,
        strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "<Location \"" API_BASE
             "\">\nSetHandler wfmetrics\nWfmetricsIngest On\n</Location>\n"
             "<Location \"/closed\">\nSetHandler wfmetrics\nWfmetricsBasePath /closed\n"
             "WfmetricsIngest On\n"
             "Require expr \"%%{HTTP:Authorization} == 'Bearer eyJh.eyJz.c2ln-_'\"\n</Location>\n"
             "Alias /oidc %s/oidc.json\n<Location \"/oidc\">\n"
             "Require expr \"%%{HTTP:Authorization} == 'bearer of-the-job' && %%{QUERY_STRING} =="
             " 'api-version=2.0&audience=https%%3A//results.example.com'\"\n</Location>\n"
             "<If \"-f '%s/busy'\">\nRedirect 503 " API_BASE "\n"
             "Header always set Retry-After 7\n</If>\n"
             "<If \"-f '%s/busy-for-long'\">\nRedirect 503 " API_BASE "\n"
             "Header always set Retry-After 86400\n</If>\n</VirtualHost>\n",
             port, "action.test", fixture_sockets(), "action", "action", dir(), dir(), dir()));
}

static void test_files(void)
{
    action_t a;

    if (start() == 0) {
        write_file("out/a.csv", TABLE);
        write_file("'out/b c/*&é%,:;#?.csv'", TABLE);
        write_file("'out/b c/skipped.csv'", TABLE);
        write_file("out/.hidden.csv", TABLE);
        write_file("out/notes.txt", "no results");
        mkdir(strf("%s/workspace/out/dir.csv", dir()), 0755);
        a = run_action("files='  out/**/*.csv\n\n!**/skipped*\n./out/a.csv\nnone.csv\n'");
        expect_int(a.status, 0);
        expect_str(sources(), "out/a.csv 2\nout/b c/*&\xC3\xA9%,:;#?.csv 2");
        expect_contains(a.log, "Sent: out/b c/*&\xC3\xA9%,:;#?.csv, 2 rows, run ");
        expect_str(a.output, strf("run-id=%s\nrows=4\nurl=http://" HERE ":%d" API_BASE "/runs/%s\n",
                                  of_run("id::text"), port, of_run("id::text")));
        expect_contains(a.summary,
                        "| out/b c/&#42;&#38;\xC3\xA9&#37;&#44;&#58;&#59;&#35;&#63;.csv | 2 |");
        a = run_action("files='out/a.csv'");
        expect_int(a.status, 0);
        expect_str(sources(), "out/a.csv 2\nout/b c/*&\xC3\xA9%,:;#?.csv 2");
    }
    side_stop();
}

/* What the runner knows of the run, with the names that people give to branches and workflows. */
static void test_run(void)
{
    action_t a;

    if (start() == 0) {
        write_file("a.csv", TABLE);
        a = run_with("MATRIX='ubuntu, \"3.11\"' GITHUB_HEAD_REF='feature/é&#+\"quoted\"\\' "
                     "GITHUB_REF_NAME=12/merge PULL_REQUEST_SHA=fedc "
                     "GITHUB_WORKFLOW=$(printf 'a\\nAuthorization: b\\t\\001')",
                     "files=a.csv");
        expect_int(a.status, 0);
        expect_str(of_run("workload_uid"), "github-16000000123-2-bench (ubuntu, \"3.11\")");
        expect_str(of_run("github_run_id::text"), "16000000123");
        expect_str(of_run("github_run_number::text"), "42");
        expect_str(of_run("head_sha"), "fedc");
        expect_str(of_run("head_branch"), "feature/\xC3\xA9&#+\"quoted\"\\");
        expect_str(of_run("workflow_name"), "a\nAuthorization: b\t\001");
        expect_str(of_run("status"), "completed");
    }
    side_stop();
}

/* The server's words about a file: one annotation each, whatever is in them and in its name. */
static void test_annotations(void)
{
    const char *name = "\"$(printf 'a%%0A,b:\\r\\n::error::c|<b>.csv')\"";
    action_t a;

    if (start() == 0) {
        write_file(name, "Op,throughput\nGEMM,1\nGEMM,2\n\"##[error]100%\n::add-mask::x\",3\nGEMM,"
                         "\"fast\n::error::%0A\"\n");
        a = run_action(strf("files='a*.csv' metrics=throughput"));
        expect_int(a.status, 0);
        expect_contains(a.log, "::warning file=a%250A%2Cb%3A%0D%0A%3A%3Aerror%3A%3Ac|<b>.csv::");
        expect_lacks(a.log, "\n::error::");
        expect_lacks(a.log, "\n::add-mask::");
        expect_contains(
            a.summary,
            "| a&#37;0A&#44;b&#58;  &#58;&#58;error&#58;&#58;c&#124;&#60;b&#62;.csv | 4 | 1 |");
    }
    side_stop();
}

/* A file that is refused is not sent again, and does not keep the others back. */
static void test_refused(void)
{
    action_t a;

    if (start() == 0) {
        write_file("a.csv", "a,b\n\"open,1\n");
        write_file("b.csv", TABLE);
        a = run_action("files='*.csv'");
        expect_int(a.status, 1);
        expect_contains(a.log, "::error file=a.csv::400: ");
        expect_str(sources(), "b.csv 2");
        expect_str(a.waits, "");
        expect_contains(a.output, "rows=2\n");
        expect_contains(a.summary, "| a.csv | none: refused |  |\n| b.csv | 2 | 0 |\n");
        write_file("c.csv", "Op,later\nGEMM,1\n");
        a = run_action("files=c.csv");
        expect_contains(a.log, "::notice file=c.csv::neither dimensions nor metrics, so kept in "
                               "raw_data: later\n");
        a = run_action("files=b.csv timestamp-column=when");
        expect_str(a.log, "::error file=b.csv::400: timestamp_column names no column of the file:"
                          " 'when'; it has Op, batch_size, throughput\n");
        a = run_action("files=b.csv config=999999999");
        expect_int(a.status, 1);
        expect_contains(a.log, "::error file=b.csv::404: config not found\n");
        expect_str(a.waits, "");
        expect_str(a.output, "");
    }
    side_stop();
}

static void test_busy(void)
{
    action_t a;

    if (start() == 0) {
        write_file("a.csv", TABLE);
        shell(strf("touch %s/busy", dir()));
        a = run_action("files=a.csv");
        expect_int(a.status, 0);
        expect_str(a.waits, "7\n");
        expect_str(sources(), "a.csv 2");
        shell(strf("touch %s/busy-for-long", dir()));
        a = run_action("files=a.csv retries=2");
        expect_int(a.status, 1);
        expect_str(a.waits, "60\n60\n");
        expect_contains(a.log, "::error file=a.csv::503: ");
        expect_int(run_action("files=a.csv retries=0").status, 1);
    }
    side_stop();
}

/* Nobody listens at that port any more. */
static void test_unreachable(void)
{
    action_t a;

    set_up();
    port = side_free_port();
    write_file("a.csv", TABLE);
    a = run_action("files=a.csv");
    expect_int(a.status, 1);
    expect_str(a.waits, "1\n2\n4\n8\n");
    expect_contains(a.log, "::error file=a.csv::curl: (7) ");
    expect_str(a.output, "");
}

/* A step that failed: with files or without. */
static void test_failed(void)
{
    action_t a;

    if (start() == 0) {
        a = run_action("status=failed error-message='out of memory\nat line 7' files='*.csv'");
        expect_int(a.status, 0);
        expect_lacks(a.log, "::");
        expect_str(of_run("status"), "failed");
        expect_str(of_run("error_message"), "out of memory\nat line 7");
        expect_contains(a.output, "rows=0\n");
        a = run_action(
            "status=failed error-message=\"$(printf '%20000s' | sed 's/ /\\xC3\xA9\\x1b/g')\"");
        expect_int(a.status, 0);
        expect_str(of_run("replace(error_message, E'\xC3\xA9\\x1b', '')"), "");
        expect(strlen(of_run("error_message")) > 1000, "there is little left of the message");
        expect_int(run_action("status=cancelled").status, 0);
        expect_str(of_run("error_message"), "cancelled");
        write_file("a.csv", TABLE);
        expect_int(run_action("status=failure files=a.csv").status, 0);
        expect_str(of_run("status"), "failed");
        expect_str(sources(), "a.csv 2");
        expect_int(run_action("status=success files=a.csv").status, 0);
        expect_str(of_run("status"), "completed");
    }
    side_stop();
}

/* As actions/upload-artifact has it. */
static void test_no_files(void)
{
    action_t a;

    set_up();
    a = run_action("files='*.csv\n!b'");
    expect_int(a.status, 0);
    expect_str(a.log, "::warning::no file found: *.csv%0A!b\n");
    a = run_action("files='*.csv' if-no-files-found=error");
    expect_int(a.status, 1);
    expect_str(a.log, "::error::no file found: *.csv\n");
    a = run_action("files='*.csv' if-no-files-found=ignore");
    expect_int(a.status, 0);
    expect_str(a.log, "No file found.\n");
    expect_str(a.output, "");
    expect_str(a.summary, "");
}

/* ---- did it get slower? ---- */

/* What the file of a run says of GEMM, whose time is near this. */
static const char *times(int near)
{
    return strf("Op,time_ms\nGEMM,%d.1\nGEMM,%d.2\nGEMM,%d.3\n", near, near, near);
}

/* Three runs of a branch. */
static void send_base(const char *branch)
{
    write_file("a.csv", times(100));
    for (int i = 0; i < 3; i++)
        expect_int(run_with(strf("GITHUB_REF_NAME='%s' GITHUB_RUN_ID=%d", branch, 100 + i),
                            "files=a.csv metrics=time_ms")
                       .status,
                   0);
}

/* A pull request's run, in which GEMM takes so long. */
static action_t send_head(int near, const char *inputs)
{
    write_file("a.csv", times(near));
    return run_with(strf("GITHUB_REF_NAME=7/merge GITHUB_HEAD_REF=slow GITHUB_RUN_ID=%d"
                         " PULL_REQUEST_SHA=%d",
                         near, near),
                    strf("files=a.csv metrics=time_ms %s", inputs));
}

/* What cannot be compared fails the step only if it is to decide. */
static void compare_wrongly(const char *base)
{
    action_t a;

    a = send_head(124, strf("compare-branch='%s' compare-with=min_change=x", base));
    expect_int(a.status, 0);
    expect_contains(a.log, "::notice::not compared with m|a i`n & #+: min_change must be a number"
                           " between 0 and 1000000\n");
    a = send_head(125,
                  strf("compare-branch='%s' compare-with=min_change=x fail-on=regression", base));
    expect_int(a.status, 1);
    expect_contains(a.log, "::error::not compared with m|a i`n & #+: min_change must be a number"
                           " between 0 and 1000000\n");
}

/* All runs of the commit; one alone, with one row, has nothing to say. */
static void compare_commit(const char *base)
{
    action_t a;

    a = send_head(127, "compare-branch=slow compare-with=base_last=1");
    expect_contains(a.summary, "- Head: the rows of one run: ");
    write_file("a.csv", "Op,time_ms\nGEMM,300\n");
    a = run_with("GITHUB_HEAD_REF=other GITHUB_RUN_ID=300 PULL_REQUEST_SHA=300",
                 strf("files=a.csv metrics=time_ms compare-branch='%s' fail-on=regression", base));
    expect_int(a.status, 0);
    expect_contains(a.log, "::notice::undetermined: a side with one value a series has no p-value");
    a = run_with("GITHUB_HEAD_REF=other GITHUB_RUN_ID=301 PULL_REQUEST_SHA=300",
                 strf("files=a.csv metrics=time_ms compare-branch='%s' fail-on=undetermined,"
                      "regression",
                      base));
    expect_int(a.status, 1);
    expect_contains(a.summary, "- Head: the means of 2 runs: ");
    expect_contains(a.output, "\nverdict=regression\n");
}

static void test_compared(void)
{
    const char *base = "m|a i`n & #+";
    action_t a;

    if (start() == 0) {
        a = send_head(120, strf("compare-branch='%s' fail-on=regression", base));
        expect_int(a.status, 0);
        expect_contains(a.log,
                        "::notice::not compared with m|a i`n & #+: base (base_branch) has no "
                        "run that is completed and has metric rows of this config\n");
        expect_lacks(a.output, "verdict");
        send_base(base);
        a = send_head(121, strf("compare-branch='%s'", base));
        expect_int(a.status, 0);
        expect_contains(a.log, "Compared with m|a i`n & #+: regression.\n");
        expect_lacks(a.log, "::error");
        expect_contains(a.output, "\nverdict=regression\n");
        expect_contains(a.summary, "| a.csv | 3 | 0 |\n\n\n**Regression**: 1 regression.\n");
        expect_contains(a.summary, "| <code>time_ms (Op=GEMM)</code> | 100.2 ± 0 | 121.2 ± 0.1 |");
        a = send_head(122, strf("compare-branch='%s' fail-on='changed, regression'", base));
        expect_int(a.status, 1);
        expect_contains(a.log, "::error::compared with m|a i`n & #+: regression\n");
        a = send_head(80, strf("compare-branch='%s' fail-on=regression", base));
        expect_int(a.status, 0);
        expect_contains(a.output, "\nverdict=improvement\n");
        a = send_head(123,
                      strf("compare-branch='%s' fail-on=regression compare-with='min_change=50&"
                           "group_by=Op'",
                           base));
        expect_int(a.status, 0);
        expect_contains(a.output, "\nverdict=unchanged\n");
        compare_wrongly(base);
        a = run_with("GITHUB_REF_NAME=slow", "files=a.csv metrics=time_ms compare-branch=slow");
        expect_contains(a.log, "Not compared: the run is one of that branch.\n");
        compare_commit(base);
        a = send_head(126, strf("compare-branch='%s' status=failed", base));
        expect_lacks(a.log, "ompared");
    }
    side_stop();
}

/* The step of docs/gating.md, but for the names in it. */
static const char *gate_step(void)
{
    const char *step = strstr(side_file("docs/gating.md"), "<!-- tried: gate -->"), *end;

    if (!expect(step && (step = strstr(step, "run: |\n")) && (end = strstr(step, "```")),
                "docs/gating.md has no such step"))
        return "";
    return side_replace(apr_pstrmemdup(fixture_pool(), step + 7, (apr_size_t)(end - step - 7)),
                        "/configs/1/", strf("/configs/" ID "/", config));
}

static int run_gate(const char *head)
{
    const char *log;

    write_file("../gate.sh", "");
    shell(strf("cd %s && cat > gate.sh <<'END'\n%s\nEND", dir(), gate_step()));
    return fixture_shell(strf("cd %s && rm -f summary && API=http://" HERE ":%d" API_BASE
                              " BASE=main HEAD=%s GITHUB_STEP_SUMMARY=$PWD/summary bash --noprofile"
                              " --norc -eo pipefail gate.sh",
                              dir(), port, head),
                         &log);
}

static void test_gate(void)
{
    if (start() == 0) {
        send_base("main");
        write_file("a.csv", times(130));
        run_with("GITHUB_HEAD_REF=slow GITHUB_SHA=5107 GITHUB_RUN_ID=130", "files=a.csv");
        write_file("a.csv", times(99));
        run_with("GITHUB_HEAD_REF=same GITHUB_SHA=5a3e GITHUB_RUN_ID=99", "files=a.csv");
        expect(run_gate("5107") != 0, "what got slower passes the gate");
        expect_contains(read_file("summary"), "**Regression**: 1 regression.\n");
        expect_int(run_gate("5a3e"), 0);
        expect_contains(read_file("summary"), "**Unchanged**: 1 unchanged.\n");
        expect(run_gate("0000") != 0, "what has no run passes the gate");
    }
    side_stop();
}

#define JOB_TOKEN "ACTIONS_ID_TOKEN_REQUEST_TOKEN=of-the-job ACTIONS_ID_TOKEN_REQUEST_URL="

static void test_tokens(void)
{
    const char *closed, *oidc;
    action_t a;

    if (start() == 0) {
        closed = strf("url=http://" HERE ":%d/closed files=a.csv", port);
        oidc = strf(JOB_TOKEN "'http://" HERE ":%d/oidc?api-version=2.0'", port);
        write_file("a.csv", TABLE);
        write_file("../oidc.json", "{\"count\":1234, \"value\" : \"eyJh.eyJz.c2ln-_\"}");
        a = run_action(closed);
        expect_int(a.status, 1);
        expect_contains(a.log, "::error file=a.csv::403: forbidden\n");
        a = run_action(strf("%s token=eyJh.eyJz.c2ln-_", closed));
        expect_int(a.status, 0);
        expect_lacks(a.log, "eyJ");
        a = run_with(oidc, strf("%s audience=https://results.example.com", closed));
        expect_int(a.status, 0);
        expect_contains(a.log, "::add-mask::eyJh.eyJz.c2ln-_\n");
        a = run_with(oidc, strf("%s audience=https://another.example.com", closed));
        expect_int(a.status, 1);
        expect_contains(a.log, "::error::GitHub gave no OIDC token\n");
        write_file("../oidc.json", "not \"found\"");
        a = run_with(oidc, strf("%s audience=https://results.example.com", closed));
        expect_int(a.status, 1);
        expect_contains(a.log, "::error::GitHub gave no OIDC token\n");
        a = run_action(strf("%s audience=https://results.example.com", closed));
        expect_int(a.status, 1);
        expect_contains(a.log, "id-token: write");
    }
    side_stop();
}

static void test_inputs(void)
{
    static const struct {
        const char *input, *complaint;
    } wrong[] = {
        {"url=", "url must begin with https:// or http://, not ''"},
        {"url=file:///etc/passwd",
         "url must begin with https:// or http://, not 'file:///etc/passwd'"},
        {"url='http://a b'", "url must begin with https:// or http://, not 'http://a b'"},
        {"config=", "config must be a number, not ''"},
        {"config=../1", "config must be a number, not '../1'"},
        {"retries=-1", "retries must be a number from 0 to 9, not '-1'"},
        {"retries=10", "retries must be a number from 0 to 9, not '10'"},
        {"status=broken",
         "status must be completed or failed, or what job.status says, not 'broken'"},
        {"strict=yes", "strict must be true or false, not 'yes'"},
        {"if-no-files-found=fail", "if-no-files-found must be warn, error or ignore, not 'fail'"},
        {"compare-with='a b'",
         "compare-with must be parameters of a URL, such as min_change=5&group_by=Op, not 'a b'"},
        {"fail-on=worse",
         "fail-on must be out of regression, changed, improvement, undetermined, not 'worse'"},
        {"token=a audience=b", "token and audience cannot both be given"},
        {"token=\"$(printf 'a\\nX-Header: b')\"", "token has a blank or a line end"},
    };

    set_up();
    for (size_t i = 0; i < countof(wrong); i++) {
        action_t a = run_action(strf("files='*' %s", wrong[i].input));

        expect_int(a.status, 1);
        expect_str(a.log, strf("::error::%s\n", wrong[i].complaint));
    }
}

/* No input of action.yml is left over, nor one of the script's missing, and the README's are
 * inputs. */
static void test_inputs_arrive(void)
{
    shell(strf(
        "cd %s/contrib/github-action && inputs=$(sed -n '/^inputs/,/^outputs/p' action.yml |"
        " grep -oE '^  [a-z-]+:' | tr -d ' :' | sort) &&"
        " names=$(echo \"$inputs\" | tr a-z- A-Z_ | sed s/^/WFMETRICS_/) &&"
        " test \"$names\" = \"$(grep -oE 'WFMETRICS_[A-Z_]+' send.sh | grep -v '_$' | sort -u)\" &&"
        " test \"$names\" = \"$(grep -oE '^ +WFMETRICS_[A-Z_]+' action.yml | tr -d ' ' | sort)\" &&"
        " used=$(sed -n '/^ *with:$/,/^```$/p' README.md | grep -oE '^ +[a-z-]+: ' | tr -d ' :') &&"
        " test -n \"$used\" && for input in $used; do echo \"$inputs\" | grep -qx \"$input\" ||"
        " exit 1; done",
        fixture_root()));
}

SUITE(github_action) = {
    {"which files it sends", test_files},
    {"what it says of the run", test_run},
    {"warnings become annotations", test_annotations},
    {"what is refused is not sent again", test_refused},
    {"a busy server is asked again when it says so", test_busy},
    {"a server that is not there is asked again, not for ever", test_unreachable},
    {"a step that failed", test_failed},
    {"no files", test_no_files},
    {"compared with a branch", test_compared},
    {"the gate of the documents", test_gate},
    {"tokens", test_tokens},
    {"wrong inputs", test_inputs},
    {"all inputs arrive", test_inputs_arrive},
    CU_TEST_INFO_NULL,
};
