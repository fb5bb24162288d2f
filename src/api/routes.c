/*
 * routes.c - THE route table: one row an endpoint. A row decides path, method, access, what comes
 * in and how it is checked; 404, 405, Allow, HEAD and OPTIONS follow from the rows. Their order has
 * no meaning.
 */
#include "api.h"

const char *const api_run_statuses[] = {"pending", "collecting", "extracting", "completed",
                                        "failed",  "skipped",    NULL};
const char *const api_trigger_sources[] = {"realtime", "backfill", "manual", NULL};

static const char *const export_formats[] = {"csv", "json", "ndjson", NULL};

/* Path variables. */
#define ID                                                                                         \
    {                                                                                              \
        .name = "id", .type = WFM_PARAM_ID, .flags = WFM_PARAM_PATH                                \
    }
#define DIMENSION                                                                                  \
    {                                                                                              \
        .name = "dimension", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_PATH                       \
    }
/* Query parameters. */
#define START(key)                                                                                 \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_START                        \
    }
#define STOP(key)                                                                                  \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_END                          \
    }
#define OFFSET                                                                                     \
    {                                                                                              \
        .name = "offset", .type = WFM_PARAM_OFFSET                                                 \
    }
#define LIMIT(d, m)                                                                                \
    {                                                                                              \
        .name = "limit", .type = WFM_PARAM_LIMIT, .def = (d), .max = (m)                           \
    }
#define CHOICE(key, list, d)                                                                       \
    {                                                                                              \
        .name = key, .type = WFM_PARAM_ENUM, .values = (list), .def = (d)                          \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

static const wfm_param_spec_t by_id[] = {ID, END};

static const wfm_param_spec_t run_list[] = {
    {.name = "config_id", .type = WFM_PARAM_ID},
    CHOICE("status", api_run_statuses, -1),
    CHOICE("trigger_source", api_trigger_sources, -1),
    START("start_date"),
    STOP("end_date"),
    OFFSET,
    LIMIT(20, 100),
    END,
};

static const wfm_param_spec_t dimension_values[] = {
    ID, DIMENSION, START("start"), STOP("end"), LIMIT(100, 10000), END,
};

static const wfm_param_spec_t export_rows[] = {
    ID,
    START("start"),
    STOP("end"),
    {.name = "dimensions", .type = WFM_PARAM_DIMENSIONS},
    {.name = "metric_fields", .type = WFM_PARAM_NAMES},
    {.name = "limit", .type = WFM_PARAM_LIMIT, .flags = WFM_PARAM_EXPORT_LIMIT, .def = 10000},
    CHOICE("format", export_formats, 0),
    END,
};

static const wfm_param_spec_t config_patch_fields[] = {
    {.name = "enabled", .type = WFM_PARAM_BOOL},
    {.name = "name", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_NOT_BLANK, .max = 255},
    {.name = "description", .type = WFM_PARAM_TEXT},
    {.name = "file_patterns", .type = WFM_PARAM_TEXT_ARRAY},
    END,
};
static const wfm_body_spec_t config_patch = {config_patch_fields, WFM_UNKNOWN_REFUSED};

#define READ  WFM_ACCESS_READ
#define WRITE WFM_ACCESS_WRITE

const wfm_route_t wfm_routes[] = {
    {WFM_PATCH, "/configs/:id", WRITE, api_configs_patch, by_id, &config_patch,
     "change some fields of a config"},
    {WFM_GET, "/configs/:id/schemas/active", READ, api_schemas_active, by_id, NULL,
     "the schema in force"},
    {WFM_GET, "/runs", READ, api_runs_list, run_list, NULL, "runs of all configs, newest first"},
    {WFM_POST, "/runs/:id/retry", WRITE, api_runs_retry, by_id, NULL,
     "set a failed run to pending"},
    {WFM_GET, "/configs/:id/dimensions/:dimension/values", READ, api_dimensions_values,
     dimension_values, NULL, "distinct values of a dimension"},
    {WFM_GET, "/configs/:id/export", READ, api_export, export_rows, NULL,
     "metric rows as CSV, JSON or NDJSON"},
};
const int wfm_routes_count = sizeof wfm_routes / sizeof wfm_routes[0];
