# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# For guest tests: cases are reported as TAP. A test script sources this file,
# calls check for each case, and ends with finish.

# shellcheck source=SCRIPTDIR/wait.sh
. /lab/lib/wait.sh

tap_count=0
tap_failed=0
tap_log=$(mktemp)

# check NAME COMMAND...: one case; it passes where the command does. The command
# is usually a function; it runs in a subshell that stops at its first error.
check() {
	tap_name=$1
	shift
	(
		set -e
		"$@"
	) >"$tap_log" 2>&1
	tap_report $? "$tap_name"
}

tap_report() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		sed 's/^/# /' "$tap_log"
		echo "# exit status $1"
		echo "not ok $tap_count - $2"
	fi
}

# skip NAME REASON: a case that cannot run here.
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# finish: the plan, and the exit status of the whole script.
finish() {
	echo "1..$tap_count"
	rm -f "$tap_log"
	exit $((tap_failed > 0))
}

# on_demand NAME COMMAND: ends a test here that takes minutes, unless --cycles asks for it.
on_demand() {
	[ -z "${cycles:-}" ] || return 0
	skip "$1" "on demand: $2"
	finish
}

# equal WANTED FOUND [WHAT]: fails and says how they differ.
equal() {
	[ "$1" = "$2" ] || {
		echo "${3:-value}: wanted \"$1\", found \"$2\""
		return 1
	}
}

# attribute FILE VALUE: a sysfs file holds the value.
attribute() {
	equal "$2" "$(cat "$1")" "$1"
}

# fails COMMAND...: the command must not succeed. (A plain ! hides both ends from
# set -e.)
fails() {
	if "$@"; then
		echo "succeeded: $*"
		return 1
	fi
}

# status_of COMMAND...: prints the command's exit status.
status_of() {
	"$@" >&2 && echo 0 || echo $?
}
