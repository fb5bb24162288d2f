/*
 * process.h - what httpd's processes hold: memory, file descriptors, database connections.
 */
#ifndef WFM_FAULTS_PROCESS_H
#define WFM_FAULTS_PROCESS_H

typedef struct process_use_t {
    int processes;
    long rss_kb; /**< resident, all together */
    int fds;
    int connections; /**< to PostgreSQL */
} process_use_t;

/** The parent alone: what it holds every restart hands on. */
process_use_t process_parent(void);

/** All children. */
process_use_t process_children(void);

/** Wait until those that end after a graceful restart have ended. */
void process_settle(void);

#endif
