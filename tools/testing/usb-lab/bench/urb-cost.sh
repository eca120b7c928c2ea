#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# urb-cost.sh ROUNDS COUNT LOOP...: lets each arm do each loop, in turns. A LOOP
# is SPEED:DIRECTION:LENGTH:DEPTH. Prints lines of
#   cost ARM LOOP INSTRUCTIONS-FOR-COUNT INSTRUCTIONS-FOR-THREE-TIMES-COUNT
#   allocations ARM LOOP URBS ALLOCATIONS SITE
# For scripts/bench/urb-cost, which makes a table of them.
set -e
# shellcheck source=SCRIPTDIR/../guest/lib/wait.sh
. /lab/lib/wait.sh

rounds=$1
count=$2
shift 2
arms="rust c anchored"
drivers=/sys/bus/usb/drivers
kmem=/sys/kernel/tracing/events/kmem

# interface_at SPEED: the name of the storage device's interface at that speed.
interface_at() {
	for device in /sys/bus/usb/devices/*-*; do
		[ "$(cat "$device/idVendor" 2>/dev/null)" = 46f4 ] || continue
		[ "$(cat "$device/speed")" != "$1" ] || basename "$device:1.0"
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

# bind ARM INTERFACE: sets $file, to write orders to.
bind() {
	part "$2"
	case $1 in
	rust)
		echo "$2" >"$drivers/usbloop_rust/bind"
		file=/dev/usbloop0
		wait_for 5 test -c "$file"
		;;
	*)
		[ "$1" = anchored ] && flag=Y || flag=N
		echo "$flag" >/sys/module/usbloop_c/parameters/anchored
		echo "$2" >"$drivers/usbloop_c/bind"
		file=/sys/bus/usb/devices/$2/run
		;;
	esac
}

# parse LOOP: sets $interface, $order (without its count).
parse() {
	speed=${1%%:*}
	rest=${1#*:}
	interface=$(interface_at "$speed")
	order=$(echo "$rest" | tr : ' ')
}

measure() {
	for loop; do
		parse "$loop"
		for arm in $arms; do
			bind "$arm" "$interface"
			# shellcheck disable=SC2046  # two numbers
			echo cost "$arm" "$loop" $(./instructions "$file" "$order $count" "$order $((3 * count))")
		done
		part "$interface"
	done
}

# who_allocates ARM LOOP COUNT: allocations by call site while COUNT URBs pass.
who_allocates() {
	for event in kmalloc kmem_cache_alloc; do
		echo 'hist:keys=call_site.sym' >"$kmem/$event/trigger"
	done
	echo "$order $3" >"$file"
	for event in kmalloc kmem_cache_alloc; do
		sed -n "s/.*\[[0-9a-f]*\] \(.*[^ ]\) *} hitcount: *\([0-9]*\)$/allocations $1 $2 $3 \2 \1/p" "$kmem/$event/hist"
		echo '!hist:keys=call_site.sym' >"$kmem/$event/trigger"
	done
}

trace() {
	for loop; do
		parse "$loop"
		for arm in $arms; do
			bind "$arm" "$interface"
			who_allocates "$arm" "$loop" "$count"
			who_allocates "$arm" "$loop" $((3 * count))
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
