/*
 * fuzz_json.c - json_check and wfm_json_parse: what is JSON, and where a text stops being it.
 */
#include "core/body.h"
#include "core/json_check.h"
#include "fuzz.h"
#include <apr_lib.h>
#include <string.h>

/* A number as long as that is beyond the other check's room. */
static int has_long_number(const char *data, apr_size_t len)
{
    apr_size_t run = 0;

    for (apr_size_t i = 0; i < len; i++) {
        run = data[i] && strchr("+-.0123456789eE", data[i]) ? run + 1 : 0;
        if (run > 500)
            return 1;
    }
    return 0;
}

/* Everything before the byte that is told can stand: cut off there, the text is whole, or ends too
 * early. */
static void check_position(const char *data, apr_size_t at, int depth)
{
    apr_size_t again = 0;
    wfm_json_verdict_e verdict = wfm_json_check(data, at, depth, &again);

    must(verdict == WFM_JSON_VALID || (verdict == WFM_JSON_INVALID && again == at));
}

/* What json-c's own parser builds; but it clamps integers beyond 64 bits. */
static void check_as_json_c(const char *data, apr_size_t len, json_object *json)
{
    json_tokener *tok = json_tokener_new_ex(WFM_JSON_DEPTH + 1);
    json_object *theirs = json_tokener_parse_ex(tok, data, (int)len);

    if (json_tokener_get_error(tok) == json_tokener_continue) /* a number at the end */
        theirs = json_tokener_parse_ex(tok, "", 1);
    must(json_tokener_get_error(tok) == json_tokener_success);
    must(json_object_equal(json, theirs));
    json_object_put(theirs);
    json_tokener_free(tok);
}

/* Of so many digits that it may be beyond 64 bits. */
static int has_large_integer(const char *data, apr_size_t len)
{
    apr_size_t run = 0;

    for (apr_size_t i = 0; i < len && run < 19; i++)
        run = apr_isdigit(data[i]) ? run + 1 : 0;
    return run >= 19;
}

/* What is built is written as what passes again. */
static void check_value(apr_pool_t *p, json_object *json)
{
    const char *text;
    apr_size_t len, at;

    text = json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN, &len);
    must(wfm_json_check(text, len, WFM_JSON_DEPTH, &at) == WFM_JSON_VALID);
    must(wfm_json_parse(p, text, len, &json) == NULL);
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    int depth = len ? 1 + data[len - 1] % 3 * 15 : WFM_JSON_DEPTH; /* 1, 16, 31 */
    wfm_json_verdict_e verdict, deep;
    json_object *json = NULL;
    apr_size_t at = len + 1;
    wfm_error_t *err;

    if (depth < 1)
        depth = WFM_JSON_DEPTH;
    verdict = wfm_json_check(data, len, depth, &at);
    must(verdict == WFM_JSON_VALID ? at == len + 1 : at <= len);
    must(verdict != WFM_JSON_TOO_DEEP || data[at] == '[' || data[at] == '{');
    if (verdict != WFM_JSON_VALID)
        check_position(data, at, depth);
    if (!has_long_number(data, len))
        must((verdict == WFM_JSON_VALID) == fuzz_is_json(data, len, depth));

    deep = wfm_json_check(data, len, WFM_JSON_DEPTH, &at);
    err = wfm_json_parse(p, data, len, &json);
    must((deep == WFM_JSON_VALID) == (err == NULL) || len > WFM_JSON_VALUES);
    must(!err || err->status == WFM_BAD_REQUEST);
    if (err)
        return;
    check_value(p, json);
    if (!has_large_integer(data, len))
        check_as_json_c(data, len, json);
}
