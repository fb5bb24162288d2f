/*
 * tools.h - the files of benchmark tools: how they are told, and what their members are.
 *
 * An array of objects, an object with such an array under a name, or an object whose every member
 * is an object: each of those objects is a row. What a file is, is told by its first one, by the
 * first line that fits:
 *
 *   pytest-benchmark         in "benchmarks": with fullname and stats.mean
 *   google-benchmark         in "benchmarks": with name and time_unit
 *   hyperfine                in "results": with command and mean
 *   jmh                      in an array: with benchmark and primaryMetric.score
 *   github-action-benchmark  in an array: with name, unit and value, and nothing but these, range
 *                            and extra
 *   bencher                  in an object of objects: objects with the number value, and nothing
 *                            but this, lower_value and upper_value
 *   json                     in an array, or the file is one object
 *
 * A CSV file, whose rows are members by the header's names, is told by that:
 *
 *   pytest-benchmark         name, mean and outliers, and nothing but what its rules name
 *   google-benchmark         name, iterations, real_time, cpu_time, time_unit
 *   hyperfine                command, mean, stddev, user, system
 *   jmh                      Benchmark, Mode, Threads, Score, Unit
 */
#ifndef WFM_INGEST_TOOLS_H
#define WFM_INGEST_TOOLS_H

#include "flat.h"

/**
 * What becomes of a member. In `path` a "*" stands for any text, once; in `name` and `unit` for
 * the same text. "~" in `name` stands for what the unit measures: time, bandwidth …
 */
typedef struct wfm_rule_t {
    const char *path;
    wfm_role_e role;
    const char *name; /**< of its column; NULL: its path */
    const char *unit; /**< of its numbers; "=PATH": as the member of that path says; NULL: none */
} wfm_rule_t;

typedef enum wfm_place_e {
    WFM_IN_ARRAY,  /**< the file is an array */
    WFM_IN_MEMBER, /**< it is an object, and the array one of its members */
    WFM_IN_OBJECT, /**< it is an object whose members are the rows; their names are "" */
    WFM_IN_CSV     /**< it is no JSON */
} wfm_place_e;

#define WFM_TOOL_NEEDS 5

typedef struct wfm_tool_t {
    const char *name;
    wfm_place_e place;
    const char *member;                /**< of WFM_IN_MEMBER */
    const char *needs[WFM_TOOL_NEEDS]; /**< what the first row, or the header, has, and the first of
                                          it each row */
    int closed;           /**< a file that is not said to be its has nothing but what rules name */
    const char *expected; /**< what its file is, in words; NULL: nobody says whose it is */
    const wfm_rule_t *rules; /**< the first that fits; the last one fits all */
    /** Make a row's members what the rules are for; or NULL. */
    wfm_error_t *(*prepare)(wfm_flat_t *row, wfm_notes_t *notes);
} wfm_tool_t;

/** Rows without a tool: all that stands in them is open. */
extern const wfm_tool_t wfm_tool_none;

/** The tool of that name; NULL: there is none. */
const wfm_tool_t *wfm_tool_named(const char *name);

/** Whose row is it, that stands there? NULL: nobody's. */
const wfm_tool_t *wfm_tool_of_row(const wfm_flat_t *row, wfm_place_e place, const char *member);

/** Whose CSV file has this header (of const char *, no name twice)? NULL: nobody's. */
const wfm_tool_t *wfm_tool_of_header(const apr_array_header_t *names);

/** Is it the member of a file in which some tool's rows stand? */
int wfm_tools_know_member(const char *name);

/** What a row lacks to be the tool's first one; NULL: nothing. */
const char *wfm_tool_misses(const wfm_tool_t *tool, const wfm_flat_t *row);

/** The rule for a path. @param star receives what "*" stands for, in the path */
const wfm_rule_t *wfm_tool_rule(const wfm_tool_t *tool, const char *path, const char **star,
                                apr_size_t *star_len);

/** Does none of its rules fit but the one that fits all? */
int wfm_tool_is_rest(const wfm_tool_t *tool, const char *path);

/** Has the row nothing but what rules name? */
int wfm_tool_covers(const wfm_tool_t *tool, const wfm_flat_t *row);

#endif
