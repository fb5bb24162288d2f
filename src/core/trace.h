/*
 * trace.h - the header traceparent (W3C Trace Context, level 1): which trace a request is part of.
 */
#ifndef WFM_CORE_TRACE_H
#define WFM_CORE_TRACE_H

#include <apr_pools.h>

/**
 * What a request's header says, if it is a valid one. Of a later version that is as much as this
 * one understands.
 * @param header NULL: there is none
 * @return "00-<32 hex digits>-<16 hex digits>-<2 hex digits>"; NULL: it says nothing
 */
const char *wfm_trace_parent(apr_pool_t *p, const char *header);

#endif
