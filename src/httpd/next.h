/*
 * next.h - a client that comes back at once finds the thread that has answered it.
 *
 * The event MPM gives a connection on which no request is waiting to its listener, which gives it
 * to a thread again when there is one: two threads to be woken, a queue and two calls of epoll for
 * each request. A client that has nothing to wait for (a program, a proxy with a pool of
 * connections) sends the next one some hundredths of a millisecond after the answer. So where a
 * client did so last time, httpd's look for the next request, right after the answer, waits for it,
 * a millisecond at most. Nobody waits for a client that was slower last time, as people are, nor
 * where a child has more connections than three quarters of its threads. Other MPMs keep the thread
 * anyway.
 */
#ifndef WFM_HTTPD_NEXT_H
#define WFM_HTTPD_NEXT_H

#include <httpd.h>

/** Register filter and hook. Call once, with the hooks. */
void wfm_next_register(void);

/**
 * The whole answer to r has been handed to the network; nothing of it is left to be sent.
 * @param began when the request came, by core/clock.h
 */
void wfm_next_expect(request_rec *r, apr_time_t began);

#endif
