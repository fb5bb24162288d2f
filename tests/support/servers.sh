#!/bin/bash
# servers.sh - starts and stops a private PostgreSQL and a private httpd.
#
# The one place that knows how; the demo and the integration tests' fixture call it. Everything a
# server needs is named by DIR, a state directory. PostgreSQL listens on a unix socket only, and
# refuses to run as root, so root runs it as `postgres`. Servers are stopped by their pid files.
#
# Environment:
#   PG_SETTINGS        for pg-init: settings added to postgresql.conf, quoted as in a shell:
#                      "fsync=off DateStyle='SQL, DMY'"
#   PG_INITDB_ARGS     for pg-init: further arguments of initdb
#   PG_API_ROLE        for pg-createdb: the API's role (wfmetrics)
#   HTTPD              the httpd program, where apxs and PATH do not tell
#   WFM_HTTPD_ENV      NAME=VALUE words put into httpd's environment (sanitizers)
#   WFM_HTTPD_WRAPPER  words put before the httpd command (valgrind)
#   WFM_HTTPD_KEEP_LOG for httpd-stop: a file that the error log is appended to before it goes
#   WFM_HTTPD_WAIT     seconds that httpd may take to start or stop (30)
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
HTTPD_WAIT=${WFM_HTTPD_WAIT:-30}

# libpq would read these in place of what is meant here.
unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE PGOPTIONS PGDATA PGTZ \
    PGDATESTYLE PGAPPNAME PGSSLMODE
export PGCLIENTENCODING=UTF8

usage() {
    cat >&2 <<'END'
usage: servers.sh COMMAND …
  free-port                                  print a free TCP port of 127.0.0.1
  children PID                               print the processes that a process has started
  pg-init DIR                                make a PostgreSQL cluster
  pg-start DIR                               start it and wait until it answers
  pg-stop DIR [smart|fast|immediate]         stop it, if it runs
  pg-restart DIR [smart|fast|immediate]
  pg-destroy DIR                             stop it and remove its data
  pg-socket DIR                              print its socket's directory
  pg-createdb DIR NAME                       create a database with all migrations and the API's role,
                                             which may store results
  pg-psql DIR NAME [ARGUMENT…]               psql as superuser
  pg-standby DIR SOURCE                      make a streaming standby in DIR of the cluster in SOURCE
  pg-promote DIR                             make a standby the primary
  pg-kill DIR                                SIGKILL to the postmaster and all its processes
  pg-freeze DIR                              SIGSTOP to them
  pg-thaw DIR                                SIGCONT to them
  httpd-start DIR CONF [NAME=VALUE…]         start httpd and wait until it answers
  httpd-test DIR CONF                        check a configuration (apachectl configtest)
  httpd-stop DIR                             stop it, if it runs
  httpd-graceful DIR                         graceful restart
  httpd-pid DIR                              print the parent's process id
  httpd-program                              print where httpd is
END
    exit 2
}

die() {
    printf '%s\n' "servers.sh: $*" >&2
    exit 1
}

# A zombie answers kill -0 too: where process 1 does not reap (containers), it stays one.
alive() {
    [ -n "$1" ] && kill -0 "$1" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# The processes that a process has started. (procps is not on every system.)
children() {
    grep -lsE "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status | cut -d/ -f3
}

# wait_until SECONDS COMMAND…: poll until the command succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

port_open() {
    (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

# Below the range that the kernel hands out to outgoing connections.
free_port() {
    local port tries
    for ((tries = 0; tries < 200; tries++)); do
        port=$((15000 + (RANDOM * 32768 + RANDOM) % 17000))
        if ! port_open 127.0.0.1 "$port"; then
            echo "$port"
            return
        fi
    done
    die "no free port found on 127.0.0.1"
}

# --- PostgreSQL ---

pg_bin() {
    local dir
    while read -r dir; do
        if [ -x "$dir/initdb" ]; then
            echo "$dir"
            return
        fi
    done < <(
        printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV
        pg_config --bindir 2>/dev/null
        dirname "$(command -v initdb || echo /nowhere/initdb)"
    )
    die "PostgreSQL's server programs (initdb, pg_ctl) are not installed: apt-get install postgresql"
}

# The working directory may be closed to the postgres user.
as_pg() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && exec runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

pg_home() {
    [ -r "$1/pg.home" ] || die "there is no PostgreSQL cluster in $1 (pg-init makes one)"
    cat "$1/pg.home"
}

# Data and socket live below DIR if the servers' users can get there and the socket's path fits
# into sockaddr_un (107 bytes) and, without a blank or a quote, as it is into configurations and
# connection strings; else in /tmp.
pg_make_home() {
    local home=$1/pg
    mkdir -p "$1"
    if [ "${#home}" -gt 85 ] || [[ $home =~ [^A-Za-z0-9/._-] ]] || { [ "$(id -u)" -eq 0 ] && ! (cd / && runuser -u nobody -- test -x "$1"); }; then
        home=$(mktemp -d /tmp/wfm-pg.XXXXXX)
    fi
    mkdir -p "$home"
    chmod 0755 "$home"
    [ "$(id -u)" -ne 0 ] || chown postgres "$home"
    echo "$home"
}

pg_conf_line() {
    local value=${2//\'/\'\'}
    printf "%s = '%s'\n" "$1" "$value"
}

pg_conf() {
    local setting
    pg_conf_line listen_addresses ''
    pg_conf_line unix_socket_directories "$1"
    pg_conf_line max_connections 100
    [ -n "${PG_SETTINGS:-}" ] || return 0
    while read -r setting; do
        pg_conf_line "${setting%%=*}" "${setting#*=}"
    done < <(xargs -n1 printf '%s\n' <<<"$PG_SETTINGS")
}

pg_init() {
    local dir home
    mkdir -p "$1"
    dir=$(cd "$1" && pwd)
    [ ! -e "$dir/pg.home" ] || die "there is a PostgreSQL cluster in $dir already (pg-destroy removes it)"
    [ "$(id -u)" -ne 0 ] || id postgres >/dev/null 2>&1 ||
        die "there is no user postgres to run PostgreSQL as: apt-get install postgresql"
    home=$(pg_make_home "$dir")
    echo "$home" >"$dir/pg.home"
    # shellcheck disable=SC2086 # words
    as_pg "$(pg_bin)/initdb" --pgdata="$home/data" --username=postgres --auth-local=trust \
        --auth-host=reject --encoding=UTF8 --locale=C.UTF-8 --no-instructions \
        ${PG_INITDB_ARGS:-} >"$dir/initdb.log" 2>&1 || {
        cat "$dir/initdb.log" >&2
        die "initdb failed"
    }
    pg_conf "$home" >>"$home/data/postgresql.conf"
}

pg_ctl() {
    local home
    home=$(pg_home "$1")
    shift
    as_pg "$(pg_bin)/pg_ctl" --pgdata="$home/data" --silent "$@"
}

pg_running() {
    pg_ctl "$1" status >/dev/null 2>&1
}

pg_start() {
    local home
    home=$(pg_home "$1")
    ! pg_running "$1" || die "PostgreSQL in $1 is running already"
    pg_ctl "$1" --log="$home/log" --wait --timeout=60 start >/dev/null || {
        tail -n 20 "$home/log" >&2
        die "PostgreSQL did not start"
    }
}

pg_stop() {
    pg_running "$1" || return 0
    pg_thaw "$1"
    pg_ctl "$1" --mode="${2:-fast}" --wait --timeout=60 stop >/dev/null || die "PostgreSQL in $1 did not stop"
}

# pg_signal DIR SIGNAL: to the postmaster, so that it starts no more processes, and to those it has.
pg_signal() {
    local postmaster children
    postmaster=$(head -n 1 "$(pg_home "$1")/data/postmaster.pid" 2>/dev/null) || die "PostgreSQL in $1 is not running"
    [ "$2" = CONT ] || kill -STOP "$postmaster"
    mapfile -t children < <(children "$postmaster")
    kill "-$2" "$postmaster" "${children[@]}" 2>/dev/null || alive "$postmaster" ||
        [ "$2" = KILL ] || die "PostgreSQL in $1 got no SIG$2"
    [ "$2" = KILL ] || return 0
    wait_until 30 pg_dead "$postmaster" "${children[@]}" || die "PostgreSQL in $1 survived"
    # They would take a zombie for a server that runs.
    rm -f "$(pg_home "$1")"/data/postmaster.pid "$(pg_home "$1")"/.s.PGSQL.*.lock
}

pg_dead() {
    local pid
    for pid; do
        ! alive "$pid" || return 1
    done
}

pg_freeze() {
    pg_signal "$1" STOP
}

pg_thaw() {
    pg_signal "$1" CONT
}

# The standby is named after its directory, for synchronous_standby_names.
pg_standby() {
    local home
    [ ! -e "$1/pg.home" ] || die "there is a PostgreSQL cluster in $1 already (pg-destroy removes it)"
    mkdir -p "$1"
    home=$(pg_make_home "$(cd "$1" && pwd)")
    echo "$home" >"$1/pg.home"
    as_pg "$(pg_bin)/pg_basebackup" --pgdata="$home/data" --checkpoint=fast --write-recovery-conf \
        --dbname="host=$(pg_home "$2") port=5432 user=postgres application_name=$(basename "$1")" ||
        die "pg_basebackup failed"
    pg_conf_line unix_socket_directories "$home" >>"$home/data/postgresql.conf"
    pg_start "$1"
}

pg_promote() {
    pg_ctl "$1" --wait --timeout=60 promote >/dev/null || die "PostgreSQL in $1 was not promoted"
}

pg_destroy() {
    [ -e "$1/pg.home" ] || return 0
    [ ! -d "$(pg_home "$1")/data" ] || pg_stop "$1" immediate
    rm -rf "$(pg_home "$1")"
    rm -f "$1/pg.home" "$1/initdb.log"
}

pg_psql() {
    local home
    home=$(pg_home "$1")
    "$(pg_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$home" -p 5432 -U postgres -d "$2" "${@:3}"
}

pg_createdb() {
    local file
    pg_psql "$1" postgres -v name="$2" <<<'CREATE DATABASE :"name";'
    for file in "$ROOT"/src/db/schema/*.sql; do
        pg_psql "$1" "$2" -f "$file" >/dev/null
    done
    pg_psql "$1" "$2" -v role="${PG_API_ROLE:-wfmetrics}" -v ingest=1 -f "$ROOT/src/db/roles/api_role.sql" >/dev/null
}

# --- httpd ---

httpd_bin() {
    local program
    if [ -x "${HTTPD:-}" ] && [ ! -d "$HTTPD" ]; then
        echo "$HTTPD"
        return
    fi
    for program in "$(apxs -q SBINDIR 2>/dev/null)/$(apxs -q PROGNAME 2>/dev/null)" \
        /usr/sbin/apache2 /usr/sbin/httpd; do
        if [ -x "$program" ] && [ ! -d "$program" ]; then
            echo "$program"
            return
        fi
    done
    die "Apache httpd is not installed: apt-get install apache2-bin"
}

httpd_pid() {
    cat "$1/httpd.pid" 2>/dev/null || true
}

httpd_running() {
    alive "$(httpd_pid "$1")"
}

httpd_stopped() {
    ! alive "$1"
}

# The first Listen of a configuration, as "address port".
httpd_listen() {
    awk 'tolower($1) == "listen" {
        n = split($2, part, ":"); port = part[n]
        address = n > 1 ? substr($2, 1, length($2) - length(port) - 1) : "127.0.0.1"
        gsub(/[][]/, "", address); print address, port; exit
    }' "$1"
}

# httpd_command DIR CONF ARGUMENT…: ErrorLog is a default that CONF may override, PidFile is not.
httpd_command() {
    local dir=$1 conf=$2
    shift 2
    # shellcheck disable=SC2086 # words
    env ${WFM_HTTPD_ENV:-} ${HTTPD_ASSIGNMENTS[@]+"${HTTPD_ASSIGNMENTS[@]}"} ${WFM_HTTPD_WRAPPER:-} \
        "$(httpd_bin)" -d "$dir" -f "$conf" -C "ErrorLog \"$dir/error.log\"" \
        -c "PidFile \"$dir/httpd.pid\"" "$@"
}

# The error log of a configuration.
httpd_log() {
    local log
    log=$(awk 'tolower($1) == "errorlog" { sub(/^[ \t]*[^ \t]+[ \t]+/, ""); gsub(/"/, ""); print; exit }' "$2")
    echo "${log:-$1/error.log}"
}

# httpd_failed DIR MESSAGE
httpd_failed() {
    cat "$1/httpd.out" >&2
    tail -n 20 "$(cat "$1/httpd.log")" >&2 2>/dev/null || true
    die "$2"
}

httpd_start() {
    local dir conf address port
    dir=$(cd "$1" && pwd)
    conf=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
    shift 2
    HTTPD_ASSIGNMENTS=("$@")
    read -r address port < <(httpd_listen "$conf") || die "$conf has no Listen line"
    ! httpd_running "$dir" || die "httpd in $dir is running already"
    ! port_open "$address" "$port" || die "port $port on $address is in use by another program; choose another port"
    rm -f "$dir/httpd.pid"
    httpd_log "$dir" "$conf" >"$dir/httpd.log"
    httpd_command "$dir" "$conf" -k start >"$dir/httpd.out" 2>&1 ||
        httpd_failed "$dir" "httpd did not start"
    wait_until "$HTTPD_WAIT" port_open "$address" "$port" ||
        httpd_failed "$dir" "httpd does not answer on $address:$port"
    wait_until "$HTTPD_WAIT" httpd_running "$dir" ||
        httpd_failed "$dir" "httpd died after its start"
}

httpd_test() {
    HTTPD_ASSIGNMENTS=()
    httpd_command "$(cd "$1" && pwd)" "$(cd "$(dirname "$2")" && pwd)/$(basename "$2")" -t
}

# A parent that hangs is killed together with its children.
httpd_stop() {
    local pid
    pid=$(httpd_pid "$1")
    if alive "$pid"; then
        kill -TERM "$pid"
        wait_until "$HTTPD_WAIT" httpd_stopped "$pid" || kill -KILL -- "-$pid"
        wait_until 5 httpd_stopped "$pid" || die "httpd (pid $pid) cannot be stopped"
    fi
    if [ -n "${WFM_HTTPD_KEEP_LOG:-}" ] && [ -e "$1/httpd.log" ]; then
        cat "$1/httpd.out" "$(cat "$1/httpd.log")" >>"$WFM_HTTPD_KEEP_LOG"
    fi
    rm -f "$1/httpd.pid" "$1/httpd.log"
}

httpd_graceful() {
    httpd_running "$1" || die "httpd in $1 is not running"
    kill -USR1 "$(httpd_pid "$1")"
}

# --- commands ---

command=${1:-}
case $command in
free-port | httpd-program) [ $# -eq 1 ] || usage ;;
children) [ $# -eq 2 ] || usage ;;
pg-createdb | httpd-test) [ $# -eq 3 ] || usage ;;
pg-psql | httpd-start) [ $# -ge 3 ] || usage ;;
pg-stop | pg-restart) [ $# -eq 2 ] || [ $# -eq 3 ] || usage ;;
pg-standby) [ $# -eq 3 ] || usage ;;
pg-promote | pg-kill | pg-freeze | pg-thaw) [ $# -eq 2 ] || usage ;;
pg-init | pg-start | pg-destroy | pg-socket | httpd-stop | httpd-graceful | httpd-pid) [ $# -eq 2 ] || usage ;;
*) usage ;;
esac
shift

case $command in
free-port) free_port ;;
children) children "$1" ;;
pg-init) pg_init "$1" ;;
pg-start) pg_start "$1" ;;
pg-stop) pg_stop "$@" ;;
pg-restart) pg_stop "$@" && pg_start "$1" ;;
pg-destroy) pg_destroy "$1" ;;
pg-socket) pg_home "$1" ;;
pg-createdb) pg_createdb "$@" ;;
pg-psql) pg_psql "$@" ;;
pg-standby) pg_standby "$@" ;;
pg-promote) pg_promote "$1" ;;
pg-kill) pg_signal "$1" KILL ;;
pg-freeze) pg_freeze "$1" ;;
pg-thaw) pg_thaw "$1" ;;
httpd-start) httpd_start "$@" ;;
httpd-test) httpd_test "$@" ;;
httpd-stop) httpd_stop "$1" ;;
httpd-graceful) httpd_graceful "$1" ;;
httpd-pid) httpd_pid "$1" ;;
httpd-program) httpd_bin ;;
esac
