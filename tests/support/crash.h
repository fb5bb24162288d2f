/*
 * crash.h - a crash of a test program is a failure of the test that runs, and the others still run.
 */
#ifndef WFM_TEST_CRASH_H
#define WFM_TEST_CRASH_H

/**
 * From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT fail CUnit's running test, so that no
 * summary is ever lost. Where that cannot be done (no test runs, another thread crashed), the
 * program says so on stderr, and what was set for the signal before happens.
 */
void crash_fails_test(void);

#endif
