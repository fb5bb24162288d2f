/*
 * fuzz.c - libFuzzer's entry, and the independent checks that targets compare with.
 */
#include "fuzz.h"
#include <apr_general.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return apr_initialize() == APR_SUCCESS ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    fuzz_one(p, (const char *)data, len);
    apr_pool_destroy(p);
    return 0;
}

void fuzz_broken(const char *file, int line, const char *promise)
{
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}

static apr_status_t release(void *memory)
{
    free(memory);
    return APR_SUCCESS;
}

char *fuzz_text(apr_pool_t *p, const char *data, apr_size_t len)
{
    char *text = malloc(len + 1);

    must(text != NULL);
    if (len)
        memcpy(text, data, len);
    text[len] = '\0';
    apr_pool_cleanup_register(p, text, release, apr_pool_cleanup_null);
    return text;
}

/* ---- sink ---- */

static apr_status_t keep(void *ctx, const char *data, apr_size_t len, int push)
{
    fuzz_sink_t *sink = ctx;
    char *text = apr_palloc(sink->pool, sink->len + len + 1);

    (void)push;
    if (sink->len)
        memcpy(text, sink->text, sink->len);
    memcpy(text + sink->len, data, len);
    sink->len += len;
    text[sink->len] = '\0';
    sink->text = text;
    return APR_SUCCESS;
}

fuzz_sink_t *fuzz_sink(apr_pool_t *p)
{
    fuzz_sink_t *sink = apr_pcalloc(p, sizeof *sink);

    sink->pool = p;
    sink->text = apr_pstrdup(p, "");
    wfm_out_init(&sink->out, sink->buf, sizeof sink->buf, keep, sink);
    return sink;
}

const char *fuzz_written(fuzz_sink_t *sink)
{
    must(wfm_out_flush(&sink->out) == APR_SUCCESS);
    return sink->text;
}

/* ---- UTF-8 ---- */

int fuzz_is_utf8(const char *text, apr_size_t len)
{
    const unsigned char *s = (const unsigned char *)text;

    for (apr_size_t i = 0; i < len;) {
        int more = s[i] < 0x80 ? 0 : s[i] >= 0xF0 ? 3 : s[i] >= 0xE0 ? 2 : 1;
        unsigned point = more == 0 ? s[i] : s[i] & (0x3Fu >> more);
        static const unsigned least[] = {0, 0x80, 0x800, 0x10000};

        if ((s[i] >= 0x80 && s[i] < 0xC0) || s[i] >= 0xF8 || len - i <= (apr_size_t)more)
            return 0;
        for (int n = 1; n <= more; n++) {
            if ((s[i + (apr_size_t)n] & 0xC0) != 0x80)
                return 0;
            point = point << 6 | (s[i + (apr_size_t)n] & 0x3Fu);
        }
        if (point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
            return 0;
        i += 1 + (apr_size_t)more;
    }
    return 1;
}

/* ---- JSON ---- */

/* What may come next. */
typedef enum expected_e { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END } expected_e;

/* The length of a string with its quotes at s; 0: it is none. */
static apr_size_t string_length(const char *s, apr_size_t len)
{
    apr_size_t i = 1;
    unsigned high = 0, unit;

    while (i < len && s[i] != '"') {
        char hex[5] = "";

        if ((unsigned char)s[i] < 0x20 || (high && s[i] != '\\'))
            return 0;
        if (s[i++] != '\\')
            continue;
        if (i >= len || !s[i] || !strchr("\"\\/bfnrtu", s[i]) || (high && s[i] != 'u'))
            return 0;
        if (s[i++] != 'u')
            continue;
        if (len - i < 4)
            return 0;
        memcpy(hex, s + i, 4);
        if (strspn(hex, "0123456789abcdefABCDEF") != 4)
            return 0;
        unit = (unsigned)strtoul(hex, NULL, 16);
        i += 4;
        if (!unit || (unit >> 10 == 0x37) != (high != 0)) /* a low one follows a high one, only */
            return 0;
        high = unit >> 10 == 0x36;
    }
    return i < len && !high ? i + 1 : 0;
}

/* The length of a number at s; 0: it is none. */
static apr_size_t number_length(const char *s, apr_size_t len)
{
    char text[512];
    apr_size_t n = 0, i = 0, digits;

    while (n < len && s[n] && strchr("+-.0123456789eE", s[n]))
        n++;
    if (n >= sizeof text)
        return 0; /* the caller leaves out inputs that have such numbers */
    memcpy(text, s, n);
    text[n] = '\0';
    i += text[i] == '-';
    digits = strspn(text + i, "0123456789");
    if (!digits || (digits > 1 && text[i] == '0'))
        return 0;
    i += digits;
    if (text[i] == '.') {
        digits = strspn(text + i + 1, "0123456789");
        if (!digits)
            return 0;
        i += 1 + digits;
    }
    if (text[i] == 'e' || text[i] == 'E') {
        i++;
        i += text[i] == '+' || text[i] == '-';
        digits = strspn(text + i, "0123456789");
        if (!digits)
            return 0;
        i += digits;
    }
    return i == n ? n : 0;
}

static apr_size_t scalar_length(const char *s, apr_size_t len)
{
    static const char *const words[] = {"true", "false", "null"};

    for (int i = 0; i < 3; i++)
        if (len >= strlen(words[i]) && !strncmp(s, words[i], strlen(words[i])))
            return strlen(words[i]);
    return *s == '"' ? string_length(s, len) : number_length(s, len);
}

int fuzz_is_json(const char *text, apr_size_t len, int max_depth)
{
    char open[64];
    int depth = 0, done = 0;
    expected_e expected = VALUE;
    apr_size_t n;

    if (!fuzz_is_utf8(text, len))
        return 0;
    for (apr_size_t i = 0; i < len; i += n) {
        char c = text[i];

        n = 1;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        if (done)
            return 0;
        if ((c == '{' || c == '[') && (expected == VALUE || expected == VALUE_OR_END)) {
            if (depth == max_depth)
                return 0;
            open[depth++] = c;
            expected = c == '{' ? KEY_OR_END : VALUE_OR_END;
            continue;
        }
        if ((c == '}' || c == ']') && depth && open[depth - 1] == c - 2 &&
            (expected == COMMA_OR_END || expected == (c == '}' ? KEY_OR_END : VALUE_OR_END))) {
            depth--;
            expected = COMMA_OR_END;
        } else if (c == ',' && depth && expected == COMMA_OR_END) {
            expected = open[depth - 1] == '{' ? KEY : VALUE;
        } else if (c == ':' && expected == COLON) {
            expected = VALUE;
        } else if (expected == KEY || expected == KEY_OR_END) {
            if (c != '"' || !(n = string_length(text + i, len - i)))
                return 0;
            expected = COLON;
        } else if (expected == VALUE || expected == VALUE_OR_END) {
            if (!(n = scalar_length(text + i, len - i)))
                return 0;
            expected = COMMA_OR_END;
        } else {
            return 0;
        }
        done = depth == 0 && expected == COMMA_OR_END;
    }
    return done;
}

/* ---- errors ---- */

int fuzz_names_field(const wfm_error_t *err, const char *field)
{
    for (int i = 0; err && err->fields && i < err->fields->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(err->fields, i, wfm_field_error_t).field, field))
            return 1;
    return 0;
}

void fuzz_check_error(const wfm_error_t *err)
{
    must(err->status == WFM_BAD_REQUEST);
    must(err->fields && err->fields->nelts > 0 && err->fields->nelts <= WFM_ERROR_FIELDS);
    must(!err->truncated || err->fields->nelts == WFM_ERROR_FIELDS);
    for (int i = 0; i < err->fields->nelts; i++) {
        const wfm_field_error_t *f = &APR_ARRAY_IDX(err->fields, i, wfm_field_error_t);

        must(f->message && *f->message);
        must(strlen(f->field) <= 203); /* 200 bytes and "..." */
        must(fuzz_is_utf8(f->field, strlen(f->field)));
        must(fuzz_is_utf8(f->message, strlen(f->message)));
        must(strstr(err->message, f->message) != NULL);
    }
}
