/*
 * exports.h - what the suites about exports share.
 */
#ifndef WFM_TEST_EXPORTS_H
#define WFM_TEST_EXPORTS_H

#include "csv.h"
#include "http.h"

/** GET the config's export. @param query with its ?, or "" */
http_response_t *export(apr_int64_t config, const char *query);

/** The body of an export that must succeed. */
const char *export_body(apr_int64_t config, const char *query);

/** The same, read as CSV. */
csv_table_t *export_table(apr_int64_t config, const char *query);

/** A query with this filter of dimensions. */
const char *export_filter(const char *json);

/** A config with the schema Op, Backend:Stage | throughput, latency. */
apr_int64_t export_bench(const char *name);

#endif
