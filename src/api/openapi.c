/*
 * openapi.c - owns the API's description as a document: paths, operations, and which statuses each
 * may answer with. Everything comes from the rows; what a row does not say is the same for all.
 */
#include "openapi.h"
#include "../core/etag.h"
#include "../core/text.h"
#include "../core/version.h"
#include "api.h"
#include <apr_lib.h>
#include <apr_strings.h>
#include <assert.h>
#include <string.h>

/* ---- the text ---- */

#define MOST_BYTES (200 * 1024) /* a description that is larger is a mistake of the tables */

static void text(wfm_json_t *j, const char *key, const char *value)
{
    wfm_json_key(j, key);
    wfm_json_string(j, value);
}

static void raw(wfm_json_t *j, const char *key, const char *json)
{
    wfm_json_key(j, key);
    wfm_json_raw(j, json, strlen(json));
}

static void open(wfm_json_t *j, const char *key)
{
    wfm_json_key(j, key);
    wfm_json_object(j);
}

static void reference(wfm_json_t *j, const char *place, const char *name)
{
    wfm_json_object(j);
    wfm_json_key(j, "$ref");
    wfm_json_text(j);
    wfm_json_text_add(j, "#/components/", strlen("#/components/"));
    wfm_json_text_add(j, place, strlen(place));
    wfm_json_text_add(j, "/", 1);
    wfm_json_text_add(j, name, strlen(name));
    wfm_json_text_end(j);
    wfm_json_object_end(j);
}

static apr_status_t no_room(void *ctx, const char *data, apr_size_t len, int push)
{
    (void)ctx;
    (void)data;
    (void)len;
    (void)push;
    return APR_ENOSPC;
}

/* ---- what comes in ---- */

/* "format=csv or ndjson" of an input that has a meaning beside these only. */
static void only_beside(wfm_json_t *j, const wfm_param_spec_t *specs, const wfm_param_spec_t *spec)
{
    const char *before = " (for ";

    while (strcmp(specs->name, spec->only_with) != 0)
        specs++;
    for (int i = 0; specs->values[i]; i++) {
        if (!(spec->only_values & 1u << i))
            continue;
        wfm_json_text_add(j, before, strlen(before));
        wfm_json_text_add(j, specs->name, strlen(specs->name));
        wfm_json_text_add(j, "=", 1);
        wfm_json_text_add(j, specs->values[i], strlen(specs->values[i]));
        before = " or ";
    }
    wfm_json_text_add(j, " only)", strlen(" only)"));
}

static void about(wfm_json_t *j, const wfm_param_spec_t *specs, const wfm_param_spec_t *spec)
{
    if (!spec->about && !spec->only_with)
        return;
    wfm_json_key(j, "description");
    wfm_json_text(j);
    if (spec->about)
        wfm_json_text_add(j, spec->about, strlen(spec->about));
    if (spec->only_with)
        only_beside(j, specs, spec);
    wfm_json_text_end(j);
}

/* A filter is JSON in the URL, a list is separated by commas. */
static void parameter(wfm_json_t *j, const wfm_param_spec_t *specs, const wfm_param_spec_t *spec)
{
    int in_path = (spec->flags & WFM_PARAM_PATH) != 0;

    wfm_json_object(j);
    text(j, "name", spec->name);
    text(j, "in", in_path ? "path" : "query");
    about(j, specs, spec);
    if (in_path || spec->flags & WFM_PARAM_REQUIRED)
        raw(j, "required", "true");
    if (spec->type == WFM_PARAM_NAMES)
        raw(j, "explode", "false");
    if (spec->type == WFM_PARAM_DIMENSIONS) {
        open(j, "content");
        open(j, "application/json");
    }
    wfm_json_key(j, "schema");
    api_schema_input(j, spec, 0);
    if (spec->type == WFM_PARAM_DIMENSIONS) {
        wfm_json_object_end(j);
        wfm_json_object_end(j);
    }
    wfm_json_object_end(j);
}

const wfm_param_spec_t api_cluster_param[] = {
    {.name = "cluster",
     .type = WFM_PARAM_TEXT,
     .about = "whose database; absent or empty: the host's own"},
    {.name = NULL},
};

static void conditions(wfm_json_t *j, const wfm_route_t *route)
{
    if (route->method == WFM_GET && route->answer->flags & API_TAGGED)
        reference(j, "parameters", "If-None-Match");
    if (route->answer->flags & API_VERSIONED)
        reference(j, "parameters", "If-Match");
}

static void inputs(wfm_json_t *j, const wfm_route_t *route)
{
    wfm_json_key(j, "parameters");
    wfm_json_array(j);
    for (const wfm_param_spec_t *s = route->params; s->name; s++)
        parameter(j, route->params, s);
    reference(j, "parameters", "cluster");
    conditions(j, route);
    wfm_json_array_end(j);
    if (!route->body)
        return;
    open(j, "requestBody");
    raw(j, "required", "true");
    open(j, "content");
    open(j, "application/json");
    wfm_json_key(j, "schema");
    api_schema_body(j, route->body);
    wfm_json_object_end(j);
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

/* ---- what goes out ---- */

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
    {WFM_FORBIDDEN, 0, "Forbidden", "a write where none is allowed, or a cluster not served here",
     NULL},
    {WFM_NOT_FOUND, 0, "NotFound", "no such object, or no such cluster", NULL},
    {WFM_METHOD_NOT_ALLOWED, NOWHERE, "MethodNotAllowed", "the path has other methods", "Allow"},
    {WFM_REQUEST_TIMEOUT, WITH_BODY, "RequestTimeout", "the body did not arrive in time", NULL},
    {WFM_CONFLICT, ON_CONFLICT, "Conflict", "it stands in another one's way", NULL},
    {WFM_PRECONDITION_FAILED, 0, "PreconditionFailed",
     "If-Match names another version, or If-None-Match this one", NULL},
    {WFM_PAYLOAD_TOO_LARGE, WITH_BODY, "PayloadTooLarge", "the body is too large", NULL},
    {WFM_UNSUPPORTED_MEDIA_TYPE, WITH_BODY, "UnsupportedMediaType", "the body is no JSON", NULL},
    {WFM_INTERNAL, 0, "InternalError", "the error log says what", NULL},
    {WFM_UNAVAILABLE, 0, "Unavailable", "no database, or too many requests", "Retry-After"},
    {WFM_TIMEOUT, 0, "Timeout", "the database took too long", NULL},
};

#define ERRORS (sizeof errors / sizeof *errors)

static void header(wfm_json_t *j, const char *name)
{
    wfm_json_key(j, name);
    reference(j, "headers", name);
}

static void headers(wfm_json_t *j, const api_answer_t *answer)
{
    if (!(answer->flags & (API_TAGGED | API_CREATES)) && !answer->headers)
        return;
    open(j, "headers");
    if (answer->flags & API_TAGGED)
        header(j, "ETag");
    if (answer->flags & API_CREATES)
        header(j, "Location");
    for (const char *const *name = answer->headers; name && *name; name++)
        header(j, *name);
    wfm_json_object_end(j);
}

static void envelope(wfm_json_t *j, const wfm_route_t *route)
{
    wfm_json_object(j);
    text(j, "type", "object");
    open(j, "properties");
    raw(j, "meta", "{\"$ref\":\"#/components/schemas/Meta\"}");
    wfm_json_key(j, "data");
    api_schema_answer(j, route);
    wfm_json_object_end(j);
    raw(j, "required", "[\"meta\",\"data\"]");
    wfm_json_object_end(j);
}

static void success(wfm_json_t *j, const wfm_route_t *route)
{
    const api_answer_t *answer = route->answer;

    open(j, answer->flags & API_CREATES ? "201" : "200");
    text(j, "description", answer->flags & API_CREATES ? "created" : "done");
    headers(j, answer);
    open(j, "content");
    if (answer->row) {
        open(j, "application/json");
        wfm_json_key(j, "schema");
        if (answer->flags & API_BARE)
            api_schema_answer(j, route);
        else
            envelope(j, route);
        wfm_json_object_end(j);
    }
    for (const char *const *media = answer->media; media && *media; media++)
        raw(j, *media,
            strstr(*media, "json") && !answer->row ? "{\"schema\":{\"type\":\"object\"}}"
                                                   : "{\"schema\":{\"type\":\"string\"}}");
    wfm_json_object_end(j);
    wfm_json_object_end(j);
    if (route->method == WFM_GET && answer->flags & API_TAGGED)
        raw(j, "304", "{\"$ref\":\"#/components/responses/NotModified\"}");
}

static int may_answer(const wfm_route_t *route, unsigned when)
{
    return !when || (when == WITH_BODY && route->body) ||
           (when == ON_CONFLICT && route->answer->flags & API_CONFLICTS);
}

static void outputs(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *route)
{
    open(j, "responses");
    success(j, route);
    for (size_t i = 0; i < ERRORS; i++) {
        if (!may_answer(route, errors[i].when))
            continue;
        wfm_json_key(j, apr_itoa(p, errors[i].status));
        reference(j, "responses", errors[i].name);
    }
    wfm_json_object_end(j);
}

/* ---- paths ---- */

/* In the order in which they are looked for. */
static const struct {
    wfm_method_e method;
    const char *name;
} methods[] = {{WFM_GET, "get"},
               {WFM_POST, "post"},
               {WFM_PUT, "put"},
               {WFM_PATCH, "patch"},
               {WFM_DELETE, "delete"}};

/* "/configs/:id/runs" as "/configs/{id}/runs", or, behind the method, as "get_configs_id_runs". */
static const char *template_of(apr_pool_t *p, const char *path, const char *method)
{
    apr_array_header_t *out = wfm_text_new(p);
    const char *s = path;

    wfm_text_append(out, method ? method : "");
    while (*s) {
        size_t len = strcspn(++s, "/");
        int variable = *s == ':';
        const char *name = apr_pstrmemdup(p, s + variable, len - variable);

        s += len;
        wfm_text_append(out, method ? (len ? "_" : "_root") : "/");
        wfm_text_append(out, !method && variable ? apr_pstrcat(p, "{", name, "}", NULL) : name);
    }
    for (char *c = method ? (char *)wfm_text_get(out) : ""; *c; c++)
        if (!apr_isalnum(*c))
            *c = '_';
    return wfm_text_get(out);
}

static void operation(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *route, const char *method)
{
    open(j, method);
    text(j, "operationId", template_of(p, route->path, method));
    text(j, "summary", route->summary);
    inputs(j, route);
    outputs(j, p, route);
    wfm_json_object_end(j);
}

static int is_first_of_path(const wfm_route_t *routes, int i)
{
    for (int k = 0; k < i; k++)
        if (!strcmp(routes[k].path, routes[i].path))
            return 0;
    return 1;
}

static void paths(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *routes, int n)
{
    open(j, "paths");
    for (int i = 0; i < n; i++) {
        if (!is_first_of_path(routes, i))
            continue;
        open(j, template_of(p, routes[i].path, NULL));
        for (size_t m = 0; m < sizeof methods / sizeof *methods; m++)
            for (int k = i; k < n; k++)
                if (routes[k].method == methods[m].method &&
                    !strcmp(routes[k].path, routes[i].path))
                    operation(j, p, &routes[k], methods[m].name);
        wfm_json_object_end(j);
    }
    wfm_json_object_end(j);
}

/* ---- components ---- */

static int is_among(const apr_array_header_t *shapes, const api_shape_t *shape)
{
    for (int i = 0; i < shapes->nelts; i++)
        if (APR_ARRAY_IDX(shapes, i, const api_shape_t *) == shape)
            return 1;
    return 0;
}

/* The named shapes of an answer, those inside others among them. */
static void collect(apr_array_header_t *shapes, const api_shape_t *shape)
{
    if (!shape || is_among(shapes, shape))
        return;
    APR_ARRAY_PUSH(shapes, const api_shape_t *) = shape;
    for (const api_column_t *c = shape->columns; c->name; c++)
        collect(shapes, c->of);
}

static void schemas(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *routes, int n)
{
    apr_array_header_t *shapes = apr_array_make(p, 32, sizeof(const api_shape_t *));

    for (int i = 0; i < n; i++)
        collect(shapes, routes[i].answer->row);
    open(j, "schemas");
    for (int i = 0; i < shapes->nelts; i++) {
        const api_shape_t *shape = APR_ARRAY_IDX(shapes, i, const api_shape_t *);

        if (!shape->name)
            continue;
        wfm_json_key(j, shape->name);
        api_schema_object(j, shape);
    }
    for (const api_fragment_t *f = api_schema_fragments; f->name; f++)
        raw(j, f->name, f->json);
    wfm_json_object_end(j);
}

static void responses(wfm_json_t *j)
{
    open(j, "responses");
    raw(j, "NotModified",
        "{\"description\":\"what If-None-Match names\",\"headers\":{\"ETag\":{\"$ref\":"
        "\"#/components/headers/ETag\"}}}");
    for (size_t i = 0; i < ERRORS; i++) {
        open(j, errors[i].name);
        text(j, "description", errors[i].about);
        if (errors[i].header) {
            open(j, "headers");
            header(j, errors[i].header);
            wfm_json_object_end(j);
        }
        raw(j, "content",
            "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}}}");
        wfm_json_object_end(j);
    }
    wfm_json_object_end(j);
}

static void components(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *routes, int n)
{
    open(j, "components");
    schemas(j, p, routes, n);
    responses(j);
    open(j, "headers");
    for (const api_fragment_t *f = api_header_fragments; f->name; f++)
        raw(j, f->name, f->json);
    wfm_json_object_end(j);
    open(j, "parameters");
    wfm_json_key(j, "cluster");
    parameter(j, api_cluster_param, api_cluster_param);
    raw(j, "If-None-Match",
        "{\"name\":\"If-None-Match\",\"in\":\"header\",\"schema\":{\"type\":\"string\"},"
        "\"description\":\"tags that the client has: 304 where one is the current one\"}");
    raw(j, "If-Match",
        "{\"name\":\"If-Match\",\"in\":\"header\",\"schema\":{\"type\":\"string\"},"
        "\"description\":\"tags, one of which the row must have to be changed; else 412\"}");
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

static void document(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *routes, int n)
{
    wfm_json_object(j);
    text(j, "openapi", "3.1.0");
    open(j, "info");
    text(j, "title", "GitHub workflow metrics");
    text(j, "version", WFM_VERSION);
    text(j, "description",
         "Results of benchmarks that GitHub's workflows run. Every path answers HEAD where it has"
         " GET, OPTIONS, and 405 with Allow for other methods; unknown query parameters are"
         " ignored, and a limit above its maximum is lowered to it. httpd's own errors, such as"
         " one for a request line that is too long, have the same form.");
    wfm_json_object_end(j);
    raw(j, "servers", "[{\"url\":\".\"}]");
    paths(j, p, routes, n);
    components(j, p, routes, n);
    wfm_json_object_end(j);
}

const api_document_t *api_openapi_make(apr_pool_t *p, const wfm_route_t *routes, int n)
{
    api_document_t *made = apr_palloc(p, sizeof *made);
    apr_pool_t *scratch;
    wfm_json_t j;
    wfm_out_t o;

    apr_pool_create(&scratch, p);
    wfm_out_init(&o, apr_palloc(scratch, MOST_BYTES), MOST_BYTES, no_room, NULL);
    wfm_json_init(&j, &o);
    document(&j, scratch, routes, n);
    assert(o.status == APR_SUCCESS);
    made->len = o.len;
    made->text = apr_pstrmemdup(p, o.buf, o.len);
    made->digest = wfm_etag_digest(made->text, made->len);
    apr_pool_destroy(scratch);
    return made;
}
