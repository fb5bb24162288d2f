/*
 * memory.h - what a request costs httpd's children in memory.
 */
#ifndef WFM_TEST_MEMORY_H
#define WFM_TEST_MEMORY_H

#include "expect.h"

/** A field of /proc/PID/status in kB. */
long memory_kb(pid_t pid, const char *field);

/** Let VmHWM, the peak, be what is resident now. */
void memory_reset_peak(pid_t pid);

/**
 * Send the request many times at once. libpq keeps a buffer as large as the largest statement that
 * a connection has sent, some MB for a very large one: a bounded sum, which every connection owes
 * once, and which is no growth of the requests that follow.
 */
void memory_fill_connections(const http_request_t *rq);

/**
 * Send the request, with the status that is expected, and see that no child's peak rises by more
 * than 32 MB, and that after five more of it the children are as small as before, up to 4 MB; or,
 * where one of the ten was the first such on its connection or thread, which keep some megabytes
 * from then on, that this is bounded and another ten add nothing. The children are warm: small
 * requests have been served, none like this one.
 */
#define expect_memory(rq, status) expect_memory_at(EXPECT_HERE, (rq), (status))
http_response_t *expect_memory_at(expect_at_t at, const http_request_t *rq, long status);

#endif
