/*
 * described.c - looks for an answer's operation and status in the API's description, and whether
 * its headers and body are as they are described there.
 */
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include "json.h"
#include "json_schema.h"
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

static json_object *description; /* json-c's own reference, for as long as the program runs */

/* Sets of operations, by their own JSON: dealt with since described_forget, and ever a success. */
#define MOST_OPERATIONS 200
typedef struct operations_t {
    const json_object *operations[MOST_OPERATIONS];
    int n;
} operations_t;
static operations_t dealt_with, answered;

int described_begin(void)
{
    fixture_begin();
    description = json_object_get(http_get("/openapi.json")->json);
    fixture_end();
    if (!description)
        fprintf(stderr, "the server does not describe itself\n");
    return description != NULL;
}

/* ---- which operation ---- */

/* Is this path (without query) of the template? @return how many of its segments are literals, + 1
 */
static int matches(const char *template, const char *path)
{
    int literals = 1;

    while (*template == '/' && *path == '/') {
        size_t t = strcspn(++template, "/"), p = strcspn(++path, "/");

        if (*template != '{' && (t != p || strncmp(template, path, t)))
            return 0;
        literals += *template != '{';
        template += t;
        path += p;
    }
    return *template || *path ? 0 : literals;
}

static const char *without_query(const char *path)
{
    path = apr_pstrmemdup(fixture_pool(), path, strcspn(path, "?#"));
    return *path ? path : "/";
}

/* The path's methods; NULL: there is no such path. */
static json_object *find_path(const char *path)
{
    json_object *found = NULL;
    int best = 0;

    json_object_object_foreach(json_member(description, "paths"), key, methods)
    {
        int literals = matches(key, path);

        if (literals <= best)
            continue;
        best = literals;
        found = methods;
    }
    return found;
}

static const char *lower(const char *method)
{
    char *text = apr_pstrdup(fixture_pool(), method);

    for (char *c = text; *c; c++)
        *c |= 0x20;
    return strcmp(text, "head") ? text : "get";
}

static json_object *find_operation(const char *method, const char *path)
{
    json_object *methods = find_path(path);

    return methods ? json_member(methods, lower(method)) : NULL;
}

static int has(const operations_t *set, const json_object *operation)
{
    for (int i = 0; i < set->n; i++)
        if (set->operations[i] == operation)
            return 1;
    return 0;
}

static void put(operations_t *set, const json_object *operation)
{
    if (operation && !has(set, operation) && set->n < MOST_OPERATIONS)
        set->operations[set->n++] = operation;
}

static const char *missing(const operations_t *set)
{
    const char *names = "";

    json_object_object_foreach(json_member(description, "paths"), path, methods)
    {
        json_object_object_foreach(methods, method, operation)
        {
            if (!has(set, operation))
                names = strf("%s%s%s %s", names, *names ? ", " : "", method, path);
        }
    }
    return names;
}

void described_forget(void)
{
    dealt_with.n = 0;
}

void described_note(const char *method, const char *path)
{
    put(&dealt_with, find_operation(method, without_query(path)));
}

const char *described_missing(void)
{
    return missing(&dealt_with);
}

const char *described_unanswered(void)
{
    return missing(&answered);
}

/* "/configs/{id}" as "/configs/:id" */
static const char *as_template(const char *path)
{
    char *template = apr_pstrdup(fixture_pool(), path), *to = template;

    for (const char *from = path; *from; from++)
        if (*from != '}')
            *to++ = *from == '{' ? ':' : *from;
    *to = '\0';
    return template;
}

apr_array_header_t *described_templates(const char *method)
{
    apr_array_header_t *templates = apr_array_make(fixture_pool(), 32, sizeof(const char *));

    json_object_object_foreach(json_member(description, "paths"), path, methods)
    {
        if (!method || json_member(methods, lower(method)))
            APR_ARRAY_PUSH(templates, const char *) = as_template(path);
    }
    return templates;
}

const char *described_allow(const char *template)
{
    static const char *const names[] = {"delete", "get", "patch", "post", "put"};
    static const char *const said[] = {"DELETE, ", "GET, HEAD, ", "PATCH, ", "POST, ", "PUT, "};
    json_object *methods = find_path(template);
    const char *allow = "";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (i == 2) /* by the alphabet */
            allow = strf("%sOPTIONS, ", allow);
        if (json_member(methods, names[i]))
            allow = strf("%s%s", allow, said[i]);
    }
    return apr_pstrmemdup(fixture_pool(), allow, strlen(allow) - 2);
}

/* ---- answers ---- */

/* What paths and methods get that are no operations. */
static json_object *no_operation(long status)
{
    static const struct {
        long status;
        const char *name;
    } common[] = {
        {400, "BadRequest"}, {403, "Forbidden"}, {404, "NotFound"}, {405, "MethodNotAllowed"}};

    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (common[i].status == status)
            return json_schema_follow(description,
                                      strf("#/components/responses/%s", common[i].name));
    return NULL;
}

/* A body that was read piece by piece is not there to be looked at. */
static const char *check_body(json_object *response, const http_response_t *res, int head)
{
    json_object *content = json_member(response, "content"), *media;
    const char *type = http_header(res, "Content-Type"), *name;

    if (!content)
        return res->len ? "has a body, which is not described" : NULL;
    if (!type)
        return "has no Content-Type";
    name = apr_pstrmemdup(fixture_pool(), type, strcspn(type, ";"));
    if (!(media = json_member(content, name)))
        return strf("is %s, which is not described", name);
    if (head || !*res->body || res->curl != CURLE_OK || http_header(res, "Content-Encoding") ||
        strcmp(name, "application/json"))
        return NULL;
    if (!res->json)
        return res->len < 16 * 1024 * 1024 ? "is no JSON" : NULL;
    return json_schema_fault(description, json_member(media, "schema"), res->json);
}

static const char *check_headers(json_object *response, const http_response_t *res)
{
    json_object *headers = json_member(response, "headers");

    if (!headers)
        return NULL;
    json_object_object_foreach(headers, name, header)
    {
        if (json_member(header, "$ref") && !http_header(res, name)) /* the others it may have */
            return strf("has no %s", name);
    }
    return NULL;
}

/* No row's: httpd answers so by itself, whatever the endpoint. */
static int is_httpds(long status)
{
    return status == 401 || status == 414;
}

static json_object *find_response(const char *method, const char *path, long status)
{
    json_object *operation = find_operation(method, path), *response;

    if (!operation)
        return no_operation(status);
    put(&dealt_with, operation);
    if (status < 300)
        put(&answered, operation);
    response = json_member(json_member(operation, "responses"), strf("%ld", status));
    if (!response && is_httpds(status)) /* an error's form, as any other one's */
        return json_schema_follow(description, "#/components/responses/BadRequest");
    return response ? json_schema_resolve(description, response) : NULL;
}

const char *described_fault(const char *method, const char *path, const http_response_t *res)
{
    json_object *response = find_response(method, without_query(path), res->status);
    const char *fault;

    if (!response)
        return "has a status that is not described";
    fault = check_body(response, res, !strcmp(method, "HEAD"));
    return fault ? fault : check_headers(response, res);
}

void described_check(const char *method, const char *path, const http_response_t *res)
{
    const char *fault;

    if (!description || !res->status || !strcmp(method, "OPTIONS"))
        return;
    fault = described_fault(method, path, res);
    expect(!fault, "the answer to %s %.200s (%ld) %s\n%.500s", method, path, res->status, fault,
           res->body);
}
