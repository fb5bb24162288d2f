/*
 * load.h - clients that ask without end while a fault happens, and what they were told.
 *
 * Each client is a thread with a config of its own, so that what it was told can be compared with
 * what the database holds (ledger.h). An answer is judged when it comes: as it should be, refused
 * as promised (503 and 504 in the API's form), cut visibly (an export), or wrong.
 */
#ifndef WFM_FAULTS_LOAD_H
#define WFM_FAULTS_LOAD_H

#include <apr_tables.h>
#include <apr_time.h>

/** What a client does, one after the other: letters of `ops`. */
enum load_op_e {
    LOAD_READ = 'r',   /**< GET /runs */
    LOAD_PATCH = 'p',  /**< PATCH /configs/:id, one statement */
    LOAD_SCHEMA = 's', /**< POST /configs/:id/schemas, a transaction of several */
    LOAD_EXPORT = 'x', /**< GET /configs/:id/export of LOAD_ROWS rows */
    LOAD_STATIC = 'f', /**< a file, which needs no database */
    LOAD_BAD = 'b',    /**< GET /runs?limit=0, which needs none either */
};

#define LOAD_ROWS 60

typedef struct load_plan_t {
    const char *host;   /**< NULL: HOST_A */
    const char *dbname; /**< where the host's rows are, as db.h takes it; NULL: DB_A */
    const char *ops;
    int clients;
    int pause_ms;  /**< between two requests of a client */
    int keepalive; /**< use connections again */
} load_plan_t;

typedef enum load_verdict_e {
    LOAD_OK,
    LOAD_REFUSED, /**< 503 or 504, and a write was not made */
    LOAD_UNKNOWN, /**< the same, but the write may have been made */
    LOAD_CUT,     /**< a transfer that the client saw break off */
    LOAD_WRONG,
} load_verdict_e;

typedef struct load_answer_t {
    char op;
    load_verdict_e verdict;
    long status;
    apr_time_t sent, done;
    const char *token; /**< what a write wrote */
    const char *why;   /**< what is wrong with it */
} load_answer_t;

typedef struct load_t load_t;

/** Start the clients. */
load_t *load_start(const load_plan_t *plan);

/** Let them finish what they are doing; safe to call twice. */
void load_stop(load_t *load);

/** How many answers came that were as they should be, of requests sent since `since`. */
int load_count_ok(load_t *load, char op, apr_time_t since);

/** The same of all kinds and times. */
int load_count_all_ok(load_t *load);

/** Wait until every kind of request has been answered as it should be; 0: it was not, in 60 s. */
int load_wait_ok(load_t *load, apr_time_t since);

/** All answers (load_answer_t *) of a load that has been stopped. */
apr_array_header_t *load_answers(load_t *load);

/** What the answers sent from `from` on and before `to` come to (0: no bound). */
typedef struct load_tally_t {
    int sent, ok, refused, unknown, cut, wrong;
    apr_interval_time_t slowest;
    apr_time_t last_failed; /**< when the last one came that was not as it should be */
    const char *why;        /**< of the first wrong one */
} load_tally_t;

load_tally_t load_tally(load_t *load, const char *ops, apr_time_t from, apr_time_t to);

const load_plan_t *load_plan(const load_t *load);

#endif
