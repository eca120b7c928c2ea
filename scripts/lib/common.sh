# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the shell scripts share: the cache, versions, messages, progress.
# Sourced, never run. Needs nothing that a fresh machine lacks.

LIB="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
CACHE="${USBPIPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/usbpipe}"
export CACHE

# Debian keeps depmod and friends where an ordinary user's PATH does not look.
PATH="$PATH:/usr/sbin:/sbin"

# shellcheck source=scripts/lib/versions.conf
. "$LIB/versions.conf"

# Exit statuses of all scripts here, beside 0 and 1.
EXIT_USAGE=2
EXIT_UNSUPPORTED=3
export EXIT_USAGE EXIT_UNSUPPORTED

say() { printf '%s\n' "$*" >&2; }

# die WHAT [HINT...]: what went wrong, then what to do about it.
die() {
	say "error: $1"
	shift
	for hint; do say "  $hint"; done
	exit "${STATUS:-1}"
}

have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least A B: is dotted version A the same as B, or newer?
version_at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]
}

# The leading x.y.z of a text such as "rustc 1.95.0 (...)", or nothing.
version_in() { grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' <<<"$1" | head -n1 || true; }

# Removed where a step fails or is interrupted: what it had half done by then.
HALF_DONE=""

# progress WHAT COMMAND...: run it, its output in a log; say that it is alive.
# What it printed is shown only if it fails, and then the reason is guessed.
progress() {
	local what="$1" log pid start=$SECONDS said=$SECONDS
	shift
	mkdir -p "$CACHE/logs" || die "cannot write to $CACHE"
	log="$CACHE/logs/$(tr -cs 'a-zA-Z0-9.\n' - <<<"$what").log"
	set -m # its own process group, so that all of it can be stopped at once
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	trap 'interrupt_progress '"$pid" INT TERM HUP
	while kill -0 "$pid" 2>/dev/null; do
		wait_a_moment "$pid"
		said=$(show_progress "$what" "$start" "$said")
	done
	trap - INT TERM HUP
	if wait "$pid"; then
		end_progress "$what" "$start"
		return 0
	fi
	fail_progress "$what" "$log"
}

interrupt_progress() {
	kill -TERM -- "-$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
	clear_line
	remove_half_done
	say "interrupted; run the same command again to go on from here"
	exit 130
}

fail_progress() {
	clear_line
	remove_half_done
	say "$1: failed"
	tail -n 15 "$2" | sed 's/^/  | /' >&2
	explain_log "$2"
	return 1
}

remove_half_done() { [ -z "$HALF_DONE" ] || rm -rf "$HALF_DONE"; }

clear_line() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

# Until the process ends, at most a second.
wait_a_moment() { timeout 1 tail --pid="$1" -s 0.05 -f /dev/null 2>/dev/null || true; }

# Prints when it last said something, for the next call.
show_progress() {
	local elapsed=$((SECONDS - $2)) clock
	clock="$((elapsed / 60)):$(printf %02d $((elapsed % 60)))"
	if [ -t 2 ]; then
		printf '\r%s: %s' "$1" "$clock" >&2
	elif ((SECONDS - $3 >= 20)); then
		say "$1: $clock"
		echo "$SECONDS"
		return
	fi
	echo "$3"
}

end_progress() {
	clear_line
	say "$1: done in $((SECONDS - $2)) s"
}

# The reason behind a failed step, in words, where the log gives it away.
explain_log() {
	if grep -qiE 'no space left on device|disk quota exceeded' "$1"; then
		say "  The disk is full: $(df -h --output=avail "$CACHE" | tail -n1 | tr -d ' ') free in $CACHE."
		say "  Free some (the cache wants about ${CACHE_GB} GB), or set USBPIPE_CACHE to another disk."
	elif grep -qiE 'could not resolve|temporary failure|network is unreachable|failed to connect|connection (refused|timed out)|unable to connect|spurious network error' "$1"; then
		say "  The network (or the mirror) cannot be reached. Nothing half-done is left; run it again later."
	elif grep -qiE 'NO_PUBKEY|not signed|BADSIG|EXPKEYSIG' "$1"; then
		say "  The signature of the archive could not be verified, so nothing of it was used."
		say "  If the keys are too old: apt-get install --only-upgrade debian-archive-keyring"
	fi
}
