/*
 * described.h - is an answer what the API's description says? Every answer that http.c sees is
 * looked at: an undocumented status, a missing or surplus field or a wrong type fails the test.
 */
#ifndef WFM_TEST_DESCRIBED_H
#define WFM_TEST_DESCRIBED_H

#include "http.h"

/** Ask the server for its description, before the tests; until then nothing is looked at. 0: there
 * is none. */
int described_begin(void);

/** NULL, or what is wrong with an answer. */
const char *described_fault(const char *method, const char *path, const http_response_t *res);

/**
 * Fail the test unless the answer is described.
 * @param path   with its query, below API_BASE
 */
void described_check(const char *method, const char *path, const http_response_t *res);

/*
 * The operations that there are, and which of them a list or a test has dealt with: so that one
 * that was forgotten fails the test.
 */

/** Start anew: none has been dealt with. */
void described_forget(void);

/** This one has. (Every answer that is looked at counts.) */
void described_note(const char *method, const char *path);

/** Those that have not: "get /runs, …"; "": none. */
const char *described_missing(void);

/** Those that no test has got a success of; the same form. */
const char *described_unanswered(void);

/** The templates ("/configs/:id") of a method's operations, or (NULL) of all paths: array of const
 * char *. */
apr_array_header_t *described_templates(const char *method);

/** What OPTIONS says of a template: "GET, HEAD, OPTIONS, POST". */
const char *described_allow(const char *template);

#endif
