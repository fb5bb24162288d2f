/*
 * http.c - libcurl easy and multi handles into responses that live in the test's pool.
 */
#include "http.h"
#include "described.h"
#include "fixture.h"
#include "json.h"
#include <apr_lib.h>
#include <apr_strings.h>
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct http_body_t {
    apr_pool_t *pool;
    char *data;
    apr_size_t len, room;
} http_body_t;

typedef struct http_exchange_t {
    const http_request_t *rq;
    http_response_t *res;
    CURL *curl;
    struct curl_slist *headers;
    http_body_t body;
    apr_size_t sent; /* bytes of a chunked body that curl has taken */
    http_piece_fn piece;
    void *ctx;
} http_exchange_t;

static http_count_t counted;

const http_count_t *http_count(void)
{
    return &counted;
}

static void body_append(http_body_t *b, const char *data, apr_size_t len)
{
    if (b->len + len + 1 > b->room) {
        apr_size_t room = (b->len + len + 1) * 2;
        char *bigger = apr_palloc(b->pool, room);
        if (b->len)
            memcpy(bigger, b->data, b->len);
        b->data = bigger;
        b->room = room;
    }
    memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    http_exchange_t *x = ctx;

    x->res->len += size * n;
    if (x->piece)
        return x->piece(x->ctx, data, size * n) == 0 ? size * n : 0;
    body_append(&x->body, data, size * n);
    return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
    http_exchange_t *x = ctx;
    char *line = apr_pstrmemdup(fixture_pool(), data, size * n);
    char *value = strchr(line, ':');

    if (!strncmp(line, "HTTP/", 5)) {
        apr_table_clear(x->res->headers); /* what came before was a 100 Continue */
    } else if (value) {
        *value++ = '\0';
        while (apr_isspace(*value))
            value++;
        for (apr_size_t len = strlen(value); len && apr_isspace(value[len - 1]);)
            value[--len] = '\0';
        apr_table_add(x->res->headers, line, value);
    }
    return size * n;
}

static size_t on_read(char *buf, size_t size, size_t n, void *ctx)
{
    http_exchange_t *x = ctx;
    apr_size_t all = x->rq->body_len ? x->rq->body_len : strlen(x->rq->body);
    apr_size_t len = all - x->sent < size * n ? all - x->sent : size * n;

    memcpy(buf, x->rq->body + x->sent, len);
    x->sent += len;
    return len;
}

static void set_body(http_exchange_t *x)
{
    const http_request_t *rq = x->rq;

    if (rq->chunked) {
        curl_easy_setopt(x->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(x->curl, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(x->curl, CURLOPT_READDATA, x);
        x->headers = curl_slist_append(x->headers, "Transfer-Encoding: chunked");
    } else {
        curl_off_t len = rq->body_len ? rq->body_len : strlen(rq->body);
        curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE, len);
        curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, rq->body);
    }
}

/* curl adds headers of its own to a body; an empty value says not to, unless the test sets one. */
static void set_headers(http_exchange_t *x)
{
    const http_request_t *rq = x->rq;
    int typed = 0;

    x->headers = curl_slist_append(
        NULL, apr_pstrcat(fixture_pool(), "Host: ", rq->host ? rq->host : HOST_A, NULL));
    for (int i = 0; i < 4 && rq->headers[i]; i++) {
        x->headers = curl_slist_append(x->headers, rq->headers[i]);
        typed |= !strncasecmp(rq->headers[i], "Content-Type:", 13);
    }
    if (!typed)
        x->headers = curl_slist_append(x->headers, "Content-Type:");
    x->headers = curl_slist_append(x->headers, "Expect:");
}

static http_exchange_t *exchange_make(const http_request_t *rq)
{
    apr_pool_t *p = fixture_pool();
    http_exchange_t *x = apr_pcalloc(p, sizeof(*x));
    const char *method = rq->method ? rq->method : "GET";

    counted.sent++;
    x->rq = rq;
    x->res = apr_pcalloc(p, sizeof(*x->res));
    x->res->headers = apr_table_make(p, 16);
    x->res->what = apr_psprintf(p, "%s %.120s", method, rq->path);
    x->body.pool = p;
    x->curl = curl_easy_init();
    set_headers(x);
    if (rq->body)
        set_body(x);
    curl_easy_setopt(x->curl, CURLOPT_URL,
                     apr_psprintf(p, "http://127.0.0.1:%d%s%s",
                                  rq->port ? rq->port : fixture_port(),
                                  rq->base ? rq->base : API_BASE, rq->path));
    curl_easy_setopt(x->curl, CURLOPT_CUSTOMREQUEST, method);
    if (!strcmp(method, "HEAD"))
        curl_easy_setopt(x->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(x->curl, CURLOPT_PATH_AS_IS, 1L);
    if (rq->http2 && fixture_threaded())
        curl_easy_setopt(x->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    if (rq->from)
        curl_easy_setopt(x->curl, CURLOPT_INTERFACE, rq->from);
    if (rq->http10)
        curl_easy_setopt(x->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_0);
    curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(x->curl, CURLOPT_TIMEOUT_MS, rq->timeout_ms ? rq->timeout_ms : 60000L);
    curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(x->curl, CURLOPT_HEADERDATA, x);
    return x;
}

/* The path below API_BASE; NULL: it is none of the API's, or another server's. */
static const char *below_base(const http_request_t *rq)
{
    const char *path = apr_pstrcat(fixture_pool(), rq->base ? rq->base : API_BASE, rq->path, NULL);
    apr_size_t len = strlen(API_BASE);

    if (rq->port || (rq->host && !strcmp(rq->host, HOST_BARE)) || strncmp(path, API_BASE, len) ||
        !strchr("/?", path[len]))
        return NULL;
    return path + len;
}

static http_response_t *exchange_end(http_exchange_t *x, CURLcode code)
{
    const char *path = below_base(x->rq);

    http_response_t *res = x->res;

    res->curl = code;
    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &res->status);
    counted.refused += res->status == 503 || res->status == 504;
    curl_easy_getinfo(x->curl, CURLINFO_TOTAL_TIME, &res->seconds);
    body_append(&x->body, "", 0);
    res->body = x->body.data;
    if (x->body.len && x->body.len < 16 * 1024 * 1024)
        json_read(res->body, x->body.len, &res->json);
    curl_easy_cleanup(x->curl);
    curl_slist_free_all(x->headers);
    if (path)
        described_check(x->rq->method ? x->rq->method : "GET", path, res);
    return res;
}

/* The kernel would else take tens of megabytes for a client that does not read. */
static int set_window(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    int bytes = 64 * 1024;

    (void)ctx;
    (void)purpose;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    return CURL_SOCKOPT_OK;
}

http_response_t *http_stream(const http_request_t *rq, http_piece_fn piece, void *ctx)
{
    http_exchange_t *x = exchange_make(rq);

    if (piece)
        curl_easy_setopt(x->curl, CURLOPT_SOCKOPTFUNCTION, set_window);
    x->piece = piece;
    x->ctx = ctx;
    return exchange_end(x, curl_easy_perform(x->curl));
}

http_response_t *http_send(const http_request_t *rq)
{
    return http_stream(rq, NULL, NULL);
}

http_response_t *http_get(const char *path)
{
    return http_send(&(http_request_t){.path = path});
}

http_response_t *http_json(const char *method, const char *path, const char *body)
{
    return http_send(&(http_request_t){
        .method = method, .path = path, .body = body, .headers = {body ? JSON_TYPE : NULL}});
}

http_response_t **http_send_all(const http_request_t *rqs, int n)
{
    apr_pool_t *p = fixture_pool();
    http_exchange_t **xs = apr_pcalloc(p, n * sizeof(*xs));
    http_response_t **res = apr_pcalloc(p, n * sizeof(*res));
    CURLM *multi = curl_multi_init();
    CURLMsg *msg;
    int running, left;

    for (int i = 0; i < n; i++) {
        xs[i] = exchange_make(&rqs[i]);
        curl_easy_setopt(xs[i]->curl, CURLOPT_PRIVATE, xs[i]);
        curl_multi_add_handle(multi, xs[i]->curl);
    }
    while (curl_multi_perform(multi, &running) == CURLM_OK && running)
        curl_multi_poll(multi, NULL, 0, 1000, NULL);
    while ((msg = curl_multi_info_read(multi, &left))) {
        http_exchange_t *x;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        x->res->curl = msg->data.result;
    }
    for (int i = 0; i < n; i++) {
        curl_multi_remove_handle(multi, xs[i]->curl);
        res[i] = exchange_end(xs[i], xs[i]->res->curl);
    }
    curl_multi_cleanup(multi);
    return res;
}

const char *http_header(const http_response_t *res, const char *name)
{
    return apr_table_get(res->headers, name);
}

const char *http_escape(const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);
    const char *copy = apr_pstrdup(fixture_pool(), escaped);

    curl_free(escaped);
    return copy;
}

int http_raw_open(const char *bytes, apr_size_t len)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((apr_uint16_t)fixture_port()),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    counted.sent++;
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        write(fd, bytes, len) != (ssize_t)len)
        perror("raw connection to httpd");
    return fd;
}

const char *http_raw_rest(int fd)
{
    http_body_t got = {.pool = fixture_pool()};
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char buf[8192];
    ssize_t n = 1;

    body_append(&got, "", 0);
    while (n > 0 && poll(&ready, 1, 10000) == 1) {
        n = read(fd, buf, sizeof(buf));
        if (n > 0)
            body_append(&got, buf, n);
    }
    close(fd);
    counted.refused += !strncmp(got.data, "HTTP/1.1 50", 11) && strchr("34", got.data[11]);
    return got.data;
}

const char *http_raw(const char *bytes, apr_size_t len)
{
    return http_raw_rest(http_raw_open(bytes, len));
}
