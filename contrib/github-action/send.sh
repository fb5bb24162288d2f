#!/bin/bash
# send.sh - sends result files to POST /configs/:id/results, and may have the run compared with a branch (GET
# /configs/:id/compare); action.yml hands its inputs over as WFMETRICS_…
#
# Needs bash 4.4, curl and gzip, and nothing else: a runner of one's own may not even have jq. A file that is sent twice is
# stored once, so whatever did not arrive for certain is sent again.
#
# Names of files and columns, branches and the server's words come from elsewhere: none of them may become a command of
# the runner (annotate, plain), markup of the summary (markup), a second header (json_string) or a word of the shell.
set -eu

# Bytes, whatever the runner's language is.
export LC_ALL=C
shopt -s globstar nullglob
# From bash 5.2 on an & in a replacement would be what was found.
shopt -u patsub_replacement 2>/dev/null || true

WAIT_MAX=60        # seconds that one Retry-After can make us wait
ANSWER_MAX=1000000 # bytes of an answer that are read
DIR=$(mktemp -d "${RUNNER_TEMP:-/tmp}/wfmetrics.XXXXXX")
trap 'rm -rf "$DIR"' EXIT

# --- what the runner reads ---

# annotate error|warning|notice FILE TEXT: FILE may be "".
annotate() {
    local file=$2 text=$3 at=''
    text=${text//%/%25} text=${text//$'\r'/%0D} text=${text//$'\n'/%0A}
    if [ -n "$file" ]; then
        file=${file//%/%25} file=${file//$'\r'/%0D} file=${file//$'\n'/%0A}
        file=${file//:/%3A} file=${file//,/%2C}
        at=" file=$file"
    fi
    printf '::%s%s::%s\n' "$1" "$at" "$text"
}

die() {
    annotate error '' "$1"
    exit 1
}

# Text for the middle of a line of the log; the runner looks for "##[" anywhere in it.
plain() {
    local text=${1//[[:cntrl:]]/ }
    REPLY=${text//'##['/'# #['}
}

# Text for a cell of the summary's table: nothing of ASCII in it is Markdown or HTML.
markup() {
    local text=${1//[[:cntrl:]]/ } c i
    REPLY=''
    for ((i = 0; i < ${#text}; i++)); do
        c=${text:i:1}
        [[ $c != [\!-,:-@[-\`\{-~] ]] || printf -v c '&#%d;' "'$c"
        REPLY+=$c
    done
}

# --- what the server reads ---

url_encode() {
    local c hex i
    REPLY=''
    for ((i = 0; i < ${#1}; i++)); do
        c=${1:i:1}
        if [[ $c == [a-zA-Z0-9._~/-] ]]; then
            REPLY+=$c
        else
            printf -v hex '%02X' "'$c"
            REPLY+=%${hex: -2}
        fi
    done
}

# A JSON string without a control character: fit for a header.
json_string() {
    local text=$1 c escaped i
    text=${text//\\/\\\\} text=${text//\"/\\\"}
    for i in {1..31} 127; do
        printf -v escaped '\\u%04x' "$i"
        printf -v c '%b' "\\x${escaped: -2}"
        text=${text//"$c"/"$escaped"}
    done
    REPLY="\"$text\""
}

# httpd takes a header of 8 KB: what an error's message has beyond that goes, after a whole character.
shorten_message() {
    ERROR_MESSAGE=${ERROR_MESSAGE:0:6000}
    json_string "$ERROR_MESSAGE"
    while [ "${#REPLY}" -gt 6000 ]; do
        ERROR_MESSAGE=${ERROR_MESSAGE:0:${#ERROR_MESSAGE} / 2}
        while [[ $ERROR_MESSAGE == *[$'\x80'-$'\xbf'] ]]; do
            ERROR_MESSAGE=${ERROR_MESSAGE%?}
        done
        ERROR_MESSAGE=${ERROR_MESSAGE%[$'\xc0'-$'\xff']}
        json_string "$ERROR_MESSAGE"
    done
}

# The run as the runner's environment says it, without what it does not say.
run_fields() {
    local name value fields='' job=$WFMETRICS_JOB
    [ -z "$WFMETRICS_MATRIX" ] || job="$job ($WFMETRICS_MATRIX)"
    # A pull request's branch has a variable of its own; GITHUB_REF_NAME is 12/merge there.
    for name in "github_run_id=${GITHUB_RUN_ID:-}" "run_attempt=${GITHUB_RUN_ATTEMPT:-}" \
        "github_run_number=${GITHUB_RUN_NUMBER:-}" "job=$job" "head_sha=${WFMETRICS_SHA:-${GITHUB_SHA:-}}" \
        "head_branch=${GITHUB_HEAD_REF:-${GITHUB_REF_NAME:-}}" "workflow_name=${GITHUB_WORKFLOW:-}" \
        "workload_name=$job" "status=$STATUS" "error_message=$ERROR_MESSAGE"; do
        value=${name#*=} name=${name%%=*}
        case $name in
        github_run_id | run_attempt | github_run_number) REPLY=${value//[!0-9]/} ;;
        *) json_string "$value" ;;
        esac
        [ -z "$value" ] || fields+=",\"$name\":$REPLY"
    done
    REPLY="{${fields#,}}"
}

# The parameters of a file, as a query.
query_of() {
    local name value query=''
    for name in "source_file=$1" "format=$WFMETRICS_FORMAT" "dimensions=$WFMETRICS_DIMENSIONS" \
        "metrics=$WFMETRICS_METRICS" "timestamp_column=$WFMETRICS_TIMESTAMP_COLUMN" "strict=$STRICT"; do
        value=${name#*=} name=${name%%=*}
        [ -n "$value" ] || continue
        url_encode "$value"
        query+="&$name=$REPLY"
    done
    REPLY=${query#&}
}

media_type_of() {
    case ${1,,} in
    *.csv) REPLY=text/csv ;;
    *.tsv) REPLY=text/tab-separated-values ;;
    *.ndjson | *.jsonl) REPLY=application/x-ndjson ;;
    *.json) REPLY=application/json ;;
    *) REPLY=application/octet-stream ;;
    esac
}

# --- what the server answers: JSON, into ANSWER, by path, such as .data.warnings.0 ---

declare -A ANSWER
REST=''

read_blanks() {
    REST=${REST#"${REST%%[!$' \t\r\n']*}"}
}

# What follows \ in a string: a letter, or u and four digits (of two halves, where one is not enough).
read_escape() {
    local code low
    case $REST in
    [bfnrt]*)
        printf -v REPLY '%b' "\\${REST:0:1}"
        REST=${REST:1}
        ;;
    u*)
        code=$((16#${REST:1:4})) REST=${REST:5}
        if ((code >= 0xd800 && code < 0xdc00)) && [[ $REST == \\u[dD][c-fC-F]* ]]; then
            low=$((16#${REST:2:4})) REST=${REST:6}
            code=$((0x10000 + (code - 0xd800) * 0x400 + low - 0xdc00))
        fi
        utf8 "$code"
        ;;
    *)
        REPLY=${REST:0:1}
        REST=${REST:1}
        ;;
    esac
}

utf8() {
    local n=$1 bytes
    if ((n < 0x80)); then
        bytes=($((n ? n : 32)))
    elif ((n < 0x800)); then
        bytes=($((0xc0 | n >> 6)) $((0x80 | n & 63)))
    elif ((n < 0x10000)); then
        bytes=($((0xe0 | n >> 12)) $((0x80 | n >> 6 & 63)) $((0x80 | n & 63)))
    else
        bytes=($((0xf0 | n >> 18)) $((0x80 | n >> 12 & 63)) $((0x80 | n >> 6 & 63)) $((0x80 | n & 63)))
    fi
    printf -v REPLY '\\x%x' "${bytes[@]}"
    printf -v REPLY '%b' "$REPLY"
}

read_string() {
    local text='' part
    REST=${REST:1}
    while [ -n "$REST" ]; do
        part=${REST%%[\"\\]*}
        text+=$part REST=${REST:${#part}}
        part=${REST:0:1} REST=${REST:1}
        if [ "$part" = '"' ]; then
            REPLY=$text
            return
        fi
        read_escape
        text+=$REPLY
    done
    return 1
}

# read_members PATH END: an object's, or an array's.
read_members() {
    local path=$1 end=$2 n=0 name
    REST=${REST:1}
    read_blanks
    while [ "${REST:0:1}" != "$end" ]; do
        name=$((n++))
        if [ "$end" = '}' ]; then
            read_string || return
            name=$REPLY
            read_blanks
            [ "${REST:0:1}" = : ] || return
            REST=${REST:1}
        fi
        read_value "$path.$name" || return
        read_blanks
        case ${REST:0:1} in
        ,) REST=${REST:1} && read_blanks ;;
        "$end") ;;
        *) return 1 ;;
        esac
    done
    REST=${REST:1}
}

read_value() {
    read_blanks
    case $REST in
    \{*) read_members "$1" '}' ;;
    \[*) read_members "$1" ']' ;;
    \"*)
        read_string || return
        ANSWER[${1:-.}]=$REPLY
        ;;
    [tfn0-9-]*)
        REPLY=${REST%%[!a-zA-Z0-9+.-]*}
        REST=${REST:${#REPLY}}
        ANSWER[${1:-.}]=$REPLY
        ;;
    *) return 1 ;;
    esac
}

# Something between that is no JSON (a proxy's page) leaves what was read up to there, perhaps nothing.
read_answer() {
    ANSWER=()
    REST=$(head -c "$ANSWER_MAX" "$DIR/answer" 2>/dev/null | tr -d '\0') || true
    # Of a wide file it is long; it comes last, and nobody needs it here. (In a string the quotes would be escaped.)
    REST=${REST%%',"explanation":'*}
    read_value '' || true
}

# What an error's answer says: the message has all that is wrong, errors the same by field.
complaint() {
    REPLY=${ANSWER[.meta.message]:-no answer that could be read}
}

# --- sending ---

# GitHub's token says who asks; the one that it gives for it is the server's.
oidc_token() {
    local audience
    if [ -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ] || [ -z "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-}" ]; then
        die 'audience needs the job to have "permissions: id-token: write" (a pull request from a fork cannot have it)'
    fi
    url_encode "$WFMETRICS_AUDIENCE" && audience=$REPLY
    printf 'Authorization: bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" >"$DIR/github"
    curl --silent --show-error --fail --retry 3 --connect-timeout 10 --max-time 60 --output "$DIR/answer" \
        --header "@$DIR/github" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$audience" ||
        die 'GitHub gave no OIDC token'
    read_answer
    REPLY=${ANSWER[.value]:-}
    [ -n "$REPLY" ] || die 'GitHub gave no OIDC token'
    printf '::add-mask::%s\n' "$REPLY"
}

# Anew for each attempt, because GitHub's tokens last some minutes. They stand in a file: a token among curl's arguments is seen by everyone on the machine.
write_headers() {
    local token=$WFMETRICS_TOKEN
    run_fields
    printf 'Wfmetrics-Run: %s\n' "$REPLY" >"$DIR/headers"
    if [ -n "$WFMETRICS_AUDIENCE" ]; then
        oidc_token
        token=$REPLY
    fi
    [ -z "$token" ] || printf 'Authorization: Bearer %s\n' "$token" >>"$DIR/headers"
}

# Seconds to wait before the attempt after this one.
pause() {
    local line seconds=$((1 << (($1 < 6 ? $1 : 6) - 1)))
    if [ "$CODE" = 503 ]; then
        while IFS= read -r line; do
            line=${line%$'\r'}
            [[ ${line,,} =~ ^retry-after:\ *([0-9]{1,9})$ ]] && seconds=$((10#${BASH_REMATCH[1]}))
        done <"$DIR/answer.headers"
    fi
    REPLY=$((seconds < WAIT_MAX ? seconds : WAIT_MAX))
}

# Names were not resolved, no connection, too late, TLS broken off, no answer or only a part of one.
lost() {
    [[ " 5 6 7 16 18 28 35 52 55 56 92 " == *" $1 "* ]]
}

# post QUERY CURL-ARGUMENT…: sends until there is an answer other than 503: CODE, ANSWER.
post() {
    local query=$1 attempt failed said wait
    shift
    for ((attempt = 1; ; attempt++)); do
        failed=0
        write_headers
        : >"$DIR/answer"
        : >"$DIR/answer.headers"
        CODE=$(curl --silent --show-error --connect-timeout 10 --max-time 600 --request POST \
            --output "$DIR/answer" --dump-header "$DIR/answer.headers" --write-out '%{http_code}' \
            --header "@$DIR/headers" "$@" "$URL/configs/$WFMETRICS_CONFIG/results${query:+?$query}" \
            2>"$DIR/curl") || failed=$?
        # A refusal stands, even if the connection broke while we were still sending.
        [[ $CODE != 4?? ]] || failed=0
        said=$(<"$DIR/curl")
        if [ "$failed" = 0 ] && [ "$CODE" != 503 ]; then
            read_answer
            return
        fi
        if [ "$attempt" -gt "$WFMETRICS_RETRIES" ] || { [ "$failed" != 0 ] && ! lost "$failed"; }; then
            ANSWER=([.meta.message]="${said:-the server is busy}")
            return
        fi
        pause "$attempt" && wait=$REPLY
        plain "${said:-the server is busy (503)}"
        echo "Once more in $wait s: $REPLY"
        sleep "$wait"
    done
}

# row NAME ROWS WARNINGS: a line of the summary's table.
row() {
    markup "${1:-no file}"
    TABLE+="| $REPLY | $2 | $3 |"$'\n'
}

# list PATH: what the answer has there, by ", ".
list() {
    local i text=''
    for ((i = 0; i < 1600; i++)); do
        [ -n "${ANSWER[$1.$i]+there}" ] || break
        text+=", ${ANSWER[$1.$i]}"
    done
    REPLY=${text#, }
}

# stored NAME: notes what the answer says; fails unless it is a success.
stored() {
    local i=0 name=$1 rows
    if [[ $CODE != 20[01] ]] || [[ ! ${ANSWER[.data.run_id]:-} =~ ^[0-9]+$ ]]; then
        complaint
        [ "$CODE" = 000 ] || REPLY="$CODE: $REPLY"
        annotate error "$name" "$REPLY"
        row "$name" 'none: refused' ''
        return 1
    fi
    RUN_ID=${ANSWER[.data.run_id]} rows=${ANSWER[.data.rows]:-0}
    ROWS=$((ROWS + 10#$rows))
    while [ -n "${ANSWER[.data.warnings.$i]:-}" ]; do
        annotate warning "$name" "${ANSWER[.data.warnings.$i]}"
        i=$((i + 1))
    done
    list .data.unknown_columns
    [ -z "$REPLY" ] || annotate notice "$name" "neither dimensions nor metrics, so kept in raw_data: $REPLY"
    plain "${name:-no file}"
    echo "Sent: $REPLY, $rows rows, run $RUN_ID."
    row "$name" "$rows" "${ANSWER[.data.warning_count]:-0}"
}

send_file() {
    local type query
    query_of "$1" && query=$REPLY
    media_type_of "$1" && type=$REPLY
    if ! gzip -c <"$1" >"$DIR/body"; then
        annotate error "$1" 'the file cannot be read'
        return 1
    fi
    post "$query" --header "Content-Type: $type" --header 'Content-Encoding: gzip' --upload-file "$DIR/body"
    stored "$1"
}

send_status() {
    post '' --header 'Content-Type:' --data-binary ''
    stored ''
}

# --- did it get slower? ---

# The answer's header says it in a word.
read_verdict() {
    local line
    VERDICT=''
    while IFS= read -r line; do
        line=${line%$'\r'}
        [[ ${line,,} =~ ^wfmetrics-verdict:\ *([a-z]+)$ ]] && VERDICT=${BASH_REMATCH[1]}
    done <"$DIR/answer.headers"
}

# no_comparison WHY: a notice; but a gate that cannot be asked is not open.
no_comparison() {
    local text="not compared with $WFMETRICS_COMPARE_BRANCH: $1"
    if [ -n "$WFMETRICS_FAIL_ON" ] && [ "$CODE" != 404 ]; then
        annotate error '' "$text"
        return 1
    fi
    annotate notice '' "$text"
}

ask_for_comparison() {
    local head="head_run=$RUN_ID" sha=${WFMETRICS_SHA:-${GITHUB_SHA:-}} code=0
    if [ -n "$sha" ]; then
        url_encode "$sha"
        head="head_sha=$REPLY"
    fi
    url_encode "$WFMETRICS_COMPARE_BRANCH"
    head+="&base_branch=$REPLY${WFMETRICS_COMPARE_WITH:+&$WFMETRICS_COMPARE_WITH}&format=markdown"
    (write_headers) || return
    : >"$DIR/answer.headers"
    CODE=$(curl --silent --show-error --connect-timeout 10 --max-time 120 --retry "$WFMETRICS_RETRIES" \
        --output "$DIR/answer" --dump-header "$DIR/answer.headers" --write-out '%{http_code}' \
        --header "@$DIR/headers" "$URL/configs/$WFMETRICS_CONFIG/compare?$head" 2>"$DIR/curl") || code=$?
    [ "$code" != 0 ] || [ "$CODE" != 200 ] || return 0
    read_answer
    complaint
    [ "$code" = 0 ] || REPLY=$(<"$DIR/curl")
    return 1
}

# The commit's runs beside the newest ones of a branch: what the server says of it goes into the summary. There may be
# nothing to compare with yet: that is told, and fails nothing.
compare() {
    [ -n "$WFMETRICS_COMPARE_BRANCH" ] && [ -n "$RUN_ID" ] && [ "$STATUS" = completed ] || return 0
    # A pull request's own branch, of a fork, may have the same name.
    if [ -z "${GITHUB_HEAD_REF:-}" ] && [ "${GITHUB_REF_NAME:-}" = "$WFMETRICS_COMPARE_BRANCH" ]; then
        echo 'Not compared: the run is one of that branch.'
        return 0
    fi
    CODE=000 REPLY=''
    ask_for_comparison || { no_comparison "$REPLY" && return 0; } || return 1
    read_verdict
    {
        echo
        head -c "$ANSWER_MAX" "$DIR/answer"
    } >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    echo "verdict=$VERDICT" >>"${GITHUB_OUTPUT:-/dev/null}"
    plain "$WFMETRICS_COMPARE_BRANCH"
    echo "Compared with $REPLY: $VERDICT."
    if [ -n "$VERDICT" ] && [[ ,${WFMETRICS_FAIL_ON// /}, == *,$VERDICT,* ]]; then
        annotate error '' "compared with $WFMETRICS_COMPARE_BRANCH: $VERDICT"
        return 1
    fi
    [ "$VERDICT" != undetermined ] || annotate notice '' \
        'undetermined: a side with one value a series has no p-value; send several runs of a commit, or several rows'
}

# --- which files ---

declare -A CHOSEN
FILES=()

# A line is a pattern: of the shell's, but its blanks belong to it.
choose() {
    local line file IFS=''
    while read -r line; do
        line=${line#"${line%%[!$' \t\r']*}"} line=${line%"${line##*[!$' \t\r']}"}
        # shellcheck disable=SC2086 # the pattern is to be expanded; without IFS it is not split
        for file in ${line#!}; do
            [ -f "$file" ] || continue
            # One file has one name, however it is written.
            file=${file#"$PWD"/} file=${file#./}
            if [[ $line == !* ]]; then
                CHOSEN[$file]=''
            elif [ -z "${CHOSEN[$file]+there}" ]; then
                FILES+=("$file")
                CHOSEN[$file]=1
            fi
        done
    done <<<"$WFMETRICS_FILES"
}

# --- inputs ---

check_inputs() {
    local name
    ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || die "bash 4.4 or newer is needed, this is $BASH_VERSION"
    URL=${WFMETRICS_URL%/}
    [[ $URL =~ ^https?://[^[:space:]]+$ ]] || die "url must begin with https:// or http://, not '$URL'"
    [[ $WFMETRICS_CONFIG =~ ^[0-9]{1,18}$ ]] || die "config must be a number, not '$WFMETRICS_CONFIG'"
    [[ $WFMETRICS_RETRIES =~ ^[0-9]$ ]] || die "retries must be a number from 0 to 9, not '$WFMETRICS_RETRIES'"
    [[ $WFMETRICS_IF_NO_FILES_FOUND =~ ^(warn|error|ignore)$ ]] ||
        die "if-no-files-found must be warn, error or ignore, not '$WFMETRICS_IF_NO_FILES_FOUND'"
    [[ $WFMETRICS_STRICT =~ ^(true|false|)$ ]] || die "strict must be true or false, not '$WFMETRICS_STRICT'"
    STRICT=${WFMETRICS_STRICT#false}
    [[ $WFMETRICS_COMPARE_WITH =~ ^[a-zA-Z0-9._~%=\&+,:-]*$ ]] ||
        die "compare-with must be parameters of a URL, such as min_change=5&group_by=Op, not '$WFMETRICS_COMPARE_WITH'"
    [[ ,${WFMETRICS_FAIL_ON// /} =~ ^(,(regression|changed|improvement|undetermined)?)+$ ]] ||
        die "fail-on must be out of regression, changed, improvement, undetermined, not '$WFMETRICS_FAIL_ON'"
    [ -z "$WFMETRICS_TOKEN" ] || [ -z "$WFMETRICS_AUDIENCE" ] || die 'token and audience cannot both be given'
    [[ $WFMETRICS_TOKEN != *[![:graph:]]* ]] || die 'token has a blank or a line end'
    ERROR_MESSAGE=$WFMETRICS_ERROR_MESSAGE
    case $WFMETRICS_STATUS in
    completed | success)
        STATUS=completed
        ERROR_MESSAGE=''
        ;;
    failed | failure) STATUS=failed ;;
    cancelled)
        STATUS=failed
        ERROR_MESSAGE=${ERROR_MESSAGE:-cancelled}
        ;;
    *) die "status must be completed or failed, or what job.status says, not '$WFMETRICS_STATUS'" ;;
    esac
    for name in curl gzip; do
        command -v "$name" >/dev/null || die "$name is not installed on this runner"
    done
}

no_files() {
    local text="no file found: $WFMETRICS_FILES"
    case $WFMETRICS_IF_NO_FILES_FOUND in
    error) die "$text" ;;
    warn) annotate warning '' "$text" ;;
    ignore) echo 'No file found.' ;;
    esac
    exit 0
}

# --- what comes of it ---

RUN_ID='' ROWS=0 TABLE='' failed=0

write_outputs() {
    [ -z "$RUN_ID" ] ||
        printf '%s\n' "run-id=$RUN_ID" "rows=$ROWS" "url=$URL/runs/$RUN_ID" >>"${GITHUB_OUTPUT:-/dev/null}"
    [ -z "$TABLE" ] ||
        printf '%s\n' "| file | rows | warnings |" "|---|---|---|" "$TABLE" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
}

check_inputs
shorten_message
cd "${GITHUB_WORKSPACE:-.}"
choose
for file in "${FILES[@]}"; do
    [ -z "${CHOSEN[$file]}" ] || { send_file "$file" || failed=1; } && sent=1
done
if [ -z "${sent:-}" ]; then
    [ "$STATUS" = failed ] || no_files
    send_status || failed=1
fi
write_outputs
compare || failed=1
exit "$failed"
