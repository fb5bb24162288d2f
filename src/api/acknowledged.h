/*
 * acknowledged.h - the changes that somebody has looked into, and which changes they cover: those
 * of the same series and direction within three points, so that one stays acknowledged when its
 * point moves by a run because more data came.
 */
#ifndef WFM_API_ACKNOWLEDGED_H
#define WFM_API_ACKNOWLEDGED_H

#include "changes_asked.h"

/** How many points away a change may be. */
#define API_ACK_POINTS 3

typedef struct api_ack_t {
    const char *id;
    const char *note, *by; /**< NULL: none */
    wfm_time_t when;
    int rise;                /**< the mean was larger from then on */
    int run;                 /**< where it is among the runs that there are */
    struct api_ack_t *older; /**< of the same series */
} api_ack_t;

typedef struct api_acks_t api_acks_t;

/** Those that the database knows of, once the points are read. */
api_acks_t *api_acks_make(const api_asked_t *asked, const api_run_points_t *points);

/** The newest one of a series; then ->older. NULL: none. */
const api_ack_t *api_acks_of(const api_acks_t *acks, int row, int field);

/** How many points of the series at hand (of so many) are there from one to the place of a run? */
int api_ack_distance(const api_change_points_t *c, int points, int index, int run);

/** Write {"note":…,"at":…,"by":…}. */
void api_ack_write(wfm_json_t *j, const char *note, wfm_time_t when, const char *by);

#endif
