# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Waiting for something to become true, in place of a pause.

uptime_is_past() {
	read -r uptime _ </proc/uptime
	[ "${uptime%.*}" -gt "$1" ]
}

# wait_for SECONDS COMMAND...: repeats a command (or function) until it succeeds;
# fails when it has not after so long.
wait_for() {
	read -r uptime _ </proc/uptime
	deadline=$((${uptime%.*} + $1))
	shift
	until "$@"; do
		if uptime_is_past "$deadline"; then
			echo "not within the time limit: $*" >&2
			return 1
		fi
		usleep 10000
	done
}
