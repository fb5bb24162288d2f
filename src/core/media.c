/*
 * media.c - reads Content-Type's charset and Content-Encoding (RFC 9110, sections 8.3 and 8.4).
 */
#include "media.h"
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

static int is_word(const char *s, size_t len, const char *word)
{
    return len == strlen(word) && !strncasecmp(s, word, len);
}

/* The value of a parameter, s pointing behind its '='; *next is what follows it. */
static const char *parameter_value(const char *s, size_t *len, const char **next)
{
    int quoted = *s == '"';

    s += quoted;
    *len = strcspn(s, quoted ? "\"" : "; \t");
    *next = s + *len + (quoted && s[*len]);
    return s;
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

int wfm_media_is_identity(const char *content_encoding)
{
    const char *s = content_encoding;

    for (;;) {
        size_t len;

        s += strspn(s, ", \t");
        if (!*s)
            return 1;
        len = strcspn(s, ", \t");
        if (!is_word(s, len, "identity"))
            return 0;
        s += len;
    }
}
