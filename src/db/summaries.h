/*
 * summaries.h - are a database's summaries (004_summaries_*.sql) used, and if not, why.
 *
 * They can be trusted when all of them are there and readable, all triggers are on, and nothing
 * passes them by: rows of child tables, rows that the role may not see, rows that a subscription
 * writes. Else the rows answer alone: slower, never different.
 */
#ifndef WFM_DB_SUMMARIES_H
#define WFM_DB_SUMMARIES_H

#include <stddef.h>

typedef enum wfm_summaries_e {
    WFM_SUMMARIES_UNKNOWN, /**< nobody has looked yet */
    WFM_SUMMARIES_IN_USE,
    WFM_SUMMARIES_NONE, /**< not installed: they may be left out */
    WFM_SUMMARIES_OTHER_VERSION,
    WFM_SUMMARIES_TRIGGER_OFF,
    WFM_SUMMARIES_NO_RIGHTS,
    WFM_SUMMARIES_CHILDREN,
    WFM_SUMMARIES_ROW_SECURITY,
    WFM_SUMMARIES_SUBSCRIBED,
    WFM_SUMMARIES_UNLOGGED, /**< which a standby does not have */
    WFM_SUMMARIES_DOUBT,  /**< they may have missed something; maintenance makes sure of all days */
    WFM_SUMMARIES_FAILED, /**< a statement found them wanting; they are looked for again */
    WFM_SUMMARIES_STATES
} wfm_summaries_e;

/** The SQLSTATE of a statement that found them in doubt. */
#define WFM_SQLSTATE_DOUBT "WFM01"

/** In a word or two, as GET /health and mod_status say it. */
const char *wfm_summaries_text(wfm_summaries_e state);

/** What the operator can do about it; NULL: there is nothing to warn of. */
const char *wfm_summaries_advice(wfm_summaries_e state);

/** The query that looks: one row, whose first column is one of those words. */
extern const char wfm_summaries_look[];

/** Where that finds nothing that speaks against their use: the query that asks themselves. One row:
 * such a word, how many days of configs are not clean, and for how many seconds the oldest has not
 * been. */
extern const char wfm_summaries_ask[];

/** The state of such a word; UNKNOWN: it is none. */
wfm_summaries_e wfm_summaries_state(const char *text);

#endif
