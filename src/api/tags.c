/*
 * tags.c - owns entity tags and preconditions: the tag of an answer, and which writes If-Match and
 * If-None-Match forbid. request.c compares If-Match with the tag of what is read.
 */
#include "../core/etag.h"
#include "../core/text.h"
#include "api.h"
#include <string.h>

static const char *version_of(const wfm_result_t *row)
{
    return wfm_result_get(row, 0, wfm_result_columns(row) - 1);
}

/* What a write answers has been changed: no client can have it. */
static int set_tag(wfm_request_t *rq, const char *version, apr_uint64_t digest)
{
    const char *etag = wfm_etag_make(rq->pool, version, digest);
    const char *known = rq->route->access == WFM_ACCESS_READ
                            ? wfm_etag_match(rq->pool, rq->if_none_match, etag)
                            : NULL;

    apr_table_setn(rq->headers, "ETag", known ? known : etag);
    if (known)
        rq->status = WFM_NOT_MODIFIED;
    return known != NULL;
}

int api_not_modified(wfm_request_t *rq, const wfm_result_t *result)
{
    return set_tag(rq, NULL, wfm_result_digest(result));
}

int api_digest_not_modified(wfm_request_t *rq, apr_uint64_t digest)
{
    return set_tag(rq, NULL, digest);
}

int api_row_not_modified(wfm_request_t *rq, const wfm_result_t *result)
{
    return set_tag(rq, version_of(result), wfm_result_digest(result));
}

int api_names_tags(const wfm_request_t *rq)
{
    return wfm_etag_versions(rq->pool, rq->if_match) != NULL;
}

const char *api_bind_versions(wfm_request_t *rq)
{
    const apr_array_header_t *versions = wfm_etag_versions(rq->pool, rq->if_match);

    return versions ? wfm_sql_array(rq->pool, versions) : NULL;
}

wfm_error_t *api_unmatched(wfm_request_t *rq)
{
    return wfm_error_make(rq->pool, WFM_PRECONDITION_FAILED,
                          "none of the tags in If-Match is the current one");
}

wfm_error_t *api_check_version(wfm_request_t *rq, const wfm_result_t *row)
{
    const apr_array_header_t *versions = wfm_etag_versions(rq->pool, rq->if_match);

    return !versions || wfm_names_hold(versions, version_of(row)) ? NULL : api_unmatched(rq);
}

/* What a path is about: an object, or something of it. */
typedef struct object_t {
    const char *path;
    wfm_stmt_id_e get;    /* whose last column is the version */
    wfm_stmt_id_e tagged; /* the same of all that a GET of it answers, which its tag is made of */
    const char *not_found;
} object_t;

/* @return NULL: a list of objects */
static const object_t *object_of(const wfm_route_t *route)
{
    static const object_t objects[] = {
        {"/configs/:id", WFM_STMT_CONFIG_GET, WFM_STMT_CONFIG_GET, "config not found"},
        {"/schemas/:id", WFM_STMT_SCHEMA_KNOWN, WFM_STMT_SCHEMA_GET, "schema not found"},
        {"/runs/:id", WFM_STMT_RUN_GET, WFM_STMT_RUN_GET, "run not found"},
    };

    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        size_t len = strlen(objects[i].path);

        if (!strncmp(route->path, objects[i].path, len) &&
            (!route->path[len] || route->path[len] == '/'))
            return &objects[i];
    }
    return NULL;
}

/* @param row NULL: the path names no object */
static wfm_error_t *get_object(wfm_request_t *rq, int tagged, wfm_result_t **row)
{
    const object_t *object = object_of(rq->route);

    *row = NULL;
    if (!object)
        return NULL;
    WFM_TRY(api_query(rq, tagged ? object->tagged : object->get, row, api_bind_int(rq, "id")));
    if (wfm_result_rows(*row))
        return NULL;
    return wfm_error_make(rq->pool, WFM_NOT_FOUND, "%s", object->not_found);
}

wfm_error_t *api_missed(wfm_request_t *rq)
{
    wfm_result_t *row;

    WFM_TRY(get_object(rq, 0, &row));
    return api_unmatched(rq);
}

/* A tag, or "*", of what must not be there. */
static int is_unwanted(wfm_request_t *rq, const wfm_result_t *row)
{
    const char *etag = wfm_etag_make(rq->pool, version_of(row), wfm_result_digest(row));

    return wfm_etag_match(rq->pool, rq->if_none_match, etag) != NULL;
}

wfm_error_t *api_check_write(wfm_request_t *rq)
{
    unsigned flags = rq->route->answer->flags;
    int itself = (flags & API_VERSIONED) != 0;
    int refused = !(flags & (API_VERSIONED | API_REFUSES)) && api_names_tags(rq);
    wfm_result_t *row;

    /* What a POST makes or does has no tag yet that If-None-Match could name. */
    if (!refused && !(itself && rq->if_none_match))
        return NULL;
    WFM_TRY(get_object(rq, itself, &row));
    if (refused)
        return api_unmatched(rq);
    return is_unwanted(rq, row) ? wfm_error_make(rq->pool, WFM_PRECONDITION_FAILED,
                                                 "If-None-Match names what is there")
                                : NULL;
}
