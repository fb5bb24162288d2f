/*
 * recorded.h - files of what other programs said, which tests compare with.
 */
#ifndef WFM_TEST_RECORDED_H
#define WFM_TEST_RECORDED_H

/** A file's text, NUL-terminated, the test's to change; it ends the test if there is none. */
char *recorded(const char *path);

#endif
