/*
 * media.c - reads Content-Type, Content-Encoding and Accept (RFC 9110, sections 8.3, 8.4
 * and 12.5.1).
 */
#include "media.h"
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

static int is_word(const char *s, size_t len, const char *word)
{
    return len == strlen(word) && !strncasecmp(s, word, len);
}

/* How long is the text up to the quote that ends it? One behind a backslash is part of it. */
static size_t quoted_length(const char *s)
{
    size_t len = 0;

    while (s[len] && s[len] != '"')
        len += s[len] == '\\' && s[len + 1] ? 2 : 1;
    return len;
}

/* The value of a parameter, s pointing behind its '='; *next is what follows it. */
static const char *parameter_value(const char *s, size_t *len, const char **next)
{
    int quoted = *s == '"';

    s += quoted;
    *len = quoted ? quoted_length(s) : strcspn(s, "; \t");
    *next = s + *len + (quoted && s[*len]);
    return s;
}

int wfm_media_is_json(const char *content_type)
{
    static const char tree[] = "application/";
    const char *s = content_type, *end;
    size_t len;

    if (!s)
        return 0;
    while (*s == ' ' || *s == '\t')
        s++;
    if (strncasecmp(s, tree, sizeof(tree) - 1) != 0)
        return 0;
    s += sizeof(tree) - 1;
    len = strcspn(s, "; \t");
    end = s + len;
    end += strspn(end, " \t");
    if (*end != '\0' && *end != ';')
        return 0;
    return (len == 4 && strncasecmp(s, "json", 4) == 0) ||
           (len > 5 && strncasecmp(s + len - 5, "+json", 5) == 0);
}

int wfm_media_is(const char *content_type, const char *type)
{
    const char *s = content_type + strspn(content_type, BLANKS);

    return is_word(s, strcspn(s, "; \t"), type);
}

int wfm_media_is_utf8(const char *content_type)
{
    const char *s = strchr(content_type, ';');

    while (s) {
        const char *name = s + 1 + strspn(s + 1, BLANKS), *value, *next;
        size_t name_len = strcspn(name, "=; \t"), len;

        if (name[name_len] != '=') { /* no parameter */
            s = strchr(name, ';');
            continue;
        }
        value = parameter_value(name + name_len + 1, &len, &next);
        if (is_word(name, name_len, "charset") && !is_word(value, len, "utf-8") &&
            !is_word(value, len, "utf8") && !is_word(value, len, "us-ascii"))
            return 0;
        s = strchr(next, ';');
    }
    return 1;
}

/* How many codings but "identity" there are, and how many of them are gzip. */
static int count_codings(const char *s, int *gzip)
{
    int n = 0;

    *gzip = 0;
    for (;;) {
        size_t len;

        s += strspn(s, ", \t");
        if (!*s)
            return n;
        len = strcspn(s, ", \t");
        *gzip += is_word(s, len, "gzip") || is_word(s, len, "x-gzip");
        n += !is_word(s, len, "identity");
        s += len;
    }
}

int wfm_media_is_identity(const char *content_encoding)
{
    int gzip;

    return count_codings(content_encoding, &gzip) == 0;
}

int wfm_media_is_gzip(const char *content_encoding)
{
    int gzip;

    return count_codings(content_encoding, &gzip) == 1 && gzip == 1;
}

/* ---- Accept ---- */

/* Behind an item of a list: its comma, or the end. One inside quotes is no end. */
static const char *item_end(const char *s)
{
    while (*s && *s != ',') {
        if (*s++ != '"')
            continue;
        s += quoted_length(s);
        s += *s == '"';
    }
    return s;
}

/* "0.75" as 750; -1: it is no such number. */
static int quality_of(const char *s, size_t len)
{
    int quality;

    if (len < 1 || len > 5 || (*s != '0' && *s != '1') || (len > 1 && s[1] != '.'))
        return -1;
    quality = (*s - '0') * 1000;
    for (size_t i = 2, unit = 100; i < len; i++, unit /= 10) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        quality += (s[i] - '0') * (int)unit;
    }
    return quality <= 1000 ? quality : -1;
}

/* How exactly does a range mean the type: 3 itself, 2 its kind, 1 anything, 0 not at all. */
static int exactness(const char *range, size_t len, const char *type)
{
    size_t kind = strcspn(type, "/") + 1;

    if (is_word(range, len, type))
        return 3;
    if (len == kind + 1 && !strncasecmp(range, type, kind) && range[kind] == '*')
        return 2;
    return is_word(range, len, "*/*");
}

/* The parameters of an item, from its first semicolon to its end. @return its quality; -1: it is
 * malformed, or about another version */
static int item_quality(const char *s, const char *end, const char *version)
{
    int quality = 1000;

    while (s < end) {
        const char *name = s + 1 + strspn(s + 1, BLANKS), *value, *next;
        size_t name_len = strcspn(name, "=;, \t"), len;

        if (name >= end || *name == ';') { /* none behind this semicolon */
            s = name;
            continue;
        }
        if (name[name_len] != '=')
            return -1;
        value = parameter_value(name + name_len + 1, &len, &next);
        if (next > end) {
            next = end;
            len = (size_t)(end - value);
        }
        if (is_word(name, name_len, "version") && !is_word(value, len, version))
            return -1;
        if (is_word(name, name_len, "q") && (quality = quality_of(value, len)) < 0)
            return -1;
        s = next + strspn(next, BLANKS);
        if (s < end && *s != ';')
            return -1;
    }
    return quality;
}

wfm_media_preference_t wfm_media_preference(const char *accept, const char *type,
                                            const char *version)
{
    wfm_media_preference_t preference = {accept ? 0 : 1000, 0};
    int best = 0;

    for (const char *s = accept, *end; s && *s; s = *end ? end + 1 : end) {
        size_t len;
        int exact, quality;

        s += strspn(s, BLANKS);
        end = item_end(s);
        len = strcspn(s, ";, \t");
        exact = exactness(s, len, type);
        s += len;
        s += strspn(s, BLANKS);
        if (exact < best || exact == 0 || (s < end && *s != ';') ||
            (quality = item_quality(s, end, version)) < 0)
            continue;
        if (exact > best || quality > preference.quality)
            preference.quality = quality;
        best = exact;
    }
    preference.named = best == 3;
    return preference;
}
