#!/bin/sh
# in-use.sh SYSCONFDIR [APACHECTL] - fails, and says where, if an enabled configuration file needs the
# module: without it httpd would not start any more.
#
# Enabled is what stands in Debian's directories below SYSCONFDIR and, with APACHECTL, what httpd
# itself says that it reads.
set -u

# Comments do not count, nor do the module's own files, which go with it. A log's format may need it, and whoever includes
# the one that is installed.
needs='^[[:space:]]*(Wfmetrics[A-Za-z]|SetHandler[[:space:]]+"?wfmetrics"?[[:space:]]*$|LoadModule[[:space:]]+wfmetrics_module'
needs="$needs"'|Include[[:space:]].*/mod_wfmetrics/|[^#[:space:]].*}\^WJ)'

files() {
    for file in "$1"/*.conf "$1"/sites-enabled/* "$1"/conf-enabled/* "$1"/mods-enabled/*; do
        [ ! -f "$file" ] || echo "$file"
    done
    [ $# -eq 1 ] || "$2" -t -D DUMP_INCLUDES 2>/dev/null | sed -n 's/^ *([0-9*]*) //p'
}

users=$(files "$@" | grep -v -e '/mods-[a-z]*/wfmetrics\.\(load\|conf\)$' -e '/mod_wfmetrics/access-log\.conf$' | sort -u | while read -r file; do
    ! grep -Eiq "$needs" "$file" || echo "    $file"
done)
if [ -n "$users" ]; then
    printf 'mod_wfmetrics is in use, so nothing was removed. These enabled files need it:\n%s\n' "$users" >&2
    echo 'Disable them first (a2dissite, a2disconf), and reload httpd.' >&2
    exit 1
fi
