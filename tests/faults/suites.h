/*
 * suites.h - what the suites of faults share: hosts and databases.
 */
#ifndef WFM_FAULTS_SUITES_H
#define WFM_FAULTS_SUITES_H

#include "../support/suite.h"

/* Virtual hosts of httpd.conf, beside HOST_A. */
#define HOST_SHORT  "short.test"   /* cluster-short (lens_a): four connections, short times */
#define HOST_FROZEN "frozen1.test" /* and frozen2, frozen3 (lens_a): twelve connections each */
#define HOST_PAIR   "pair.test"    /* cluster-pair: a primary and its standby */
#define HOST_DISK   "disk.test"    /* cluster-disk (lens_disk) */

#define DB_DISK "lens_disk"

#endif
