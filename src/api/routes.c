/*
 * routes.c - THE route table: one row an endpoint. A row decides path, method, access, what comes
 * in and how it is checked, and what goes out; 404, 405, Allow, HEAD and OPTIONS follow from the
 * rows. Their order has no meaning.
 */
#include "api.h"
#include "buckets.h"
#include "change_points.h"
#include "compare.h"
#include "export.h"
#include "results.h"

static const char *const export_formats[] = {"csv", "json", "ndjson", NULL};
static const char *const compare_formats[] = {"json", "csv", "markdown", NULL};
static const char *const export_delimiters[] = {"comma", "semicolon", "tab", NULL};

static const char *const sort_orders[] = {"asc", "desc", NULL};
static const char *const sort_default[] = {"timestamp", NULL};

/* Path variables. */
#define ID                                                                                         \
    {                                                                                              \
        .name = "id", .type = WFM_PARAM_ID, .flags = WFM_PARAM_PATH                                \
    }
#define DIMENSION                                                                                  \
    {                                                                                              \
        .name = "dimension", .type = WFM_PARAM_NAME, .flags = WFM_PARAM_PATH                       \
    }
/* Query parameters, and fields of a body where the type says so. */
#define ID_OF(key, text)                                                                           \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ID, .about = (text)                                         \
    }
#define START(key, of)                                                                             \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_START,                       \
        .about = "from when on, by " of                                                            \
    }
#define STOP(key, of)                                                                              \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_END,                         \
        .about = "until when, inclusive, by " of                                                   \
    }
#define RANGE START("start", "the rows' timestamp"), STOP("end", "the rows' timestamp")
#define OFFSET                                                                                     \
    {                                                                                              \
        .name = "offset", .type = WFM_PARAM_OFFSET, .about = "how many to skip"                    \
    }
#define CURSOR                                                                                     \
    {                                                                                              \
        .name = "cursor", .type = WFM_PARAM_TEXT,                                                  \
        .about = "next_cursor of the page before; not beside offset"                               \
    }
#define LIMIT(d, m)                                                                                \
    {                                                                                              \
        .name = "limit", .type = WFM_PARAM_LIMIT, .def = (d), .max = (m),                          \
        .about = "how many at most; more than the maximum is lowered to it"                        \
    }
#define CHOICE(key, list, d, text)                                                                 \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ENUM, .values = (list), .def = (d), .about = (text)         \
    }
/* One of the list, or what the database has besides: the handler asks it. */
#define OPEN_CHOICE(key, list)                                                                     \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ENUM, .flags = WFM_PARAM_OPEN, .values = (list), .def = -1, \
        .about = "one of these, or another one that a run has"                                     \
    }
#define BOOL(key, text)                                                                            \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_BOOL, .about = (text)                                       \
    }
/* What is not said is one of the two. */
#define SWITCH(key, d, text)                                                                       \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_BOOL, .def = WFM_PARAM_##d, .about = (text)                 \
    }
#define NUMBER(key, limits, text)                                                                  \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_NUMBER, .about = (text), .bounds = &(limits)                \
    }
#define TEXT(key, text)                                                                            \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT, .about = (text)                                       \
    }
#define NEEDED WFM_PARAM_REQUIRED
#define NAME(key, more, text)                                                                      \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_NAME, .flags = (more), .about = (text)                      \
    }
#define DIMENSIONS                                                                                 \
    {                                                                                              \
        .name = "dimensions", .type = WFM_PARAM_DIMENSIONS,                                        \
        .about = "which rows, by their dimensions"                                                 \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }
/* Fields of a body. */
#define NAME_255(key, more)                                                                        \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_NOT_BLANK | (more), .max = 255     \
    }
#define TEXT_255(key)                                                                              \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT, .max = 255                                            \
    }
#define LIST(key, kind, more, text)                                                                \
    {                                                                                              \
        .name = key, .type = (kind), .flags = (more), .max = 1600, .about = (text)                 \
    } /* an export's most fields */
#define TEXTS(key, more, text)                                                                     \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT_ARRAY, .flags = (more), .about = (text)                \
    }
#define NAMES(key, most, more, text)                                                               \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_NAMES, .flags = (more), .max = (most), .about = (text)      \
    }

/* ---- path and query ---- */

static const wfm_param_spec_t none[] = {END};
static const wfm_param_spec_t by_id[] = {ID, END};
static const wfm_param_spec_t config_list[] = {
    TEXT("name", "a part of the name, whatever the case; no wildcards; empty: all"),
    BOOL("enabled", "only such configs"),
    TEXT("github_owner", "the whole of it, in its case; empty: all"),
    TEXT("github_repo", "the whole of it, in its case; empty: all"),
    OFFSET,
    LIMIT(20, 100),
    END,
};
#define REPOSITORY                                                                                 \
    {.name = "owner", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_PATH, .max = 255},                \
    {                                                                                              \
        .name = "repo", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_PATH, .max = 255                \
    }
static const wfm_param_spec_t repository_list[] = {
    TEXT("github_owner", "the whole of it, in its case; empty: all"),
    TEXT("q", "a part of owner/repository, whatever the case; no wildcards; empty: all"),
    OFFSET,
    LIMIT(100, 1000),
    END,
};
static const wfm_param_spec_t by_repository[] = {REPOSITORY, END};
#define RUN_FILTERS                                                                                \
    OPEN_CHOICE("status", api_run_statuses), OPEN_CHOICE("trigger_source", api_trigger_sources),   \
        TEXT("head_branch", "the whole of it, in its case; empty: all"),                           \
        TEXT("head_sha", "the whole of it, in its case; empty: all"),                              \
        ID_OF("github_run_id", "of that run of GitHub's"),                                         \
        TEXT("workflow_name", "the whole of it, in its case; empty: all"),                         \
        TEXT("workload_name", "a part of it, whatever the case; no wildcards; empty: all"),        \
        TEXT("runner_set", "runner_set_name of the config, or the run's own; empty: all"),         \
        START("start_date", "created_at"), STOP("end_date", "created_at"), OFFSET, CURSOR,         \
        LIMIT(20, 100)
static const wfm_param_spec_t run_list[] = {ID_OF("config_id", "of one config"), RUN_FILTERS, END};
static const wfm_param_spec_t config_runs[] = {ID, RUN_FILTERS, END};
#define METRIC_PAGE                                                                                \
    OFFSET, CURSOR, LIMIT(100, 1000),                                                              \
        SWITCH("raw_data", TRUE, "false: without the field raw_data, which is not even read")
static const wfm_param_spec_t runner_list[] = {
    ID,
    {.name = "since",
     .type = WFM_PARAM_TIME,
     .about = "that ended then or later; default: 24 hours ago"},
    LIMIT(100, 1000),
    END,
};
static const wfm_param_spec_t change_list[] = {
    ID,
    {.name = "since",
     .type = WFM_PARAM_TIME,
     .about = "with runs of then or later; default: the start of the day (UTC) 30 days ago"},
    TEXT("head_branch", "of runs of that branch; empty: of all"),
    CHOICE("verdict", api_change_verdicts, -1, "only such changes"),
    {.name = "exclude_control",
     .type = WFM_PARAM_DIMENSIONS,
     .about = "which series are control: without them, and without what they show, too"},
    SWITCH("acknowledged", FALSE, "true: also those that were acknowledged"),
    CURSOR,
    LIMIT(100, 1000),
    END,
};
/* Which change of the list is meant. */
#define ONE_CHANGE                                                                                 \
    NAME("field", NEEDED, "the metric's name"),                                                    \
        {.name = "dimensions",                                                                     \
         .type = WFM_PARAM_DIMENSIONS,                                                             \
         .flags = NEEDED,                                                                          \
         .about = "of the series: each dimension's one value, or null"},                           \
    {                                                                                              \
        .name = "run_id", .type = WFM_PARAM_ID, .flags = NEEDED,                                   \
        .about = "of the change, or within three points of it"                                     \
    }
static const wfm_param_spec_t acknowledged_change[] = {
    ID,
    ONE_CHANGE,
    TEXT("head_branch", "of the list that showed it; default: none"),
    END,
};
static const wfm_param_spec_t task_list[] = {ID, OFFSET, LIMIT(20, 100), END};
static const wfm_param_spec_t config_metrics[] = {
    ID,
    ID_OF("run_id", "of one run"),
    ID_OF("schema_id", "made with one schema"),
    RANGE,
    METRIC_PAGE,
    END,
};
static const wfm_param_spec_t run_metrics[] = {ID, METRIC_PAGE, END};
static const wfm_param_spec_t schema_list[] = {ID, OFFSET, CURSOR, LIMIT(100, 1000), END};
static const wfm_param_spec_t config_range[] = {ID, RANGE, END};
static const wfm_param_spec_t dimension_list[] = {
    ID, RANGE,
    ID_OF("schema_id", "of rows made with one schema; dimensions is then the same map as values"),
    END};
#define VALUES                                                                                     \
    RANGE,                                                                                         \
        {.name = "q",                                                                              \
         .type = WFM_PARAM_TEXT,                                                                   \
         .max = 1000,                                                                              \
         .about = "values that hold it, whatever the case (as the database's locale has it); no "  \
                  "wildcards"},                                                                    \
        OFFSET, LIMIT(100, 10000)
static const wfm_param_spec_t dimension_values[] = {ID, DIMENSION, VALUES, END};
static const wfm_param_spec_t named_values[] = {ID, NAME("dimension", NEEDED, "its name"), VALUES,
                                                END};
static const wfm_param_spec_t field_list[] = {
    ID, ID_OF("schema_id", "that schema and its rows; default: the active one and all rows"), END};
#define CSV_DELIMITER(csv)                                                                         \
    {                                                                                              \
        .name = "delimiter", .type = WFM_PARAM_ENUM, .values = export_delimiters,                  \
        .about = "between the cells", .only_with = "format", .only_values = (csv)                  \
    }
#define CSV_BOM(csv)                                                                               \
    {                                                                                              \
        .name = "bom", .type = WFM_PARAM_BOOL, .def = WFM_PARAM_FALSE,                             \
        .about = "a byte order mark first", .only_with = "format", .only_values = (csv)            \
    }
static const wfm_param_spec_t export_rows[] = {
    ID,
    RANGE,
    DIMENSIONS,
    {.name = "metric_fields",
     .type = WFM_PARAM_NAMES,
     .about = "which metrics, in the schema's order; default: all"},
    {.name = "limit",
     .type = WFM_PARAM_LIMIT,
     .flags = WFM_PARAM_EXPORT_LIMIT,
     .def = 10000,
     .about = "how many rows at most; more than WfmetricsExportMaxRows is lowered to it"},
    CHOICE("format", export_formats, 0, NULL),
    CSV_DELIMITER(1u << EXPORT_CSV),
    CSV_BOM(1u << EXPORT_CSV),
    {.name = "include",
     .type = WFM_PARAM_NAMES,
     .values = api_export_includes,
     .about = "further columns, of the rows' run"},
    {.name = "truncated",
     .type = WFM_PARAM_BOOL,
     .def = WFM_PARAM_FALSE,
     .about = "a last line that says whether rows are left out; JSON always says it",
     .only_with = "format",
     .only_values = 1u << EXPORT_JSON | 1u << EXPORT_NDJSON},
    END,
};

/* A side of a comparison, in one of four ways. */
#define SIDE(side)                                                                                 \
    {.name = side "_run", .type = WFM_PARAM_IDS, .max = COMPARE_MOST_RUNS, .about = "these runs"}, \
        TEXT(side "_sha", "the runs of this commit"),                                              \
        TEXT(side "_branch", "the newest runs of this branch"),                                    \
        NUMBER(side "_last", compare_last, "how many, of the branch"),                             \
        START(side "_start", "the run's first row"), STOP(side "_end", "the run's first row")
static const wfm_bounds_t compare_last = {1, COMPARE_MOST_RUNS, COMPARE_DEFAULT_LAST, 1},
                          compare_change = {0, 1e6, 2, 0}, compare_pvalue = {0, 1, 0.05, 0};
static const wfm_param_spec_t comparison[] = {
    ID,
    SIDE("base"),
    SIDE("head"),
    DIMENSIONS,
    {.name = "metric_fields",
     .type = WFM_PARAM_NAMES,
     .about = "which metrics; default: the active schema's"},
    {.name = "group_by",
     .type = WFM_PARAM_NAMES,
     .flags = WFM_PARAM_EMPTY,
     .about = "dimensions; [] or empty: none; default: all of the active schema's"},
    NUMBER("min_change", compare_change, "percent; less is no change"),
    NUMBER("max_pvalue", compare_pvalue, "of the adjusted one; more is no change"),
    {.name = "verdict",
     .type = WFM_PARAM_NAMES,
     .values = api_compare_verdicts,
     .about = "only series with one of these"},
    {.name = "limit",
     .type = WFM_PARAM_LIMIT,
     .def = COMPARE_SHOWN_DEFAULT,
     .max = COMPARE_SHOWN_MOST,
     .about = "how many at most; more than the maximum is lowered to it; CSV has all by default"},
    CHOICE("format", compare_formats, 0, NULL),
    {.name = "cursor",
     .type = WFM_PARAM_TEXT,
     .about = "next_cursor of the page before",
     .only_with = "format",
     .only_values = 1u << COMPARE_JSON},
    CSV_DELIMITER(1u << COMPARE_CSV),
    CSV_BOM(1u << COMPARE_CSV),
    END,
};

/* Of a run and its file; in the query, or in the header Wfmetrics-Run. */
#define SHORT(key, most, text)                                                                     \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_NOT_BLANK, .max = (most),          \
        .about = (text)                                                                            \
    }
#define NUMBER_OF(key, most, text)                                                                 \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ID, .max = (most), .about = (text)                          \
    }
#define NAMED(key, text)                                                                           \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_NAMES, .max = 1600, .about = (text)                         \
    }
#define RESULTS                                                                                    \
    SHORT("workload_uid", 255, "which run; default: made of the next three"),                      \
        ID_OF("github_run_id", "GitHub's number of it: the run is then github-RUN-ATTEMPT-JOB"),   \
        {.name = "run_attempt", .type = WFM_PARAM_ID, .def = 1, .max = 2147483647},                \
        {.name = "job", .type = WFM_PARAM_TEXT, .max = 200, .about = "default: none"},             \
        NUMBER_OF("github_run_number", 2147483647, "stored with the run"),                         \
        ID_OF("github_job_id", "stored with the run"),                                             \
        SHORT("workflow_name", 255, "stored with the run"),                                        \
        SHORT("workload_name", 255, "stored with the run"),                                        \
        SHORT("head_sha", 64, "stored with the run"),                                              \
        SHORT("head_branch", 255, "stored with the run"),                                          \
        CHOICE("status", api_sent_statuses, 0, "of the run; one that failed needs no file"),       \
        {.name = "started_at",                                                                     \
         .type = WFM_PARAM_TIME,                                                                   \
         .about = "of the run; default: as it was; of a new one completed_at"},                    \
        {.name = "completed_at",                                                                   \
         .type = WFM_PARAM_TIME,                                                                   \
         .about = "of the run, and its rows' time; default: as it was; of a new one now"},         \
        SHORT("source_file", 1024, "the file's name; required with a file"),                       \
        CHOICE("format", wfm_format_names, -1,                                                     \
               "the file's; default: by Content-Type, else by the file's name"),                   \
        NAMED("dimensions", "which columns are dimensions; default: those of the active schema, "  \
                            "else inferred"),                                                      \
        NAMED("metrics", "which columns are metrics; default: the same"),                          \
        NAME("timestamp_column", 0, "which column has the rows' time; default: none"),             \
        SWITCH("strict", FALSE, "true: what would be a warning is a 400, and nothing is stored")
static const wfm_param_spec_t results[] = {ID, RESULTS, END};

/* ---- bodies ---- */

#define BODY(id, others, ...)                                                                      \
    static const wfm_param_spec_t id##_fields[] = {__VA_ARGS__, END};                              \
    static const wfm_body_spec_t id = {.fields = id##_fields, .unknown = others}

/* A patch that names what does not exist is a mistake; a whole row that comes back has more than
 * the API takes. */
BODY(config_patch, WFM_UNKNOWN_REFUSED, BOOL("enabled", NULL), NAME_255("name", 0),
     TEXT("description", "may be empty"), TEXTS("file_patterns", 0, "may be empty"));
BODY(config, WFM_UNKNOWN_IGNORED, NAME_255("name", NEEDED), TEXT("description", NULL),
     NAME_255("runner_set_namespace", NEEDED), NAME_255("runner_set_name", NEEDED),
     TEXT_255("runner_set_uid"), NAME_255("github_owner", NEEDED), NAME_255("github_repo", NEEDED),
     TEXT_255("workflow_filter"), TEXT_255("branch_filter"),
     TEXTS("file_patterns", NEEDED, "may be empty"),
     BOOL("enabled", "POST: true by default; PUT: as it was"),
     {.name = "display_settings",
      .type = WFM_PARAM_OBJECT,
      .about = "stored as they are; POST: none by default; PUT: as they were"});
BODY(acknowledge, WFM_UNKNOWN_REFUSED, ONE_CHANGE,
     {.name = "note", .type = WFM_PARAM_TEXT, .max = 1000, .about = "what there is to say of it"},
     TEXT("head_branch", "of the list that showed it; default: none"),
     {.name = "since",
      .type = WFM_PARAM_TIME,
      .about = "of the list that showed it; default: its default, or the run's time if that is "
               "earlier"});
BODY(backfill, WFM_UNKNOWN_IGNORED,
     {.name = "start_time",
      .type = WFM_PARAM_TIME,
      .flags = NEEDED | WFM_PARAM_RANGE_START,
      .about = "of runners that ended then or later"},
     {.name = "end_time",
      .type = WFM_PARAM_TIME,
      .flags = NEEDED | WFM_PARAM_RANGE_END,
      .about = "until when, inclusive"},
     {.name = "workload_uids",
      .type = WFM_PARAM_TEXT_ARRAY,
      .max = 1000,
      .about = "of these only; default, and if it is empty: of all"},
     SWITCH("dry_run", FALSE, "count them, and make nothing"));
BODY(schema, WFM_UNKNOWN_IGNORED, NAME_255("name", NEEDED),
     LIST("fields", WFM_PARAM_FIELD_ARRAY, NEEDED, "stored as they are; may be empty"),
     LIST("dimension_fields", WFM_PARAM_NAME_ARRAY, 0, "default: none"),
     LIST("metric_fields", WFM_PARAM_NAME_ARRAY, 0, "default: none"),
     SWITCH("is_active", TRUE, "true: it takes the place of the one in force"));
BODY(schema_patch, WFM_UNKNOWN_REFUSED,
     LIST("fields", WFM_PARAM_FIELD_PATCHES, NEEDED,
          "what is given replaces what the field of that name says"));
#define SAMPLE_FILES(more)                                                                         \
    {                                                                                              \
        .name = "sample_files", .type = WFM_PARAM_FILES, .flags = (more), .max = 20,               \
        .about =                                                                                   \
            "`file_type` is a format's name or media type; default: the end of `path`, or of "     \
            "`name`; else csv"                                                                     \
    }
BODY(schema_preview, WFM_UNKNOWN_IGNORED, SAMPLE_FILES(NEEDED));
static const wfm_param_spec_t regenerate_fields[] = {SAMPLE_FILES(0), END};
static const wfm_body_spec_t regenerate = {
    .fields = regenerate_fields, .unknown = WFM_UNKNOWN_IGNORED, .may_be_empty = 1};
static const char *const result_media[] = {"text/csv",
                                           "text/tab-separated-values",
                                           "application/json",
                                           "application/x-ndjson",
                                           "text/plain",
                                           "application/octet-stream",
                                           NULL};
static const wfm_param_spec_t result_fields[] = {
    RESULTS,
    {.name = "error_message",
     .type = WFM_PARAM_TEXT,
     .max = 65536,
     .about = "of a run that failed; in the header alone, since URLs stand in access logs"},
    END};
static const wfm_body_spec_t result_file = {.fields = result_fields,
                                            .unknown = WFM_UNKNOWN_REFUSED,
                                            .header = "Wfmetrics-Run",
                                            .media = result_media};
#define METRIC_SELECTION RANGE, ID_OF("schema_id", "made with one schema"), DIMENSIONS
BODY(metric_query, WFM_UNKNOWN_IGNORED, METRIC_SELECTION,
     {.name = "metric_filters",
      .type = WFM_PARAM_METRIC_FILTERS,
      .about = "which rows, by their metrics"},
     {.name = "sort_by",
      .type = WFM_PARAM_NAME,
      .values = sort_default,
      .about = "timestamp (the row's time, even where a metric has that name), or a metric's name"},
     CHOICE("sort_order", sort_orders, 1, NULL), METRIC_PAGE);
#define SERIES                                                                                     \
    CHOICE("interval", api_intervals, API_DAY, "how wide a bucket is"),                            \
        {.name = "timezone",                                                                       \
         .type = WFM_PARAM_ZONE,                                                                   \
         .about = "whose clocks cut the buckets, such as Europe/Berlin; default: UTC"},            \
        NAMES("group_by", 10, 0, "dimensions; default: none")
BODY(metric_aggregate, WFM_UNKNOWN_IGNORED, METRIC_SELECTION,
     NAME("metric_field", NEEDED, "the metric's name"), CHOICE("agg_func", api_agg_funcs, 0, NULL),
     SERIES);
BODY(metric_trends, WFM_UNKNOWN_IGNORED, METRIC_SELECTION,
     NAMES("metric_fields", 20, NEEDED, "the metrics' names"), SERIES,
     SWITCH("fill", FALSE, "also the buckets that no series has"));

static const wfm_bounds_t window_len = {2, 1000, API_WINDOW_LEN, 1},
                          max_pvalue = {0, 1, API_MAX_PVALUE, 0}, min_change = {0, 1e6, 0, 0};
BODY(metric_changes, WFM_UNKNOWN_IGNORED, METRIC_SELECTION,
     NAMES("metric_fields", 20, NEEDED, "the metrics' names"),
     NAMES("group_by", 10, 0, "dimensions; default: none"),
     TEXT("head_branch", "of runs of that branch; empty: of all"),
     NUMBER("window_len", window_len, "how many points are looked at together"),
     NUMBER("max_pvalue", max_pvalue, "a change is less likely to be chance"),
     NUMBER("min_change", min_change, "percent; a change is larger, forward or backward"),
     SWITCH("points", FALSE, "also the points of each series"));

/* ---- answers ---- */

#define OBJECT(shape, more)                                                                        \
    &(const api_answer_t)                                                                          \
    {                                                                                              \
        .row = &(shape), .flags = (more)                                                           \
    }
#define ROWS(list, shape)                                                                          \
    &(const api_answer_t)                                                                          \
    {                                                                                              \
        .key = (list), .row = &(shape), .flags = API_TAGGED                                        \
    }
#define ROWS_AND(list, shape, others)                                                              \
    &(const api_answer_t)                                                                          \
    {                                                                                              \
        .key = (list), .row = &(shape), .around = (others), .flags = API_TAGGED                    \
    }
#define TAGGED API_TAGGED

/* The POST that lists rows has no tag. */
static const api_answer_t queried = {.key = "metrics", .row = &shape_metric};

static const char *const export_media[] = {"text/csv", "application/x-ndjson", NULL};
static const char *const export_headers[] = {"Accept-Ranges", "Content-Disposition",
                                             "Wfmetrics-Truncated", NULL};
static const api_answer_t exported = {
    .row = &shape_exported, .media = export_media, .headers = export_headers, .flags = API_STREAM};

static const char *const compared_media[] = {"text/csv", "text/markdown", NULL};
static const char *const compared_headers[] = {"Wfmetrics-Verdict", NULL};
static const api_answer_t compared = {.row = &shape_comparison,
                                      .media = compared_media,
                                      .headers = compared_headers,
                                      .csv_headers = export_headers,
                                      .flags = API_TAGGED};

/* The description itself. */
static const char *const json_media[] = {"application/json", NULL};
static const api_answer_t described = {.media = json_media, .flags = API_TAGGED | API_BARE};

/* No JSON: no row. */
static const char *const figures_media[] = {"text/plain", "application/openmetrics-text", NULL};
static const api_answer_t figures = {.flags = API_BARE, .media = figures_media};

#define READ   WFM_ACCESS_READ
#define WRITE  WFM_ACCESS_WRITE
#define INGEST WFM_ACCESS_INGEST

const wfm_route_t wfm_routes[] = {
    {WFM_GET, "/configs", READ, api_configs_list, config_list, NULL,
     ROWS_AND("configs", shape_config, around_configs),
     "the cluster's configs, newest first, filtered and paged"},
    {WFM_POST, "/configs", WRITE, api_configs_create, none, &config,
     OBJECT(shape_config_created, API_CREATES | API_CONFLICTS | TAGGED), "create a config"},
    {WFM_GET, "/configs/:id", READ, api_configs_get, by_id, NULL, OBJECT(shape_config, TAGGED),
     "one config"},
    {WFM_PUT, "/configs/:id", WRITE, api_configs_put, by_id, &config,
     OBJECT(shape_config, API_VERSIONED | API_CONFLICTS | TAGGED), "replace a config"},
    {WFM_PATCH, "/configs/:id", WRITE, api_configs_patch, by_id, &config_patch,
     OBJECT(shape_config_brief, API_VERSIONED | TAGGED),
     "change `enabled`, `name`, `description`, `file_patterns` of a config"},
    {WFM_DELETE, "/configs/:id", WRITE, api_configs_delete, by_id, NULL,
     OBJECT(shape_deleted, API_VERSIONED),
     "delete a config with its schemas, runs and metric rows"},
    {WFM_GET, "/configs/:id/stats", READ, api_configs_stats, by_id, NULL,
     OBJECT(shape_config_stats, TAGGED), "counts of runs and metric rows"},
    {WFM_GET, "/configs/:id/summary", READ, api_configs_summary, config_range, NULL,
     OBJECT(shape_config_summary, TAGGED),
     "statistics of each metric, number of values of each dimension"},
    {WFM_GET, "/configs/:id/runs", READ, api_runs_list_config, config_runs, NULL,
     ROWS("runs", shape_run_listed), "a config's runs, newest first, filtered and paged"},
    {WFM_POST, "/configs/:id/runs/batch-retry", WRITE, api_runs_batch_retry, by_id, NULL,
     OBJECT(shape_runs_retried, 0), "set all failed runs of a config to pending"},
    {WFM_POST, "/configs/:id/results", INGEST, api_results_send, results, &result_file,
     OBJECT(shape_results_stored, API_MAKES), "store a result file and the run that it is of"},
    {WFM_GET, "/configs/:id/runners", READ, api_configs_runners, runner_list, NULL,
     OBJECT(shape_runners, TAGGED),
     "a config's finished runners as Lens knows them, newest first, and which have a run"},
    {WFM_POST, "/configs/:id/backfill", WRITE, api_backfill_start, by_id, &backfill,
     OBJECT(shape_backfill, API_ACCEPTS | API_CONFLICTS),
     "make pending runs of finished runners that have none"},
    {WFM_GET, "/configs/:id/backfill/status", READ, api_backfill_status, by_id, NULL,
     OBJECT(shape_task, TAGGED), "a config's newest backfill task"},
    {WFM_GET, "/configs/:id/backfill/tasks", READ, api_backfill_tasks, task_list, NULL,
     ROWS("tasks", shape_task_listed), "a config's backfill tasks, newest first"},
    {WFM_POST, "/configs/:id/backfill/cancel", WRITE, api_backfill_cancel, by_id, NULL,
     OBJECT(shape_backfill_cancelled, 0), "end a config's backfill tasks"},
    {WFM_GET, "/configs/:id/changes", READ, api_changes_list, change_list, NULL,
     OBJECT(shape_changes_listed, TAGGED),
     "what has changed lately, over all series of the active schema, newest first"},
    {WFM_POST, "/configs/:id/changes/acknowledge", WRITE, api_changes_acknowledge, by_id,
     &acknowledge, OBJECT(shape_acknowledged, API_CONFLICTS),
     "say that a change was looked into: the list leaves it out"},
    {WFM_DELETE, "/configs/:id/changes/acknowledge", WRITE, api_changes_take_back,
     acknowledged_change, NULL, OBJECT(shape_deleted, 0), "take that back"},
    {WFM_GET, "/configs/:id/schemas", READ, api_schemas_list, schema_list, NULL,
     ROWS_AND("schemas", shape_schema, around_schemas),
     "a config's schemas, the highest version first"},
    {WFM_POST, "/configs/:id/schemas", WRITE, api_schemas_create, by_id, &schema,
     OBJECT(shape_schema_created, API_CREATES), "create the next version of the schema"},
    {WFM_GET, "/configs/:id/schemas/active", READ, api_schemas_active, by_id, NULL,
     OBJECT(shape_schema_active, TAGGED), "the metric schema in force"},
    {WFM_GET, "/configs/:id/schemas/changes", READ, api_schemas_changes, schema_list, NULL,
     ROWS("changes", shape_schema_change),
     "what each version of the schema changed, the highest first"},
    {WFM_POST, "/configs/:id/schemas/preview", READ, api_schemas_preview, by_id, &schema_preview,
     OBJECT(shape_schema_preview, 0), "the schema that result files would have, and their rows"},
    {WFM_POST, "/configs/:id/schemas/regenerate", WRITE, api_schemas_regenerate, by_id, &regenerate,
     OBJECT(shape_schema_regenerated, API_CREATES | API_CONFLICTS),
     "store the schema that result files, or the newest rows, would have; it is not put in force"},
    {WFM_GET, "/schemas/:id", READ, api_schemas_get, by_id, NULL, OBJECT(shape_schema, TAGGED),
     "one schema"},
    {WFM_PATCH, "/schemas/:id", WRITE, api_schemas_patch, by_id, &schema_patch,
     OBJECT(shape_schema, API_VERSIONED | TAGGED),
     "say of a schema's fields which way is better, in which unit, and what they are"},
    {WFM_POST, "/schemas/:id/activate", WRITE, api_schemas_activate, by_id, NULL,
     OBJECT(shape_activated, 0), "put a schema in force"},
    {WFM_GET, "/runs", READ, api_runs_list, run_list, NULL, ROWS("runs", shape_run_listed),
     "runs of all configs, newest first, filtered and paged"},
    {WFM_GET, "/runs/:id", READ, api_runs_get, by_id, NULL, OBJECT(shape_run, TAGGED), "one run"},
    {WFM_GET, "/runs/:id/metrics", READ, api_metrics_list_run, run_metrics, NULL,
     ROWS("metrics", shape_metric), "a run's metric rows"},
    {WFM_POST, "/runs/:id/retry", WRITE, api_runs_retry, by_id, NULL,
     OBJECT(shape_run_retried, API_REFUSES), "set a failed run to pending"},
    {WFM_GET, "/repositories", READ, api_repositories_list, repository_list, NULL,
     ROWS("repositories", shape_repository_listed),
     "what the configs of each GitHub repository have, by name"},
    {WFM_GET, "/repositories/:owner/:repo", READ, api_repositories_get, by_repository, NULL,
     OBJECT(shape_repository, TAGGED), "one repository, with its configs and what GitHub ran last"},
    {WFM_POST, "/repositories/:owner/:repo/metrics/trends", READ, api_metrics_trends, by_repository,
     &metric_trends, OBJECT(shape_repository_trends, 0),
     "the same as of a config, of all configs of the repository"},
    {WFM_GET, "/configs/:id/metrics", READ, api_metrics_list, config_metrics, NULL,
     ROWS("metrics", shape_metric), "metric rows, newest first, filtered and paged"},
    {WFM_POST, "/configs/:id/metrics/query", READ, api_metrics_list, by_id, &metric_query, &queried,
     "metric rows by dimensions and values, sorted and paged"},
    {WFM_POST, "/configs/:id/metrics/aggregate", READ, api_metrics_aggregate, by_id,
     &metric_aggregate, OBJECT(shape_aggregate, 0),
     "one metric over time: averages, sums, percentiles …, by groups"},
    {WFM_POST, "/configs/:id/metrics/trends", READ, api_metrics_trends, by_id, &metric_trends,
     OBJECT(shape_trends, 0), "several metrics over time, aligned for a chart"},
    {WFM_POST, "/configs/:id/metrics/changes", READ, api_metrics_changes, by_id, &metric_changes,
     OBJECT(shape_changes, 0), "since when each metric is another one: its change points"},
    {WFM_GET, "/configs/:id/dimensions", READ, api_dimensions_list, dimension_list, NULL,
     OBJECT(shape_dimensions, TAGGED), "all dimensions and their values"},
    {WFM_GET, "/configs/:id/dimensions/:dimension/values", READ, api_dimensions_values,
     dimension_values, NULL, OBJECT(shape_dimension_values, TAGGED),
     "the distinct values of a dimension"},
    {WFM_GET, "/configs/:id/values", READ, api_dimensions_values, named_values, NULL,
     OBJECT(shape_dimension_values, TAGGED),
     "the same of a dimension whose name no path can carry"},
    {WFM_GET, "/configs/:id/fields", READ, api_fields_list, field_list, NULL,
     OBJECT(shape_fields, TAGGED), "the names of the dimensions and metrics"},
    {WFM_GET, "/configs/:id/export", READ, api_export_get, export_rows, NULL, &exported,
     "metric rows as CSV, JSON or NDJSON, streamed"},
    {WFM_GET, "/configs/:id/compare", READ, api_compare_get, comparison, NULL, &compared,
     "did it get slower? the metrics of two sets of runs, the worst change first"},
    {WFM_GET, "/", READ, api_root_get, none, NULL, OBJECT(shape_root, TAGGED),
     "what serves this API, and where its description is"},
    {WFM_GET, "/openapi.json", READ, api_description_get, none, NULL, &described,
     "the API's description (OpenAPI 3.1), for generators of clients"},
    {WFM_GET, "/clusters", READ, api_clusters_list, none, NULL, OBJECT(shape_clusters, TAGGED),
     "which clusters this host may serve"},
    {WFM_GET, "/metrics/prometheus", READ, api_prometheus_scrape, none, NULL, &figures,
     "figures about the service, for Prometheus"},
    {WFM_GET, "/health", READ, api_health_get, none, NULL, OBJECT(shape_healthy, 0),
     "200 or 503: can the cluster be served now?"},
};
const int wfm_routes_count = sizeof wfm_routes / sizeof wfm_routes[0];
