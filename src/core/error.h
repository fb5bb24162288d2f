/*
 * error.h - what went wrong, said to the client and to the operator.
 *
 * Owns the error object that travels from where a fault is noticed to src/httpd, where it becomes
 * one JSON answer and (from 500 on) one line of the error log. Core never logs.
 *
 * A function that can fail for a client's reason returns `wfm_error_t *`; NULL is success. The
 * object lives in the pool it was made from, normally the request's.
 */
#ifndef WFM_CORE_ERROR_H
#define WFM_CORE_ERROR_H

#include <apr_pools.h>
#include <apr_tables.h>

/** HTTP statuses that the module answers by itself (RFC 9110, section 15). */
enum {
    WFM_OK = 200,
    WFM_CREATED = 201,
    WFM_ACCEPTED = 202,
    WFM_NOT_MODIFIED = 304,
    WFM_BAD_REQUEST = 400,
    WFM_FORBIDDEN = 403,
    WFM_NOT_FOUND = 404,
    WFM_METHOD_NOT_ALLOWED = 405,
    WFM_REQUEST_TIMEOUT = 408,
    WFM_CONFLICT = 409,
    WFM_PRECONDITION_FAILED = 412,
    WFM_PAYLOAD_TOO_LARGE = 413,
    WFM_UNSUPPORTED_MEDIA_TYPE = 415,
    WFM_CLIENT_GONE = 499, /**< nobody reads this one; nginx's code, for the log */
    WFM_INTERNAL = 500,
    WFM_UNAVAILABLE = 503,
    WFM_TIMEOUT = 504
};

#define WFM_ERROR_FIELDS 100 /**< most bad inputs that one answer names; then "; and others" */

/** One bad input: the parameter's, path variable's or body field's name, and what it must be. */
typedef struct wfm_field_error_t {
    const char *field;
    const char *message;
} wfm_field_error_t;

typedef struct wfm_error_t {
    int status;                 /**< HTTP status */
    const char *message;        /**< for the client: no SQL, DSN, path or database text */
    apr_array_header_t *text;   /**< the message while bad inputs are added to it, see text.h */
    apr_array_header_t *fields; /**< of wfm_field_error_t, NULL unless it is a validation error */
    int truncated;              /**< there were more bad inputs than WFM_ERROR_FIELDS */
    const char *allow;          /**< value of Allow, with 405 only */
    int retry_after;            /**< seconds for Retry-After, 0: none */
    const char *reason;         /**< a word for programs, of those that the endpoint documents */
    /* the rest is for the error log alone and is never sent */
    const char *detail;    /**< what really happened */
    const char *statement; /**< name of the statement that failed, or NULL */
    char sqlstate[6];      /**< SQLSTATE, "" if there is none */
} wfm_error_t;

/** Make an error; the message (printf format) is what the client reads. */
wfm_error_t *wfm_error_make(apr_pool_t *p, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Make a 500 whose client message says nothing and whose detail goes to the log. */
wfm_error_t *wfm_error_internal(apr_pool_t *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** The same error, of another pool: what the database said, without bad inputs. */
wfm_error_t *wfm_error_copy(apr_pool_t *p, const wfm_error_t *err);

/**
 * Add one bad input to *err; makes the 400 when *err is NULL. The message of the whole names every
 * field so far ("limit must be an integer between 1 and 100; status must be ..."): clients that
 * read only the message lose nothing.
 * @param field the input's name; copied, and shortened by wfm_text_short
 */
void wfm_error_field(wfm_error_t **err, apr_pool_t *p, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** The envelope's code: the HTTP status times ten. */
int wfm_error_code(int status);

/** Return from the calling function when the expression yields an error. */
#define WFM_TRY(expr)                                                                              \
    do {                                                                                           \
        wfm_error_t *wfm_try_err_ = (expr);                                                        \
        if (wfm_try_err_)                                                                          \
            return wfm_try_err_;                                                                   \
    } while (0)

#endif
