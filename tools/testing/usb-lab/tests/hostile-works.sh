#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 5
# A driver in safe Rust that does everything wrong with work and cancellers cannot harm the
# kernel, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# The module goes while its work is waiting to be run, or running.
unloading() {
	hostile commit "$node" 'work again'
	hostile commit "$node" 'work handler'
	hostile commit "$node" 'work never'
	rmmod usbhostile
	load 0
	wait_for 5 test -c "$node"
}

# The module may be gone before its work has returned to the workqueue.
the_workqueue_calls_built_in_code() {
	functions=$(grep '3usb4work3Job.*15WorkItemPointer.*3run' /proc/kallsyms)
	case $functions in
	*'[usbhostile]'* | '') echo "$functions" && return 1 ;;
	esac
}

# Another device of this driver, whose node can be opened, but not until somebody needs the lock.
other=/dev/usbhostile1
other_arrives() {
	rm -f /run/other.fifo
	mkfifo /run/other.fifo
	refdevd vhci --speed high --serial other >/run/other.fifo 2>/run/other.log &
	echo $! >/run/other.pid
	read -r _ </run/other.fifo
	wait_for 5 test -c "$other"
	hostile commit "$other" slow
}

other_leaves() {
	kill "$(cat /run/other.pid)"
	wait_for 5 test ! -e "$other"
}

unbinding_beside_an_opener() {
	hostile commit "$other" drop 2>/dev/null &
	opener=$!
	usleep $((cycle % 8 * 5000))
	parted "$1"
	fails wait "$opener"
	binds "$1"
}

load 0
arrive high
interface=$(interface)
time_a_reset
for crime in 'work forget' 'work again' 'work never' 'work handler'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "unloading ends it, too" afresh unloading
check "the function that a workqueue calls is built-in code" the_workqueue_calls_built_in_code
resets_ahead=8
check_crime "unbinding ends a crowd: work fight" \
	unbinding_during 'work fight' 'work fight' 'work fight'
# An endpoint with transfers in flight is not reset.
in_vain='reset halt'
check_crime "unbinding ends a crowd: work and transfers" \
	unbinding_during 'work fight' 'transfer hammer' 'queue fight' 'reset halt'
in_vain=none
resets_ahead=0
check_crime "unbinding ends a crowd: cancel fight" \
	unbinding_during 'cancel fight' 'cancel fight' 'cancel fight' 'cancel fight'
check_crime "what outlives its driver is harmless: work keep" outlives_the_driver 'work keep'
check "another device arrives" other_arrives
check_crime "unbinding does not wait for who opens its node" \
	each_cycle unbinding_beside_an_opener "$interface"
check "it leaves" other_leaves
check_leaks "what leaks was forgotten" 0 1000000
end_hostile
