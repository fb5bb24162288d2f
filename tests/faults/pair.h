/*
 * pair.h - a primary and its synchronous standby, below the state directory.
 *
 * Synchronous, so that what the primary has acknowledged is on the standby when the primary dies.
 */
#ifndef WFM_FAULTS_PAIR_H
#define WFM_FAULTS_PAIR_H

/** Make both, with the database of cluster-pair. 0: it succeeded. */
int pair_start(void);

/** Make one of the two (1, 2) anew, as the standby of the other. 0: it succeeded. */
int pair_renew(int which);

/** Change a setting ("name = value") of one of them. 0: it succeeded. */
int pair_set(int which, const char *setting);

/** servers.sh COMMAND on one of the two (1, 2); 0: it succeeded. */
int pair_servers(int which, const char *command, const char *args);

/** The database as db.h takes it: on whichever of the two is the primary. */
const char *pair_db(void);

#endif
