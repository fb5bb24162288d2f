/*
 * test_failover.c - the primary dies under load, the standby takes over, and httpd finds it by
 * itself: DBDParams name both hosts with target_session_attrs=read-write.
 */
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "pair.h"
#include "suites.h"
#include <stdio.h>
#include <unistd.h>

/* From one to the other under load, and writes go on. */
static void fail_over(const char *name, int (*end_primary)(int which), int primary)
{
    load_plan_t plan = {
        .host = HOST_PAIR, .dbname = pair_db(), .ops = "rpsx", .clients = 4, .pause_ms = 5};
    load_tally_t writes;
    load_t *load;

    fault_begin(name);
    load = fault_load(&plan);
    sleep(1);
    fault_hit();
    expect_int(end_primary(primary), 0);
    sleep((unsigned)fault_scale(3, 1)); /* until somebody notices */
    fault_lifted();
    expect_int(pair_servers(3 - primary, "pg-promote", ""), 0);
    fault_end();
    writes = load_tally(load, "ps", fault_hit_at(), 0);
    expect(writes.ok > 0 && writes.refused > 0, "%d writes were made, %d refused", writes.ok,
           writes.refused);
    fault_note("writes failed for %.3f s: %d refused, %d of unknown outcome, none lost",
               (double)(writes.last_failed - fault_hit_at()) / APR_USEC_PER_SEC, writes.refused,
               writes.unknown);
    expect_contains(fault_log(), "cluster=cluster-pair route=\"PATCH /configs/:id\" status=503 ");
    expect_lacks(fault_log(), "status=500");
}

static int kill_it(int which)
{
    return pair_servers(which, "pg-kill", "");
}

static void test_killed(void)
{
    fail_over("primary killed under load, standby promoted", kill_it, 1);
}

/* Its connections stay, and must not be kept. */
static int make_read_only(int which)
{
    return pair_set(which, "default_transaction_read_only = on");
}

static void test_read_only(void)
{
    expect_int(pair_renew(1), 0);
    fail_over("primary made read-only under load, standby promoted", make_read_only, 2);
}

SUITE(failover) = {
    {"the primary is killed, the standby promoted", test_killed},
    {"the primary is made read-only, the standby promoted", test_read_only},
    CU_TEST_INFO_NULL,
};
