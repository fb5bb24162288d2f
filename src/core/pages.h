/*
 * pages.h - memory that is the system's own, and goes back to it.
 *
 * A pool's memory stays with its thread when the request ends, and malloc's with the process. What
 * an answer takes once, by the megabyte, should not.
 */
#ifndef WFM_CORE_PAGES_H
#define WFM_CORE_PAGES_H

#include <apr_pools.h>

/** Zeroed memory, for as long as the pool lives; NULL: the system has none. */
void *wfm_pages(apr_pool_t *p, apr_size_t size);

/** Memory of the pool's own where that is little, of the system's where it is more. Never NULL. */
void *wfm_pages_or_pool(apr_pool_t *p, apr_size_t size);

/** A pool below p that gives back all its memory when it ends; p: there can be none. */
apr_pool_t *wfm_pages_pool(apr_pool_t *p);

#endif
