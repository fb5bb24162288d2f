/*
 * route.c - matches a path against the templates of the route table.
 *
 * Templates are cut into segments when the router is made, the path once for all of them.
 */
#include "route.h"
#include "text.h"
#include <apr_strings.h>
#include <assert.h>

#define MAX_SEGMENTS 16 /* of a template; a longer path is unknown */

typedef struct segment_t {
    const char *s; /* NULL: could not be decoded; such a segment is no literal's */
    apr_size_t len;
} segment_t;

typedef struct template_t {
    const wfm_route_t *route;
    segment_t segments[MAX_SEGMENTS];
    int n;
    unsigned kinds; /* a bit a segment, the first one's highest: 1 is a literal */
} template_t;

struct wfm_router_t {
    template_t *templates; /* in the order of the rows */
    int n;
};

/** Cut off the first segment of *s ("/a/b" gives "a" and leaves "/b"); 0 at the end. */
static int next_segment(const char **s, segment_t *segment)
{
    if (**s != '/')
        return 0;
    segment->s = *s + 1;
    segment->len = strcspn(segment->s, "/");
    *s = segment->s + segment->len;
    return 1;
}

static int is_variable(const segment_t *of_template)
{
    return of_template->len > 0 && of_template->s[0] == ':';
}

static int same_literal(const segment_t *a, const segment_t *b)
{
    return a->s && b->s && a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

/** The tree's root may end in a slash, alone of all paths. */
static const char *without_slash(const char *path)
{
    return strcmp(path, "/") ? path : "";
}

/** Cut the path up and decode what is encoded. Returns the number of segments, -1: unknown path. */
static int split(apr_pool_t *p, const char *path, int encoded, segment_t *segments)
{
    int n = 0;
    segment_t s;

    path = without_slash(path);
    while (next_segment(&path, &s)) {
        if (n == MAX_SEGMENTS || s.len == 0)
            return -1;
        if (encoded && memchr(s.s, '%', s.len))
            s.s = wfm_text_decode(p, s.s, s.len, 0, &s.len);
        segments[n++] = s;
    }
    return *path == '\0' ? n : -1;
}

static void cut(template_t *t, const wfm_route_t *route)
{
    const char *path = without_slash(route->path);
    segment_t s;

    t->route = route;
    while (t->n < MAX_SEGMENTS && next_segment(&path, &s)) {
        t->segments[t->n++] = s;
        t->kinds = t->kinds << 1 | !is_variable(&s);
    }
    assert(!*path && "a template of more segments than there is room for");
}

wfm_router_t *wfm_router_create(apr_pool_t *p, const wfm_route_t *routes, int n)
{
    wfm_router_t *router = apr_palloc(p, sizeof *router);

    router->templates = apr_pcalloc(p, sizeof *router->templates * (apr_size_t)n);
    router->n = n;
    for (int i = 0; i < n; i++)
        cut(&router->templates[i], &routes[i]);
    return router;
}

/* From the end, where templates of one length differ most. */
static int matches(const template_t *t, const segment_t *segments)
{
    for (int i = t->n - 1; i >= 0; i--)
        if (!is_variable(&t->segments[i]) && !same_literal(&t->segments[i], &segments[i]))
            return 0;
    return 1;
}

static void take_variables(apr_pool_t *p, const template_t *t, const segment_t *segments,
                           wfm_match_t *match)
{
    for (int i = 0; i < t->n; i++) {
        const segment_t *s = &segments[i];

        if (is_variable(&t->segments[i]) && match->nvars < WFM_ROUTE_VARS)
            match->vars[match->nvars++] = (wfm_path_value_t){
                s->s ? apr_pstrmemdup(p, s->s, s->len) : NULL, s->s ? s->len : 0};
    }
}

void wfm_route_match(const wfm_router_t *router, apr_pool_t *p, const char *path, int encoded,
                     unsigned method, wfm_match_t *match)
{
    segment_t segments[MAX_SEGMENTS];
    int count = split(p, path, encoded, segments);
    const template_t *found = NULL;
    unsigned best = 0;

    memset(match, 0, sizeof(*match));
    for (const template_t *t = router->templates; t < router->templates + router->n; t++) {
        /* Kinds of one length compare like numbers: the first literal that the other lacks wins. */
        if (t->n != count || (match->methods && t->kinds < best) || !matches(t, segments))
            continue;
        if (t->kinds > best) {
            match->methods = 0;
            found = NULL;
        }
        best = t->kinds;
        match->methods |= t->route->method;
        if (t->route->method == method)
            found = t;
    }
    if (found) {
        match->route = found->route;
        take_variables(p, found, segments, match);
    }
}

/** Method names in the order of Allow. HEAD and OPTIONS are not in the table, so they name GET's
 * bit. */
static const struct {
    const char *name;
    unsigned bit;
} methods[] = {
    {"DELETE", WFM_DELETE}, {"GET", WFM_GET},   {"HEAD", WFM_GET}, {"OPTIONS", 0},
    {"PATCH", WFM_PATCH},   {"POST", WFM_POST}, {"PUT", WFM_PUT},
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

const char *wfm_route_allow(apr_pool_t *p, unsigned allowed)
{
    apr_array_header_t *value = wfm_text_new(p);
    unsigned i;

    for (i = 0; i < METHODS; i++) {
        if (methods[i].bit && !(methods[i].bit & allowed))
            continue;
        wfm_text_append(value, *wfm_text_get(value) ? ", " : "");
        wfm_text_append(value, methods[i].name);
    }
    return wfm_text_get(value);
}

const char *wfm_route_method_name(wfm_method_e method)
{
    unsigned i = 0;

    while (i < METHODS - 1 && methods[i].bit != method)
        i++;
    return methods[i].name;
}

unsigned wfm_route_method(const char *name)
{
    unsigned i;

    for (i = 0; i < METHODS; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].bit;
    return 0;
}

int wfm_route_ambiguous(const char *a, const char *b)
{
    segment_t sa, sb;

    for (;;) {
        int more_a = next_segment(&a, &sa), more_b = next_segment(&b, &sb);

        if (!more_a || !more_b)
            return more_a == more_b;
        if (is_variable(&sa) != is_variable(&sb)) /* the literal wins */
            return 0;
        if (!is_variable(&sa) && !same_literal(&sa, &sb))
            return 0;
    }
}
