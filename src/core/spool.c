/*
 * spool.c - owns the buffer and the file.
 *
 * What is written goes into the buffer, and when that is full, into the file: so what fits into it
 * never becomes one. For reading, the file comes back by buffers.
 */
#include "spool.h"
#include "pages.h"
#include <apr_file_io.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_AFTER 30 /* seconds: others' files end when they have been stored */

struct wfm_spool_t {
    apr_pool_t *p;
    const char *directory;
    char *buffer;
    apr_size_t len;   /* of what the buffer holds, and the file does not */
    apr_int64_t size; /* all */
    apr_int64_t at;   /* how far it has been read */
    int fd;           /* -1: there is no file */
};

static apr_status_t close_file(void *data)
{
    wfm_spool_t *s = data;

    if (s->fd >= 0)
        close(s->fd);
    return APR_SUCCESS;
}

wfm_spool_t *wfm_spool_create(apr_pool_t *p, const char *directory)
{
    wfm_spool_t *s = apr_pcalloc(p, sizeof *s);

    s->p = p;
    s->directory = directory;
    s->fd = -1;
    s->buffer = wfm_pages(p, WFM_SPOOL_MEMORY);
    if (!s->buffer)
        return NULL;
    apr_pool_cleanup_register(p, s, close_file, apr_pool_cleanup_null);
    return s;
}

apr_int64_t wfm_spool_size(const wfm_spool_t *s)
{
    return s->size;
}

static wfm_error_t *fail(const wfm_spool_t *s, const char *what, int error)
{
    wfm_error_t *err = wfm_error_make(
        s->p, WFM_UNAVAILABLE, "there is no room now for what was sent; nothing has been stored");

    err->retry_after = RETRY_AFTER;
    err->detail = apr_psprintf(s->p, "the temporary file in '%s' (TMPDIR): %s: %s",
                               s->directory ? s->directory : "?", what, strerror(error));
    return err;
}

/* Where the file system has no files without a name, it has one for a moment. */
static int open_unnamed(const wfm_spool_t *s)
{
    int fd = open(s->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *name;

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    name = apr_pstrcat(s->p, s->directory, "/wfmetrics.XXXXXX", NULL);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

static wfm_error_t *open_file(wfm_spool_t *s)
{
    apr_status_t rv = APR_SUCCESS;

    if (!s->directory)
        rv = apr_temp_dir_get(&s->directory, s->p);
    if (rv != APR_SUCCESS)
        return fail(s, "no directory can be written to", rv);
    s->fd = open_unnamed(s);
    return s->fd >= 0 ? NULL : fail(s, "open", errno);
}

/* What the buffer holds goes to the file's end. */
static wfm_error_t *write_out(wfm_spool_t *s)
{
    apr_int64_t begin = s->size - (apr_int64_t)s->len;
    apr_size_t done = 0;

    if (s->fd < 0)
        WFM_TRY(open_file(s));
    while (done < s->len) {
        ssize_t n = pwrite(s->fd, s->buffer + done, s->len - done, begin + (apr_int64_t)done);

        if (n < 0 && errno != EINTR)
            return fail(s, "write", errno);
        done += n > 0 ? (apr_size_t)n : 0;
    }
    s->len = 0;
    return NULL;
}

wfm_error_t *wfm_spool_write(wfm_spool_t *s, const char *data, apr_size_t len)
{
    while (len) {
        apr_size_t room = WFM_SPOOL_MEMORY - s->len, n = len < room ? len : room;

        if (!n) {
            WFM_TRY(write_out(s));
            continue;
        }
        memcpy(s->buffer + s->len, data, n);
        s->len += n;
        s->size += (apr_int64_t)n;
        data += n;
        len -= n;
    }
    return NULL;
}

wfm_error_t *wfm_spool_rewind(wfm_spool_t *s)
{
    s->at = 0;
    return s->fd < 0 || !s->len ? NULL : write_out(s);
}

wfm_error_t *wfm_spool_read(wfm_spool_t *s, const char **data, apr_size_t *len)
{
    apr_int64_t left = s->size - s->at;
    ssize_t n;

    *data = s->buffer;
    *len = 0;
    if (!left)
        return NULL;
    if (s->fd < 0) {
        *len = s->len;
        s->at = s->size;
        return NULL;
    }
    do
        n = pread(s->fd, s->buffer, left < WFM_SPOOL_MEMORY ? (size_t)left : WFM_SPOOL_MEMORY,
                  s->at);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return fail(s, "read", n < 0 ? errno : EIO);
    *len = (apr_size_t)n;
    s->at += n;
    return NULL;
}

wfm_error_t *wfm_spool_empty(wfm_spool_t *s)
{
    s->len = 0;
    s->size = s->at = 0;
    return s->fd < 0 || ftruncate(s->fd, 0) == 0 ? NULL : fail(s, "truncate", errno);
}
