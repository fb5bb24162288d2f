/*
 * jmh.c - owns what JMH's CSV calls otherwise than its JSON.
 */
#include "jmh.h"
#include "../core/text.h"
#include <apr_strings.h>

#define PATH_BYTES WFM_NAME_MAX

static const char error[] = "Score Error (", param[] = "Param: ";

static int begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* A path with what a file names in its middle, as much of it as a name may have. */
static const char *put(char path[PATH_BYTES], const char *before, const char *name,
                       const char *behind)
{
    apr_size_t len = wfm_text_cut(name, strlen(name), WFM_NAME_MAX / 2);

    apr_snprintf(path, PATH_BYTES, "%s%.*s%s", before, (int)len, name, behind);
    return path;
}

/* What JSON calls a column. @param metric the secondary metric that the row is of; NULL: none.
 * @return NULL: it has no such thing */
static const char *path_of(const char *column, const char *metric, char path[PATH_BYTES])
{
    if (!strcmp(column, "Mode"))
        return "mode";
    if (!strcmp(column, "Threads"))
        return "threads";
    if (begins(column, param))
        return put(path, "params.", column + strlen(param), "");
    if (!strcmp(column, "Score"))
        return metric ? put(path, "secondaryMetrics.", metric, ".score") : "primaryMetric.score";
    if (!strcmp(column, "Unit"))
        return metric ? put(path, "secondaryMetrics.", metric, ".scoreUnit")
                      : "primaryMetric.scoreUnit";
    return begins(column, error) && !metric ? "primaryMetric.scoreError" : NULL;
}

wfm_error_t *wfm_jmh_prepare_csv(wfm_flat_t *row, wfm_notes_t *notes)
{
    const char *name = wfm_flat_text(row, wfm_flat_find(row, "Benchmark"));
    const char *colon = strchr(name, ':'); /* stands in no name of Java's */
    const char *metric = colon && colon[1] ? colon + 1 : NULL;
    const apr_array_header_t *members = wfm_flat_members(row);
    char path[PATH_BYTES];

    (void)notes;
    for (int i = 0; i < members->nelts; i++) {
        wfm_member_t *member = &APR_ARRAY_IDX(members, i, wfm_member_t);
        const char *is = path_of(wfm_flat_path(row, member), metric, path);

        if (is)
            WFM_TRY(wfm_flat_rename(row, member, is));
    }
    return wfm_flat_add(row, "benchmark", name, metric ? (apr_size_t)(colon - name) : strlen(name));
}
