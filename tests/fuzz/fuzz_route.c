/*
 * fuzz_route.c - paths against the module's own templates, beside a matcher that does it simply.
 */
#include "core/route.h"
#include "fuzz.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

static const wfm_route_t routes[] = {
    {.method = WFM_GET, .path = "/configs"},
    {.method = WFM_POST, .path = "/configs"},
    {.method = WFM_GET, .path = "/configs/:id"},
    {.method = WFM_PATCH, .path = "/configs/:id"},
    {.method = WFM_GET, .path = "/configs/:id/schemas"},
    {.method = WFM_GET, .path = "/configs/:id/schemas/active"},
    {.method = WFM_GET, .path = "/configs/:id/dimensions/:dimension/values"},
    {.method = WFM_POST, .path = "/runs/:id/retry"},
    {.method = WFM_DELETE, .path = "/runs/last"},
    {.method = WFM_GET, .path = "/runs/:id"},
};

#define ROUTES ((int)(sizeof routes / sizeof *routes))
#define MOST   16

typedef struct pieces_t {
    char *text[MOST]; /* decoded; NULL: that cannot be */
    apr_size_t len[MOST];
    int n; /* -1: no path of the API */
} pieces_t;

/* A segment, decoded with the C library's means. */
static char *decode(apr_pool_t *p, const char *s, apr_size_t len, apr_size_t *out_len)
{
    char *out = apr_pcalloc(p, len + 1);

    *out_len = 0;
    for (apr_size_t i = 0; i < len; i++) {
        char hex[3] = "";

        if (s[i] != '%') {
            out[(*out_len)++] = s[i];
            continue;
        }
        if (len - i < 3)
            return NULL;
        memcpy(hex, s + i + 1, 2);
        if (strspn(hex, "0123456789abcdefABCDEF") != 2)
            return NULL;
        out[(*out_len)++] = (char)strtol(hex, NULL, 16);
        i += 2;
    }
    return out;
}

static void cut(apr_pool_t *p, const char *path, int encoded, pieces_t *pieces)
{
    pieces->n = 0;
    while (*path == '/') {
        apr_size_t len = strcspn(++path, "/");

        if (!len || pieces->n == MOST) {
            pieces->n = -1;
            return;
        }
        pieces->len[pieces->n] = len;
        pieces->text[pieces->n] =
            encoded ? decode(p, path, len, &pieces->len[pieces->n]) : apr_pstrmemdup(p, path, len);
        pieces->n++;
        path += len;
    }
    if (*path)
        pieces->n = -1;
}

/* How many literals a template has in common with the path, -1: it does not match. */
static int literals(apr_pool_t *p, const char *template, const pieces_t *pieces)
{
    pieces_t t;
    int n = 0;

    cut(p, template, 0, &t);
    if (t.n != pieces->n)
        return -1;
    for (int i = 0; i < t.n; i++) {
        if (t.text[i][0] == ':')
            continue;
        if (!pieces->text[i] || pieces->len[i] != t.len[i] ||
            memcmp(pieces->text[i], t.text[i], t.len[i]))
            return -1;
        n++;
    }
    return n;
}

static void check_variables(apr_pool_t *p, const wfm_match_t *m, const pieces_t *pieces)
{
    pieces_t t;
    int n = 0;

    cut(p, m->route->path, 0, &t);
    for (int i = 0; i < t.n; i++) {
        const wfm_path_value_t *v;

        if (t.text[i][0] != ':')
            continue;
        must(n < m->nvars);
        v = &m->vars[n++];
        must(!v->s == !pieces->text[i]);
        must(!v->s || (v->len == pieces->len[i] && !memcmp(v->s, pieces->text[i], v->len)));
    }
    must(n == m->nvars);
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    static const unsigned bits[] = {0,         WFM_GET,    WFM_POST, WFM_PUT,
                                    WFM_PATCH, WFM_DELETE, WFM_GET,  WFM_POST};
    unsigned flags = len ? (unsigned char)data[0] : 0, method = bits[flags & 7], methods = 0;
    int encoded = (flags & 8) != 0, best = -1;
    const char *path = fuzz_text(p, data + (len > 0), len - (len > 0));
    const wfm_route_t *route = NULL;
    pieces_t pieces;
    wfm_match_t m;

    wfm_route_match(wfm_router_create(p, routes, ROUTES), p, path, encoded, method, &m);
    cut(p, path, encoded, &pieces);
    for (int i = 0; i < ROUTES && pieces.n >= 0; i++) {
        int n = literals(p, routes[i].path, &pieces);

        if (n < 0 || n < best)
            continue;
        if (n > best) {
            methods = 0;
            route = NULL;
        }
        best = n;
        methods |= routes[i].method;
        if (routes[i].method == method)
            route = &routes[i];
    }
    must(m.methods == methods);
    must(m.route == route);
    if (m.route)
        check_variables(p, &m, &pieces);
    must(strstr(wfm_route_allow(p, m.methods), "OPTIONS") != NULL);
}
