/*
 * text.c - UTF-8, white space, percent escapes and integers of a client's input.
 */
#include "text.h"
#include <apr_strings.h>
#include <string.h>

/** The range of the second byte and the length, by the first byte (Unicode, table 3-7). */
static int lead_byte(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c > 0xF4)
        return 0;
    if (c < 0xE0)
        return 2;
    if (c == 0xE0)
        *low = 0xA0; /* below: overlong */
    else if (c == 0xED)
        *high = 0x9F; /* above: surrogates */
    else if (c == 0xF0)
        *low = 0x90; /* below: overlong */
    else if (c == 0xF4)
        *high = 0x8F; /* above: beyond U+10FFFF */
    return c < 0xF0 ? 3 : 4;
}

int wfm_text_sequence(const char *s, apr_size_t len, apr_size_t *n)
{
    unsigned char low, high;
    apr_size_t want = (apr_size_t)lead_byte((unsigned char)s[0], &low, &high);
    apr_size_t i;

    for (i = 1; i < want; i++) {
        unsigned char c;

        if (i == len)
            break;
        c = (unsigned char)s[i];
        if (c < low || c > high)
            break;
        low = 0x80;
        high = 0xBF;
    }
    *n = want == 0 ? 0 : i;
    return want != 0 && i == want;
}

int wfm_text_is_utf8(const char *s, apr_size_t len)
{
    apr_size_t n;

    for (; len > 0; s += n, len -= n) {
        n = 1;
        if ((unsigned char)*s >= 0x80 && !wfm_text_sequence(s, len, &n))
            return 0;
    }
    return 1;
}

/** A byte that continues a sequence, so does not start a code point. */
static int is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

apr_size_t wfm_text_cut(const char *s, apr_size_t len, apr_size_t most)
{
    if (len <= most)
        return len;
    while (most && is_continuation(s[most]))
        most--;
    return most;
}

apr_size_t wfm_text_length(const char *s, apr_size_t len)
{
    apr_size_t n = 0, i;

    for (i = 0; i < len; i++)
        n += !is_continuation(s[i]);
    return n;
}

/** Length in bytes of the white space character that s starts with, 0 if it is another one. */
static apr_size_t white_space(const char *s, apr_size_t len)
{
    static const char *const wide[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80",
    };
    unsigned i;

    if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
        return 1;
    if (len >= 3 && memcmp(s, "\xE2\x80", 2) == 0 && (unsigned char)s[2] >= 0x80 &&
        (unsigned char)s[2] <= 0x8A)
        return 3; /* U+2000 to U+200A */
    for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        apr_size_t n = strlen(wide[i]);

        if (len >= n && memcmp(s, wide[i], n) == 0)
            return n;
    }
    return 0;
}

int wfm_text_is_blank(const char *s, apr_size_t len)
{
    apr_size_t n;

    for (; len > 0; s += n, len -= n)
        if ((n = white_space(s, len)) == 0)
            return 0;
    return 1;
}

const char *wfm_text_short(apr_pool_t *p, const char *s)
{
    apr_size_t len = strlen(s), n = wfm_text_cut(s, len, WFM_TEXT_SHORT);

    return n == len ? apr_pstrdup(p, s) : apr_pstrcat(p, apr_pstrmemdup(p, s, n), "...", NULL);
}

/** Value of a hex digit, or -1. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

apr_array_header_t *wfm_text_new(apr_pool_t *p)
{
    apr_array_header_t *text = apr_array_make(p, 128, 1);

    APR_ARRAY_PUSH(text, char) = '\0';
    return text;
}

void wfm_text_append(apr_array_header_t *text, const char *piece)
{
    apr_array_pop(text);
    do
        APR_ARRAY_PUSH(text, char) = *piece;
    while (*piece++);
}

const char *wfm_text_get(const apr_array_header_t *text)
{
    return text->elts;
}

char *wfm_text_decode(apr_pool_t *p, const char *s, apr_size_t len, int plus_is_space,
                      apr_size_t *out_len)
{
    char *out = apr_palloc(p, len + 1), *o = out;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (s[i] == '+' && plus_is_space) {
            *o++ = ' ';
        } else if (s[i] == '%') {
            int high, low;

            if (len - i < 3 || (high = hex_digit(s[i + 1])) < 0 || (low = hex_digit(s[i + 2])) < 0)
                return NULL;
            *o++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *o++ = s[i];
        }
    }
    *o = '\0';
    *out_len = (apr_size_t)(o - out);
    return out;
}

int wfm_text_int64(const char *s, apr_size_t len, apr_int64_t *v)
{
    apr_size_t i = len > 0 && s[0] == '-';
    apr_int64_t sign = i ? -1 : 1, n = 0;
    int beyond = 0;

    if (i == len)
        return 0;
    for (; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return 0;
        /* Built with its sign, because INT64_MIN has no positive form. */
        beyond = beyond || __builtin_mul_overflow(n, 10, &n) ||
                 __builtin_add_overflow(n, sign * (s[i] - '0'), &n);
    }
    *v = !beyond ? n : sign > 0 ? APR_INT64_MAX : APR_INT64_MIN;
    return beyond ? -1 : 1;
}

int wfm_names_hold(const apr_array_header_t *names, const char *name)
{
    for (int i = 0; i < names->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(names, i, const char *), name) == 0)
            return 1;
    return 0;
}

int wfm_texts_hold(const char *const *texts, const char *text)
{
    while (*texts && strcmp(*texts, text))
        texts++;
    return *texts != NULL;
}

const char *wfm_text_like(apr_pool_t *p, const char *s)
{
    char *out = apr_palloc(p, 2 * strlen(s) + 3), *o = out;

    *o++ = '%';
    for (; *s; s++) {
        if (*s == '%' || *s == '_' || *s == '\\')
            *o++ = '\\';
        *o++ = *s;
    }
    *o++ = '%';
    *o = '\0';
    return out;
}

void wfm_names_add(apr_array_header_t *names, const char *name)
{
    if (!wfm_names_hold(names, name))
        APR_ARRAY_PUSH(names, const char *) = name;
}
