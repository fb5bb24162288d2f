/*
 * crash.c - from a signal back into CUnit.
 */
#include "crash.h"
#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_t tests_thread;
static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static struct sigaction before[sizeof(signals) / sizeof(*signals)];
static volatile sig_atomic_t crashes;

/* A program whose heap is broken crashes again on its way out of the handler. */
#define MOST_CRASHES 50

/* What would have happened without this file: the servers are stopped, for one thing. */
static void give_up(int number)
{
    static const char line[] = "The test program crashed, and cannot go on.\n";

    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
        _exit(2);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        sigaction(signals[i], &before[i], NULL);
    raise(number);
    _exit(1);
}

/* A fatal failure makes CUnit jump out of the test, here out of the handler. */
static void on_crash(int number)
{
    char text[80];

    if (crashes++ >= MOST_CRASHES || !CU_is_test_running() ||
        !pthread_equal(pthread_self(), tests_thread))
        give_up(number);
    snprintf(text, sizeof(text), "the test crashed: signal %d (%s)", number, strsignal(number));
    CU_assertImplementation(CU_FALSE, 0, text, "", "", CU_TRUE);
}

void crash_fails_test(void)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_NODEFER};

    tests_thread = pthread_self();
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        sigaction(signals[i], &action, &before[i]);
}
