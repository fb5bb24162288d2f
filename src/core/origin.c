/*
 * origin.c - reads origins (RFC 6454) and decides whom a request comes from.
 */
#include "origin.h"
#include "text.h"
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

/* The length of a scheme with its "://"; 0: there is none. */
static apr_size_t scheme_length(const char *s)
{
    apr_size_t n = 0;

    if (!apr_isalpha(s[0]))
        return 0;
    while (apr_isalnum(s[n]) || (s[n] && strchr("+-.", s[n])))
        n++;
    return strncmp(s + n, "://", 3) ? 0 : n + 3;
}

/* The length of a host: a name, an IPv4 address, or an IPv6 address in brackets; 0: none. */
static apr_size_t host_length(const char *s)
{
    apr_size_t n = 0;

    if (s[0] == '[') {
        n = 1 + strspn(s + 1, "0123456789abcdefABCDEF:.");
        return n > 2 && s[n] == ']' ? n + 1 : 0;
    }
    while (apr_isalnum(s[n]) || (s[n] && strchr("-._~", s[n])))
        n++;
    return n;
}

/* The number after the colon, to the end of the text; 0: it is no port. */
static int port_number(const char *s)
{
    apr_size_t n = strspn(s, "0123456789");
    apr_int64_t port = n > 0 && n < 6 && !s[n] ? apr_atoi64(s) : 0;

    return port <= 65535 ? (int)port : 0;
}

static int is_default_port(const char *origin, int port)
{
    return (port == 80 && !strncmp(origin, "http://", 7)) ||
           (port == 443 && !strncmp(origin, "https://", 8));
}

const char *wfm_origin_parse(apr_pool_t *p, const char *text)
{
    apr_size_t scheme = scheme_length(text);
    apr_size_t host = scheme ? host_length(text + scheme) : 0;
    const char *rest = text + scheme + host;
    char *origin;
    int port;

    if (!host || (*rest && *rest != ':'))
        return NULL;
    origin = apr_pstrmemdup(p, text, scheme + host);
    for (char *c = origin; *c; c++)
        *c = (char)apr_tolower(*c);
    if (!*rest)
        return origin;
    port = port_number(rest + 1);
    if (!port)
        return NULL;
    return is_default_port(origin, port) ? origin : apr_psprintf(p, "%s:%d", origin, port);
}

/* The host is asked under a name of which the origin is a page. The scheme is the origin's: where
 * a proxy in front ends TLS, httpd does not know the browser's. */
static int is_own(apr_pool_t *p, const char *origin, const char *host)
{
    apr_size_t scheme = scheme_length(origin);
    const char *own =
        host ? wfm_origin_parse(p, apr_pstrcat(p, apr_pstrmemdup(p, origin, scheme), host, NULL))
             : NULL;

    return own && !strcmp(own, origin);
}

int wfm_origin_is_trusted(apr_pool_t *p, const wfm_provenance_t *from, const wfm_origins_t *allowed)
{
    const char *origin = from->origin ? wfm_origin_parse(p, from->origin) : NULL;

    if (allowed->any || (origin && allowed->list && wfm_names_hold(allowed->list, origin)))
        return 1;
    /* "none" is the visitor's own doing: an address that was typed in, a bookmark */
    if (from->fetch_site)
        return !strcmp(from->fetch_site, "same-origin") || !strcmp(from->fetch_site, "none");
    if (from->origin)
        return origin && is_own(p, origin, from->host);
    return 1;
}
