/*
 * etag.c - makes entity tags and reads the headers that list them.
 */
#include "etag.h"
#include <apr_siphash.h>
#include <apr_strings.h>
#include <string.h>

#define BLANKS     " \t"
#define MAX_DIGITS 10 /* of a version, which PostgreSQL counts in 32 bits */

const char *wfm_etag_make(apr_pool_t *p, const char *version, apr_uint64_t digest)
{
    return apr_psprintf(p, "\"%s%s%016" APR_UINT64_T_HEX_FMT "\"", version ? version : "",
                        version ? "-" : "", digest);
}

apr_uint64_t wfm_etag_digest(const void *data, apr_size_t len)
{
    static const unsigned char key[APR_SIPHASH_KSIZE];

    return apr_siphash24(data, len, key);
}

static int is_any(const char *header)
{
    const char *s = header + strspn(header, BLANKS);

    return *s == '*' && s[1 + strspn(s + 1, BLANKS)] == '\0';
}

/** A tag of a list. */
typedef struct tag_t {
    const char *opaque; /* without its quotes */
    apr_size_t len;
    int weak;
} tag_t;

/**
 * Take the next tag off a list. A comma may stand inside a tag, so the list is cut at the quotes.
 * @return 0: there is none; what is left of a well-formed list is then ""
 */
static int next_tag(const char **list, tag_t *tag)
{
    const char *s = *list += strspn(*list, "," BLANKS), *close;

    tag->weak = !strncmp(s, "W/", 2);
    s += tag->weak ? 2 : 0;
    if (*s != '"' || !(close = strchr(s + 1, '"')))
        return 0;
    tag->opaque = s + 1;
    tag->len = (apr_size_t)(close - s - 1);
    s = close + 1 + strspn(close + 1, BLANKS);
    if (*s && *s != ',')
        return 0;
    *list = s;
    return 1;
}

/** Is the tag this one, perhaps with a content coding's suffix? */
static int is_same(const tag_t *tag, const char *etag)
{
    static const char *const suffixes[] = {"", "-gzip", "-br"};
    apr_size_t own = strlen(etag) - 2; /* without its quotes */

    if (tag->len < own || memcmp(tag->opaque, etag + 1, own) != 0)
        return 0;
    for (unsigned i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (tag->len - own == strlen(suffixes[i]) &&
            memcmp(tag->opaque + own, suffixes[i], tag->len - own) == 0)
            return 1;
    return 0;
}

const char *wfm_etag_match(apr_pool_t *p, const char *header, const char *etag)
{
    tag_t tag;

    if (!header)
        return NULL;
    if (is_any(header))
        return etag;
    while (next_tag(&header, &tag))
        if (is_same(&tag, etag))
            return apr_pstrmemdup(p, tag.opaque - 1, tag.len + 2);
    return NULL;
}

int wfm_etag_permits(const char *header, const char *etag)
{
    int found = 0;
    tag_t tag;

    if (!header || is_any(header))
        return 1;
    while (next_tag(&header, &tag))
        found |= etag && !tag.weak && is_same(&tag, etag);
    return found && !*header;
}

const apr_array_header_t *wfm_etag_versions(apr_pool_t *p, const char *header)
{
    apr_array_header_t *versions;
    tag_t tag;

    if (!header || is_any(header))
        return NULL;
    versions = apr_array_make(p, 1, sizeof(const char *));
    while (next_tag(&header, &tag)) {
        apr_size_t digits = strspn(tag.opaque, "0123456789");

        if (!tag.weak && digits && digits <= MAX_DIGITS && tag.opaque[digits] == '-')
            APR_ARRAY_PUSH(versions, const char *) = apr_pstrmemdup(p, tag.opaque, digits);
    }
    if (*header) /* no list of tags */
        apr_array_clear(versions);
    return versions;
}
