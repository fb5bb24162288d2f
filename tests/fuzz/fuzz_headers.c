/*
 * fuzz_headers.c - the headers that the module reads itself: Origin, Host, Sec-Fetch-Site,
 * If-None-Match and If-Match, Content-Type, Content-Encoding, Accept and traceparent; and how a log
 * has one. The input is cut at its newlines.
 */
#include "core/body.h"
#include "core/etag.h"
#include "core/json_check.h"
#include "core/logtext.h"
#include "core/media.h"
#include "core/origin.h"
#include "core/text.h"
#include "core/trace.h"
#include "fuzz.h"
#include <apr_strings.h>
#include <string.h>

static void check_origin(apr_pool_t *p, const char *text)
{
    const char *origin = wfm_origin_parse(p, text), *rest;

    if (!origin)
        return;
    rest = strstr(origin, "://");
    must(rest && rest > origin && rest[3]);
    must(!strpbrk(origin, "@/?# ,*ABCDEFGHIJKLMNOPQRSTUVWXYZ") || rest == strchr(origin, ':'));
    must(!strpbrk(rest + 3, "@/?# ,*\\ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    must(strlen(origin) <= strlen(text));
    must(!strcmp(wfm_origin_parse(p, origin), origin)); /* canonical is canonical */
}

static void check_trust(apr_pool_t *p, const char *site, const char *origin, const char *host)
{
    wfm_origins_t none = {NULL, 0}, any = {NULL, 1};
    wfm_provenance_t said = {site, origin, host}, guessed = {NULL, origin, host};
    const char *name = strstr(origin, "://");

    must(wfm_origin_is_trusted(p, &said, &any));
    must(wfm_origin_is_trusted(p, &said, &none) ==
         (!strcmp(site, "same-origin") || !strcmp(site, "none")));
    /* trusted by its name: it has the host's, which may differ in a default port only */
    if (wfm_origin_is_trusted(p, &guessed, &none)) {
        apr_size_t len = strcspn(host, ":");

        must(name != NULL && *host);
        must(*host == '[' || !strncasecmp(name + 3, host, len));
    }
}

static void check_etag(apr_pool_t *p, const char *header)
{
    const char *etag = wfm_etag_make(p, "815", 0x1234567890abcdefULL);
    const char *match = wfm_etag_match(p, header, etag);
    const apr_array_header_t *versions = wfm_etag_versions(p, header);

    must(strlen(etag) == 22);
    must(!match || strstr(header, "815-1234567890abcdef") || strchr(header, '*'));
    must(!match || (match[0] == '"' && !strncmp(match, etag, 21)));
    if (wfm_etag_permits(header,
                         etag)) { /* strong comparison names what weak does, and V with it */
        must(match != NULL);
        must(!versions || wfm_names_hold(versions, "815"));
    }
    for (int i = 0; versions && i < versions->nelts; i++) {
        const char *v = APR_ARRAY_IDX(versions, i, const char *);

        must(*v && strlen(v) <= 10 && !v[strspn(v, "0123456789")]);
        must(strstr(header, apr_pstrcat(p, "\"", v, "-", NULL)) != NULL);
    }
}

static void check_media(const char *header)
{
    if (wfm_media_is_identity(header))
        must(strspn(header, ", \tidentyIDENTY") == strlen(header));
    if (!wfm_media_is_utf8(header))
        must(strchr(header, ';') && strchr(header, '='));
}

/* An item about this very type has the last word, wherever it stands. */
static void check_accept(apr_pool_t *p, const char *header)
{
    wfm_media_preference_t preference = wfm_media_preference(header, "text/plain", "0.0.4");
    const char *more = apr_pstrcat(p, "text/plain;q=0.123,", header, NULL);

    must(preference.quality >= 0 && preference.quality <= 1000);
    must(!preference.named || strcasestr(header, "text/plain"));
    preference = wfm_media_preference(more, "text/plain", "0.0.4");
    must(preference.named && preference.quality >= 123);
}

static void check_trace(apr_pool_t *p, const char *header)
{
    const char *parent = wfm_trace_parent(p, header);

    if (!parent)
        return;
    must(strlen(parent) == 55 && !strncmp(parent, header, 55));
    must(parent[strspn(parent, "0123456789abcdef-")] == '\0');
    must(!strcmp(wfm_trace_parent(p, parent), parent));
}

/* Whatever it is, it is JSON in ASCII. */
static void check_log(apr_pool_t *p, const char *header)
{
    const char *json = wfm_log_json(p, header);
    apr_size_t at;

    must(wfm_json_check(json, strlen(json), 1, &at) == WFM_JSON_VALID);
    for (const char *c = json; *c; c++)
        must(*c >= 0x20 && *c < 0x7f);
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    char *text = fuzz_text(p, data, len), *state;
    const char *line[4] = {"", "", "", ""};
    int n = 0;

    for (char *s = apr_strtok(text, "\n", &state); s && n < 4; s = apr_strtok(NULL, "\n", &state))
        line[n++] = fuzz_text(p, s, strlen(s));
    check_origin(p, line[0]);
    check_trust(p, line[2], line[0], line[1]);
    check_etag(p, line[3]);
    check_media(line[3]);
    check_accept(p, line[3]);
    check_trace(p, line[3]);
    check_log(p, line[3]);
    if (wfm_media_is_json(line[3]))
        must(!strncasecmp(line[3] + strspn(line[3], " \t"), "application/", 12));
}
