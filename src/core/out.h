/*
 * out.h - the byte sink that every answer is written to.
 *
 * A fixed scratch buffer and a flush function. Writers (json_writer, csv) append; when the buffer
 * is full it is handed to the flush function, so an answer of one row and one of a million take the
 * same memory. Owns nothing but the counters: the buffer and the flush context are the caller's.
 *
 * A failed flush is sticky: `status` keeps the first failure, later writes are dropped, and a
 * producer looks at `status` between rows to stop early. Not thread-safe; one answer, one thread.
 */
#ifndef WFM_CORE_OUT_H
#define WFM_CORE_OUT_H

#include <apr.h>
#include <apr_errno.h>
#include <string.h>

/**
 * Hand on len > 0 bytes; must not keep the pointer. Anything but APR_SUCCESS stops the answer.
 * @param push nobody further on may keep them back to wait for more
 */
typedef apr_status_t (*wfm_out_flush_fn)(void *ctx, const char *data, apr_size_t len, int push);

typedef struct wfm_out_t {
    char *buf;              /**< scratch, the caller's */
    apr_size_t size;        /**< its size in bytes, at least 64 */
    apr_size_t len;         /**< bytes waiting in it */
    apr_off_t flushed;      /**< bytes handed on so far */
    apr_status_t status;    /**< APR_SUCCESS, or what the first failed flush said */
    wfm_out_flush_fn flush; /**< where full buffers go */
    void *ctx;              /**< for flush */
} wfm_out_t;

/** Begin to write. @param size of buf in bytes, at least 64; buf and ctx outlive the sink */
void wfm_out_init(wfm_out_t *o, char *buf, apr_size_t size, wfm_out_flush_fn flush, void *ctx);

/** Hand on what waits. Returns and keeps the status. */
apr_status_t wfm_out_flush(wfm_out_t *o);

/** The same, all the way to the client: what was written need not wait for what comes later. */
apr_status_t wfm_out_push(wfm_out_t *o);

/** A place in what is written, to look back from. */
typedef struct wfm_out_mark_t {
    apr_off_t flushed;
    apr_size_t len;
} wfm_out_mark_t;

/** The place where the next byte goes. */
static inline wfm_out_mark_t wfm_out_mark(const wfm_out_t *o)
{
    return (wfm_out_mark_t){o->flushed, o->len};
}

/** What was written since the mark; NULL when some of it has been handed on. */
static inline const char *wfm_out_since(const wfm_out_t *o, wfm_out_mark_t mark, apr_size_t *len)
{
    if (o->status != APR_SUCCESS || o->flushed != mark.flushed)
        return NULL;
    *len = o->len - mark.len;
    return o->buf + mark.len;
}

/** Append more bytes than there is room left (the slow path of wfm_out_mem). */
void wfm_out_mem_slow(wfm_out_t *o, const char *data, apr_size_t len);

/** Append len bytes. */
static inline void wfm_out_mem(wfm_out_t *o, const char *data, apr_size_t len)
{
    if (len <= o->size - o->len) {
        memcpy(o->buf + o->len, data, len);
        o->len += len;
    } else {
        wfm_out_mem_slow(o, data, len);
    }
}

/** Append a NUL-terminated string. */
static inline void wfm_out_str(wfm_out_t *o, const char *s)
{
    wfm_out_mem(o, s, strlen(s));
}

/** Append one byte. */
static inline void wfm_out_char(wfm_out_t *o, char c)
{
    if (o->len < o->size)
        o->buf[o->len++] = c;
    else
        wfm_out_mem_slow(o, &c, 1);
}

/** Append a signed integer in decimal. */
void wfm_out_int64(wfm_out_t *o, apr_int64_t v);

#endif
