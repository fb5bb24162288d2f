/*
 * fixture.h - the two real servers that the integration tests talk to.
 *
 * Owns one private PostgreSQL (databases lens_a and lens_b) and one private httpd (httpd.conf) for
 * the whole run, their state directory, and the pool that each test allocates from. How servers are
 * started and stopped is tests/support/servers.sh's.
 */
#ifndef WFM_TEST_FIXTURE_H
#define WFM_TEST_FIXTURE_H

#include <apr_pools.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <sys/types.h>

#define DB_A "lens_a"
#define DB_B "lens_b"

/* Virtual hosts of httpd.conf. */
#define HOST_A       "a.test"       /* cluster-a, the default host; serves cluster-b */
#define HOST_B       "b.test"       /* cluster-b; serves nothing else */
#define HOST_ALL     "all.test"     /* cluster-all (database lens_a); serves every cluster */
#define HOST_RO      "ro.test"      /* cluster-ro (lens_a); read-only */
#define HOST_RESULTS "results.test" /* cluster-results (lens_a); takes results and nothing else */
#define HOST_TINY    "tiny.test"    /* cluster-tiny (lens_a); low limits */
#define HOST_LENS    "lens.test" /* cluster-lens (lens_a); below /lens/v1/github-workflow-metrics */
#define HOST_PLAIN   "plain.test"   /* cluster-plain (lens_a); formula guard off */
#define HOST_CLOSED  "closed.test"  /* cluster-closed (lens_a); asks for a password */
#define HOST_NOWHERE "nowhere.test" /* cluster-nowhere; its DSN leads nowhere */
#define HOST_PATHS   "paths.test" /* cluster-paths (lens_a); protected paths, rewriting, mod_mime */
#define HOST_HASTY   "hasty.test" /* cluster-hasty (lens_a); shares one pool with patient.test */
#define HOST_PATIENT "patient.test" /* cluster-patient (lens_a); another statement timeout */
#define HOST_TWIN    "twin.test"    /* cluster-twin (lens_a); one connection, short statements */
#define HOST_READER  "reader.test"  /* cluster-twin, too; read-only, long statements */
#define HOST_UNFIT   "unfit.test"   /* cluster-unfit (lens_unfit), which test_health.c makes */
#define HOST_STANDBY "standby.test" /* cluster-standby (lens_a, on a standby), likewise */
#define HOST_SUMS    "sums.test"    /* cluster-sums (lens_sums), which test_summaries.c makes */
#define HOST_ROWS    "rows.test"    /* cluster-rows: the same, by a role that reads no summaries */
#define HOST_FRIENDS "friends.test" /* cluster-friends (lens_a); allows some origins */
#define HOST_ODD     "odd.test" /* cluster "r&d <two>" (lens_a); more exports than connections */
#define HOST_CROWDED "crowded.test" /* cluster-crowded (lens_a); many other modules */
#define HOST_BARE    "bare.test"    /* nothing of the module; the main server has cluster-main */

/** printf into the test's pool; ID is the format of an apr_int64_t. */
#define strf(...) apr_psprintf(fixture_pool(), __VA_ARGS__)
#define ID        "%" APR_INT64_T_FMT

#define countof(array) (sizeof(array) / sizeof(*(array)))

/**
 * Start both servers. Returns 0, or says on stderr what failed.
 * @param pg_settings as servers.sh takes them (PG_SETTINGS)
 * @param conf        httpd's configuration, below the checkout
 */
int fixture_start(const char *pg_settings, const char *conf);

/** Stop httpd and start it with another MPM; 0: it succeeded. */
int fixture_restart_httpd(const char *mpm);

/** Stop both servers and remove the state directory; safe to call at any time, also twice. */
void fixture_stop(void);

/** The end of httpd's error log, to stderr: for a run that failed. */
void fixture_show_log(void);

/** CUnit's set-up and tear-down of a test: a fresh pool each. */
void fixture_begin(void);
void fixture_end(void);

/** The running test's pool. */
apr_pool_t *fixture_pool(void);

int fixture_port(void);
const char *fixture_dir(void);     /**< state directory */
const char *fixture_sockets(void); /**< directory of PostgreSQL's unix socket */

/** Run servers.sh with these arguments (printf format) on the state directory; 0: it succeeded. */
int fixture_servers(const char *command, const char *args);

/** The checkout. */
const char *fixture_root(void);

/** The path of servers.sh, for commands that take other arguments. */
const char *fixture_servers_sh(void);

/** Run a shell command; its exit status, and in *output (unless NULL) what it printed. */
int fixture_shell(const char *command, const char **output);

/** Does a child of httpd serve many requests at once? (event and worker do, prefork does not) */
int fixture_threaded(void);

/** How much longer than by itself httpd may take: 1, more under an instrument (WFM_INSTRUMENT). */
int fixture_patience(void);

pid_t fixture_httpd_pid(void);

/** Process ids (pid_t) of httpd's children. */
apr_array_header_t *fixture_httpd_children(void);

/** Size of the error log now; to be handed to fixture_log_since. */
apr_off_t fixture_log_mark(void);

/** What the error log got since the mark. */
const char *fixture_log_since(apr_off_t mark);

/**
 * Write DIR/name: the definitions that httpd.conf and configtest's cases build on (MODULE, MODULES,
 * MPM, PORT, SOCKETS, DIR), then the text. Returns the path.
 */
const char *fixture_write_conf(const char *name, const char *text);

#endif
