/*
 * version.h - the one place where the version stands.
 *
 * A release takes "-dev" off, here and from CHANGES.md's first heading (`make lint` compares them).
 * The startup notice, GET /health, mod_status and `strings mod_wfmetrics.so` tell it; no answer's
 * header does.
 */
#ifndef WFM_CORE_VERSION_H
#define WFM_CORE_VERSION_H

#define WFM_VERSION "1.0.0-dev"

/** As httpd's own components name themselves. */
#define WFM_PRODUCT "mod_wfmetrics/" WFM_VERSION

#endif
