#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# urb-cost.sh ROUNDS COUNT LOOP...: lets each arm do each loop, in turns. A LOOP
# is SPEED:WAY:LENGTH:DEPTH. Prints lines of
#   cost ARM LOOP COUNT INSTRUCTIONS-FOR-COUNT INSTRUCTIONS-FOR-THREE-TIMES-COUNT
#   allocations ARM LOOP URBS ALLOCATIONS SITE
# For scripts/bench/urb-cost, which makes a table of them.
set -e
# shellcheck source=SCRIPTDIR/../guest/lib/wait.sh
. /lab/lib/wait.sh

rounds=$1
count=$2
shift 2
arms="rust c rust-anchored c-anchored"
drivers=/sys/bus/usb/drivers
kmem=/sys/kernel/tracing/events/kmem

# interface_at SPEED: the name of the interface at that speed: that of a storage device, or at full
# speed the second one of a loudspeaker.
interface_at() {
	[ "$1" = 12 ] && number=1 || number=0
	for device in /sys/bus/usb/devices/*-*; do
		[ "$(cat "$device/idVendor" 2>/dev/null)" = 46f4 ] || continue
		[ "$(cat "$device/speed")" != "$1" ] || basename "$device:1.$number"
	done
}

# taken_at SPEED: one of the drivers has it.
taken_at() {
	[ -e "/sys/bus/usb/devices/$(interface_at "$1")/driver" ]
}

part() {
	for driver in "$drivers"/usbloop_*; do
		[ ! -e "$driver/$1" ] || echo "$1" >"$driver/unbind"
	done
}

# bind ARM INTERFACE: sets $file, to write orders to, and $more, which goes behind them.
bind() {
	part "$2"
	more=
	case $1 in
	rust*)
		[ "$1" = rust ] || more=" anchored"
		echo "$2" >"$drivers/usbloop_rust/bind"
		file=/dev/usbloop0
		wait_for 5 test -c "$file"
		;;
	*)
		[ "$1" = c-anchored ] && flag=Y || flag=N
		echo "$flag" >/sys/module/usbloop_c/parameters/anchored
		echo "$2" >"$drivers/usbloop_c/bind"
		file=/sys/bus/usb/devices/$2/run
		;;
	esac
}

# parse LOOP: sets $interface, $order (without its count), and $few, the count: a packet takes a
# frame, so that there are fewer of those.
parse() {
	speed=${1%%:*}
	rest=${1#*:}
	interface=$(interface_at "$speed")
	order=$(echo "$rest" | tr : ' ')
	case $rest in
	iso:*) few=$((count / 8)) ;;
	*) few=$count ;;
	esac
}

measure() {
	for loop; do
		parse "$loop"
		for arm in $arms; do
			bind "$arm" "$interface"
			# shellcheck disable=SC2046  # two numbers
			echo cost "$arm" "$loop" "$few" $(./instructions "$file" "$order $few$more" "$order $((3 * few))$more")
		done
		part "$interface"
	done
}

# Those of pages have no caller, but a size.
events="kmalloc:call_site.sym kmem_cache_alloc:call_site.sym mm_page_alloc:order"

# trigger WORD: puts it in front of the order to count, or takes the order back.
trigger() {
	for event in $events; do
		echo "$1hist:keys=${event#*:}" >"$kmem/${event%:*}/trigger"
	done
}

# who_allocates ARM LOOP COUNT: allocations by call site while COUNT URBs pass.
who_allocates() {
	trigger ""
	echo "$order $3$more" >"$file"
	for event in $events; do
		sed -n -e "s/.*call_site: \[[0-9a-f]*\] \(.*[^ ]\) *} hitcount: *\([0-9]*\)$/allocations $1 $2 $3 \2 \1/p" \
			-e "s/.*order: *\([0-9]*\) *} hitcount: *\([0-9]*\)$/allocations $1 $2 $3 \2 pages of order \1/p" \
			"$kmem/${event%:*}/hist"
	done
	trigger "!"
}

trace() {
	for loop; do
		parse "$loop"
		for arm in $arms; do
			bind "$arm" "$interface"
			who_allocates "$arm" "$loop" "$few"
			who_allocates "$arm" "$loop" $((3 * few))
		done
		part "$interface"
	done
}

mount -t tracefs trace /sys/kernel/tracing
modprobe usbloop_c
modprobe usbloop_rust
for loop; do
	speeds="$speeds ${loop%%:*}"
done
for speed in $(echo "$speeds" | tr ' ' '\n' | sort -u); do
	wait_for 5 taken_at "$speed"
	part "$(interface_at "$speed")"
done
for _ in $(seq "$rounds"); do
	measure "$@"
done
trace "$@"
