#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# allocations.sh [PLACE JOB...]...: prints, of each job at each place, lines of
#   allocations PLACE JOB TRANSFERS HITS SITE
# where memory was allocated while so many transfers passed, first of COUNT's and then of three times
# as many, or
#   failed PLACE JOB MESSAGE
# For scripts/bench/allocations.
# shellcheck source=SCRIPTDIR/stream.sh
. ./stream.sh

kmem=/sys/kernel/tracing/events/kmem
# Those of pages have no caller, but a size.
events="kmalloc:call_site.sym kmem_cache_alloc:call_site.sym mm_page_alloc:order"

# trace WORD: puts it in front of the order to count, or takes the order back.
trace() {
	for event in $events; do
		echo "$1hist:keys=${event#*:}" >"$kmem/${event%:*}/trigger"
	done
}

# report TRANSFERS
report() {
	for event in $events; do
		sed -n -e "s/.*call_site: \[[0-9a-f]*\] \(.*[^ ]\) *} hitcount: *\([0-9]*\)$/allocations $place $job $1 \2 \1/p" \
			-e "s/.*order: *\([0-9]*\) *} hitcount: *\([0-9]*\)$/allocations $place $job $1 \2 pages of order \1/p" \
			"$kmem/${event%:*}/hist"
	done
}

# watch COUNT
watch() {
	count=$1
	trace ""
	# shellcheck disable=SC2119  # no options
	if said=$(stream 2>&1); then
		# Once to begin with, once, and three times as many.
		report $((5 * count))
	else
		echo "failed $place $job $said"
	fi
	trace "!"
}

look() {
	arrive plain
	for job; do
		parse "$job"
		few=$count
		bind
		watch "$few"
		watch $((3 * few))
		part
	done
	leave
}

mount -t tracefs trace /sys/kernel/tracing
load_drivers
each_place look "$@"
