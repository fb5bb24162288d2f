/*
 * config_row.h - configs as tests make and change them over HTTP.
 */
#ifndef WFM_TEST_CONFIG_ROW_H
#define WFM_TEST_CONFIG_ROW_H

#include "http.h"

/** The fields of an answer that is a config. */
#define CONFIG_ROW                                                                                 \
    "id,name,description,runner_set_namespace,runner_set_name,runner_set_uid,github_owner,"        \
    "github_repo,workflow_filter,branch_filter,file_patterns,metric_schema_id,enabled,"            \
    "last_processed_workload_uid,last_checked_at,cluster_name,created_at,updated_at,"              \
    "display_settings"

/** A runner set that no other test uses. */
const char *config_fresh_set(void);

/** A body with all that is required. @param more further fields, each after a comma */
const char *config_body(const char *name, const char *set, const char *more);

http_response_t *config_post(const char *json);
http_response_t *config_get(apr_int64_t config);
http_response_t *config_put(apr_int64_t config, const char *json);

/** What a column of its row has, an expression, as text. */
const char *config_column(apr_int64_t config, const char *name);

/** 201 with the new id, which is returned. @param query what Location ends in */
apr_int64_t expect_config_created_at(const http_response_t *res, const char *cluster,
                                     const char *base, const char *query);

/** The same in cluster-a. */
apr_int64_t expect_config_created(const http_response_t *res);

/** The message of a 409: which config has the runner set. */
const char *config_conflict(const char *set, apr_int64_t holder, const char *name);

#endif
