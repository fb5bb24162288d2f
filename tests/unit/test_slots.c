/*
 * test_slots.c - processes that want to be at the databases, and what becomes of the slots of those
 * that die.
 */
#include "core/clock.h"
#include "gate/slots.h"
#include "unit.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process of its own, told what to do and asked what became of it. */
typedef struct visitor_t {
    pid_t pid;
    int to, from;
} visitor_t;

static wfm_slots_t *slots(int n)
{
    wfm_slots_t *h = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_slots_create(&h, unit_pool(), n), APR_SUCCESS);
    return h;
}

static void visit(wfm_slots_t *h, int commands, int answers)
{
    char c, answer;

    while (read(commands, &c, 1) == 1) {
        answer = '.';
        if (c == 'e') /* no wait */
            answer = wfm_slots_take(h, wfm_clock_now() - 1) == APR_SUCCESS ? 'y' : 'n';
        else
            wfm_slots_return(h);
        if (write(answers, &answer, 1) != 1)
            break;
    }
    _exit(0);
}

static visitor_t send_visitor(wfm_slots_t *h)
{
    int to[2], from[2];
    visitor_t v;

    CU_ASSERT_EQUAL_FATAL(pipe(to) | pipe(from), 0);
    v.pid = fork();
    if (v.pid == 0) {
        close(to[1]);
        visit(h, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    v.to = to[1];
    v.from = from[0];
    return v;
}

static char tell(const visitor_t *v, char command)
{
    char answer = '?';

    if (write(v->to, &command, 1) != 1 || read(v->from, &answer, 1) != 1)
        return '?';
    return answer;
}

static void end(const visitor_t *v)
{
    kill(v->pid, SIGKILL);
    waitpid(v->pid, NULL, 0);
    close(v->to);
    close(v->from);
}

static void test_places_are_shared(void)
{
    wfm_slots_t *h = slots(2);
    visitor_t a = send_visitor(h), b = send_visitor(h), c = send_visitor(h), d = send_visitor(h);

    expect_int(tell(&a, 'e'), 'y');
    expect_int(tell(&b, 'e'), 'y');
    expect_int(tell(&c, 'e'), 'n');
    expect_int(tell(&a, 'l'), '.');
    expect_int(tell(&c, 'e'), 'y');
    expect_int(tell(&d, 'e'), 'n');
    end(&a);
    end(&b);
    end(&c);
    end(&d);
}

static void test_entering_twice_takes_one_place(void)
{
    wfm_slots_t *h = slots(1);
    visitor_t a = send_visitor(h), b = send_visitor(h), c = send_visitor(h);

    expect_int(tell(&a, 'e'), 'y');
    expect_int(tell(&a, 'e'), 'y');
    expect_int(tell(&a, 'l'), '.');
    expect_int(tell(&b, 'e'), 'n');
    expect_int(tell(&a, 'l'), '.');
    expect_int(tell(&c, 'e'), 'y');
    end(&a);
    end(&b);
    end(&c);
}

static void test_the_dead_lose_their_places(void)
{
    wfm_slots_t *h = slots(2);
    visitor_t a = send_visitor(h), b = send_visitor(h), c = send_visitor(h), d = send_visitor(h);

    expect_int(tell(&a, 'e'), 'y');
    expect_int(tell(&b, 'e'), 'y');
    end(&a);
    expect_int(tell(&c, 'e'), 'y');
    expect_int(tell(&d, 'e'), 'n');
    end(&b);
    end(&c);
    end(&d);
}

/* As in admission: soon, whatever the deadline; and after a wait in vain, at once. */
static void test_no_place_is_told_soon(void)
{
    wfm_slots_t *h = slots(1);
    visitor_t a = send_visitor(h);
    apr_time_t start = wfm_clock_now();

    expect_int(tell(&a, 'e'), 'y');
    for (int i = 0; i < 100; i++)
        expect_int(wfm_slots_take(h, start + apr_time_from_sec(60)), APR_ENOSPC);
    CU_ASSERT(wfm_clock_now() - start < apr_time_from_sec(30));
    expect_int(tell(&a, 'l'), '.');
    expect_int(wfm_slots_take(h, start), APR_SUCCESS);
    end(&a);
}

SUITE(slots) = {
    {"slots are shared", test_places_are_shared},
    {"entering twice takes one slot", test_entering_twice_takes_one_place},
    {"the dead lose their slots", test_the_dead_lose_their_places},
    {"no slot is told soon", test_no_place_is_told_soon},
    CU_TEST_INFO_NULL,
};
