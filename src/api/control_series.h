/*
 * control_series.h - owns what exclude_control leaves out: changes that control series show, too,
 * so that they are the machine's, or the weather's, and not the code's.
 *
 * Control series are those that the filter lets pass. A series is compared with the one of the same
 * field that has its values in all dimensions that the filter does not name; where there is none,
 * with every control series of the field.
 */
#ifndef WFM_API_CONTROL_SERIES_H
#define WFM_API_CONTROL_SERIES_H

#include "run_points.h"

typedef struct api_control_t api_control_t;

/**
 * Make one of the request's exclude_control. A dimension that the points are not grouped by is a
 * 400.
 * @param control NULL: no series is control
 */
wfm_error_t *api_control_make(const api_run_points_t *points, api_control_t **control);

/** Is the series of a row a control series? */
int api_control_is(const api_control_t *control, int row);

/** There is this control series. */
void api_control_add(api_control_t *control, int row, int field);

/** It shows a change at a run. @param rise the mean is larger from then on; else smaller */
void api_control_add_change(api_control_t *control, int row, int field, int run, int rise);

/** Once all are added: does the control show this change of another series? */
int api_control_shows(const api_control_t *control, int row, int field, int run, int rise);

#endif
