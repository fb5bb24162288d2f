/*
 * body.c - checks a JSON body against declared fields.
 */
#include "body.h"
#include "number.h"
#include "schema_field.h"
#include "text.h"
#include <apr_lib.h>
#include <apr_strings.h>

static int is_text(json_object *v)
{
    return json_object_is_type(v, json_type_string);
}

static int is_filled_text(json_object *v)
{
    return json_object_is_type(v, json_type_string) &&
           !wfm_text_is_blank(json_object_get_string(v), (apr_size_t)json_object_get_string_len(v));
}

static int is_array_of(json_object *v, int (*is_item)(json_object *))
{
    if (!json_object_is_type(v, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(v); i++)
        if (!is_item(json_object_array_get_idx(v, i)))
            return 0;
    return 1;
}

/** The JSON text of an array or object, for a jsonb column; the object keeps it. */
static void keep_json(json_object *v, wfm_arg_t *arg)
{
    arg->set = 1;
    arg->json = v;
    arg->s = json_object_to_json_string_length(
        v, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &arg->len);
}

/** What is wrong with a number anywhere inside; NULL: all are such that they can be stored as sent.
 */
static const char *odd_number(apr_pool_t *p, json_object *v)
{
    const char *text, *fault = NULL;

    switch (json_object_get_type(v)) {
    case json_type_int:
    case json_type_double:
        return wfm_number_text(p, v, &text);
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(v) && !fault; i++)
            fault = odd_number(p, json_object_array_get_idx(v, i));
        return fault;
    case json_type_object: {
        json_object_object_foreach(v, key, member)
        {
            (void)key;
            if (!fault)
                fault = odd_number(p, member);
        }
        return fault;
    }
    default:
        return NULL;
    }
}

static int has_long_name(json_object *array)
{
    for (size_t i = 0; i < json_object_array_length(array); i++)
        if (json_object_get_string_len(wfm_schema_field_name(json_object_array_get_idx(array, i))) >
            WFM_NAME_MAX)
            return 1;
    return 0;
}

/** An array that is stored: its items, how many, and the numbers in it. */
static const char *check_stored(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                json_object *json, wfm_arg_t *arg)
{
    static const struct {
        int (*is_item)(json_object *);
        const char *message;
    } kinds[] = {
        [WFM_PARAM_TEXT_ARRAY] = {is_filled_text, "must be an array of non-blank strings"},
        [WFM_PARAM_NAME_ARRAY] = {is_text, "must be an array of names"},
        [WFM_PARAM_FIELD_ARRAY] = {wfm_schema_field_is,
                                   "must be an array of fields, each a name or an "
                                   "object with a name"},
    };

    if (!is_array_of(json, kinds[spec->type].is_item))
        return kinds[spec->type].message;
    if (spec->max && json_object_array_length(json) > (size_t)spec->max)
        return apr_psprintf(v->p, "must have at most %" APR_INT64_T_FMT " items", spec->max);
    if (spec->type != WFM_PARAM_TEXT_ARRAY && has_long_name(json))
        return WFM_NAME_TOO_LONG;
    keep_json(json, arg);
    return odd_number(v->p, json);
}

/** Any object that is stored. */
static const char *check_object(const wfm_validation_t *v, json_object *json, wfm_arg_t *arg)
{
    if (!json_object_is_type(json, json_type_object))
        return "must be an object";
    keep_json(json, arg);
    return odd_number(v->p, json);
}

static const char *check_names(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               json_object *json, wfm_arg_t *arg)
{
    int required = (spec->flags & WFM_PARAM_REQUIRED) != 0;
    apr_size_t n = json_object_is_type(json, json_type_array) ? json_object_array_length(json) : 0;

    if (!is_array_of(json, is_text) || n > (apr_size_t)spec->max || (required && !n))
        return apr_psprintf(v->p,
                            required ? "must be an array of 1 to %" APR_INT64_T_FMT " names"
                                     : "must be an array of at most %" APR_INT64_T_FMT " names",
                            spec->max);
    arg->names = apr_array_make(v->p, (int)n + 1, sizeof(const char *));
    for (apr_size_t i = 0; i < n; i++) {
        json_object *name = json_object_array_get_idx(json, i);

        if (json_object_get_string_len(name) > WFM_NAME_MAX)
            return WFM_NAME_TOO_LONG;
        wfm_names_add(arg->names, apr_pstrdup(v->p, json_object_get_string(name)));
    }
    arg->set = 1;
    return NULL;
}

/** Types that a URL writes as text: JSON of the right type has the same text. */
static const char *check_scalar(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                json_object *json, wfm_arg_t *arg)
{
    static const json_type types[] = {
        [WFM_PARAM_ID] = json_type_int,      [WFM_PARAM_OFFSET] = json_type_int,
        [WFM_PARAM_LIMIT] = json_type_int,   [WFM_PARAM_BOOL] = json_type_boolean,
        [WFM_PARAM_ENUM] = json_type_string, [WFM_PARAM_TIME] = json_type_string,
        [WFM_PARAM_TEXT] = json_type_string, [WFM_PARAM_NAME] = json_type_string,
        [WFM_PARAM_ZONE] = json_type_string, [WFM_PARAM_NUMBER] = json_type_int,
    };
    /* an integer beyond 64 bits is a double object; the check tells it from 1.5 by its text */
    int fits = json_object_is_type(json, types[spec->type]) ||
               (types[spec->type] == json_type_int && json_object_is_type(json, json_type_double));
    const char *text = fits ? json_object_get_string(json) : "";

    if (!fits && (spec->type == WFM_PARAM_TEXT || spec->type == WFM_PARAM_NAME))
        return "must be a string";
    /* "" is nothing that the other types take: the check says what they do take */
    return wfm_value_check(v, spec, text, strlen(text), arg);
}

/** What a file has beside its content is text, or is not there. */
static int is_file(json_object *v)
{
    static const char *const texts[] = {"path", "name", "file_type"};
    json_object *member;

    if (!json_object_object_get_ex(v, "content", &member) || !is_text(member))
        return 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (json_object_object_get_ex(v, texts[i], &member) && member && !is_text(member))
            return 0;
    return 1;
}

static const char *check_files(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               json_object *json, wfm_arg_t *arg)
{
    if (!is_array_of(json, is_file) || json_object_array_length(json) < 1 ||
        (apr_int64_t)json_object_array_length(json) > spec->max)
        return apr_psprintf(
            v->p, "must be an array of 1 to %" APR_INT64_T_FMT " objects, each with a content",
            spec->max);
    arg->set = 1;
    arg->json = json;
    return NULL;
}

static const char *check_field_patches(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                       json_object *json, wfm_arg_t *arg)
{
    if (!is_array_of(json, wfm_schema_field_is_patch) || json_object_array_length(json) < 1 ||
        (apr_int64_t)json_object_array_length(json) > spec->max)
        return apr_psprintf(v->p,
                            "must be an array of 1 to %" APR_INT64_T_FMT
                            " objects, each with a name and perhaps a direction (higher, lower or "
                            "empty), a unit (at most 255 characters) and a description (1000)",
                            spec->max);
    if (has_long_name(json))
        return WFM_NAME_TOO_LONG;
    if (wfm_schema_fields_repeat(json))
        return "must not name a field twice";
    keep_json(json, arg);
    return NULL;
}

static const char *check_field(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               json_object *json, wfm_arg_t *arg)
{
    switch (spec->type) {
    case WFM_PARAM_NAMES:
        return check_names(v, spec, json, arg);
    case WFM_PARAM_DIMENSIONS:
    case WFM_PARAM_METRIC_FILTERS:
        return wfm_value_check_filter(v, spec, json, arg);
    case WFM_PARAM_TEXT_ARRAY:
    case WFM_PARAM_NAME_ARRAY:
    case WFM_PARAM_FIELD_ARRAY:
        return check_stored(v, spec, json, arg);
    case WFM_PARAM_OBJECT:
        return check_object(v, json, arg);
    case WFM_PARAM_FIELD_PATCHES:
        return check_field_patches(v, spec, json, arg);
    case WFM_PARAM_FILES:
        return check_files(v, spec, json, arg);
    default:
        return check_scalar(v, spec, json, arg);
    }
}

/** Absent, or null: json-c has no object for it. */
static const char *check_absent(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                wfm_arg_t *arg)
{
    wfm_value_default(v, spec, arg);
    return spec->flags & WFM_PARAM_REQUIRED ? "is required" : NULL;
}

static int is_declared(const wfm_param_spec_t *fields, const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return 1;
    return 0;
}

/** What is not declared is passed by, or named. */
static int is_wanted(const void *ctx, const char *name)
{
    const wfm_body_spec_t *spec = ctx;

    if (is_declared(spec->fields, name))
        return 1;
    return spec->unknown == WFM_UNKNOWN_REFUSED ? -1 : 0;
}

wfm_error_t *wfm_body_parse(apr_pool_t *p, const wfm_body_spec_t *spec, const char *text,
                            apr_size_t len, json_object **out)
{
    if (!len && spec->may_be_empty) {
        text = "{}";
        len = strlen(text);
    }
    return wfm_json_parse_members(p, text, len, is_wanted, spec, out);
}

wfm_error_t *wfm_body_validate(apr_pool_t *p, const wfm_body_spec_t *spec, json_object *json,
                               const wfm_limits_t *limits, wfm_args_t *args, wfm_error_t **err)
{
    const wfm_validation_t v = {p, limits, err};

    args->n = 0;
    while (spec->fields[args->n].name)
        args->n++;
    args->args = apr_pcalloc(p, ((apr_size_t)args->n + 1) * sizeof(wfm_arg_t));
    if (!json_object_is_type(json, json_type_object))
        return wfm_error_make(p, WFM_BAD_REQUEST, "the body must be a JSON object");
    for (int i = 0; i < args->n; i++) {
        const wfm_param_spec_t *field = &spec->fields[i];
        json_object *value = NULL;
        const char *message;

        args->args[i].name = field->name;
        json_object_object_get_ex(json, field->name, &value);
        message = value ? check_field(&v, field, value, &args->args[i])
                        : check_absent(&v, field, &args->args[i]);
        if (message)
            wfm_error_field(err, p, field->name, "%s", message);
    }
    wfm_value_check_range(&v, spec->fields, args);
    if (spec->unknown == WFM_UNKNOWN_IGNORED)
        return NULL;
    json_object_object_foreach(json, key, value)
    {
        (void)value;
        if (!is_declared(spec->fields, key))
            wfm_error_field(err, p, key, "is not a known field");
    }
    return NULL;
}

/** No field is given. */
static void give_nothing(apr_pool_t *p, const wfm_body_spec_t *spec, const wfm_limits_t *limits,
                         wfm_args_t *args, wfm_error_t **err)
{
    json_object *empty = json_object_new_object();

    wfm_json_own(p, empty);
    wfm_body_validate(p, spec, empty, limits, args, err);
}

/** How often each declared field is there: of one that is there twice, json-c keeps the last. */
typedef struct occurrences_t {
    const wfm_body_spec_t *spec;
    int *times; /* as many as there are fields */
} occurrences_t;

static int count_wanted(const void *ctx, const char *name)
{
    const occurrences_t *seen = ctx;

    for (int i = 0; seen->spec->fields[i].name; i++)
        seen->times[i] += !strcmp(seen->spec->fields[i].name, name);
    return is_wanted(seen->spec, name);
}

static wfm_error_t *parse_once(apr_pool_t *p, const wfm_body_spec_t *spec, const char *value,
                               json_object **json, wfm_error_t **err)
{
    occurrences_t seen = {spec, NULL};
    apr_size_t n = 0;

    while (spec->fields[n].name)
        n++;
    seen.times = apr_pcalloc(p, (n + 1) * sizeof *seen.times);
    WFM_TRY(wfm_json_parse_members(p, value, strlen(value), count_wanted, &seen, json));
    for (apr_size_t i = 0; i < n; i++)
        if (seen.times[i] > 1)
            wfm_error_field(err, p, spec->fields[i].name, "must be given only once");
    return NULL;
}

void wfm_body_header(apr_pool_t *p, const wfm_body_spec_t *spec, const char *value,
                     const wfm_limits_t *limits, wfm_args_t *args, wfm_error_t **err)
{
    json_object *json = NULL;
    wfm_error_t *fault;

    if (!value) {
        give_nothing(p, spec, limits, args, err);
        return;
    }
    if (!wfm_text_is_utf8(value, strlen(value)))
        fault = wfm_error_make(p, WFM_BAD_REQUEST, "it is not UTF-8");
    else
        fault = parse_once(p, spec, value, &json, err);
    if (!fault && json) {
        wfm_body_validate(p, spec, json, limits, args, err);
        return;
    }
    wfm_error_field(err, p, spec->header, "must be a JSON object%s%s", fault ? ": " : "",
                    fault ? fault->message : "");
    give_nothing(p, spec, limits, args, err);
}
