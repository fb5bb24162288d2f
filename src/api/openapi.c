/*
 * openapi.c - owns the API's description as a document: paths, operations and what they take.
 * Everything comes from the rows. What they answer is openapi_answers.c's.
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
    wfm_json_name(j, "description");
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
    openapi_text(j, "name", spec->name);
    openapi_text(j, "in", in_path ? "path" : "query");
    about(j, specs, spec);
    if (in_path || spec->flags & WFM_PARAM_REQUIRED)
        openapi_raw(j, "required", "true");
    if (spec->type == WFM_PARAM_NAMES || spec->type == WFM_PARAM_IDS)
        openapi_raw(j, "explode", "false");
    if (spec->type == WFM_PARAM_DIMENSIONS) {
        openapi_open(j, "content");
        openapi_open(j, "application/json");
    }
    wfm_json_name(j, "schema");
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
        openapi_reference(j, "parameters", "If-None-Match");
    if (route->answer->flags & API_VERSIONED)
        openapi_reference(j, "parameters", "If-Match");
}

static void content(wfm_json_t *j, const wfm_body_spec_t *body)
{
    openapi_open(j, "content");
    openapi_open(j, "application/json");
    wfm_json_name(j, "schema");
    api_schema_body(j, body);
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

static void object(wfm_json_t *j, const wfm_body_spec_t *body)
{
    openapi_open(j, "requestBody");
    openapi_raw(j, "required", body->may_be_empty ? "false" : "true");
    content(j, body);
    wfm_json_object_end(j);
}

/* A schema would be one of JSON: bytes have none. */
static void file(wfm_json_t *j, const wfm_body_spec_t *body)
{
    openapi_open(j, "requestBody");
    openapi_text(j, "description", "a file as it is; also in gzip (Content-Encoding)");
    openapi_open(j, "content");
    for (const char *const *media = body->media; *media; media++)
        openapi_raw(j, *media, "{}");
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

static void header(wfm_json_t *j, const wfm_body_spec_t *body)
{
    wfm_json_object(j);
    openapi_text(j, "name", body->header);
    openapi_text(j, "in", "header");
    openapi_text(j, "description", "JSON of what else would be parameters; none of them in both");
    content(j, body);
    wfm_json_object_end(j);
}

static void inputs(wfm_json_t *j, const wfm_route_t *route)
{
    wfm_json_name(j, "parameters");
    wfm_json_array(j);
    for (const wfm_param_spec_t *s = route->params; s->name; s++)
        parameter(j, route->params, s);
    openapi_reference(j, "parameters", "cluster");
    conditions(j, route);
    if (route->body && route->body->header)
        header(j, route->body);
    wfm_json_array_end(j);
    if (route->body && route->body->header)
        file(j, route->body);
    else if (route->body)
        object(j, route->body);
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
    openapi_open(j, method);
    openapi_text(j, "operationId", template_of(p, route->path, method));
    openapi_text(j, "summary", route->summary);
    inputs(j, route);
    api_openapi_answers(j, p, route);
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
    openapi_open(j, "paths");
    for (int i = 0; i < n; i++) {
        if (!is_first_of_path(routes, i))
            continue;
        openapi_open(j, template_of(p, routes[i].path, NULL));
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
    openapi_open(j, "schemas");
    for (int i = 0; i < shapes->nelts; i++) {
        const api_shape_t *shape = APR_ARRAY_IDX(shapes, i, const api_shape_t *);

        if (!shape->name)
            continue;
        wfm_json_key(j, shape->name);
        api_schema_object(j, shape);
    }
    for (const api_fragment_t *f = api_schema_fragments; f->name; f++)
        openapi_raw(j, f->name, f->json);
    wfm_json_object_end(j);
}

static void components(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *routes, int n)
{
    openapi_open(j, "components");
    schemas(j, p, routes, n);
    api_openapi_responses(j);
    openapi_open(j, "headers");
    for (const api_fragment_t *f = api_header_fragments; f->name; f++)
        openapi_raw(j, f->name, f->json);
    wfm_json_object_end(j);
    openapi_open(j, "parameters");
    wfm_json_name(j, "cluster");
    parameter(j, api_cluster_param, api_cluster_param);
    openapi_raw(j, "If-None-Match",
                "{\"name\":\"If-None-Match\",\"in\":\"header\",\"schema\":{\"type\":\"string\"},"
                "\"description\":\"tags that the client has: 304 where one is the current one\"}");
    openapi_raw(
        j, "If-Match",
        "{\"name\":\"If-Match\",\"in\":\"header\",\"schema\":{\"type\":\"string\"},"
        "\"description\":\"tags, one of which the row must have to be changed; else 412\"}");
    wfm_json_object_end(j);
    wfm_json_object_end(j);
}

static void document(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *routes, int n)
{
    wfm_json_object(j);
    openapi_text(j, "openapi", "3.1.0");
    openapi_open(j, "info");
    openapi_text(j, "title", "GitHub workflow metrics");
    openapi_text(j, "version", WFM_VERSION);
    openapi_text(
        j, "description",
        "Results of benchmarks that GitHub's workflows run. Every path answers HEAD where it has"
        " GET, OPTIONS, and 405 with Allow for other methods; unknown query parameters are"
        " ignored, and a limit above its maximum is lowered to it. httpd's own errors, such as"
        " one for a request line that is too long, have the same form.");
    wfm_json_object_end(j);
    openapi_raw(j, "servers", "[{\"url\":\".\"}]");
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
