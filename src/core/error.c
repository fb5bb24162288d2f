/*
 * error.c - makes error objects and collects bad inputs. What the client then sees is src/httpd's.
 */
#include "error.h"
#include "text.h"
#include <apr_strings.h>
#include <stdarg.h>

wfm_error_t *wfm_error_make(apr_pool_t *p, int status, const char *fmt, ...)
{
    wfm_error_t *e = apr_pcalloc(p, sizeof(*e));
    va_list ap;

    e->status = status;
    va_start(ap, fmt);
    e->message = apr_pvsprintf(p, fmt, ap);
    va_end(ap);
    return e;
}

wfm_error_t *wfm_error_internal(apr_pool_t *p, const char *fmt, ...)
{
    wfm_error_t *e = wfm_error_make(p, WFM_INTERNAL, "internal error");
    va_list ap;

    va_start(ap, fmt);
    e->detail = apr_pvsprintf(p, fmt, ap);
    va_end(ap);
    return e;
}

wfm_error_t *wfm_error_copy(apr_pool_t *p, const wfm_error_t *err)
{
    wfm_error_t *e = apr_pmemdup(p, err, sizeof *err);

    e->message = apr_pstrdup(p, err->message);
    e->fields = NULL;
    e->text = NULL;
    e->allow = apr_pstrdup(p, err->allow);
    e->reason = apr_pstrdup(p, err->reason);
    e->detail = apr_pstrdup(p, err->detail);
    e->statement = apr_pstrdup(p, err->statement);
    return e;
}

static void say(wfm_error_t *e, const char *a, const char *b, const char *c)
{
    wfm_text_append(e->text, *e->message ? "; " : "");
    wfm_text_append(e->text, a);
    wfm_text_append(e->text, b);
    wfm_text_append(e->text, c);
    e->message = wfm_text_get(e->text);
}

void wfm_error_field(wfm_error_t **err, apr_pool_t *p, const char *field, const char *fmt, ...)
{
    wfm_field_error_t *f;
    wfm_error_t *e;
    va_list ap;

    if (!*err)
        *err = wfm_error_make(p, WFM_BAD_REQUEST, "%s", "");
    e = *err;
    if (!e->text) {
        e->fields = apr_array_make(p, 4, sizeof(wfm_field_error_t));
        e->text = wfm_text_new(p);
        wfm_text_append(e->text, e->message);
    }
    /* A body may hold a hundred thousand unknown keys: the answer stays small all the same. */
    if (e->fields->nelts >= WFM_ERROR_FIELDS) {
        if (!e->truncated)
            say(e, "and others", "", "");
        e->truncated = 1;
        return;
    }
    f = apr_array_push(e->fields);
    f->field = wfm_text_short(p, field);
    va_start(ap, fmt);
    f->message = apr_pvsprintf(p, fmt, ap);
    va_end(ap);
    say(e, f->field, " ", f->message);
}

int wfm_error_code(int status)
{
    return status * 10;
}
