/*
 * fuzz_text.c - UTF-8, percent-decoding, integers, and text on its way into JSON and back.
 */
#include "core/json_writer.h"
#include "core/text.h"
#include "fuzz.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static void check_decoding(apr_pool_t *p, const char *data, apr_size_t len)
{
    apr_size_t n = 0, escapes = 0;
    char *decoded = wfm_text_decode(p, data, len, 1, &n);

    for (apr_size_t i = 0; i < len; i++)
        escapes += data[i] == '%';
    must(decoded || escapes);
    must(!decoded || (n + 2 * escapes == len && decoded[n] == '\0'));
}

static void check_integer(apr_pool_t *p, const char *data, apr_size_t len)
{
    const char *text = fuzz_text(p, data, len);
    apr_int64_t v = 0;
    int kind = wfm_text_int64(data, len, &v);
    int sign = *text == '-';
    int is_integer = len > (apr_size_t)sign && strspn(text + sign, "0123456789") + sign == len;

    must((kind != 0) == is_integer);
    if (!is_integer)
        return;
    errno = 0;
    must(v == strtoll(text, NULL, 10));
    must((kind == -1) == (errno == ERANGE));
}

static void check_shortening(apr_pool_t *p, const char *data, apr_size_t len)
{
    const char *text = fuzz_text(p, data, len), *shortened;

    if (!fuzz_is_utf8(text, strlen(text)))
        return;
    shortened = wfm_text_short(p, text);
    must(fuzz_is_utf8(shortened, strlen(shortened)));
    must(strlen(shortened) <= WFM_TEXT_SHORT + 3);
    must(strlen(text) > WFM_TEXT_SHORT || !strcmp(text, shortened));
}

/* Into JSON, out of it by json-c: the same bytes. */
static void check_json(apr_pool_t *p, const char *data, apr_size_t len)
{
    fuzz_sink_t *sink = fuzz_sink(p);
    json_object *json;
    const char *text;
    wfm_json_t j;

    wfm_json_init(&j, &sink->out);
    wfm_json_array(&j);
    wfm_json_string_n(&j, data, len);
    wfm_json_array_end(&j);
    text = fuzz_written(sink);
    for (const char *c = text; *c; c++)
        must((unsigned char)*c >= 0x20);
    if (memchr(data, '\0', len))
        return; /* the module never writes one */
    must(fuzz_is_json(text, sink->len, 1));
    json = json_tokener_parse(text);
    must(json != NULL);
    must(json_object_get_string_len(json_object_array_get_idx(json, 0)) == (int)len);
    must(!memcmp(json_object_get_string(json_object_array_get_idx(json, 0)), data, len));
    json_object_put(json);
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    int utf8 = wfm_text_is_utf8(data, len);

    must(utf8 == fuzz_is_utf8(data, len));
    check_decoding(p, data, len);
    check_integer(p, data, len);
    check_shortening(p, data, len);
    if (utf8) {
        must(wfm_text_length(data, len) <= len);
        must(!len || wfm_text_length(data, len) > 0);
        must(!wfm_text_is_blank(data, len) || wfm_text_length(data, len) <= len);
        if (len)
            check_json(p, data, len);
    }
}
