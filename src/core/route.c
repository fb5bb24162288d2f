/*
 * route.c - matches a path against the templates of the route table.
 *
 * The path is cut into segments once; templates are compared in place, without copies.
 */
#include "route.h"
#include "text.h"
#include <apr_strings.h>

#define MAX_SEGMENTS 16 /* longer than any template; a longer path is unknown */

typedef struct segment_t {
    const char *s; /* NULL: could not be decoded; such a segment is no literal's */
    apr_size_t len;
} segment_t;

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

/** Cut the path up and decode what is encoded. Returns the number of segments, -1: unknown path. */
static int split(apr_pool_t *p, const char *path, int encoded, segment_t *segments)
{
    int n = 0;
    segment_t s;

    while (next_segment(&path, &s)) {
        if (n == MAX_SEGMENTS || s.len == 0)
            return -1;
        if (encoded && memchr(s.s, '%', s.len))
            s.s = wfm_text_decode(p, s.s, s.len, 0, &s.len);
        segments[n++] = s;
    }
    return *path == '\0' ? n : -1;
}

/* To behind the literal that the template has here, if it is the segment; else NULL. */
static const char *skip_literal(const char *template, const segment_t *segment)
{
    apr_size_t i = 0;

    if (!segment->s)
        return NULL;
    while (i < segment->len && template[i] && template[i] == segment->s[i])
        i++;
    if (i < segment->len || (template[i] && template[i] != '/'))
        return NULL;
    return template + i;
}

/*
 * Does the template match? *kinds gets a bit a segment, the first one's highest: 1 is a literal.
 * Every request asks this of every row, so it stops at the first byte that differs.
 */
static int template_matches(const char *template, const segment_t *segments, int n, unsigned *kinds)
{
    *kinds = 0;
    for (int i = 0; i < n; i++) {
        int is_literal = template[0] == '/' && template[1] != ':';

        if (*template ++ != '/')
            return 0;
        if (is_literal)
            template = skip_literal(template, &segments[i]);
        else
            while (*template && *template != '/')
                template ++;
        if (!template)
            return 0;
        *kinds = *kinds << 1 | (unsigned)is_literal;
    }
    return !*template;
}

static void take_variables(apr_pool_t *p, const char *template, const segment_t *segments,
                           wfm_match_t *match)
{
    segment_t t;

    for (; next_segment(&template, &t); segments++) {
        wfm_path_value_t *v;

        if (!is_variable(&t) || match->nvars == WFM_ROUTE_VARS)
            continue;
        v = &match->vars[match->nvars++];
        v->s = segments->s ? apr_pstrmemdup(p, segments->s, segments->len) : NULL;
        v->len = segments->s ? segments->len : 0;
    }
}

void wfm_route_match(apr_pool_t *p, const wfm_route_t *routes, int n, const char *path, int encoded,
                     unsigned method, wfm_match_t *match)
{
    segment_t segments[MAX_SEGMENTS];
    int count = split(p, path, encoded, segments), i;
    unsigned kinds, best = 0;

    memset(match, 0, sizeof(*match));
    if (count < 0)
        return;
    for (i = 0; i < n; i++) {
        if (!template_matches(routes[i].path, segments, count, &kinds))
            continue;
        /* Kinds of one length compare like numbers: the first literal that the other lacks wins. */
        if (match->methods && kinds < best)
            continue;
        if (kinds > best) {
            match->methods = 0;
            match->route = NULL;
        }
        best = kinds;
        match->methods |= routes[i].method;
        if (routes[i].method == method)
            match->route = &routes[i];
    }
    if (match->route)
        take_variables(p, match->route->path, segments, match);
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
    const char *value = "";
    unsigned i;

    for (i = 0; i < METHODS; i++)
        if (methods[i].bit == 0 || (methods[i].bit & allowed))
            value = apr_pstrcat(p, value, *value ? ", " : "", methods[i].name, NULL);
    return value;
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
