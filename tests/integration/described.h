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

/**
 * Fail the test unless the answer is described.
 * @param path   with its query, below API_BASE
 */
void described_check(const char *method, const char *path, const http_response_t *res);

/** Of the description's operations, those that no answer was seen of: "GET /runs, …"; "": none. */
const char *described_unseen(void);

#endif
