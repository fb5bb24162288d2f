/*
 * routes.c - THE route table: one row an endpoint. A row decides path, method, access, what comes
 * in and how it is checked, and what goes out; 404, 405, Allow, HEAD and OPTIONS follow from the
 * rows. Their order has no meaning.
 */
#include "api.h"
#include "buckets.h"
#include "export.h"

/* Of all generations of the tables. */
const char *const api_run_statuses[] = {
    "pending", "collecting",       "extracting",       "completed",          "failed",
    "skipped", "workload_pending", "workload_running", "collection_pending", "collection_running",
    NULL};
const char *const api_trigger_sources[] = {"realtime", "backfill", "manual", NULL};

static const char *const export_formats[] = {"csv", "json", "ndjson", NULL};
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
#define ID_OF(key)                                                                                 \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ID                                                          \
    }
#define START(key)                                                                                 \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_START                        \
    }
#define STOP(key)                                                                                  \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_END                          \
    }
#define RANGE START("start"), STOP("end")
#define OFFSET                                                                                     \
    {                                                                                              \
        .name = "offset", .type = WFM_PARAM_OFFSET                                                 \
    }
#define CURSOR                                                                                     \
    {                                                                                              \
        .name = "cursor", .type = WFM_PARAM_TEXT                                                   \
    }
#define LIMIT(d, m)                                                                                \
    {                                                                                              \
        .name = "limit", .type = WFM_PARAM_LIMIT, .def = (d), .max = (m)                           \
    }
#define CHOICE(key, list, d)                                                                       \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ENUM, .values = (list), .def = (d)                          \
    }
/* One of the list, or what the database has besides: the handler asks it. */
#define OPEN_CHOICE(key, list)                                                                     \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ENUM, .flags = WFM_PARAM_OPEN, .values = (list), .def = -1  \
    }
#define BOOL(key)                                                                                  \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_BOOL                                                        \
    }
#define TEXT(key)                                                                                  \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT                                                        \
    }
#define NEEDED WFM_PARAM_REQUIRED
#define NAME(key, more)                                                                            \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_NAME, .flags = (more)                                       \
    }
#define DIMENSIONS                                                                                 \
    {                                                                                              \
        .name = "dimensions", .type = WFM_PARAM_DIMENSIONS                                         \
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
#define LIST(key, kind, more)                                                                      \
    {                                                                                              \
        .name = key, .type = (kind), .flags = (more), .max = 1600                                  \
    } /* an export's most fields */
#define TEXTS(key, more)                                                                           \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TEXT_ARRAY, .flags = (more)                                 \
    }
#define NAMES(key, most, more)                                                                     \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_NAMES, .flags = (more), .max = (most)                       \
    }

/* ---- path and query ---- */

static const wfm_param_spec_t none[] = {END};
static const wfm_param_spec_t by_id[] = {ID, END};
static const wfm_param_spec_t config_list[] = {
    TEXT("name"),
    BOOL("enabled"),
    TEXT("github_owner"),
    TEXT("github_repo"),
    OFFSET,
    LIMIT(20, 100),
    END,
};
#define RUN_FILTERS                                                                                \
    OPEN_CHOICE("status", api_run_statuses), OPEN_CHOICE("trigger_source", api_trigger_sources),   \
        TEXT("head_branch"), TEXT("head_sha"), ID_OF("github_run_id"), TEXT("workflow_name"),      \
        TEXT("workload_name"), TEXT("runner_set"), START("start_date"), STOP("end_date"), OFFSET,  \
        CURSOR, LIMIT(20, 100)
static const wfm_param_spec_t run_list[] = {ID_OF("config_id"), RUN_FILTERS, END};
static const wfm_param_spec_t config_runs[] = {ID, RUN_FILTERS, END};
#define METRIC_PAGE OFFSET, CURSOR, LIMIT(100, 1000), BOOL("raw_data")
static const wfm_param_spec_t config_metrics[] = {
    ID, ID_OF("run_id"), ID_OF("schema_id"), RANGE, METRIC_PAGE, END,
};
static const wfm_param_spec_t run_metrics[] = {ID, METRIC_PAGE, END};
static const wfm_param_spec_t schema_list[] = {ID, OFFSET, CURSOR, LIMIT(100, 1000), END};
static const wfm_param_spec_t config_range[] = {ID, RANGE, END};
static const wfm_param_spec_t dimension_list[] = {ID, RANGE, ID_OF("schema_id"), END};
#define VALUES RANGE, {.name = "q", .type = WFM_PARAM_TEXT, .max = 1000}, OFFSET, LIMIT(100, 10000)
static const wfm_param_spec_t dimension_values[] = {ID, DIMENSION, VALUES, END};
static const wfm_param_spec_t named_values[] = {ID, NAME("dimension", NEEDED), VALUES, END};
static const wfm_param_spec_t field_list[] = {ID, ID_OF("schema_id"), END};
static const wfm_param_spec_t export_rows[] = {
    ID,
    RANGE,
    DIMENSIONS,
    {.name = "metric_fields", .type = WFM_PARAM_NAMES},
    {.name = "limit", .type = WFM_PARAM_LIMIT, .flags = WFM_PARAM_EXPORT_LIMIT, .def = 10000},
    CHOICE("format", export_formats, 0),
    {.name = "delimiter",
     .type = WFM_PARAM_ENUM,
     .values = export_delimiters,
     .only_with = "format",
     .only_values = 1u << EXPORT_CSV},
    {.name = "bom", .type = WFM_PARAM_BOOL, .only_with = "format", .only_values = 1u << EXPORT_CSV},
    {.name = "include", .type = WFM_PARAM_NAMES, .values = api_export_includes},
    {.name = "truncated",
     .type = WFM_PARAM_BOOL,
     .only_with = "format",
     .only_values = 1u << EXPORT_JSON | 1u << EXPORT_NDJSON},
    END,
};

/* ---- bodies ---- */

#define BODY(id, unknown, ...)                                                                     \
    static const wfm_param_spec_t id##_fields[] = {__VA_ARGS__, END};                              \
    static const wfm_body_spec_t id = {id##_fields, unknown}

/* A patch that names what does not exist is a mistake; a whole row that comes back has more than
 * the API takes. */
BODY(config_patch, WFM_UNKNOWN_REFUSED, BOOL("enabled"), NAME_255("name", 0), TEXT("description"),
     TEXTS("file_patterns", 0));
BODY(config, WFM_UNKNOWN_IGNORED, NAME_255("name", NEEDED), TEXT("description"),
     NAME_255("runner_set_namespace", NEEDED), NAME_255("runner_set_name", NEEDED),
     TEXT_255("runner_set_uid"), NAME_255("github_owner", NEEDED), NAME_255("github_repo", NEEDED),
     TEXT_255("workflow_filter"), TEXT_255("branch_filter"), TEXTS("file_patterns", NEEDED),
     BOOL("enabled"));
BODY(schema, WFM_UNKNOWN_IGNORED, NAME_255("name", NEEDED),
     LIST("fields", WFM_PARAM_FIELD_ARRAY, NEEDED),
     LIST("dimension_fields", WFM_PARAM_NAME_ARRAY, 0),
     LIST("metric_fields", WFM_PARAM_NAME_ARRAY, 0), BOOL("is_active"));
#define METRIC_SELECTION RANGE, ID_OF("schema_id"), DIMENSIONS
BODY(metric_query, WFM_UNKNOWN_IGNORED, METRIC_SELECTION,
     {.name = "metric_filters", .type = WFM_PARAM_METRIC_FILTERS},
     {.name = "sort_by", .type = WFM_PARAM_NAME, .values = sort_default},
     CHOICE("sort_order", sort_orders, 1), METRIC_PAGE);
#define SERIES                                                                                     \
    CHOICE("interval", api_intervals, API_DAY), {.name = "timezone", .type = WFM_PARAM_ZONE},      \
        NAMES("group_by", 10, 0)
BODY(metric_aggregate, WFM_UNKNOWN_IGNORED, METRIC_SELECTION, NAME("metric_field", NEEDED),
     CHOICE("agg_func", api_agg_funcs, 0), SERIES);
BODY(metric_trends, WFM_UNKNOWN_IGNORED, METRIC_SELECTION, NAMES("metric_fields", 20, NEEDED),
     SERIES, BOOL("fill"));

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
    .row = &shape_exported, .media = export_media, .headers = export_headers};

#define READ  WFM_ACCESS_READ
#define WRITE WFM_ACCESS_WRITE

const wfm_route_t wfm_routes[] = {
    {WFM_GET, "/configs", READ, api_configs_list, config_list, NULL,
     ROWS_AND("configs", shape_config, around_configs), "the cluster's configs"},
    {WFM_POST, "/configs", WRITE, api_configs_create, none, &config,
     OBJECT(shape_config_created, API_CREATES | API_CONFLICTS | TAGGED), "create a config"},
    {WFM_GET, "/configs/:id", READ, api_configs_get, by_id, NULL, OBJECT(shape_config, TAGGED),
     "one config"},
    {WFM_PUT, "/configs/:id", WRITE, api_configs_put, by_id, &config,
     OBJECT(shape_config, API_VERSIONED | API_CONFLICTS | TAGGED), "replace a config"},
    {WFM_PATCH, "/configs/:id", WRITE, api_configs_patch, by_id, &config_patch,
     OBJECT(shape_config_brief, API_VERSIONED | TAGGED), "change some fields of a config"},
    {WFM_DELETE, "/configs/:id", WRITE, api_configs_delete, by_id, NULL,
     OBJECT(shape_deleted, API_VERSIONED), "delete a config with its schemas, runs and metrics"},
    {WFM_GET, "/configs/:id/stats", READ, api_configs_stats, by_id, NULL,
     OBJECT(shape_config_stats, TAGGED), "a config's counts"},
    {WFM_GET, "/configs/:id/summary", READ, api_configs_summary, config_range, NULL,
     OBJECT(shape_config_summary, TAGGED), "statistics of a config's metrics"},
    {WFM_GET, "/configs/:id/runs", READ, api_runs_list_config, config_runs, NULL,
     ROWS("runs", shape_run_listed), "a config's runs, newest first"},
    {WFM_POST, "/configs/:id/runs/batch-retry", WRITE, api_runs_batch_retry, by_id, NULL,
     OBJECT(shape_runs_retried, 0), "set all failed runs of a config to pending"},
    {WFM_GET, "/configs/:id/schemas", READ, api_schemas_list, schema_list, NULL,
     ROWS_AND("schemas", shape_schema, around_schemas), "a config's schemas"},
    {WFM_POST, "/configs/:id/schemas", WRITE, api_schemas_create, by_id, &schema,
     OBJECT(shape_schema_created, API_CREATES), "create the next version of a config's schema"},
    {WFM_GET, "/configs/:id/schemas/active", READ, api_schemas_active, by_id, NULL,
     OBJECT(shape_schema_active, TAGGED), "the schema in force"},
    {WFM_GET, "/schemas/:id", READ, api_schemas_get, by_id, NULL, OBJECT(shape_schema, TAGGED),
     "one schema"},
    {WFM_POST, "/schemas/:id/activate", WRITE, api_schemas_activate, by_id, NULL,
     OBJECT(shape_activated, 0), "put a schema in force"},
    {WFM_GET, "/runs", READ, api_runs_list, run_list, NULL, ROWS("runs", shape_run_listed),
     "runs of all configs, newest first"},
    {WFM_GET, "/runs/:id", READ, api_runs_get, by_id, NULL, OBJECT(shape_run, TAGGED), "one run"},
    {WFM_GET, "/runs/:id/metrics", READ, api_metrics_list_run, run_metrics, NULL,
     ROWS("metrics", shape_metric), "a run's metric rows"},
    {WFM_POST, "/runs/:id/retry", WRITE, api_runs_retry, by_id, NULL, OBJECT(shape_run_retried, 0),
     "set a failed run to pending"},
    {WFM_GET, "/configs/:id/metrics", READ, api_metrics_list, config_metrics, NULL,
     ROWS("metrics", shape_metric), "a config's metric rows"},
    {WFM_POST, "/configs/:id/metrics/query", READ, api_metrics_list, by_id, &metric_query, &queried,
     "metric rows by dimensions and values"},
    {WFM_POST, "/configs/:id/metrics/aggregate", READ, api_metrics_aggregate, by_id,
     &metric_aggregate, OBJECT(shape_aggregate, 0), "one metric over time"},
    {WFM_POST, "/configs/:id/metrics/trends", READ, api_metrics_trends, by_id, &metric_trends,
     OBJECT(shape_trends, 0), "several metrics over time, aligned"},
    {WFM_GET, "/configs/:id/dimensions", READ, api_dimensions_list, dimension_list, NULL,
     OBJECT(shape_dimensions, TAGGED), "all dimensions and their values"},
    {WFM_GET, "/configs/:id/dimensions/:dimension/values", READ, api_dimensions_values,
     dimension_values, NULL, OBJECT(shape_dimension_values, TAGGED),
     "distinct values of a dimension"},
    {WFM_GET, "/configs/:id/values", READ, api_dimensions_values, named_values, NULL,
     OBJECT(shape_dimension_values, TAGGED), "the same of a dimension that no path can name"},
    {WFM_GET, "/configs/:id/fields", READ, api_fields_list, field_list, NULL,
     OBJECT(shape_fields, TAGGED), "a config's dimensions and metrics"},
    {WFM_GET, "/configs/:id/export", READ, api_export, export_rows, NULL, &exported,
     "metric rows as CSV, JSON or NDJSON"},
    {WFM_GET, "/clusters", READ, api_clusters_list, none, NULL, OBJECT(shape_clusters, TAGGED),
     "which clusters may be asked for"},
    {WFM_GET, "/health", READ, api_health, none, NULL, OBJECT(shape_healthy, 0),
     "can the cluster be served?"},
};
const int wfm_routes_count = sizeof wfm_routes / sizeof wfm_routes[0];
