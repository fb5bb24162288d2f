/*
 * openapi_answers.c - owns what the description says of answers: statuses, headers, media types.
 * What a row does not say is the same for all.
 */
#include "api.h"
#include "openapi.h"
#include <apr_strings.h>
#include <string.h>

enum {
    WITH_BODY = 1 /* of requests that have one */,
    ON_CONFLICT = 2,
    NOWHERE = 4 /* no operation answers with it, but every path may */
};

static const struct {
    int status;
    unsigned when; /* 0: everywhere */
    const char *name, *about, *header;
} errors[] = {
    {WFM_BAD_REQUEST, 0, "BadRequest", "an input is invalid; errors names each", NULL},
    {WFM_FORBIDDEN, 0, "Forbidden",
     "a write or results where none are allowed, or a cluster not served here", NULL},
    {WFM_NOT_FOUND, 0, "NotFound", "no such object, or no such cluster", NULL},
    {WFM_METHOD_NOT_ALLOWED, NOWHERE, "MethodNotAllowed", "the path has other methods", "Allow"},
    {WFM_REQUEST_TIMEOUT, WITH_BODY, "RequestTimeout", "the body did not arrive in time", NULL},
    {WFM_CONFLICT, ON_CONFLICT, "Conflict", "it stands in another one's way", NULL},
    {WFM_PRECONDITION_FAILED, 0, "PreconditionFailed",
     "If-Match names another version, or If-None-Match this one", NULL},
    {WFM_PAYLOAD_TOO_LARGE, WITH_BODY, "PayloadTooLarge", "the body is too large", NULL},
    {WFM_UNSUPPORTED_MEDIA_TYPE, WITH_BODY, "UnsupportedMediaType",
     "the body has another form than those that are taken", NULL},
    {WFM_INTERNAL, 0, "InternalError", "the error log says what", NULL},
    {WFM_UNAVAILABLE, 0, "Unavailable", "no database, or too many requests", "Retry-After"},
    {WFM_TIMEOUT, 0, "Timeout", "the database took too long", NULL},
};

#define ERRORS (sizeof errors / sizeof *errors)

static void header(wfm_json_t *j, const char *name)
{
    wfm_json_key(j, name);
    openapi_reference(j, "headers", name);
}

static void headers(wfm_json_t *j, const api_answer_t *answer, int created)
{
    if (!(answer->flags & API_TAGGED) && !created && !answer->headers)
        return;
    openapi_open(j, "headers");
    if (answer->flags & API_TAGGED)
        header(j, "ETag");
    if (created)
        header(j, "Location");
    for (const char *const *name = answer->headers; name && *name; name++)
        header(j, *name);
    for (const char *const *name = answer->csv_headers; name && *name; name++)
        openapi_raw(j, *name,
                    "{\"description\":\"of CSV alone\",\"schema\":{\"type\":\"string\"}}");
    wfm_json_object_end(j);
}

static void envelope(wfm_json_t *j, const wfm_route_t *route)
{
    wfm_json_object(j);
    openapi_text(j, "type", "object");
    openapi_open(j, "properties");
    openapi_raw(j, "meta", "{\"$ref\":\"#/components/schemas/Meta\"}");
    wfm_json_name(j, "data");
    api_schema_answer(j, route);
    wfm_json_object_end(j);
    openapi_raw(j, "required", "[\"meta\",\"data\"]");
    wfm_json_object_end(j);
}

static void succeeded(wfm_json_t *j, const wfm_route_t *route, const char *status,
                      const char *description)
{
    const api_answer_t *answer = route->answer;

    openapi_open(j, status);
    openapi_text(j, "description", description);
    headers(j, answer, !strcmp(status, "201"));
    openapi_open(j, "content");
    if (answer->row) {
        openapi_open(j, "application/json");
        wfm_json_name(j, "schema");
        if (answer->flags & API_BARE)
            api_schema_answer(j, route);
        else
            envelope(j, route);
        wfm_json_object_end(j);
    }
    for (const char *const *media = answer->media; media && *media; media++)
        openapi_raw(j, *media,
                    strstr(*media, "json") && !answer->row ? "{\"schema\":{\"type\":\"object\"}}"
                                                           : "{\"schema\":{\"type\":\"string\"}}");
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

static void success(wfm_json_t *j, const wfm_route_t *route)
{
    unsigned flags = route->answer->flags;

    if (flags & (API_CREATES | API_MAKES))
        succeeded(j, route, "201", "created");
    if (flags & API_ACCEPTS)
        succeeded(j, route, "202", "accepted: what is left to do is done later");
    if (!(flags & (API_CREATES | API_ACCEPTS)))
        succeeded(j, route, "200", "done");
    if (route->method == WFM_GET && flags & API_TAGGED)
        openapi_raw(j, "304", "{\"$ref\":\"#/components/responses/NotModified\"}");
}

static int may_answer(const wfm_route_t *route, unsigned when)
{
    return !when || (when == WITH_BODY && route->body) ||
           (when == ON_CONFLICT && route->answer->flags & API_CONFLICTS);
}

void api_openapi_answers(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *route)
{
    openapi_open(j, "responses");
    success(j, route);
    for (size_t i = 0; i < ERRORS; i++) {
        if (!may_answer(route, errors[i].when))
            continue;
        wfm_json_key(j, apr_itoa(p, errors[i].status));
        openapi_reference(j, "responses", errors[i].name);
    }
    wfm_json_object_end(j);
}

void api_openapi_responses(wfm_json_t *j)
{
    openapi_open(j, "responses");
    openapi_raw(j, "NotModified",
                "{\"description\":\"what If-None-Match names\",\"headers\":{\"ETag\":{\"$ref\":"
                "\"#/components/headers/ETag\"}}}");
    for (size_t i = 0; i < ERRORS; i++) {
        openapi_open(j, errors[i].name);
        openapi_text(j, "description", errors[i].about);
        if (errors[i].header) {
            openapi_open(j, "headers");
            header(j, errors[i].header);
            wfm_json_object_end(j);
        }
        openapi_raw(
            j, "content",
            "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}}}");
        wfm_json_object_end(j);
    }
    wfm_json_object_end(j);
}
