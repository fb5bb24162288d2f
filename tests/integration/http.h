/*
 * http.h - the tests' HTTP client: libcurl, and a raw socket where curl is too polite.
 */
#ifndef WFM_TEST_HTTP_H
#define WFM_TEST_HTTP_H

#include <apr_tables.h>
#include <curl/curl.h>
#include <json-c/json.h>

#define API_BASE  "/v1/github-workflow-metrics"
#define JSON_TYPE "Content-Type: application/json"

typedef struct http_request_t {
    const char *method;  /**< NULL: GET */
    const char *host;    /**< Host header; NULL: cluster-a's */
    const char *base;    /**< NULL: API_BASE; "" for a path from the root */
    const char *path;    /**< path and query, encoded, below base; sent as it is */
    const char *body;    /**< NULL: none */
    apr_size_t body_len; /**< 0: strlen(body) */
    int chunked;         /**< send the body without a Content-Length */
    int http2;           /**< speak HTTP/2, where httpd can (not under prefork) */
    int http10;          /**< speak HTTP/1.0 */
    long timeout_ms;     /**< 0: 60 s */
    int port;            /**< 0: the fixture's httpd */
    const char *from;    /**< address to come from, such as 127.0.0.2; NULL: 127.0.0.1 */
    const char *headers[4];
} http_request_t;

typedef struct http_response_t {
    CURLcode curl;
    long status;
    apr_table_t *headers; /**< names compare without case */
    char *body;           /**< NUL-terminated */
    apr_size_t len;
    double seconds;
    json_object *json; /**< parsed body, NULL if it is not one JSON value; freed with the pool */
    const char *what;  /**< "GET /runs", for messages */
} http_response_t;

http_response_t *http_send(const http_request_t *rq);

/** GET below the API's base on cluster-a. */
http_response_t *http_get(const char *path);

/** A method with a JSON body (NULL: none) on cluster-a. */
http_response_t *http_json(const char *method, const char *path, const char *body);

/** The same request n times at once; the responses in the order of the requests. */
http_response_t **http_send_all(const http_request_t *rqs, int n);

/** How many requests have been sent so far, raw connections included, and how many of them were
 * answered 503 or 504. */
typedef struct http_count_t {
    int sent, refused;
} http_count_t;

const http_count_t *http_count(void);

const char *http_header(const http_response_t *res, const char *name);

/** Receives a body piece by piece; returns 0 to go on, else the transfer is given up. */
typedef int (*http_piece_fn)(void *ctx, const char *data, apr_size_t len);

/** Send and hand the body to piece instead of keeping it. */
http_response_t *http_stream(const http_request_t *rq, http_piece_fn piece, void *ctx);

/** Percent-encode everything but unreserved characters. */
const char *http_escape(const char *text);

/** Connect to httpd, send bytes, read until it closes or 10 s pass; what came, NUL-terminated. */
const char *http_raw(const char *bytes, apr_size_t len);

/** Connect to httpd and send bytes; the open socket. */
int http_raw_open(const char *bytes, apr_size_t len);

/** What comes on such a socket, as http_raw; closes it. */
const char *http_raw_rest(int fd);

#endif
