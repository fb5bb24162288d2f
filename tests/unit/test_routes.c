/*
 * test_routes.c - the table of endpoints itself: what must hold for every row.
 */
#include "api/api.h"
#include "unit.h"
#include <string.h>

static void test_every_row_is_complete(void)
{
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];

        CU_ASSERT(r->path[0] == '/');
        CU_ASSERT_PTR_NOT_NULL(r->handler);
        CU_ASSERT_PTR_NOT_NULL(r->params);
        CU_ASSERT(r->summary && *r->summary);
        CU_ASSERT(r->method != 0);
    }
}

static void test_every_row_has_an_access_class(void)
{
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];

        CU_ASSERT(r->access == WFM_ACCESS_READ || r->access == WFM_ACCESS_WRITE ||
                  r->access == WFM_ACCESS_INGEST);
        if (r->method == WFM_GET) /* and HEAD with it */
            expect_int(r->access, WFM_ACCESS_READ);
        if (r->method == WFM_PUT || r->method == WFM_PATCH || r->method == WFM_DELETE)
            expect_int(r->access, WFM_ACCESS_WRITE);
    }
}

static void test_no_two_rows_match_one_path(void)
{
    for (int a = 0; a < wfm_routes_count; a++)
        for (int b = a + 1; b < wfm_routes_count; b++)
            if (wfm_routes[a].method == wfm_routes[b].method)
                CU_ASSERT_FALSE(wfm_route_ambiguous(wfm_routes[a].path, wfm_routes[b].path));
}

/* The variables of the template, in its order, are the first declared parameters. */
static void test_path_variables_are_declared(void)
{
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_param_spec_t *spec = wfm_routes[i].params;

        for (const char *v = strstr(wfm_routes[i].path, "/:"); v; v = strstr(v + 2, "/:"), spec++) {
            size_t len = strcspn(v + 2, "/");

            CU_ASSERT_PTR_NOT_NULL_FATAL(spec->name);
            CU_ASSERT(strlen(spec->name) == len && !memcmp(spec->name, v + 2, len));
            CU_ASSERT(spec->flags & WFM_PARAM_PATH);
        }
        for (; spec->name; spec++)
            CU_ASSERT_FALSE(spec->flags & WFM_PARAM_PATH);
    }
}

static int count_names(const wfm_param_spec_t *specs, const char *name)
{
    int n = 0;

    for (; specs && specs->name; specs++)
        n += !strcmp(specs->name, name);
    return n;
}

/* api_find looks in both places. */
static void test_no_input_is_declared_twice(void)
{
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];
        const wfm_param_spec_t *fields = r->body ? r->body->fields : NULL;
        int joined = r->body && r->body->header; /* a header's and the query's are one list */

        for (const wfm_param_spec_t *s = r->params; s->name; s++)
            expect_int(
                count_names(r->params, s->name) + (joined ? 0 : count_names(fields, s->name)), 1);
        for (const wfm_param_spec_t *s = fields; s && s->name; s++)
            expect_int(count_names(fields, s->name), 1);
    }
}

static void test_limits_are_bounded(void)
{
    for (int i = 0; i < wfm_routes_count; i++)
        for (const wfm_param_spec_t *s = wfm_routes[i].params; s->name; s++)
            if (s->type == WFM_PARAM_LIMIT && !(s->flags & WFM_PARAM_EXPORT_LIMIT))
                CU_ASSERT(s->def >= 1 && s->def <= s->max);
}

/* ---- answers ---- */

/* Calls f with each shape of a row's answer, and with those in it. */
static void each_shape(const api_shape_t *shape, void (*f)(const api_shape_t *))
{
    f(shape);
    for (const api_column_t *c = shape->columns; c->name; c++)
        if (c->of)
            each_shape(c->of, f);
}

static int has_known_form(const api_column_t *c)
{
    if (c->kind == API_SHAPE)
        return !c->of != !c->fragment && (c->flags & API_BY_HAND);
    return !c->of && (!c->fragment || c->kind == API_JSON) && (!c->values || c->kind == API_TEXT);
}

static void check_shape(const api_shape_t *shape)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(shape->columns[0].name);
    CU_ASSERT(shape->columns[0].kind != API_AGAIN);
    for (const api_column_t *c = shape->columns; c->name; c++) {
        CU_ASSERT(has_known_form(c));
        for (const api_column_t *other = c + 1; other->name; other++)
            CU_ASSERT(strcmp(c->name, other->name) != 0);
    }
}

static int is_given(const wfm_route_t *r, const char *name)
{
    return count_names(r->params, name) + count_names(r->body ? r->body->fields : NULL, name) > 0;
}

static void test_every_row_says_its_answer(void)
{
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];
        const api_answer_t *a = r->answer;

        CU_ASSERT_PTR_NOT_NULL_FATAL(a);
        CU_ASSERT(a->row || (a->flags & API_BARE && a->media));
        if (a->row)
            each_shape(a->row, check_shape);
        CU_ASSERT(!a->around || a->key);
        CU_ASSERT(!(a->flags & API_CREATES) || r->method == WFM_POST);
        CU_ASSERT(!(a->flags & API_CONFLICTS) || r->access == WFM_ACCESS_WRITE);
        if (a->key)
            CU_ASSERT(is_given(r, "limit") && is_given(r, "offset"));
    }
}

/* A PUT, PATCH or DELETE of an object's own path compares its version, no other request does. */
static void test_writes_of_objects_are_versioned(void)
{
    for (int i = 0; i < wfm_routes_count; i++) {
        const wfm_route_t *r = &wfm_routes[i];
        const char *last = strrchr(r->path, '/');
        int writes_object = r->method & (WFM_PUT | WFM_PATCH | WFM_DELETE) && !strcmp(last, "/:id");

        expect_int(!!(r->answer->flags & API_VERSIONED), !!writes_object);
    }
}

SUITE(routes) = {
    {"every row is complete", test_every_row_is_complete},
    {"every row has an access class", test_every_row_has_an_access_class},
    {"no two rows match one path", test_no_two_rows_match_one_path},
    {"path variables are declared", test_path_variables_are_declared},
    {"no input is declared twice", test_no_input_is_declared_twice},
    {"limits are bounded", test_limits_are_bounded},
    {"every row says its answer", test_every_row_says_its_answer},
    {"writes of objects are versioned", test_writes_of_objects_are_versioned},
    CU_TEST_INFO_NULL,
};
