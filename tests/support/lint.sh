#!/bin/bash
# lint.sh - what a compiler does not check: format, static analysis, the project's rules.
#
# Every check runs; the exit code says whether one found something.
# shellcheck disable=SC2317 # functions are called by name, through check
set -u

cd "$(dirname "$0")/../.." || exit 1
failed=0

# check TITLE COMMAND…: the command prints what it objects to and fails.
check() {
    local title=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "ok      $title"
    else
        printf 'FAILED  %s\n%s\n' "$title" "$output"
        failed=1
    fi
}

# absent PATTERN FILE…: no line may match, comments aside (the preprocessor takes them out).
absent() {
    local pattern=$1 file found=0
    shift
    for file; do
        if cc -w -fpreprocessed -dD -E "$file" | grep -E "$pattern" | sed "s|^|$file: |" | grep .; then
            found=1
        fi
    done
    return "$found"
}

mapfile -t c_files < <(find mod_wfmetrics.c src tests -name '*.[ch]' | sort)
mapfile -t module_files < <(printf '%s\n' "${c_files[@]}" | grep -v ^tests/)
mapfile -t no_server_files < <(printf '%s\n' "${module_files[@]}" |
    grep -vE '^(mod_wfmetrics\.c|src/httpd/.*|src/pgsql/.*)$')
mapfile -t no_libpq_files < <(printf '%s\n' "${module_files[@]}" | grep -v '^src/pgsql/')
mapfile -t documents < <(find . -maxdepth 1 -name '*.md' ! -name CHANGES.md && find docs contrib -name '*.md')
mapfile -t shell_files < <(find .ci conf contrib tests -type f \( -name '*.sh' -o -path .ci/run \))

# What a folder may include of others. httpd sets up pgsql, which implements db's port on gate.
one_way() {
    local folder others files found=0 known=
    while read -r folder others; do
        known+="|$folder"
        mapfile -t files < <(printf '%s\n' "${c_files[@]}" | grep "^src/$folder/")
        absent '#include ["<](\.\./|[a-z]*/)' "${files[@]}" |
            grep -vE "#include (\"\.\./(${others// /|})/|\"made/|<(json-c|libpq|sys|arpa|netinet)/)" && found=1
    done <<'END'
core -
stats core
gate core
db core
ingest core
pgsql core db gate
api core stats db ingest
httpd core api pgsql
END
    printf '%s\n' "${module_files[@]}" | grep -vE "^(mod_wfmetrics\.c|src/(${known#|})/)" && found=1
    return "$found"
}

# Files that need each other can only be read together. Which file needs which, its object file knows.
without_circles() {
    local file objects=()
    for file in src/*/*.c; do
        objects+=("${BUILD:-build}/obj/${file%.c}.o")
    done
    nm -A "${objects[@]}" | awk -F '[: ]+' '
        $(NF - 1) ~ /^[A-TV-Z]$/ { made_by[$NF] = $1 }
        $(NF - 1) == "U" { needs[$1 " " $NF] }
        END { for (n in needs) { split(n, of, " "); if (of[2] in made_by) print of[1], made_by[of[2]] } }' |
        tsort 2>&1 >/dev/null | awk '/^tsort: .*loop/ && loops++ { exit } { print }' | grep . && return 1
    return 0
}

# A function fits a screen, and a file can be read at a sitting, but for the route table. Lines of functions are
# those between their braces.
sizes() {
    awk -v most=50 '/^\{$/ { start = FNR } /^\}$/ && start {
            if (FNR - start - 1 > most) print FILENAME ":" start ": a function of " FNR - start - 1 " lines"
            start = 0
        }
        FNR == 401 && FILENAME != "src/api/routes.c" { print FILENAME ": more than 400 lines" }' \
        "${module_files[@]}" | grep . && return 1
    return 0
}

# What the module's own data are, nothing changes: httpd writes the module's record.
no_mutable_globals() {
    local file objects=()
    for file in src/*/*.c; do
        objects+=("${BUILD:-build}/obj/${file%.c}.o")
    done
    objdump -t "${objects[@]}" | grep -E ' O +(\.data|\.bss)[.[:space:]]' | grep -v '\.data\.rel\.ro' && return 1
    return 0
}

# What is not static another file needs, be it a test's; and somebody runs each fixed statement.
used() {
    local file name found=0 objects=("${BUILD:-build}/obj/mod_wfmetrics.o")
    for file in src/*/*.c; do
        objects+=("${BUILD:-build}/obj/${file%.c}.o")
    done
    while read -r name; do
        grep -rqw --include='*.[ch]' "$name" tests || { echo "$name: nobody but its own file needs it" && found=1; }
    done < <(nm -A "${objects[@]}" | awk -F '[: ]+' '
        $(NF - 1) ~ /^[BDRT]$/ { made[$NF] }
        $(NF - 1) == "U" { needed[$NF] }
        END { for (n in made) if (!(n in needed) && n != "wfmetrics_module") print n }' | sort)
    for file in src/db/sql/*.sql src/db/sql/parts/*.sql; do
        name=$(basename "$file" .sql)
        grep -rqwE "WFM_(STMT|SQL)_${name^^}" --include='*.[ch]' src tests || grep -rqE "(^|[^:]):$name\>" src/db/sql ||
            { echo "$file: nobody runs it" && found=1; }
    done
    return "$found"
}

# A CUnit test is a function void test_…(void); naming it elsewhere registers it.
registered() {
    local name file found=0
    while IFS=: read -r file name; do
        if ! grep -vE "^(static )?void $name\(void\)" "$file" | grep -qw "$name"; then
            echo "$file: $name is not registered"
            found=1
        fi
    done < <(grep -oE '^(static )?void test_[a-z0-9_]+\(void\)' tests/*/*.c |
        sed -E 's/(static )?void //; s/\(void\)//')
    return "$found"
}

# The reference configuration has every directive of the code, and no other.
directives() {
    diff <(grep -ohE '"Wfmetrics[A-Za-z]+"' mod_wfmetrics.c src/httpd/*.c | tr -d '"' | sort -u) \
        <(grep -ohE '^#?Wfmetrics[A-Za-z]+' conf/wfmetrics.conf | tr -d '#' | sort -u)
}

# once WHAT PATTERN: exactly one line of the documents matches.
once() {
    local n
    n=$(cat "${documents[@]}" | grep -cE -- "$2")
    [ "$n" -eq 1 ] || { echo "$1 stands in $n places of the documents" && return 1; }
}

# The text as a pattern.
literally() {
    # shellcheck disable=SC2001 # a set of characters
    sed 's/[][\\.*^$+?(){}|]/\\&/g' <<<"$1"
}

# Every row of the route table has a section and a row in the index, every directive and every figure a row; and the places
# that let reading POSTs in without a login know them all.
documented() {
    local line found=0
    while read -r line; do
        once "the section of $line" "^### $(literally "$line")\$" || found=1
        once "the row of $line" "^\| \[\`$(literally "$line")\`\]" || found=1
        grep -qE "$(literally "${line#* }")|…[a-z/]*/${line##*/}\`" CHANGES.md || # one line may name several
            { echo "CHANGES.md: $line is not there" && found=1; }
    done < <(grep -oE '\{WFM_[A-Z]+, "[^"]+"' src/api/routes.c | sed -E 's/.WFM_([A-Z]+), "(.*)"/\1 \2/')
    while read -r line; do
        once "the row of $line" "^\| \`$line .*\\| (main )?server" || found=1
    done < <(grep -ohE '"Wfmetrics[A-Za-z]+"' src/httpd/config.c | tr -d '"' | sort -u)
    while read -r line; do
        once "the row of $line" "^\\| \`$line\` \\| " || found=1
    done < <(sed -nE 's/.*\.name = "(wfmetrics_[a-z_]+)".*/\1/p' src/core/figures.c)
    while read -r line; do
        for file in docs/operating.md conf/vhosts/mi300-west.conf conf/vhosts/github-oidc.conf; do
            grep -E 'Require expr .*POST.*metrics/\(' "$file" | grep -qE "[(|]${line}[|)]" ||
                { echo "$file: the POST that reads, …/$line, is not let in" && found=1; }
        done
    done < <(grep -oE '\{WFM_POST, "[^"]+", READ' src/api/routes.c | sed -E 's|.*/([a-z]+)".*|\1|')
    return "$found"
}

# What the module logs at level error or above, what configtest says, what a client reads with 5xx and what stands behind
# that in the log: as far as the first colon, with "…" for what is filled in.
messages() {
    {
        awk 'BEGIN { RS = ";" } /ap_log_[a-z]*error\(/ && /APLOG_(ERR|CRIT|ALERT|EMERG)|level/' src/*/*.c |
            tr '\n' ' ' | sed -E 's/" *APR_[A-Z0-9_]+_FMT *"?/d/g; s/" +"//g' | grep -oE '"wfmetrics: ([^"\\]|\\.)*"'
        cat src/httpd/config_check.c src/pgsql/lease.c | tr '\n' ' ' | sed -E "s/\" *WFM_HANDLER *\"/wfmetrics/g; s/\" +\"//g" |
            grep -oE "\"(it|its|mod_dbd is|libpq cannot|'SetHandler|'Wfmetrics[A-Za-z]*) ([^\"\\]|\\\\.)*\""
        grep -ohE '^    \{"[0-9A-Z]*", WFM_(UNAVAILABLE|TIMEOUT|INTERNAL), [0-9]+, "[^"]+"' src/pgsql/sqlstate.c |
            grep -oE '"[^"]+"$'
        cat src/*/*.c | tr '\n' ' ' | sed -E 's/" +"//g' |
            grep -oE '(wfm_db_unavailable|unhealthy|wfm_error_internal|wfm_sqlstate_error)\([^;]*;' |
            grep -oE '"([^"\]|\\.)*"' | grep -vE '^"[0-9A-Z]{5}"$'
    } | sed -E 's/^"(wfmetrics: )?//; s/"$//; s/: .*//; s/%[a-z]+/…/g; s/\\"/"/g' | grep -vx '…' | sort -u
}

messages_documented() {
    local line n found=0
    while read -r line; do
        n=$(grep -cE "^[|#].*\`$(literally "$line")\`" docs/operating.md)
        [ "$n" -eq 1 ] || { echo "docs/operating.md: '$line' stands there $n times" && found=1; }
    done < <(messages)
    return "$found"
}

# What the documents give to paste is tried: every block of httpd's configuration in docs/operating.md has a name, and
# a test takes it by that name.
pasted() {
    local name found=0
    [ "$(grep -c '^```apache$' docs/operating.md)" -eq "$(grep -c '^<!-- recipe: ' docs/operating.md)" ] ||
        { echo "docs/operating.md: a block without <!-- recipe: NAME -->" && found=1; }
    while read -r name; do
        grep -qE "\"$name\"" tests/integration/test_protection.c tests/integration/test_recipes.c ||
            { echo "docs/operating.md: nothing tries the recipe $name" && found=1; }
    done < <(sed -nE 's/^<!-- recipe: (.*) -->$/\1/p' docs/operating.md)
    return "$found"
}

# CONTRIBUTING.md's layout names every file of the module, and in the folders' rows none that is not there.
# shellcheck disable=SC2016 # Markdown's backquotes
laid_out() {
    local layout file name folder names found=0
    layout=$(sed -n '/^## How the code/,/^## Adding/p' CONTRIBUTING.md)
    for file in src/*/*.c; do
        name=$(basename "$file" .c)
        grep -qE "\`([a-z]+/)*$name(\.c|\.\[ch\])?\`" <<<"$layout" ||
            { echo "CONTRIBUTING.md: nothing of $file" && found=1; }
    done
    while IFS='|' read -r _ folder names; do
        folder=$(tr -d '` ' <<<"$folder")
        for name in $(grep -oE '`[a-z_]+(\.h|/)?`' <<<"$names" | tr -d '`'); do
            compgen -G "$folder${name%.h}*" >/dev/null || { echo "CONTRIBUTING.md: $folder has no $name" && found=1; }
        done
    done < <(grep -E '^\| `src/[a-z]+/` ' <<<"$layout")
    return "$found"
}

# The anchors of a document's headings, as GitHub makes them.
anchors() {
    sed -nE 's/^#+ //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# Links between the documents lead to a file, and to a heading in it.
linked() {
    local file target to found=0
    for file in "${documents[@]}"; do
        while read -r target; do
            to=${target%%#*}
            to=$(if [ -n "$to" ]; then echo "$(dirname "$file")/$to"; else echo "$file"; fi)
            if [ ! -e "$to" ] || { [[ $target == *#* ]] && ! anchors "$to" | grep -qxF -- "${target#*#}"; }; then
                echo "$file: $target leads nowhere"
                found=1
            fi
        done < <(grep -oE '\]\([^):]+\)' "$file" | sed 's/^](//; s/)$//')
    done
    return "$found"
}

# part FILE TITLE: of a SQL file what stands below the comment that begins with TITLE, up to an empty line.
part() {
    sed -n "/^-- $2/,/^\$/p" "$1"
}

# Each is run alone or after others, so what several need stands in each of them, in the same words.
migrations_alike() {
    local file first=src/db/schema/001_tables.sql found=0
    for file in src/db/schema/*.sql src/db/undo/*.sql src/db/roles/*.sql; do
        [ "$(part "$file" "The tables' schema")" = "$(part "$first" "The tables' schema")" ] ||
            { echo "$file does not find the tables' schema as $first does" && found=1; }
    done
    for file in src/db/schema/*.sql; do
        [[ $file != *_summaries_[123]_* ]] || continue # the fourth file hands over what the four make
        [ "$(part "$file" "Hand over")" = "$(part "$first" "Hand over")" ] ||
            { echo "$file does not hand over as $first does" && found=1; }
    done
    first=src/db/schema/006_backfill.sql
    while read -r file; do # those that make tables
        [ "$(part "$file" "Does a publication")" = "$(part "$first" "Does a publication")" ] ||
            { echo "$file does not see who is sent what it makes as $first does" && found=1; }
        [[ $file = */001_* ]] || [ "$(part "$file" "What is UNLOGGED")" = "$(part "$first" "What is UNLOGGED")" ] ||
            { echo "$file does not keep what it makes from being sent as $first does" && found=1; }
    done < <(grep -l '^CREATE TABLE' src/db/schema/*.sql)
    return "$found"
}

# plan_with DIR DATABASE [PSQL-ARGUMENT…]: a statement on stdin as psql reads it, planned for any values of
# its parameters; nothing runs.
plan_with() {
    {
        echo 'PREPARE statement AS'
        cat
        cat <<'END'
;
SET plan_cache_mode = force_generic_plan;
SELECT 'EXPLAIN EXECUTE statement'
       || coalesce('(NULL' || repeat(', NULL', nullif(cardinality(parameter_types), 0) - 1) || ')', '')
  FROM pg_prepared_statements \gexec
END
    } | tests/support/servers.sh pg-psql "$@" 2>&1
}

# What statements write of Lens' newer generations.
NEWER='ALTER TABLE github_workflow_runs ADD runner_set_id BIGINT, ADD runner_set_name VARCHAR(255),
    ADD runner_set_namespace VARCHAR(255), ADD collection_status VARCHAR(50);
ALTER TABLE github_workflow_metric_schemas ADD record_count BIGINT NOT NULL DEFAULT 0, ADD first_seen_at TIMESTAMP,
    ADD last_seen_at TIMESTAMP'

# Every fixed statement fits the tables that the migrations make, beside Lens' table of workloads; some the
# tables of a newer generation.
planned() {
    local dir part parts=() file database output found=0
    for part in src/db/sql/parts/*.sql; do
        parts+=(-v "$(basename "$part" .sql)=$(cat "$part")")
    done
    dir=$(mktemp -d)
    {
        tests/support/servers.sh pg-init "$dir" && tests/support/servers.sh pg-start "$dir" &&
            tests/support/servers.sh pg-createdb "$dir" lint &&
            tests/support/servers.sh pg-psql "$dir" lint -f "$PWD/tests/support/gpu_workload.sql" &&
            tests/support/servers.sh pg-psql "$dir" postgres -c 'CREATE DATABASE newer TEMPLATE lint' &&
            tests/support/servers.sh pg-psql "$dir" newer -c "$NEWER"
    } || found=1
    for file in src/db/sql/*.sql; do
        # Those that are not planned: they begin a transaction, or end it.
        [[ $file != */snapshot_begin.sql && $file != */transact_begin.sql && $file != */transact_commit.sql ]] || continue
        [[ $file == *_of_set.sql || $file == **_newer.sql ]] && database=newer || database=lint
        if ! output=$(plan_with "$dir" "$database" "${parts[@]}" <"$file") || [[ $output != *"QUERY PLAN"* ]]; then
            echo "$file: $output"
            found=1
        fi
    done
    tests/support/servers.sh pg-destroy "$dir"
    rm -rf "$dir"
    return "$found"
}

# What docs/security.md names as `suite: a test`, or `suite (unit): a test`, is a test of that suite.
# shellcheck disable=SC2016 # Markdown's backquotes
promised_tests() {
    local suite kind name found=0
    while IFS=$'\t' read -r suite kind name; do
        if ! grep -qF "{\"$name\"," "tests/$kind/test_$suite.c"; then
            echo "docs/security.md: there is no test '$name' in tests/$kind/test_$suite.c"
            found=1
        fi
    done < <(grep -oE '`[a-z_]+( \(unit\))?: [^`]+`' docs/security.md | tr -d '`' | grep -v '^suite: ' |
        sed -E 's/^([a-z_]+) \(unit\): /\1\tunit\t/; s/^([a-z_]+): /\1\tintegration\t/')
    return "$found"
}

# A shell script with one is only found to be broken where it is run.
merged() {
    ! grep -rnE '^(<<<<<<<|>>>>>>>) ' Makefile ./*.md ./*.c .ci conf contrib docs src tests
}

# Its index and its tables of inputs are the route table's.
reference_made() {
    diff docs/api.md <("${BUILD:-build}/describe" <docs/api.md) || { echo 'run "make docs"' && return 1; }
}

# The version's section is CHANGES.md's first.
version_of_changes() {
    diff <(sed -n 's/^#define WFM_VERSION "\(.*\)"$/\1/p' src/core/version.h) \
        <(sed -n 's/^## \([^ ]*\).*/\1/p' CHANGES.md | head -n 1)
}

analysis() {
    cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability \
        --inline-suppr --error-exitcode=1 --suppress=missingInclude --suppress=missingIncludeSystem \
        -Isrc -j 2 mod_wfmetrics.c src tests
}

check "format (clang-format)" clang-format --dry-run -Werror "${c_files[@]}"
check "static analysis (cppcheck)" analysis
check "shell scripts (shellcheck)" shellcheck "${shell_files[@]}"
check "httpd's headers only in src/httpd, mod_wfmetrics.c and src/pgsql" \
    absent '#[[:space:]]*include[[:space:]]*[<"](httpd|http_[a-z]+|util_[a-z]+|ap_[a-z_]+|mod_[a-z_]+|mpm_common)\.h' "${no_server_files[@]}"
check "libpq and DBD only in src/pgsql" \
    absent '#[[:space:]]*include[[:space:]]*[<"](libpq-fe|libpq/.*|libpq-events|apr_dbd|mod_dbd)\.h' "${no_libpq_files[@]}"
check "folders include only what they stand on" one_way
check "no files stand on each other in a circle" without_circles
check "memory comes from pools, text is bounded" \
    absent '\b(malloc|calloc|realloc|free|strdup|strndup|sprintf|vsprintf|strcpy|strcat)[[:space:]]*\(' "${module_files[@]}"
check "functions and files are short" sizes
check "no mutable globals" no_mutable_globals
check "nothing is there that nobody uses" used
check "every test is registered" registered
check "every endpoint, directive and figure is documented once" documented
check "every error's message is documented once" messages_documented
check "what the documents give to paste is tried" pasted
check "CONTRIBUTING.md lays out what is there" laid_out
check "links between the documents lead somewhere" linked
check "migrations find the tables' schema and hand over" migrations_alike
check "every fixed statement can be planned" planned
check "the module itself never asks for a login" absent 'HTTP_UNAUTHORIZED|\b401\b' "${module_files[@]}"
check "docs/security.md names tests that exist" promised_tests
check "conf/wfmetrics.conf has every directive" directives
check "no marks of a merge" merged
check "docs/api.md has what the route table says" reference_made
check "CHANGES.md's first section is src/core/version.h's" version_of_changes

exit $failed
