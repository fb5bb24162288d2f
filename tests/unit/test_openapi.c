/*
 * test_openapi.c - the API's description: is it whole, does it say what the rows say, and does
 * every reference in it lead somewhere?
 */
#include "api/api.h"
#include "api/openapi.h"
#include "core/json.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static json_object *description(void)
{
    const api_document_t *d = api_openapi_make(unit_pool(), wfm_routes, wfm_routes_count);
    json_object *json = NULL;

    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), d->text, d->len, &json));
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    return json;
}

/* The value at a path of keys separated by '|'; NULL: there is none. */
static json_object *at(json_object *json, const char *path)
{
    char *state, *keys = apr_pstrdup(unit_pool(), path);

    for (char *key = apr_strtok(keys, "|", &state); key && json;
         key = apr_strtok(NULL, "|", &state)) {
        if (json_object_is_type(json, json_type_array))
            json = json_object_array_get_idx(json, (size_t)apr_atoi64(key));
        else if (!json_object_object_get_ex(json, key, &json))
            json = NULL;
    }
    return json;
}

#define expect_at(json, path, text)                                                                \
    expect_str(json_object_to_json_string_ext(at(json, path), JSON_C_TO_STRING_PLAIN |             \
                                                                  JSON_C_TO_STRING_NOSLASHESCAPE), \
               text)

static const char *operation_of(const wfm_route_t *r)
{
    static const struct {
        wfm_method_e method;
        const char *name;
    } names[] = {{WFM_GET, "get"},
                 {WFM_POST, "post"},
                 {WFM_PUT, "put"},
                 {WFM_PATCH, "patch"},
                 {WFM_DELETE, "delete"}};
    const char *path = "";
    int m = 0;

    for (const char *s = r->path; *s;) {
        size_t len = strcspn(s + 1, "/");

        path = s[1] == ':' ? apr_psprintf(unit_pool(), "%s/{%.*s}", path, (int)len - 1, s + 2)
                           : apr_psprintf(unit_pool(), "%s/%.*s", path, (int)len, s + 1);
        s += len + 1;
    }
    while (names[m].method != r->method)
        m++;
    return apr_pstrcat(unit_pool(), "paths|", path, "|", names[m].name, NULL);
}

static void test_every_row_is_described(void)
{
    json_object *d = description();
    int operations = 0;

    for (int i = 0; i < wfm_routes_count; i++) {
        json_object *o = at(d, operation_of(&wfm_routes[i]));
        unsigned flags = wfm_routes[i].answer->flags;
        int status = flags & API_CREATES ? 201 : flags & API_ACCEPTS ? 202 : 200;
        int other = flags & API_MAKES ? 201 : status;

        CU_ASSERT_PTR_NOT_NULL_FATAL(o);
        CU_ASSERT_PTR_NOT_NULL(at(o, "summary"));
        for (int s = 200; s <= 202; s++)
            expect_int(at(o, apr_psprintf(unit_pool(), "responses|%d", s)) != NULL,
                       s == status || s == other);
        expect_int(at(o, "requestBody") != NULL, wfm_routes[i].body != NULL);
        expect_int(at(o, "responses|415") != NULL, wfm_routes[i].body != NULL);
        expect_int(at(o, "responses|409") != NULL,
                   (wfm_routes[i].answer->flags & API_CONFLICTS) != 0);
        CU_ASSERT_PTR_NOT_NULL(at(o, "responses|503"));
    }
    json_object_object_foreach(at(d, "paths"), path, methods)
    {
        (void)path;
        operations += json_object_object_length(methods);
    }
    expect_int(operations, wfm_routes_count);
}

static json_object *parameter(json_object *operation, const char *name)
{
    json_object *list = at(operation, "parameters"), *found;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *p = json_object_array_get_idx(list, i);

        if (json_object_object_get_ex(p, "name", &found) &&
            !strcmp(json_object_get_string(found), name))
            return p;
    }
    return NULL;
}

/* Where the fields are described: they are the body, or stand in a header. */
static json_object *object_of(json_object *operation, const wfm_body_spec_t *body)
{
    return body->header ? at(parameter(operation, body->header), "content|application/json|schema")
                        : at(operation, "requestBody|content|application/json|schema");
}

static void test_every_input_is_described(void)
{
    json_object *d = description();

    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];
        json_object *o = at(d, operation_of(r));

        for (const wfm_param_spec_t *s = r->params; s->name; s++) {
            json_object *p = parameter(o, s->name);
            int needed = s->flags & (WFM_PARAM_PATH | WFM_PARAM_REQUIRED);

            CU_ASSERT_PTR_NOT_NULL_FATAL(p);
            expect_int(at(p, "required") != NULL, needed != 0);
        }
        for (const wfm_param_spec_t *s = r->body ? r->body->fields : r->params; s->name; s++)
            CU_ASSERT(!r->body || at(object_of(o, r->body),
                                     apr_pstrcat(unit_pool(), "properties|", s->name, NULL)));
    }
}

/* One of each type, word by word. */
static void test_inputs(void)
{
    json_object *d = description(), *runs = at(d, "paths|/runs|get"),
                *export = at(d, "paths|/configs/{id}/export|get"),
                *patch = at(d, "paths|/configs/{id}|patch|requestBody|content|application/json"
                               "|schema");

    expect_at(parameter(runs, "config_id"), "schema",
              "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,"
              "\"maximum\":9223372036854775807}");
    expect_at(parameter(runs, "limit"), "schema",
              "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":100,"
              "\"default\":20}");
    expect_at(parameter(runs, "start_date"), "schema",
              "{\"type\":\"string\",\"format\":\"date-time\"}");
    expect_at(parameter(runs, "trigger_source"), "schema",
              "{\"type\":\"string\",\"minLength\":1,\"examples\":[\"realtime\",\"backfill\","
              "\"manual\"]}");
    expect_at(parameter(export, "format"), "schema",
              "{\"type\":\"string\",\"enum\":[\"csv\",\"json\",\"ndjson\"],\"default\":\"csv\"}");
    expect_at(parameter(export, "bom"), "schema", "{\"type\":\"boolean\",\"default\":false}");
    expect_at(parameter(export, "dimensions"), "content|application/json|schema",
              "{\"$ref\":\"#/components/schemas/DimensionFilter\"}");
    expect_at(parameter(export, "metric_fields"), "explode", "false");
    expect_at(patch, "properties|enabled|type", "[\"boolean\",\"null\"]");
    expect_at(patch, "additionalProperties", "false");
    expect_at(patch, "required", "[]");
}

static void test_answers(void)
{
    json_object *d = description();

    expect_at(d, "components|schemas|Run|properties|config_id",
              "{\"type\":[\"integer\",\"null\"],\"format\":\"int64\"}");
    expect_at(d, "components|schemas|Metric|properties|collected_at",
              "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}");
    expect_at(d, "components|schemas|Dimensions|properties|values",
              "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"items\":"
              "{\"type\":\"string\"}}}");
    expect_at(d,
              "paths|/configs|get|responses|200|content|application/json|schema|properties|data"
              "|required",
              "[\"configs\",\"total\",\"offset\",\"limit\",\"cluster_name\"]");
    expect_at(d, "paths|/configs|post|responses|201|headers",
              "{\"ETag\":{\"$ref\":\"#/components/headers/ETag\"},"
              "\"Location\":{\"$ref\":\"#/components/headers/Location\"}}");
    expect_at(d, "servers", "[{\"url\":\".\"}]");
}

/* Every $ref below a value leads somewhere. */
static void check_references(json_object *whole, json_object *json)
{
    if (json_object_is_type(json, json_type_array))
        for (size_t i = 0; i < json_object_array_length(json); i++)
            check_references(whole, json_object_array_get_idx(json, i));
    if (!json_object_is_type(json, json_type_object))
        return;
    json_object_object_foreach(json, key, value)
    {
        if (!strcmp(key, "$ref")) {
            char *path = apr_pstrdup(unit_pool(), json_object_get_string(value) + 2);

            for (char *c = path; *c; c++)
                *c = *c == '/' ? '|' : *c;
            if (!at(whole, path))
                expect_str(path, "a part of the description");
        }
        check_references(whole, value);
    }
}

static void test_references(void)
{
    json_object *d = description();

    check_references(d, d);
}

/* A component has one name, and no two have the same. */
static void test_names_are_unique(void)
{
    json_object *d = description();
    const api_document_t *made = api_openapi_make(unit_pool(), wfm_routes, wfm_routes_count);

    json_object_object_foreach(at(d, "components|schemas"), name, value)
    {
        const char *key = apr_psprintf(unit_pool(), "\"%s\":{", name);
        const char *first = strstr(made->text, key);

        (void)value;
        CU_ASSERT_PTR_NOT_NULL_FATAL(first);
        if (strstr(first + 1, key))
            expect_str(name, "a name that stands once");
    }
}

static void test_it_is_small(void)
{
    const api_document_t *d = api_openapi_make(unit_pool(), wfm_routes, wfm_routes_count);

    CU_ASSERT(d->len > 10000 && d->len < 200000);
    expect_int((apr_int64_t)strlen(d->text), (apr_int64_t)d->len);
}

SUITE(openapi) = {
    {"every row is described", test_every_row_is_described},
    {"every input is described", test_every_input_is_described},
    {"inputs", test_inputs},
    {"answers", test_answers},
    {"references", test_references},
    {"names are unique", test_names_are_unique},
    {"it is small", test_it_is_small},
    CU_TEST_INFO_NULL,
};
