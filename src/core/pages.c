/*
 * pages.c - owns anonymous mappings that end with a pool, and pools that keep nothing.
 */
#include "pages.h"
#include <apr_allocator.h>
#include <sys/mman.h>

#define LITTLE 16384

typedef struct pages_t {
    void *start;
    apr_size_t size;
} pages_t;

static apr_status_t unmap(void *data)
{
    pages_t *pages = data;

    munmap(pages->start, pages->size);
    return APR_SUCCESS;
}

void *wfm_pages(apr_pool_t *p, apr_size_t size)
{
    pages_t *pages = apr_palloc(p, sizeof *pages);

    pages->size = size;
    pages->start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages->start == MAP_FAILED)
        return NULL;
    apr_pool_cleanup_register(p, pages, unmap, apr_pool_cleanup_null);
    return pages->start;
}

void *wfm_pages_or_pool(apr_pool_t *p, apr_size_t size)
{
    void *pages = size > LITTLE ? wfm_pages(p, size) : NULL;

    return pages ? pages : apr_palloc(p, size);
}

apr_pool_t *wfm_pages_pool(apr_pool_t *p)
{
    apr_allocator_t *allocator;
    apr_pool_t *own;

    if (apr_allocator_create(&allocator) != APR_SUCCESS)
        return p;
    if (apr_pool_create_ex(&own, p, NULL, allocator) != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return p;
    }
    apr_allocator_owner_set(allocator, own);
    return own;
}
