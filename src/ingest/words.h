/*
 * words.h - what a column's name says of it: closed lists, whatever the case and what stands
 * between the words.
 */
#ifndef WFM_INGEST_WORDS_H
#define WFM_INGEST_WORDS_H

#include "units.h"

/** Whole numbers of this name are what was set, not what was measured: batch_size, M, gpus. */
int wfm_name_is_parameter(const char *name);

/** A parameter that is a size: message_size, block size. */
int wfm_name_is_size(const char *name);

/** What has this name tells one thing from another, also where it looks like a number: version. */
int wfm_name_is_label(const char *name);

/** Whole numbers of this name are an instant, and so are dates without marks. */
int wfm_name_is_time(const char *name);

/** Which way is better. @param torn words of both kinds stand in it: then it is unknown */
wfm_direction_e wfm_name_direction(const char *name, int *torn);

#endif
