/*
 * suites.h - what the suites of faults share: their tables of tests, hosts and databases.
 */
#ifndef WFM_FAULTS_SUITES_H
#define WFM_FAULTS_SUITES_H

#include <CUnit/CUnit.h>

/* Virtual hosts of httpd.conf, beside HOST_A. */
#define HOST_SHORT  "short.test"   /* cluster-short (lens_a): four connections, short times */
#define HOST_FROZEN "frozen1.test" /* and frozen2, frozen3 (lens_a): twelve connections each */
#define HOST_PAIR   "pair.test"    /* cluster-pair: a primary and its standby */
#define HOST_DISK   "disk.test"    /* cluster-disk (lens_disk) */

#define DB_DISK "lens_disk"

extern CU_TestInfo clock_tests[];
extern CU_TestInfo database_tests[];
extern CU_TestInfo disk_tests[];
extern CU_TestInfo frozen_tests[];
extern CU_TestInfo failover_tests[];
extern CU_TestInfo pool_tests[];
extern CU_TestInfo clients_tests[];
extern CU_TestInfo httpd_tests[];

#endif
