/*
 * gunzip.h - gzip (RFC 1952) by pieces, on zlib: several members one after the other are one text.
 */
#ifndef WFM_CORE_GUNZIP_H
#define WFM_CORE_GUNZIP_H

#include "error.h"

/** Takes the next bytes. An error ends the reading. */
typedef wfm_error_t *(*wfm_piece_fn)(void *ctx, const char *data, apr_size_t len);

/** Beyond WFM_GUNZIP_FREE bytes, what comes out may be so many times what went in. (Measured
 * values, written out in full, are some ten times.) */
#define WFM_GUNZIP_TIMES 200
#define WFM_GUNZIP_FREE  (1024 * 1024)

typedef struct wfm_gunzip_t wfm_gunzip_t;

/** @param piece is handed what comes out. @return NULL: there is no memory */
wfm_gunzip_t *wfm_gunzip_create(apr_pool_t *p, wfm_piece_fn piece, void *ctx);

/** @return NULL, a 400: it is no gzip; a 413: it inflates too much; or what `piece` returned */
wfm_error_t *wfm_gunzip_feed(wfm_gunzip_t *g, const char *data, apr_size_t len);

/** That was all. @return NULL, or a 400: it ends in the middle */
wfm_error_t *wfm_gunzip_end(wfm_gunzip_t *g);

#endif
