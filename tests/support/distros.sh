#!/bin/bash
# distros.sh [NAME…] - the README's commands on a fresh system of each distribution that it names.
#
# Each system is made with debootstrap, gets a copy of the tracked files, and runs distro-try.sh in
# namespaces of its own, so that no process and no mount outlives it. The network is this machine's.
# What cannot be made is not passed. The table goes to stdout and to $DISTROS_DIR/table.md, what
# each system said to $DISTROS_DIR/NAME.log; the exit code says whether everything passed.
#
# Environment:
#   DISTROS_DIR            where systems are made and kept (build/distros); remove it to begin anew
#   DISTROS_KEEP           not empty: leave the systems that were tried, to look into
#   DISTROS_DEBIAN_MIRROR  else the one that this machine's apt uses, else debootstrap's own
#   DISTROS_UBUNTU_MIRROR  the same
#   DISTROS_UBUNTU_KEYRING else ubuntu-archive-keyring.gpg of this machine, else that of Debian 13's
#                          package
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
KEYRINGS=/usr/share/keyrings
PATH=$PATH:/usr/sbin:/sbin

# name suite family user path: Debian 12 as root; the others as a user with sudo, one of them in a
# path with a blank.
SYSTEMS="debian-12 bookworm debian root /root/mod_wfmetrics
debian-13 trixie debian builder /home/builder/mod_wfmetrics
ubuntu-24.04 noble ubuntu builder /home/builder/my projects/mod_wfmetrics"

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "check-distros: $*"
    exit 1
}

# --- may this machine do it? ---

[ "$(id -u)" -eq 0 ] || die "only root may make other systems: sudo make check-distros. Nothing was tried."
mkdir -p "${DISTROS_DIR:=$ROOT/build/distros}"
DIR=$(cd "$DISTROS_DIR" && pwd)

check_machine() {
    "$ROOT/tests/support/deps.sh" distros
    unshare --mount --pid --fork true 2>/dev/null ||
        die "this machine may make no namespaces (a container without CAP_SYS_ADMIN?); run it where unshare may. Nothing was tried."
    [ -n "$(tracked Makefile)" ] || die "$ROOT is no checkout of git, so it is unknown which files belong to it"
    exec 9>"$DIR/lock"
    flock -n 9 || die "it runs in $DIR already"
}

# Root may look into a checkout that is another user's.
tracked() {
    git -c safe.directory="$ROOT" -C "$ROOT" ls-files "$@" 2>/dev/null
}

# --- making a system ---

# The mirror of Debian or Ubuntu that this machine's apt uses, if any.
mirror_of_apt() {
    # shellcheck disable=SC2016 # apt's variables
    apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n "s/^$1 $1 //p" | head -n 1
}

mirror_of() {
    case $1 in
    debian) echo "${DISTROS_DEBIAN_MIRROR:-$(mirror_of_apt Debian)}" ;;
    ubuntu) echo "${DISTROS_UBUNTU_MIRROR:-$(mirror_of_apt Ubuntu)}" ;;
    esac
}

# Debian 13 packages Ubuntu's keys, signed by Debian's.
ubuntu_keyring() {
    local from=$DIR/base/debian-13 keyring=$DIR/ubuntu-archive-keyring.gpg
    for file in "${DISTROS_UBUNTU_KEYRING:-}" $KEYRINGS/ubuntu-archive-keyring.gpg "$keyring"; do
        if [ -n "$file" ] && [ -r "$file" ]; then
            echo "$file"
            return
        fi
    done
    make_base debian-13 trixie debian >&2 || return 1
    (
        mkdir -p "$from/tmp/keys"
        trap 'rm -rf "$from/tmp/keys"' EXIT
        chroot "$from" sh -c 'cd /tmp/keys && apt-get update -q && apt-get download -q ubuntu-keyring &&
            dpkg -x ubuntu-keyring_*.deb .' >&2 || exit 1
        cp -L "$from/tmp/keys$KEYRINGS/ubuntu-archive-keyring.gpg" "$keyring"
    ) || return 1
    echo "$keyring"
}

keyring_of() {
    case $1 in
    debian) echo $KEYRINGS/debian-archive-keyring.gpg ;;
    ubuntu) ubuntu_keyring ;;
    esac
}

# A suite newer than debootstrap is made as its family's others are.
script_of() {
    [ ! -e "/usr/share/debootstrap/scripts/$1" ] || return 0
    case $2 in
    debian) echo /usr/share/debootstrap/scripts/sid ;;
    ubuntu) echo /usr/share/debootstrap/scripts/gutsy ;;
    esac
}

# What this machine needs to reach the archives, its new system needs too.
take_network() {
    local file
    for file in /etc/hosts /etc/resolv.conf; do
        [ ! -r "$file" ] || cat "$file" >"$1$file"
    done
    apt-config dump | grep -E '^Acquire::(Check-|[a-z]+::[Pp]roxy)' >"$1/etc/apt/apt.conf.d/99machine" || true
}

# make_base NAME SUITE FAMILY: kept, since it is the same for every run.
make_base() {
    local base=$DIR/base/$1 mirror script keyring components=main
    [ ! -e "$base" ] || return 0
    mirror=$(mirror_of "$3")
    script=$(script_of "$2" "$3")
    keyring=$(keyring_of "$3") || return 1
    [ "$3" != ubuntu ] || components=main,universe
    say "Making $1 …"
    rm -rf "$base.part"
    mkdir -p "$DIR/base"
    # Without a mirror it takes its own.
    debootstrap --variant=minbase --components=$components --keyring="$keyring" "$2" "$base.part" \
        "$mirror" ${script:+"$script"} &&
        take_network "$base.part" &&
        add_updates "$base.part/etc/apt/sources.list" &&
        mv "$base.part" "$base"
}

# A system in use has its release's corrections.
add_updates() {
    sed -i -n 'p; s/^\(deb [^ ]* [a-z]*\) /\1-updates /p' "$1"
}

# --- trying it ---

# enter NAME USER PATH PORT: in the namespaces. The environment is a login's.
enter() {
    local system=$DIR/try/$1 user=$2 path=$3 port=$4 home=/home/$2 bin=/usr/local/bin:/usr/bin:/bin
    if [ "$user" = root ]; then
        home=/root bin=/usr/sbin:/sbin:$bin
    fi
    mount -t proc proc "$system/proc"
    mount --rbind /dev "$system/dev"
    mount -t tmpfs tmpfs "$system/dev/shm"
    mount --bind "$DIR/archives/$1" "$system/var/cache/apt/archives"
    exec chroot "$system" /usr/sbin/runuser -u "$user" -- env -i PATH=$bin HOME="$home" USER="$user" PORT="$port" \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        bash "$path/tests/support/distro-try.sh" </dev/null
}

# A user who may do everything with sudo; the first thing that a minimal system lacks.
add_user() {
    [ "$2" != root ] || return 0
    chroot "$1" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends sudo && useradd -m -s /bin/bash $2 && echo '$2 ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/$2"
}

prepare() {
    local name=$1 user=$2 path=$3 system=$DIR/try/$1
    rm -rf "$system" &&
        mkdir -p "$DIR/try" "$DIR/archives/$name/partial" &&
        cp -a --reflink=auto "$DIR/base/$name" "$system" &&
        take_network "$system" &&
        add_user "$system" "$user" &&
        mkdir -p "$system$path" &&
        tracked -z | tar --null -T - -C "$ROOT" -cf - | tar -xf - -C "$system$path" &&
        { [ "$user" = root ] || chroot "$system" chown -R "$user:" "/home/$user"; }
}

# try NAME SUITE FAMILY USER PATH: its row of the table goes to NAME.row. Only distro-try.sh's last line
# means "passed".
try() {
    local name=$1 user=$4 path=$5 log=$DIR/$1.log
    echo "| $name | $user | not made | | | | | | | |" >"$DIR/$name.row"
    make_base "$name" "$2" "$3" >"$log" 2>&1 || return 1
    prepare "$name" "$user" "$path" >>"$log" 2>&1 || return 1
    say "Trying $name as $user in $path; $log has what it says."
    DISTROS_DIR=$DIR unshare --mount --pid --fork --kill-child --propagation private \
        "$0" --enter "$name" "$user" "$path" "$("$ROOT/tests/support/servers.sh" free-port)" >>"$log" 2>&1 || true
    row "$name" "$user" >"$DIR/$name.row"
    [ -n "${DISTROS_KEEP:-}" ] || rm -rf "$DIR/try/$name"
    [ "$(tail -n 1 "$log")" = "TRY passed" ]
}

# The value of the last "TRY what: value" of the log, or "failed".
value() {
    local found
    found=$(sed -n "s/^TRY $2: //p" "$DIR/$1.log" | tail -n 1)
    echo "${found:-failed}"
}

row() {
    local what
    printf '| %s | %s |' "$1" "$2"
    for what in httpd PostgreSQL json-c libpq build demo unit integration; do
        printf ' %s |' "$(value "$1" "$what")"
    done
    echo
}

all() {
    cut -d' ' -f1 <<<"$SYSTEMS" | xargs
}

# A function, so that bash has read all of it before it begins: the file may change meanwhile.
main() {
    local name suite family user path wanted failed=0
    if [ "${1:-}" = --enter ]; then
        shift
        enter "$@"
    fi
    for name; do
        grep -q "^$name " <<<"$SYSTEMS" || die "there is no $name; there are: $(all)"
    done
    check_machine
    wanted=" ${*:-$(all)} "
    {
        echo "| distribution | as | httpd | PostgreSQL | json-c | libpq | build | demo | unit | integration |"
        echo "|---|---|---|---|---|---|---|---|---|---|"
    } >"$DIR/table.md"
    while read -r name suite family user path <&3; do
        [[ $wanted = *" $name "* ]] || continue
        try "$name" "$suite" "$family" "$user" "$path" || {
            failed=1
            say "$name did not pass. $DIR/$name.log ends with:"
            tail -n 25 "$DIR/$name.log" >&2
        }
        cat "$DIR/$name.row" >>"$DIR/table.md"
        rm -f "$DIR/$name.row"
    done 3<<<"$SYSTEMS"
    cat "$DIR/table.md"
    exit $failed
}

main "$@"
