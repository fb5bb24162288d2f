/*
 * notes.c - keeps the first notes and counts the others.
 */
#include "notes.h"
#include <apr_strings.h>
#include <stdarg.h>

void wfm_notes_init(wfm_notes_t *notes, apr_pool_t *p)
{
    *notes = (wfm_notes_t){.pool = p, .file = ""};
    notes->texts = apr_array_make(p, 4, sizeof(const char *));
}

int wfm_note_wanted(wfm_notes_t *notes)
{
    if (notes->texts->nelts < WFM_NOTES_MAX)
        return 1;
    notes->n++;
    return 0;
}

void wfm_note(wfm_notes_t *notes, const char *fmt, ...)
{
    va_list args;

    if (!wfm_note_wanted(notes))
        return;
    notes->n++;
    va_start(args, fmt);
    APR_ARRAY_PUSH(notes->texts, const char *) =
        apr_pstrcat(notes->pool, notes->file, apr_pvsprintf(notes->pool, fmt, args), NULL);
    va_end(args);
}
