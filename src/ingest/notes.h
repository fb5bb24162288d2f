/*
 * notes.h - what a sender should know of his file although it could be read: the first ones, and
 * how many there are.
 */
#ifndef WFM_INGEST_NOTES_H
#define WFM_INGEST_NOTES_H

#include <apr_pools.h>
#include <apr_tables.h>

#define WFM_NOTES_MAX 20

typedef struct wfm_notes_t {
    apr_pool_t *pool;
    const char *file;          /**< what stands before each: "summary.csv: ", or "" */
    apr_array_header_t *texts; /**< of const char *; at most WFM_NOTES_MAX */
    apr_int64_t n;             /**< how many there would be */
} wfm_notes_t;

void wfm_notes_init(wfm_notes_t *notes, apr_pool_t *p);

/** Add one. Texts of the file's among the arguments come from wfm_text_short. */
void wfm_note(wfm_notes_t *notes, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Is there room for one more? Who asks spares himself the arguments; it counts all the same. */
int wfm_note_wanted(wfm_notes_t *notes);

#endif
