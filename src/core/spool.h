/*
 * spool.h - bytes that are written once and read back: in memory as long as they are few, else in a
 * temporary file that has no name any more.
 *
 * The file lies where TMPDIR says, else in /tmp or what else there is (apr_temp_dir_get), and ends
 * with the pool. Memory is one buffer of WFM_SPOOL_MEMORY, the system's own, however much is
 * written.
 */
#ifndef WFM_CORE_SPOOL_H
#define WFM_CORE_SPOOL_H

#include "error.h"

#define WFM_SPOOL_MEMORY (256 * 1024)

typedef struct wfm_spool_t wfm_spool_t;

/** @param directory for the file; NULL: as above. @return NULL: there is no memory */
wfm_spool_t *wfm_spool_create(apr_pool_t *p, const char *directory);

/** Append. @return NULL, or a 503: the disk has no room, or there can be no file */
wfm_error_t *wfm_spool_write(wfm_spool_t *spool, const char *data, apr_size_t len);

/** How many bytes have been written. */
apr_int64_t wfm_spool_size(const wfm_spool_t *spool);

/** From now on it is read, from the beginning. What is read is not written to any more, until it
 * is emptied. */
wfm_error_t *wfm_spool_rewind(wfm_spool_t *spool);

/**
 * Read on.
 * @param data the next bytes, valid until the next call
 * @param len  how many these are; 0: that was all
 */
wfm_error_t *wfm_spool_read(wfm_spool_t *spool, const char **data, apr_size_t *len);

/** Forget what was written: it is written anew. */
wfm_error_t *wfm_spool_empty(wfm_spool_t *spool);

#endif
