/*
 * fixture.c - the servers' life: made before the first test, ended after the last, whatever
 * happens.
 *
 * The end is one shell command, prepared at the start, so that a signal handler can run it too: it
 * needs nothing but fork and exec, which are safe there.
 */
#include "fixture.h"
#include "http.h"
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fixture_t {
    apr_pool_t *life; /* as long as the servers */
    apr_pool_t *test; /* of the running test */
    char dir[64];
    char root[PATH_MAX];
    char end[PATH_MAX * 3]; /* the command that ends everything; "" when there is nothing to end */
    const char *sockets, *log;
    const char *conf;    /* httpd's, below the checkout */
    const char *modules; /* httpd's own */
    int port;
} fx;

apr_pool_t *fixture_pool(void)
{
    return fx.test ? fx.test : fx.life;
}

int fixture_port(void)
{
    return fx.port;
}

const char *fixture_dir(void)
{
    return fx.dir;
}

const char *fixture_sockets(void)
{
    return fx.sockets;
}

void fixture_begin(void)
{
    apr_pool_create(&fx.test, fx.life);
}

void fixture_end(void)
{
    apr_pool_destroy(fx.test);
    fx.test = NULL;
}

static const char *read_all(const char *path, apr_off_t from)
{
    apr_file_t *f;
    apr_off_t end = 0;
    apr_size_t len = 0;
    char *text = "";

    if (apr_file_open(&f, path, APR_READ | APR_BINARY, 0, fixture_pool()) != APR_SUCCESS)
        return text;
    apr_file_seek(f, APR_END, &end);
    apr_file_seek(f, APR_SET, &from);
    if (end > from) {
        text = apr_pcalloc(fixture_pool(), end - from + 1);
        apr_file_read_full(f, text, end - from, &len);
    }
    apr_file_close(f);
    return text;
}

int fixture_shell(const char *command, const char **output)
{
    const char *out = strf("%s/shell.%d.out", fx.dir, (int)getpid());
    int status = system(strf("{ %s\n} > %s 2>&1 < /dev/null", command, out));

    if (output)
        *output = read_all(out, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

const char *fixture_root(void)
{
    return fx.root;
}

const char *fixture_servers_sh(void)
{
    return strf("%s/tests/support/servers.sh", fx.root);
}

int fixture_servers(const char *command, const char *args)
{
    const char *output;
    int status =
        fixture_shell(strf("%s %s %s %s", fixture_servers_sh(), command, fx.dir, args), &output);

    if (status != 0)
        fprintf(stderr, "servers.sh %s %s failed (%d):\n%s\n", command, args, status, output);
    return status;
}

static const char *env_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

int fixture_threaded(void)
{
    return strcmp(env_or("WFM_MPM", "event"), "prefork") != 0;
}

int fixture_patience(void)
{
    return *env_or("WFM_INSTRUMENT", "") ? 30 : 1;
}

/* What a command prints, without the line's end. */
static const char *ask(const char *command, ...)
{
    const char *output;
    va_list ap;

    va_start(ap, command);
    fixture_shell(apr_pvsprintf(fixture_pool(), command, ap), &output);
    va_end(ap);
    return apr_pstrndup(fixture_pool(), output, strcspn(output, "\n"));
}

pid_t fixture_httpd_pid(void)
{
    return atoi(ask("%s httpd-pid %s", fixture_servers_sh(), fx.dir));
}

apr_array_header_t *fixture_httpd_children(void)
{
    apr_array_header_t *pids = apr_array_make(fixture_pool(), 16, sizeof(pid_t));
    const char *output;

    fixture_shell(strf("%s children %d", fixture_servers_sh(), (int)fixture_httpd_pid()), &output);
    for (char *at = (char *)output; apr_isdigit(*at);) {
        APR_ARRAY_PUSH(pids, pid_t) = (pid_t)strtol(at, &at, 10);
        at += strspn(at, "\n");
    }
    return pids;
}

apr_off_t fixture_log_mark(void)
{
    struct stat st;

    return stat(fx.log, &st) == 0 ? st.st_size : 0;
}

const char *fixture_log_since(apr_off_t mark)
{
    return read_all(fx.log, mark);
}

void fixture_show_log(void)
{
    apr_off_t mark = fixture_log_mark();

    fprintf(stderr, "httpd's error log ended with:\n%s\n",
            fixture_log_since(mark > 6000 ? mark - 6000 : 0));
}

const char *fixture_write_conf(const char *name, const char *text)
{
    const char *path = strf("%s/%s", fx.dir, name);
    const char *module = env_or("WFM_MODULE", "build/mod_wfmetrics.so");
    FILE *f = fopen(path, "w");

    if (*module != '/')
        module = apr_pstrcat(fixture_pool(), fx.root, "/", module, NULL);
    fprintf(f,
            "Define MODULE \"%s\"\nDefine MODULES \"%s\"\nDefine MPM %s\nDefine PORT %d\n"
            "Define SOCKETS \"%s\"\nDefine DIR \"%s\"\n%s\n",
            module, fx.modules, env_or("WFM_MPM", "event"), fx.port, fx.sockets, fx.dir, text);
    fclose(f);
    return path;
}

/* Runs the command of the end; only what a signal handler may call. */
static void run_end(void)
{
    char *const argv[] = {"sh", "-c", fx.end, NULL};
    extern char **environ;
    pid_t pid;

    if (!fx.end[0] || (pid = fork()) < 0)
        return;
    if (pid == 0) {
        execve("/bin/sh", argv, environ);
        _exit(127);
    }
    while (waitpid(pid, NULL, 0) < 0)
        ;
    fx.end[0] = '\0';
}

static void on_signal(int sig)
{
    run_end();
    _exit(128 + sig);
}

static void arrange_end(void)
{
    static const int signals[] = {SIGINT,  SIGTERM, SIGHUP, SIGPIPE, SIGSEGV,
                                  SIGABRT, SIGBUS,  SIGFPE, SIGALRM};
    struct sigaction sa = {.sa_handler = on_signal};

    snprintf(fx.end, sizeof(fx.end),
             "s=%s/tests/support/servers.sh; { for d in %s %s/*/; do [ ! -e $d/httpd.pid ] ||"
             " $s httpd-stop $d; done; for d in %s %s/*/; do [ ! -e $d/pg.home ] ||"
             " $s pg-destroy $d; done; } > /dev/null 2>&1; rm -rf %s",
             fx.root, fx.dir, fx.dir, fx.dir, fx.dir, fx.dir);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        sigaction(signals[i], &sa, NULL);
    atexit(run_end);
}

/*
 * A database's own order of text is not the bytes', as it seldom is where Lens runs: capitals stand
 * beside small letters, and here 9 before 10, letters before digits, and blanks count last. A
 * statement that sorts for a cursor or by groups without COLLATE "C" is wrong in it.
 */
static int start_postgres(const char *settings)
{
    setenv("PG_SETTINGS", settings, 1);
    setenv("PG_INITDB_ARGS", "--locale-provider=icu --icu-locale=und-u-ka-shifted-kn-kr-latn-digit",
           1);
    if (fixture_servers("pg-init", "") || fixture_servers("pg-start", ""))
        return -1;
    fx.sockets = ask("%s pg-socket %s", fixture_servers_sh(), fx.dir);
    if (fixture_servers("pg-createdb", DB_A) || fixture_servers("pg-createdb", DB_B))
        return -1;
    /* some tests make up runs for their rows: those are no run's that another one makes */
    return fixture_servers("pg-psql", DB_A " -q -c 'ALTER SEQUENCE github_workflow_runs_id_seq"
                                           " RESTART 1000000'");
}

static int start_httpd(void)
{
    return fixture_servers(
        "httpd-start",
        fixture_write_conf("httpd.conf", strf("ErrorLog %s\nInclude %s/%s\nListen 127.0.0.1:%d",
                                              fx.log, fx.root, fx.conf, fx.port)));
}

int fixture_restart_httpd(const char *mpm)
{
    setenv("WFM_MPM", mpm, 1);
    return fixture_servers("httpd-stop", "") || start_httpd();
}

/* The checkout by a path that any command takes as one word. */
static int link_root(void)
{
    char real[PATH_MAX];

    snprintf(fx.root, sizeof(fx.root), "%s/checkout", fx.dir);
    return realpath(env_or("WFM_ROOT", "."), real) && symlink(real, fx.root) == 0;
}

int fixture_start(const char *pg_settings, const char *conf)
{
    apr_initialize();
    apr_pool_create(&fx.life, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    strcpy(fx.dir, "/tmp/wfm-it.XXXXXX");
    if (!mkdtemp(fx.dir) || chmod(fx.dir, 0755) || !link_root()) {
        perror("the state directory below /tmp");
        return -1;
    }
    fx.log = apr_pstrcat(fx.life, fx.dir, "/error.log", NULL);
    fx.conf = conf;
    arrange_end();
    fx.port = atoi(ask("%s free-port", fixture_servers_sh()));
    fx.modules = ask("%s -q LIBEXECDIR", env_or("APXS", "apxs"));
    setenv("HTTPD", ask("%s httpd-program", fixture_servers_sh()), 1); /* else each start asks */
    if (start_postgres(pg_settings) || start_httpd()) {
        fprintf(stderr, "%s\n", fixture_log_since(0));
        return -1;
    }
    return 0;
}

void fixture_stop(void)
{
    run_end();
}
