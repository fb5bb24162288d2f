#!/bin/bash
# action.sh WORKSPACE [INPUT=VALUE]… - runs contrib/github-action in a directory as GitHub's runner does: with the inputs,
# their defaults and the environment that action.yml says, and nothing else of ours.
#
# From the environment: GITHUB_…, RUNNER_…, ACTIONS_… and PATH as they are; MATRIX, what join(matrix.*, ', ') would be;
# PULL_REQUEST_SHA, the pull request's commit, if there is one.
set -eu

ACTION=$(cd "$(dirname "$0")/../../contrib/github-action" && pwd)

# The expressions that action.yml uses, as a runner evaluates them.
evaluate() {
    # shellcheck disable=SC2016 # GitHub's expressions
    case $1 in
    '${{ github.job }}') REPLY=${GITHUB_JOB:-} ;;
    '${{ join(matrix.*, '"', '"') }}') REPLY=${MATRIX:-} ;;
    '${{ github.event.pull_request.head.sha || github.sha }}') REPLY=${PULL_REQUEST_SHA:-${GITHUB_SHA:-}} ;;
    '${{ inputs.'*' }}')
        REPLY=${1#*inputs.}
        REPLY=${INPUTS[${REPLY% \}\}}]?"there is no input of this name: $1"}
        ;;
    *'${{'*) echo "action.sh: unknown expression $1" >&2 && exit 2 ;;
    '""' | '"'*'"') REPLY=${1:1:-1} ;;
    *) REPLY=$1 ;;
    esac
}

# section PATTERN: the lines between the one that begins so and the next of its depth or less.
section() {
    awk -v pattern="$1" '
        inside && match($0, /[^ ]/) <= depth { exit }
        inside { print }
        $0 ~ pattern { inside = 1; depth = match($0, /[^ ]/) }' "$ACTION/action.yml"
}

declare -A INPUTS
name=''
while IFS= read -r line; do
    if [[ $line =~ ^\ \ ([a-z-]+):$ ]]; then
        name=${BASH_REMATCH[1]}
    elif [[ $line =~ ^\ {4}required:\ true$ ]]; then
        INPUTS[$name]=''
    elif [[ $line =~ ^\ {4}default:\ (.*)$ ]]; then
        evaluate "${BASH_REMATCH[1]}"
        INPUTS[$name]=$REPLY
    fi
done < <(section '^inputs:')

cd "$1"
shift
for input; do
    [ -n "${INPUTS[${input%%=*}]+there}" ] || { echo "action.sh: no input ${input%%=*}" >&2 && exit 2; }
    INPUTS[${input%%=*}]=${input#*=}
done

environment=("GITHUB_ACTION_PATH=$ACTION" "PATH=$PATH")
while IFS= read -r name; do
    environment+=("$name=${!name}")
done < <(compgen -e | grep -E '^(GITHUB|RUNNER|ACTIONS)_')
while IFS= read -r line; do
    [[ $line =~ ^\ +([A-Z_]+):\ (.*)$ ]] || { echo "action.sh: not understood: $line" >&2 && exit 2; }
    evaluate "${BASH_REMATCH[2]}"
    environment+=("${BASH_REMATCH[1]}=$REPLY")
done < <(section '^      env:')

exec env -i "${environment[@]}" bash --noprofile --norc -eo pipefail -c "$(sed -n 's/^ *run: //p' "$ACTION/action.yml")"
