/*
 * tools.c - THE list of tools, in the order in which a file is looked at.
 */
#include "tools.h"
#include "../core/text.h"
#include "google.h"
#include "jmh.h"
#include <string.h>

#define DIMENSION WFM_ROLE_DIMENSION
#define METRIC    WFM_ROLE_METRIC
#define OPEN      WFM_ROLE_OPEN
#define BESIDE    WFM_ROLE_BESIDE
#define DROPPED   WFM_ROLE_DROPPED

static const wfm_rule_t any[] = {{"*", OPEN, NULL, NULL}};

static const wfm_rule_t pytest[] = {{"fullname", DIMENSION, NULL, NULL},
                                    {"name", DIMENSION, NULL, NULL},
                                    {"group", DIMENSION, NULL, NULL},
                                    {"params.*", DIMENSION, "*", NULL},
                                    {"extra_info.*", OPEN, "*", NULL},
                                    {"stats.min", METRIC, "min", "s"},
                                    {"stats.max", METRIC, "max", "s"},
                                    {"stats.mean", METRIC, "mean", "s"},
                                    {"stats.stddev", METRIC, "stddev", "s"},
                                    {"stats.median", METRIC, "median", "s"},
                                    {"stats.iqr", METRIC, "iqr", "s"},
                                    {"stats.q1", METRIC, "q1", "s"},
                                    {"stats.q3", METRIC, "q3", "s"},
                                    {"stats.ops", METRIC, "ops", "ops/s"},
                                    {"stats.rounds", BESIDE, "rounds", NULL},
                                    {"stats.iterations", BESIDE, "iterations", NULL},
                                    {"stats.outliers", BESIDE, "outliers", NULL},
                                    {"*", DROPPED, NULL, NULL}};

static const wfm_rule_t pytest_csv[] = {{"name", DIMENSION, NULL, NULL},
                                        {"param:*", DIMENSION, "*", NULL},
                                        {"min", METRIC, NULL, "s"},
                                        {"max", METRIC, NULL, "s"},
                                        {"mean", METRIC, NULL, "s"},
                                        {"stddev", METRIC, NULL, "s"},
                                        {"median", METRIC, NULL, "s"},
                                        {"iqr", METRIC, NULL, "s"},
                                        {"ops", METRIC, NULL, "ops/s"},
                                        {"rounds", BESIDE, NULL, NULL},
                                        {"iterations", BESIDE, NULL, NULL},
                                        {"outliers", BESIDE, NULL, NULL},
                                        {"*", OPEN, NULL, NULL}};

static const wfm_rule_t google[] = {{"run_name", DIMENSION, "name", NULL},
                                    {"aggregate_name", DIMENSION, "aggregate", NULL},
                                    {"label", DIMENSION, NULL, NULL},
                                    {"threads", DIMENSION, NULL, NULL},
                                    {"args.*", DIMENSION, "*", NULL},
                                    {"real_time", METRIC, NULL, "=time_unit"},
                                    {"cpu_time", METRIC, NULL, "=time_unit"},
                                    {"real_coefficient", METRIC, NULL, "=time_unit"},
                                    {"cpu_coefficient", METRIC, NULL, "=time_unit"},
                                    {"iterations", BESIDE, NULL, NULL},
                                    {"big_o", BESIDE, NULL, NULL},
                                    {"error_message", BESIDE, NULL, NULL},
                                    {"skip_message", BESIDE, NULL, NULL},
                                    {"name", DROPPED, NULL, NULL},
                                    {"time_unit", DROPPED, NULL, NULL},
                                    {"family_index", DROPPED, NULL, NULL},
                                    {"per_family_instance_index", DROPPED, NULL, NULL},
                                    {"run_type", DROPPED, NULL, NULL},
                                    {"repetitions", DROPPED, NULL, NULL},
                                    {"repetition_index", DROPPED, NULL, NULL},
                                    {"aggregate_unit", DROPPED, NULL, NULL},
                                    {"error_occurred", DROPPED, NULL, NULL},
                                    {"skipped", DROPPED, NULL, NULL},
                                    {"*", METRIC, NULL, NULL}};

static const wfm_rule_t hyperfine[] = {{"command", DIMENSION, NULL, NULL},
                                       {"parameters.*", DIMENSION, "*", NULL},
                                       {"parameter_*", DIMENSION, "*", NULL}, /* CSV */
                                       {"mean", METRIC, NULL, "s"},
                                       {"stddev", METRIC, NULL, "s"},
                                       {"median", METRIC, NULL, "s"},
                                       {"user", METRIC, NULL, "s"},
                                       {"system", METRIC, NULL, "s"},
                                       {"min", METRIC, NULL, "s"},
                                       {"max", METRIC, NULL, "s"},
                                       {"*", BESIDE, NULL, NULL}};

/* (before 1.34 the names of secondary metrics begin with a middle dot) */
static const wfm_rule_t jmh[] = {
    {"benchmark", DIMENSION, NULL, NULL},
    {"mode", DIMENSION, NULL, NULL},
    {"threads", DIMENSION, NULL, NULL},
    {"params.*", DIMENSION, "*", NULL},
    {"primaryMetric.score", METRIC, "~", "=primaryMetric.scoreUnit"},
    {"primaryMetric.scoreError", METRIC, "~_error", "=primaryMetric.scoreUnit"},
    {"secondaryMetrics.\xc2\xb7*.score", METRIC, "*", "=secondaryMetrics.\xc2\xb7*.scoreUnit"},
    {"secondaryMetrics.*.score", METRIC, "*", "=secondaryMetrics.*.scoreUnit"},
    {"primaryMetric.*", DROPPED, NULL, NULL},
    {"secondaryMetrics.*", DROPPED, NULL, NULL},
    {"jdkVersion", BESIDE, NULL, NULL},
    {"vmName", BESIDE, NULL, NULL},
    {"*", DROPPED, NULL, NULL}};

static const wfm_rule_t action[] = {
    {"name", DIMENSION, NULL, NULL}, {"value", METRIC, "~", "=unit"}, {"range", BESIDE, NULL, NULL},
    {"extra", BESIDE, NULL, NULL},   {"unit", DROPPED, NULL, NULL},   {"*", BESIDE, NULL, NULL}};

static const wfm_rule_t bencher[] = {{"", DIMENSION, "name", NULL},
                                     {"*.value", METRIC, "*", NULL},
                                     {"*.lower_value", METRIC, NULL, NULL},
                                     {"*.upper_value", METRIC, NULL, NULL},
                                     {"*", BESIDE, NULL, NULL}};

static const wfm_tool_t tools[] = {
    {"pytest-benchmark",
     WFM_IN_MEMBER,
     "benchmarks",
     {"fullname", "stats.mean"},
     0,
     "an object with an array \"benchmarks\" of objects with \"fullname\" and \"stats\"",
     pytest,
     NULL},
    {"google-benchmark",
     WFM_IN_MEMBER,
     "benchmarks",
     {"name", "time_unit"},
     0,
     "an object with an array \"benchmarks\" of objects with \"name\" and \"time_unit\"",
     google,
     wfm_google_prepare},
    {"hyperfine",
     WFM_IN_MEMBER,
     "results",
     {"command", "mean"},
     0,
     "an object with an array \"results\" of objects with \"command\" and \"mean\"",
     hyperfine,
     NULL},
    {"jmh",
     WFM_IN_ARRAY,
     NULL,
     {"benchmark", "primaryMetric.score"},
     0,
     "an array of objects with \"benchmark\" and \"primaryMetric\"",
     jmh,
     NULL},
    {"github-action-benchmark",
     WFM_IN_ARRAY,
     NULL,
     {"name", "unit", "value"},
     1,
     "an array of objects with \"name\", \"unit\" and \"value\"",
     action,
     NULL},
    {"bencher",
     WFM_IN_OBJECT,
     NULL,
     {NULL},
     1,
     "an object with an object for each benchmark, of objects with \"value\" for each measure",
     bencher,
     NULL},
    /* (by a name the one above is found) */
    {"pytest-benchmark", WFM_IN_CSV, NULL, {"name", "mean", "outliers"}, 1, NULL, pytest_csv, NULL},
    {"google-benchmark",
     WFM_IN_CSV,
     NULL,
     {"name", "iterations", "real_time", "cpu_time", "time_unit"},
     0,
     NULL,
     google,
     wfm_google_prepare_csv},
    {"hyperfine",
     WFM_IN_CSV,
     NULL,
     {"command", "mean", "stddev", "user", "system"},
     0,
     NULL,
     hyperfine,
     NULL},
    {"jmh",
     WFM_IN_CSV,
     NULL,
     {"Benchmark", "Mode", "Threads", "Score", "Unit"},
     0,
     NULL,
     jmh,
     wfm_jmh_prepare_csv},
};

#define TOOLS ((int)(sizeof tools / sizeof *tools))

const wfm_tool_t wfm_tool_none = {"json", WFM_IN_ARRAY,          NULL, {NULL},
                                  0,      "an array of objects", any,  NULL};

const wfm_tool_t *wfm_tool_named(const char *name)
{
    for (int i = 0; i < TOOLS; i++)
        if (!strcmp(tools[i].name, name))
            return &tools[i];
    return NULL;
}

int wfm_tools_know_member(const char *name)
{
    for (int i = 0; i < TOOLS; i++)
        if (tools[i].member && !strcmp(tools[i].member, name))
            return 1;
    return 0;
}

/* ---- rules ---- */

static int fits(const char *pattern, const char *path, const char **star, apr_size_t *star_len)
{
    const char *at = strchr(pattern, '*');
    apr_size_t before, behind, len = strlen(path);

    *star = path;
    *star_len = 0;
    if (!at)
        return !strcmp(pattern, path);
    before = (apr_size_t)(at - pattern);
    behind = strlen(at + 1);
    /* one byte at least, but for a rule that fits all */
    if (len < before + behind + (before + behind > 0) || strncmp(pattern, path, before) != 0 ||
        strcmp(at + 1, path + len - behind) != 0)
        return 0;
    *star = path + before;
    *star_len = len - before - behind;
    return 1;
}

const wfm_rule_t *wfm_tool_rule(const wfm_tool_t *tool, const char *path, const char **star,
                                apr_size_t *star_len)
{
    const wfm_rule_t *rule = tool->rules;

    while (!fits(rule->path, path, star, star_len))
        rule++;
    return rule;
}

int wfm_tool_is_rest(const wfm_tool_t *tool, const char *path)
{
    const char *star;
    apr_size_t len;

    return !strcmp(wfm_tool_rule(tool, path, &star, &len)->path, "*");
}

/* ---- whose ---- */

const char *wfm_tool_misses(const wfm_tool_t *tool, const wfm_flat_t *row)
{
    for (int i = 0; i < WFM_TOOL_NEEDS && tool->needs[i]; i++)
        if (!wfm_flat_find(row, tool->needs[i]))
            return tool->needs[i];
    return NULL;
}

int wfm_tool_covers(const wfm_tool_t *tool, const wfm_flat_t *row)
{
    const apr_array_header_t *members = wfm_flat_members(row);

    for (int i = 0; i < members->nelts; i++)
        if (wfm_tool_is_rest(tool, wfm_flat_path(row, &APR_ARRAY_IDX(members, i, wfm_member_t))))
            return 0;
    return 1;
}

const wfm_tool_t *wfm_tool_of_row(const wfm_flat_t *row, wfm_place_e place, const char *member)
{
    for (int i = 0; i < TOOLS; i++) {
        const wfm_tool_t *tool = &tools[i];

        if (tool->place == place && (!member || !strcmp(tool->member, member)) &&
            !wfm_tool_misses(tool, row) && (!tool->closed || wfm_tool_covers(tool, row)))
            return tool;
    }
    return NULL;
}

static int has_header(const wfm_tool_t *tool, const apr_array_header_t *names)
{
    for (int i = 0; i < WFM_TOOL_NEEDS && tool->needs[i]; i++)
        if (!wfm_names_hold(names, tool->needs[i]))
            return 0;
    for (int i = 0; i < names->nelts; i++)
        if (tool->closed && wfm_tool_is_rest(tool, APR_ARRAY_IDX(names, i, const char *)))
            return 0;
    return 1;
}

const wfm_tool_t *wfm_tool_of_header(const apr_array_header_t *names)
{
    for (int i = 0; i < TOOLS; i++)
        if (tools[i].place == WFM_IN_CSV && has_header(&tools[i], names))
            return &tools[i];
    return NULL;
}
