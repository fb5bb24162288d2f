/*
 * coalesce.c - owns who waits for whose answer; knows neither statements nor connections.
 *
 * A question's hash has a bucket, which is about one question at a time: what else falls into it
 * meanwhile is asked at once. One lock, held for a few assignments.
 */
#include "coalesce.h"
#include "../core/clock.h"
#include <apr_hash.h>
#include <string.h>

#define BUCKETS 256

/* How often one who waits looks whether his client is still there. */
#define LOOK_UP apr_time_from_msec(250)

typedef struct wfm_bucket_t {
    unsigned hash;
    int asking;           /* how many are at the database with it */
    wfm_question_t *next; /* the leader who asks next, for all that come until then */
} wfm_bucket_t;

struct wfm_coalescer_t {
    wfm_lock_t *lock;
    wfm_admission_t *admission;
    apr_interval_time_t longest;
    wfm_bucket_t buckets[BUCKETS];
};

apr_status_t wfm_coalescer_create(wfm_coalescer_t **out, apr_pool_t *p, wfm_admission_t *admission,
                                  apr_interval_time_t longest)
{
    wfm_coalescer_t *c = apr_pcalloc(p, sizeof *c);

    c->admission = admission;
    c->longest = longest;
    *out = c;
    return wfm_lock_create(&c->lock, p);
}

static wfm_coalesce_e lead(wfm_bucket_t *b, wfm_question_t *q)
{
    b->asking++;
    q->bucket = b;
    return WFM_COALESCE_LEAD;
}

/* Until nobody is at the database with it, or for `longest`. */
static wfm_coalesce_e wait_to_lead(wfm_coalescer_t *c, wfm_bucket_t *b, wfm_question_t *q)
{
    apr_time_t deadline = wfm_clock_now() + c->longest;

    b->next = q;
    while (b->asking && wfm_cond_wait(q->turn, c->lock, deadline) == APR_SUCCESS)
        ;
    b->next = NULL;
    return lead(b, q);
}

static void forget(wfm_question_t *leader, wfm_question_t *follower)
{
    wfm_question_t **at = &leader->followers;

    while (*at != follower)
        at = &(*at)->next;
    *at = follower->next;
}

/* Until the leader has the answer. */
static wfm_coalesce_e follow(wfm_coalescer_t *c, wfm_question_t *leader, wfm_question_t *q)
{
    int gone = 0;

    q->leader = leader;
    q->next = leader->followers;
    leader->followers = q;
    while (!q->answered && !gone) {
        wfm_cond_wait(q->turn, c->lock, wfm_clock_now() + LOOK_UP);
        gone = !q->answered && q->is_gone && q->is_gone(q->ctx);
    }
    if (!q->answered) {
        forget(leader, q);
        return WFM_COALESCE_GONE;
    }
    return q->answer ? WFM_COALESCE_ANSWERED : WFM_COALESCE_ALONE;
}

static int same(const wfm_question_t *a, const wfm_question_t *b)
{
    return a->len == b->len && !memcmp(a->key, b->key, a->len);
}

static wfm_coalesce_e wait_behind(wfm_coalescer_t *c, wfm_bucket_t *b, wfm_question_t *q)
{
    wfm_coalesce_e role;

    if (b->next && !same(b->next, q))
        return WFM_COALESCE_ALONE;
    if (wfm_cond_create(&q->turn, q->pool) != APR_SUCCESS ||
        wfm_admission_take_thread(c->admission) != APR_SUCCESS)
        return WFM_COALESCE_ALONE;
    role = b->next ? follow(c, b->next, q) : wait_to_lead(c, b, q);
    /* He who asks for others must not be refused because of the threads that they take. */
    q->has_thread = role == WFM_COALESCE_LEAD;
    if (!q->has_thread)
        wfm_admission_return_thread(c->admission);
    return role;
}

static wfm_coalesce_e come(wfm_coalescer_t *c, unsigned hash, wfm_question_t *q)
{
    wfm_bucket_t *b = &c->buckets[hash % BUCKETS];

    if (!b->asking && !b->next) {
        b->hash = hash;
        return lead(b, q);
    }
    return b->hash == hash ? wait_behind(c, b, q) : WFM_COALESCE_ALONE;
}

wfm_coalesce_e wfm_coalesce_join(wfm_coalescer_t *c, wfm_question_t *q)
{
    apr_ssize_t len = (apr_ssize_t)q->len;
    unsigned hash = apr_hashfunc_default(q->key, &len);
    wfm_coalesce_e role = WFM_COALESCE_ALONE;

    q->has_thread = 0;
    wfm_lock(c->lock);
    do { /* again where his leader has left without an answer */
        q->answered = 0;
        role = come(c, hash, q);
    } while (role == WFM_COALESCE_ALONE && q->answered);
    wfm_unlock(c->lock);
    return role;
}

void wfm_coalesce_answer(wfm_coalescer_t *c, wfm_question_t *q, void *answer, wfm_share_fn share)
{
    wfm_bucket_t *b = q->bucket;
    wfm_question_t *next;

    wfm_lock(c->lock);
    b->asking--;
    for (wfm_question_t *f = q->followers; f; f = next) {
        next = f->next; /* he may be gone as soon as the lock is free, not before */
        f->answer = answer ? share(answer, f->pool) : NULL;
        f->answered = 1;
        wfm_cond_signal(f->turn);
    }
    if (!b->asking && b->next)
        wfm_cond_signal(b->next->turn);
    wfm_unlock(c->lock);
}
