# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Saying what is being done and for how long; messages that end the run.

logs=build/log
ticker=

stop_ticker() {
    if [ -n "$ticker" ]; then
        kill "$ticker" 2>/dev/null || true
        wait "$ticker" 2>/dev/null || true
        ticker=
        if [ -t 2 ]; then printf '\r\033[K' >&2; fi
    fi
}

die() {
    stop_ticker
    printf 'dev: %s\n' "$1" >&2
    exit 1
}

bold() {
    if [ -t 2 ]; then printf '\033[1m%s\033[0m' "$1"; else printf '%s' "$1"; fi
}

# Every heading starts with the seconds since ./dev was called.
heading() {
    printf '[%4d s] %s\n' "$SECONDS" "$(bold "$1")" >&2
}

# tick LOG: the latest line of LOG again and again; on a terminal in place, elsewhere every 20 seconds.
tick() {
    local pause=20 line
    if [ -t 2 ]; then pause=0.5; fi
    while sleep "$pause" && kill -0 $$ 2>/dev/null; do
        line=$(tail -c 4096 "$1" | tr '\r' '\n' | sed '/^[[:space:]]*$/d' | tail -n 1)
        if [ -t 2 ]; then
            printf '\r\033[K[%4d s]   %.*s' "$SECONDS" $((${COLUMNS:-80} - 12)) "$line" >&2
        elif [ -n "$line" ]; then
            printf '[%4d s]   %.160s\n' "$SECONDS" "$line" >&2
        fi
    done
}

# step TITLE COMMAND...: runs the command with its output in a log. If it fails, shows the log's end and exits.
step() {
    local title=$1 log started=$SECONDS status
    shift
    log=$logs/${title//[^A-Za-z0-9_.-]/_}.log
    mkdir -p "$logs"
    heading "$title"
    : >"$log"
    # The ticker is in the background, never the command: that would no longer see Ctrl-C.
    tick "$log" &
    ticker=$!
    # a subshell, and no ||, so that the command's functions stop at the first error
    set +e
    (set -e && "$@") >>"$log" 2>&1
    status=$?
    set -e
    stop_ticker
    if [ "$status" -ne 0 ]; then
        printf '[%4d s] %s: failed (%s); the end of %s:\n' "$SECONDS" "$title" "$status" "$log" >&2
        tail -n 60 "$log" | sed 's/^/    /' >&2
        exit 1
    fi
    printf '[%4d s] %s: %d s\n' "$SECONDS" "$title" $((SECONDS - started)) >&2
}
