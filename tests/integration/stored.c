/*
 * stored.c - sends result files, and looks at what they have become.
 */
#include "stored.h"
#include "fixture.h"
#include "json.h"

#define CSV "Content-Type: text/csv"

const stored_at_t stored_here = {0, NULL, DB_A};

http_request_t stored_request(const stored_at_t *at, apr_int64_t config, const char *query,
                              const char *body)
{
    return (http_request_t){.port = at->port,
                            .host = at->host,
                            .method = "POST",
                            .path = strf("/configs/" ID "/results?%s", config, query),
                            .body = body,
                            .headers = {body ? CSV : NULL}};
}

http_response_t *stored_send(const stored_at_t *at, apr_int64_t config, const char *query,
                             const char *body)
{
    http_request_t rq = stored_request(at, config, query, body);

    return http_send(&rq);
}

http_response_t *stored_file(apr_int64_t config, const char *query, const char *body)
{
    return stored_send(&stored_here, config, query, body);
}

apr_int64_t stored_run(const http_response_t *res)
{
    return json_int_at(res, "data.run_id");
}

apr_int64_t stored_rows(const stored_at_t *at, apr_int64_t run)
{
    return db_int(at->dbname, "SELECT count(*) FROM " STORED_ROWS " WHERE run_id = $1", 1,
                  strf(ID, run));
}

apr_int64_t stored_runs(const stored_at_t *at, apr_int64_t config)
{
    return db_int(at->dbname, "SELECT count(*) FROM " STORED_RUNS " WHERE config_id = $1", 1,
                  strf(ID, config));
}
