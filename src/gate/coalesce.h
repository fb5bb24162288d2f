/*
 * coalesce.h - one asks the database for all that ask the same at the same time.
 *
 * Many clients ask for the same at once: a dashboard on many screens, a page that all open after a
 * deployment. While a question is at the database, those that come with the same one wait, and then
 * one of them asks for all of them. Nobody gets an answer to a question that was sent before he
 * came: an answer is as fresh as without this.
 *
 * A question at the database for long holds up nobody: who is the first to wait behind it waits
 * `longest`, then asks. So of many at once, one in `longest` goes to the database.
 *
 * One object a database and child, shared by its threads. Lives as long as its APR pool.
 */
#ifndef WFM_GATE_COALESCE_H
#define WFM_GATE_COALESCE_H

#include "../core/clock.h"
#include "admission.h"

typedef struct wfm_coalescer_t wfm_coalescer_t;

/** Somebody's question; lives until he has his answer. */
typedef struct wfm_question_t {
    apr_pool_t *pool;
    const char *key; /**< equal bytes are the same question */
    apr_size_t len;
    int (*is_gone)(void *ctx); /**< asked now and then while he waits; NULL: never */
    void *ctx;                 /**< for is_gone */
    void *answer;              /**< set by share where another one has asked, else NULL */
    int has_thread;            /**< set for a leader who has waited: he asks as WFM_ADMIT_LEADER */
    /* Private. */
    struct wfm_bucket_t *bucket;
    struct wfm_question_t *leader, *followers, *next;
    wfm_cond_t *turn;
    int answered;
} wfm_question_t;

typedef enum wfm_coalesce_e {
    WFM_COALESCE_LEAD,     /**< ask, then call wfm_coalesce_answer, whatever came of it */
    WFM_COALESCE_ALONE,    /**< ask, for nobody else */
    WFM_COALESCE_ANSWERED, /**< the answer is there */
    WFM_COALESCE_GONE      /**< the client has left */
} wfm_coalesce_e;

/** @param admission whose threads those have who wait for an answer */
apr_status_t wfm_coalescer_create(wfm_coalescer_t **c, apr_pool_t *p, wfm_admission_t *admission,
                                  apr_interval_time_t longest);

/** Come with a question. May wait for as long as another one's takes. */
wfm_coalesce_e wfm_coalesce_join(wfm_coalescer_t *c, wfm_question_t *q);

/** Make an answer one of the follower's own, whose thread sleeps. */
typedef void *(*wfm_share_fn)(void *answer, apr_pool_t *follower);

/** Hand an answer to all who wait for it. @param answer NULL: there is none, another one asks */
void wfm_coalesce_answer(wfm_coalescer_t *c, wfm_question_t *q, void *answer, wfm_share_fn share);

#endif
