/*
 * google.c - owns what is particular in a row of Google Benchmark.
 */
#include "google.h"
#include "../core/text.h"
#include "units.h"
#include <apr_strings.h>

/* What the library itself puts into names is how it was measured, no parameter. */
static int is_setting(const char *key, apr_size_t len)
{
    static const char *const settings[] = {"iterations", "repeats", "min_time", "min_warmup_time",
                                           "threads"};

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strlen(settings[i]) == len && !memcmp(settings[i], key, len))
            return 1;
    return 0;
}

/* "BM_copy/size:8/threads:2" has the parameter size. */
static wfm_error_t *add_parameters(wfm_flat_t *row, const char *name)
{
    const char *s = strchr(name, '/');

    while (s) {
        const char *key = s + 1, *colon;
        char path[WFM_NAME_MAX];
        apr_size_t len;

        s = strchr(key, '/');
        len = strcspn(key, ":/");
        colon = key + len;
        if (!len || *colon != ':' || colon[1] == ':' || colon[1] == '/' || !colon[1] ||
            is_setting(key, len) || len > 100)
            continue;
        apr_snprintf(path, sizeof path, "args.%.*s", (int)len, key);
        WFM_TRY(wfm_flat_add(row, path, colon + 1, strcspn(colon + 1, "/")));
    }
    return NULL;
}

static int is_true(const wfm_flat_t *row, const char *path)
{
    const wfm_member_t *member = wfm_flat_find(row, path);

    return member && !strcmp(wfm_flat_text(row, member), "true");
}

/* The times of what did not run are no times. */
static void drop_figures(wfm_flat_t *row, wfm_notes_t *notes)
{
    static const char *const figures[] = {"real_time", "cpu_time"};
    const wfm_member_t *name = wfm_flat_find(row, "name");

    for (int i = 0; i < 2; i++) {
        wfm_member_t *member = wfm_flat_find(row, figures[i]);

        if (member)
            member->kind = WFM_CELL_ABSENT;
    }
    if (wfm_note_wanted(notes))
        wfm_note(notes, "line %" APR_INT64_T_FMT ": '%s' did not run, and has no times",
                 wfm_flat_line(row), wfm_text_short(notes->pool, wfm_flat_text(row, name)));
}

/* What is no figure, though it be a number. */
static int is_count(const char *path)
{
    static const char *const counts[] = {
        "name",        "run_name",         "family_index", "per_family_instance_index",
        "repetitions", "repetition_index", "threads",      "iterations",
        NULL};

    return wfm_texts_hold(counts, path);
}

/* How much of a name stands in a path. */
static int shown(const char *name)
{
    return (int)wfm_text_cut(name, strlen(name), WFM_NAME_MAX / 2 - 16);
}

/* An aggregate that is a ratio, such as cv, is none of the figures that it was made of:
 * "real_time_cv". */
static wfm_error_t *rename_ratios(wfm_flat_t *row)
{
    const wfm_member_t *aggregate = wfm_flat_find(row, "aggregate_name");
    const char *which = aggregate ? wfm_flat_text(row, aggregate) : "ratio";
    const apr_array_header_t *members = wfm_flat_members(row);
    char path[WFM_NAME_MAX];

    for (int i = members->nelts - 1; i >= 0; i--) { /* "rate_cv" before "rate" */
        wfm_member_t *member = &APR_ARRAY_IDX(members, i, wfm_member_t);
        const char *was = wfm_flat_path(row, member);

        if (member->kind != WFM_CELL_NUMBER || is_count(was) || !strcmp(was, "rms"))
            continue;
        apr_snprintf(path, sizeof path, "%.*s_%.*s", shown(was), was, shown(which), which);
        WFM_TRY(wfm_flat_rename(row, member, path));
    }
    return NULL;
}

wfm_error_t *wfm_google_prepare(wfm_flat_t *row, wfm_notes_t *notes)
{
    const wfm_member_t *name = wfm_flat_find(row, "run_name");
    const wfm_member_t *unit = wfm_flat_find(row, "aggregate_unit");

    if (is_true(row, "error_occurred") || is_true(row, "skipped"))
        drop_figures(row, notes);
    if (unit && !strcmp(wfm_flat_text(row, unit), "percentage"))
        WFM_TRY(rename_ratios(row));
    if (!name) { /* before 1.5 */
        name = wfm_flat_find(row, "name");
        WFM_TRY(wfm_flat_add(row, "run_name", wfm_flat_text(row, name), name->len));
        name = wfm_flat_find(row, "run_name");
    }
    return add_parameters(row, wfm_flat_text(row, name));
}

/* ---- CSV ---- */

static const char *text_at(const wfm_flat_t *row, const char *path)
{
    const wfm_member_t *member = wfm_flat_find(row, path);

    return member ? wfm_flat_text(row, member) : "";
}

static void drop(wfm_flat_t *row, const char *path)
{
    wfm_member_t *member = wfm_flat_find(row, path);

    if (member)
        member->kind = WFM_CELL_ABSENT;
}

static wfm_error_t *call_otherwise(wfm_flat_t *row, const char *was, const char *path)
{
    wfm_member_t *member = wfm_flat_find(row, was);

    return member ? wfm_flat_rename(row, member, path) : NULL;
}

/* Versions differ in what they take the times of a cv times; the coefficients of BigO have no unit
 * here; of the two RMS JSON has the one of cpu_time. */
static wfm_error_t *take_aggregate(wfm_flat_t *row, const char *which)
{
    const char *unit = text_at(row, "time_unit");

    if (!strcmp(which, "cv")) {
        drop(row, "real_time");
        drop(row, "cpu_time");
        return wfm_flat_add(row, "aggregate_unit", "percentage", strlen("percentage"));
    }
    if (!strcmp(which, "BigO")) {
        WFM_TRY(call_otherwise(row, "real_time", "real_coefficient"));
        WFM_TRY(call_otherwise(row, "cpu_time", "cpu_coefficient"));
        return wfm_flat_add(row, "big_o", unit, strlen(unit));
    }
    if (!strcmp(which, "RMS")) {
        drop(row, "real_time");
        return call_otherwise(row, "cpu_time", "rms");
    }
    return NULL;
}

/* What stands behind a name's last line is an aggregate, if it is one of these, and the unit is
 * that of such: "BM_line/16_mean". NULL: it is none. */
static const char *aggregate_of(const wfm_flat_t *row, const char *name)
{
    static const char *const timed[] = {"mean", "median", "stddev", "cv", NULL};
    static const char *const untimed[] = {"BigO", "RMS", NULL};
    const char *line = strrchr(name, '_'), *unit = text_at(row, "time_unit");

    if (!line || line == name)
        return NULL;
    return wfm_texts_hold(wfm_unit_of_cell(unit, strlen(unit), 1) ? timed : untimed, line + 1)
               ? line + 1
               : NULL;
}

static wfm_error_t *add_threads(wfm_flat_t *row)
{
    const char *at = strstr(text_at(row, "name"), "/threads:");

    at = at ? at + strlen("/threads:") : "1";
    return wfm_flat_add(row, "threads", at, strspn(at, "0123456789"));
}

wfm_error_t *wfm_google_prepare_csv(wfm_flat_t *row, wfm_notes_t *notes)
{
    const char *name = text_at(row, "name");
    const char *which = aggregate_of(row, name);

    if (which) {
        WFM_TRY(wfm_flat_add(row, "run_name", name, (apr_size_t)(which - 1 - name)));
        WFM_TRY(wfm_flat_add(row, "aggregate_name", which, strlen(which)));
        WFM_TRY(take_aggregate(row, which));
    }
    WFM_TRY(add_threads(row));
    return wfm_google_prepare(row, notes);
}
