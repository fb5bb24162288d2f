/*
 * described.c - validates answers against the description, in the part of JSON Schema that it uses:
 * $ref, type, enum, properties, required, additionalProperties, items, anyOf, format date-time.
 * Stricter than the schemas are to clients: a field that they do not name is a fault.
 */
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include "json.h"
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

/* ---- JSON Schema ---- */

static const char *check(json_object *schema, json_object *value, const char *at);

/* A member, also one that is null: json-c has no object for it. */
static json_object *get(json_object *object, const char *key)
{
    json_object *value = NULL;

    json_object_object_get_ex(object, key, &value);
    return value;
}

/* "#/components/schemas/Run" */
static json_object *follow(const char *reference)
{
    json_object *json = description;
    char *state, *path = apr_pstrdup(fixture_pool(), reference + 2);

    for (char *key = apr_strtok(path, "/", &state); key; key = apr_strtok(NULL, "/", &state))
        json = get(json, key);
    return json;
}

static json_object *resolve(json_object *object)
{
    json_object *reference = get(object, "$ref");

    return reference ? follow(json_object_get_string(reference)) : object;
}

static int is_of_type(const char *type, json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return !strcmp(type, "null");
    case json_type_boolean:
        return !strcmp(type, "boolean");
    case json_type_int:
        return !strcmp(type, "integer") || !strcmp(type, "number");
    case json_type_double:
        return !strcmp(type, "number");
    case json_type_string:
        return !strcmp(type, "string");
    case json_type_array:
        return !strcmp(type, "array");
    case json_type_object:
        return !strcmp(type, "object");
    }
    return 0;
}

static int has_type(json_object *types, json_object *value)
{
    if (!json_object_is_type(types, json_type_array))
        return is_of_type(json_object_get_string(types), value);
    for (size_t i = 0; i < json_object_array_length(types); i++)
        if (is_of_type(json_object_get_string(json_object_array_get_idx(types, i)), value))
            return 1;
    return 0;
}

static int is_in(json_object *list, json_object *value)
{
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (json_object_equal(json_object_array_get_idx(list, i), value))
            return 1;
    return 0;
}

/* RFC 3339 in UTC with Z, as the API writes it. */
static int is_time(json_object *value)
{
    const char *text = json_object_get_string(value);
    size_t len = strlen(text);

    return len >= 20 && text[4] == '-' && text[10] == 'T' && text[len - 1] == 'Z';
}

static const char *check_members(json_object *schema, json_object *value, const char *at)
{
    json_object *properties = get(schema, "properties"),
                *others = get(schema, "additionalProperties");
    json_object *needed = get(schema, "required"), *of;
    const char *fault = NULL;

    for (size_t i = 0; needed && i < json_object_array_length(needed); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(needed, i));

        if (!json_object_object_get_ex(value, name, &of))
            return strf("%s lacks %s", at, name);
    }
    json_object_object_foreach(value, name, member)
    {
        const char *place = strf("%s.%s", at, name);

        if (fault)
            break;
        if (properties && json_object_object_get_ex(properties, name, &of))
            fault = check(of, member, place);
        else if (json_object_is_type(others, json_type_object))
            fault = check(others, member, place);
        else if (properties)
            fault = strf("%s is not described", place);
    }
    return fault;
}

static const char *check_items(json_object *schema, json_object *value, const char *at)
{
    json_object *items = get(schema, "items");
    const char *fault = NULL;

    for (size_t i = 0; items && i < json_object_array_length(value) && !fault; i++)
        fault = check(items, json_object_array_get_idx(value, i), at);
    return fault;
}

static const char *check_any(json_object *schemas, json_object *value, const char *at)
{
    const char *fault = NULL;

    for (size_t i = 0; i < json_object_array_length(schemas); i++)
        if (!(fault = check(json_object_array_get_idx(schemas, i), value, at)))
            return NULL;
    return fault;
}

static const char *check(json_object *schema, json_object *value, const char *at)
{
    json_object *any, *type, *list;

    schema = resolve(schema);
    if (!schema)
        return strf("%s: its schema is not there", at);
    if ((any = get(schema, "anyOf")))
        return check_any(any, value, at);
    if ((type = get(schema, "type")) && !has_type(type, value))
        return strf("%s is %.60s, not of type %s", at, json_object_to_json_string(value),
                    json_object_to_json_string(type));
    if ((list = get(schema, "enum")) && !is_in(list, value))
        return strf("%s is %.60s, none of %s", at, json_object_to_json_string(value),
                    json_object_to_json_string(list));
    if (get(schema, "format") && json_object_is_type(value, json_type_string) && !is_time(value))
        return strf("%s is %.60s, no time", at, json_object_to_json_string(value));
    if (json_object_is_type(value, json_type_object))
        return check_members(schema, value, at);
    if (json_object_is_type(value, json_type_array))
        return check_items(schema, value, at);
    return NULL;
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

    json_object_object_foreach(get(description, "paths"), key, methods)
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

    return methods ? get(methods, lower(method)) : NULL;
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

    json_object_object_foreach(get(description, "paths"), path, methods)
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

int described_all_answered(void)
{
    int all;

    fixture_begin();
    all = !*missing(&answered);
    if (!all)
        fprintf(stderr, "no test has got a success of %s\n", missing(&answered));
    fixture_end();
    return all;
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

    json_object_object_foreach(get(description, "paths"), path, methods)
    {
        if (!method || get(methods, lower(method)))
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
        if (get(methods, names[i]))
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
            return follow(strf("#/components/responses/%s", common[i].name));
    return NULL;
}

/* A body that was read piece by piece is not there to be looked at. */
static const char *check_body(json_object *response, const http_response_t *res, int head)
{
    json_object *content = get(response, "content"), *media;
    const char *type = http_header(res, "Content-Type"), *name;

    if (!content)
        return res->len ? "has a body, which is not described" : NULL;
    if (!type)
        return "has no Content-Type";
    name = apr_pstrmemdup(fixture_pool(), type, strcspn(type, ";"));
    if (!(media = get(content, name)))
        return strf("is %s, which is not described", name);
    if (head || !*res->body || res->curl != CURLE_OK || http_header(res, "Content-Encoding") ||
        strcmp(name, "application/json"))
        return NULL;
    if (!res->json)
        return res->len < 16 * 1024 * 1024 ? "is no JSON" : NULL;
    return check(get(media, "schema"), res->json, "it");
}

static const char *check_headers(json_object *response, const http_response_t *res)
{
    json_object *headers = get(response, "headers");

    if (!headers)
        return NULL;
    json_object_object_foreach(headers, name, header)
    {
        (void)header;
        if (!http_header(res, name))
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
    response = get(get(operation, "responses"), strf("%ld", status));
    if (!response && is_httpds(status)) /* an error's form, as any other one's */
        return follow("#/components/responses/BadRequest");
    return response ? resolve(response) : NULL;
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
