#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# leaks: deliberately
# A driver in safe Rust that does everything wrong cannot harm the kernel, and
# is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

driver=/sys/bus/usb/drivers/usbhostile
node=/dev/usbhostile0
leaks=/sys/kernel/debug/kmemleak
cycles=5

# Unbinding takes well under a second on a machine that has nothing else to do. The
# limit, in centiseconds, tells that from a wait for the 60 s of a request.
case $LAB in
*-debug) limit=2000 ;;
*) limit=500 ;;
esac

load() {
	modprobe usbhostile "probe=$1"
	[ -d "$driver" ]
}

bound() {
	[ -e "$(echo "$driver"/*:1.0)" ]
}

# centiseconds: since the guest started.
centiseconds() {
	read -r up _ </proc/uptime
	echo "${up%.*}${up#*.}"
}

# parted INTERFACE: unbinds, which must not take longer than the limit.
parted() {
	before=$(centiseconds)
	echo "$1" >"$driver"/unbind
	took=$(($(centiseconds) - before))
	echo "unbinding took $took centiseconds"
	[ "$took" -lt "$limit" ]
	[ ! -e "$node" ]
}

# commits COMMAND 0|1: the driver is unbound after or (1) during the command, which then fails.
commits() {
	interface=$(basename "$(echo "$driver"/*:1.0)")
	for _ in $(seq "$cycles"); do
		printf %s "$1" >"$node" &
		crime=$!
		[ "$2" -ne 0 ] || wait "$crime"
		[ "$2" -eq 0 ] || wait_for 5 sh -c "[ \"\$(readlink /proc/$crime/fd/1)\" = $node ]"
		parted "$interface"
		if [ "$2" -ne 0 ]; then
			wait "$crime" && return 1
		fi
		echo "$interface" >"$driver"/bind
	done
}

# probe_fails_with KIND: transfers are in flight when probe fails.
probe_fails_with() {
	for _ in $(seq "$cycles"); do
		load "$1"
		if bound; then return 1; fi
		[ ! -e "$node" ]
		rmmod usbhostile
	done
}

probe_leaves_transfers_behind() {
	for _ in $(seq "$cycles"); do
		load 4
		bound
		rmmod usbhostile
	done
}

# A file keeps a URB while the driver comes and goes.
urb_outlives_the_driver() {
	interface=$(basename "$(echo "$driver"/*:1.0)")
	exec 5>"$node"
	printf keep >&5
	parted "$interface"
	equal 1 "$(status_of sh -c 'printf keep >&5')" "exit status"
	exec 5>&-
	echo "$interface" >"$driver"/bind
	bound
}

surprise_with_everything_going_on() {
	printf resubmit >"$node"
	printf forget >"$node"
	printf never >"$node" &
	printf wait >"$node" &
	unplug
	wait
	[ ! -e "$node" ]
	plug high
	wait_for 5 test -c "$node"
}

# What was forgotten is leaked, and only that. A crime is eight transfers; those of
# forgetting and of resubmitting (where the refusal is forgotten) leak. kmemleak
# reports nothing that is younger than five seconds.
leaks_are_the_forgotten() {
	forgotten=$((8 * (2 * cycles + 1) + 8 * (3 * cycles + 1)))
	wait_for 60 sh -c "echo scan >$leaks; [ \$(grep -c usb_alloc_urb $leaks) -ge $forgotten ]"
	echo scan >"$leaks"
	# A record is the driver's if its code is in the backtrace, under its name or,
	# once that copy of the module was unloaded, without one.
	awk '/^unreferenced/ { if (n++ && !ours) foreign++; ours = 0 }
	     /\[usbhostile\]/ || /^    (\[<[0-9a-f]+>\] )?0x[0-9a-f]+$/ { ours = 1 }
	     END { foreign += !ours; print n " leaks, " foreign " not ours"; exit foreign > 0 }' "$leaks" ||
		{ cat "$leaks" && return 1; }
	echo clear >"$leaks"
}

plug high
check "a failing probe ends transfers that resubmit themselves" probe_fails_with 1
check "a failing probe ends transfers that are forgotten" probe_fails_with 2
check "a failing probe ends transfers that are dropped" probe_fails_with 3
check "unloading ends transfers that probe left behind" probe_leaves_transfers_behind
load 0
wait_for 5 test -c "$node"
check "unbinding ends transfers that resubmit themselves" commits resubmit 0
check "unbinding ends transfers whose handler forgets them" commits forget 0
check "unbinding ends transfers whose handler frees them" commits drop 0
check "unbinding ends a request of 60 s that is never answered" commits never 1
check "unbinding ends a wait for nothing" commits wait 1
check "unbinding ends a flood of submissions" commits flood 1
check "a URB that outlives its driver is harmless" urb_outlives_the_driver
check "unplugging in the middle of it all" surprise_with_everything_going_on
if [ -e "$leaks" ]; then
	check "what leaks was forgotten" leaks_are_the_forgotten
else
	skip "what leaks was forgotten" "no kmemleak in this kernel"
fi
check "the module can be unloaded" rmmod usbhostile
unplug
finish
