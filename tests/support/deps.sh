#!/bin/bash
# deps.sh GROUP… - installs the Debian packages that a group of make targets needs.
#
# What is there is found by looking for the thing itself, so that a system with other packages
# passes too, and nothing is installed where nothing is missing.
set -eu

missing=()

# need PACKAGE COMMAND…: the package is missing where the command fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

any_program() {
    local program
    for program; do
        command -v "$program" && return
    done
    return 1
}

any_file() {
    local file
    for file; do
        [ -e "$file" ] && return
    done
    return 1
}

compiles() {
    echo "#include <$1>" | cc -E -x c - "${@:2}"
}

# clang's runtime is a package of its own, with clang's version in its name.
fuzzer_package() {
    local version
    version=$(clang -dumpversion 2>/dev/null || apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-//p')
    echo "libclang-rt-${version%%.*}-dev"
}

links_fuzzer() {
    echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
        clang -x c -fsanitize=fuzzer,address,undefined -o /dev/null -
}

# Some packages do more than they are wanted for: Prometheus' starts a service that listens on port 9090 of every address,
# and mod_auth_openidc's changes the system's httpd. They are not installed, but unpacked in build/NAME.
unpack() {
    local name=$1 dir
    dir=$(mktemp -d)
    echo "Unpacking in build/$name: Debian's package $name"
    if ! (cd "$dir" && { apt-get download -q "$name" || { refresh && apt-get download -q "$name"; }; }) >"$dir/log" 2>&1; then
        cat "$dir/log" >&2
        rm -rf "$dir"
        echo "apt-get could not download: $name" >&2
        exit 1
    fi
    mkdir -p "build/$name"
    dpkg -x "$dir/$name"_*.deb "build/$name"
    rm -rf "$dir"
}

# Its libraries are packages like others; one has its version in its name.
openidc() {
    local library
    if ! command -v apt-get >/dev/null; then
        need "$1" any_file /usr/lib*/{apache2,httpd}/modules/mod_auth_openidc.so
        return
    fi
    any_file /usr/lib/apache2/modules/mod_auth_openidc.so "build/$1/usr/lib/apache2/modules/mod_auth_openidc.so" || unpack "$1"
    for library in $(apt-cache depends "$1" | sed -nE 's/.*Depends: (lib(cjose|hiredis|jansson)[0-9.]+)$/\1/p'); do
        need "$library" dpkg -s "$library"
    done
}

# The lists of a fresh system are empty or old.
refresh() {
    if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi
}

# /usr/sbin is not in everyone's PATH.
PATH=$PATH:/usr/sbin:/usr/local/sbin

for group; do
    case $group in
    build)
        need gcc any_program cc
        need pkg-config any_program pkg-config
        need apache2-dev any_program apxs
        need libjson-c-dev pkg-config --exists json-c
        need libpq-dev pkg-config --exists libpq
        need libcsv-dev compiles csv.h
        need zlib1g-dev compiles zlib.h
        ;;
    servers)
        need apache2-bin any_program apache2 httpd
        need postgresql any_program /usr/lib/postgresql/*/bin/initdb initdb
        need postgresql-client any_program psql
        need libaprutil1-dbd-pgsql any_file /usr/lib*/{,*/}apr-util-1/apr_dbd_pgsql*.so
        need curl any_program curl
        ;;
    check)
        need libcunit1-dev compiles CUnit/CUnit.h
        need libcurl4-openssl-dev pkg-config --exists libcurl
        need openssl any_program openssl
        openidc libapache2-mod-auth-openidc
        ;;
    faults)
        need libfaketime any_file /usr/lib/*/faketime/libfaketimeMT.so.1
        ;;
    bench)
        need wrk any_program wrk
        need python3 any_program python3
        need postgresql-contrib any_program pgbench
        need postgresql-contrib any_file /usr/share/{postgresql/*,pgsql}/extension/pg_stat_statements.control
        ;;
    fuzz)
        need clang any_program clang
        need pkg-config any_program pkg-config
        need libapr1-dev any_program apr-1-config
        need libjson-c-dev pkg-config --exists json-c
        need "$(fuzzer_package)" links_fuzzer
        need libcsv-dev compiles csv.h
        need zlib1g-dev compiles zlib.h
        ;;
    distros)
        need debootstrap any_program debootstrap
        need git any_program git
        ;;
    format)
        need clang-format any_program clang-format
        ;;
    prometheus)
        need python3 any_program python3
        any_program promtool >/dev/null || [ -x build/prometheus/usr/bin/promtool ] || unpack prometheus
        ;;
    lint)
        need clang-format any_program clang-format
        need cppcheck any_program cppcheck
        need shellcheck any_program shellcheck
        ;;
    otava)
        need python3 any_program python3
        need python3-venv python3 -c "import ensurepip, venv"
        ;;
    openapi)
        need python3 any_program python3
        need python3-venv python3 -c "import ensurepip, venv"
        need nodejs any_program node
        need npm any_program npm
        ;;
    web)
        need chromium any_program chromium
        need libjs-dygraphs any_file /usr/share/javascript/dygraphs/dygraph.min.js
        need nodejs any_program node
        need npm any_program npm
        ;;
    valgrind)
        need valgrind any_program valgrind
        need libc6-dbg test -d /usr/lib/debug/.build-id
        ;;
    *)
        echo "deps.sh: unknown group $group (build, servers, check, bench, fuzz, format, lint, openapi, otava, valgrind, prometheus, web, distros)" >&2
        exit 2
        ;;
    esac
done

[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing here, by their names in Debian: ${missing[*]}. There is no apt-get: install them with this system's package manager." >&2
    exit 1
fi
as_root=(env)
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        # Not "apt-get install": that would leave a PostgreSQL cluster on port 5432.
        echo "Missing: ${missing[*]}, and there is no sudo. As root, in this directory: tests/support/deps.sh $*" >&2
        exit 1
    fi
    as_root=(sudo)
fi

# PostgreSQL's package makes a cluster on port 5432 and starts it, unless it reads this. Afterwards the
# system is as the package leaves it: whoever wants a cluster makes one (pg_createcluster).
no_cluster=/etc/postgresql-common/createcluster.d/mod_wfmetrics-deps.conf

restore() {
    "${as_root[@]}" rm -f "$no_cluster"
}

prevent_cluster() {
    trap restore EXIT
    trap 'exit 130' INT TERM HUP
    "${as_root[@]}" mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$no_cluster" >/dev/null
}

echo "Installing what is missing: ${missing[*]}"
case " ${missing[*]} " in
*" postgresql "*) prevent_cluster ;;
esac
install() {
    # The lists of a fresh system are empty or old; where they cannot be had, old ones may do.
    "${as_root[@]}" apt-get update -q || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -q "${missing[@]}"
}
if ! output=$(install 2>&1); then
    printf '%s\n' "$output" "apt-get could not install: ${missing[*]}" >&2
    exit 1
fi
