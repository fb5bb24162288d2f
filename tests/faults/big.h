/*
 * big.h - an export that fits into no buffer between PostgreSQL and the client, and clients of it
 * that read as they like.
 */
#ifndef WFM_FAULTS_BIG_H
#define WFM_FAULTS_BIG_H

#define BIG_ROWS 200000

/** Path and query of the export, with more of the query ("&format=json"); made at the first call.
 */
const char *big_export(const char *query);

/** Open a connection that asks for it, and read the first bytes of the answer. */
int big_open(const char *host);

/** Read about so many bytes, not more; 0: the answer has ended. */
int big_read(int fd, int bytes);

#endif
