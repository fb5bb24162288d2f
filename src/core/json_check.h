/*
 * json_check.h - is this text JSON (RFC 8259), and if not, at which byte does it stop being it?
 *
 * Stricter and more exact than json-c, which only builds the objects once a text has passed here.
 */
#ifndef WFM_CORE_JSON_CHECK_H
#define WFM_CORE_JSON_CHECK_H

#include <apr.h>

typedef enum wfm_json_verdict_e {
    WFM_JSON_VALID,
    WFM_JSON_INVALID,  /**< *at: the first byte that cannot stand where it stands */
    WFM_JSON_TOO_DEEP, /**< *at: the bracket that opens one level too many */
    WFM_JSON_TOO_MANY  /**< *at: the first byte of the value that is one too many */
} wfm_json_verdict_e;

/**
 * Check one JSON value with white space around it. Beyond RFC 8259, text must be UTF-8, surrogates
 * must come in pairs, and \u0000 is refused.
 * @param max_depth most levels of objects and arrays, the outermost counted
 * @param at        offset from 0; len where the text ends too early; unchanged when valid
 */
wfm_json_verdict_e wfm_json_check(const char *text, apr_size_t len, int max_depth, apr_size_t *at);

/** The same, and at most max_values values, objects and arrays counted. */
wfm_json_verdict_e wfm_json_check_bounded(const char *text, apr_size_t len, int max_depth,
                                          apr_size_t max_values, apr_size_t *at);

#endif
