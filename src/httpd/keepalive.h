/*
 * keepalive.h - a connection that survives an answer of 400.
 *
 * httpd closes the connection after a 400, because one of its own may mean that it does not know
 * where the request ends. The API's say that the request was understood, and wrong: its client
 * would pay for another connection, and over TLS for another handshake, with each refusal.
 */
#ifndef WFM_HTTPD_KEEPALIVE_H
#define WFM_HTTPD_KEEPALIVE_H

#include <httpd.h>

/** Register filters and hook. Call once, with the hooks. */
void wfm_keepalive_register(void);

/**
 * Let the answer of 400 that is about to be sent keep its connection if a 404 would: what the
 * client asks for, KeepAlive, MaxKeepAliveRequests, nokeepalive and a Connection header that
 * somebody sets hold as ever, what is left of the request's body is read and thrown away, and a
 * connection on which it cannot be read is closed. A stream of HTTP/2 needs none of it.
 */
void wfm_keepalive(request_rec *r);

#endif
