#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usbpipe.sh ROUNDS [PLACE JOB...]...: at each place in turn, lets each job run so many times, one
# after the other. A PLACE is dummy-high, dummy-super (dummy_hcd with g_zero) or xhci-super (a disk of
# QEMU's); a JOB is ARM:DIRECTION:LENGTH:DEPTH:COUNT. Prints lines of
#   cost PLACE JOB NANOSECONDS INSTRUCTIONS NANOSECONDS INSTRUCTIONS
# of COUNT transfers and of three times as many, or
#   failed PLACE JOB MESSAGE
# For scripts/bench/usbpipe, which makes a table of them.
# shellcheck source=SCRIPTDIR/stream.sh
. ./stream.sh

options=
# The kernel of the fast lab runs at its own speed.
case $LAB in
real*) options=-c ;;
esac

# run OPTIONS JOB: prints its costs, or why there are none.
run() {
	parse "$2"
	bind
	# shellcheck disable=SC2086  # words
	if said=$(stream $1 2>&1); then
		echo "cost $place $2 $said"
	else
		echo "failed $place $2 $said"
	fi
	part
}

# Each byte is looked at once, by the program or the device, which then makes them up anew.
look() {
	arrive checked
	for job; do
		case $job in
		usbtest:* | checksum:* | *-blind:*) continue ;;
		esac
		few=${job##*:}
		[ "$few" -lt 64 ] || few=64
		run "-v" "${job%:*}:$few" | sed -n 's/^failed/wrong/p'
	done
	leave
}

measure() {
	look "$@"
	arrive plain
	for _ in $(seq "$rounds"); do
		for job; do
			run "$options" "$job"
		done
	done
	leave
}

rounds=$1
shift
load_drivers
each_place measure "$@"
