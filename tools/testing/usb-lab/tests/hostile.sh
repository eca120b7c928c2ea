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

# How often each crime is committed, unless scripts/lab test --cycles N says otherwise.
# Unbinding takes well under a second on a machine that has nothing else to do. The
# limit, in centiseconds, tells that from a wait for the 60 s of a request.
case $LAB in
fast) cycles=${cycles:-50} limit=500 ;;
fast-debug) cycles=${cycles:-25} limit=2000 ;;
real) cycles=${cycles:-20} limit=500 ;;
*) cycles=${cycles:-5} limit=2000 ;;
esac

load() {
	modprobe usbhostile "probe=$1"
	[ -d "$driver" ]
}

# interface: its name, whether the driver is bound to it or not.
interface() {
	set -- /sys/bus/usb/devices/*:1.0
	for path; do
		[ "$(cat "$path/bInterfaceClass")" != ff ] || echo "${path##*/}"
	done
}

bound() {
	[ -e "$driver/$(interface)" ]
}

# centiseconds: since the guest started, in the variable of that name.
centiseconds() {
	read -r up _ </proc/uptime
	centiseconds=${up%.*}${up#*.}
}

# parted INTERFACE: unbinds, which must not take longer than the limit.
slowest=0
parted() {
	centiseconds
	before=$centiseconds
	echo "$1" >"$driver"/unbind
	centiseconds
	took=$((centiseconds - before))
	[ "$took" -le "$slowest" ] || slowest=$took
	[ "$took" -lt "$limit" ] || {
		echo "unbinding took $took centiseconds"
		return 1
	}
	[ ! -e "$node" ] || {
		echo "$node is there after unbinding"
		return 1
	}
}

# each_cycle COMMAND...: commits it as often as there are cycles.
each_cycle() {
	cycle=0
	while [ "$cycle" -lt "$cycles" ]; do
		cycle=$((cycle + 1))
		"$@"
	done
	echo "slowest of $cycles: $slowest centiseconds"
}

# commits INTERFACE NAME: the driver is unbound after the crime.
commits() {
	printf %s "$2" >"$node"
	parted "$1"
	echo "$1" >"$driver"/bind
}

# is_committing PID: it has the node open, so it is about to write to it.
is_committing() {
	[ "$(readlink "/proc/$1/fd/1")" = "$node" ]
}

# dies_committing INTERFACE NAME: the driver is unbound during the crime, which then fails.
dies_committing() {
	printf %s "$2" >"$node" &
	crime=$!
	until is_committing "$crime"; do kill -0 "$crime"; done
	parted "$1"
	if wait "$crime"; then return 1; fi
	echo "$1" >"$driver"/bind
}

unbinding_after() {
	each_cycle commits "$(interface)" "$1"
}

unbinding_during() {
	each_cycle dies_committing "$(interface)" "$1"
}

# Two at once, both of them against everything that pauses I/O.
unbinding_a_crowd() {
	each_cycle crowd "$(interface)"
}

crowd() {
	printf hammer >"$node" &
	one=$!
	printf hammer >"$node" &
	other=$!
	printf switch >"$node" &
	third=$!
	# Whoever came too late would make a file of that name.
	for crime in "$one" "$other" "$third"; do
		until is_committing "$crime"; do kill -0 "$crime"; done
	done
	parted "$1"
	for crime in "$one" "$other" "$third"; do
		fails wait "$crime"
	done
	echo "$1" >"$driver"/bind
}

probe_fails() {
	if echo "$1" >"$driver"/bind; then return 1; fi
	[ ! -e "$node" ]
}

# failing_probe KIND: transfers are in flight when probe fails.
failing_probe() {
	load "$1"
	if bound; then return 1; fi
	each_cycle probe_fails "$(interface)"
	rmmod usbhostile
}

unbind_and_bind() {
	parted "$1"
	echo "$1" >"$driver"/bind
}

probe_leaves_transfers_behind() {
	load 4
	bound
	each_cycle unbind_and_bind "$(interface)"
	rmmod usbhostile
}

# A file keeps a URB while the driver comes and goes.
keep_over_unbinding() {
	exec 5>"$node"
	printf keep >&5
	parted "$1"
	equal 1 "$(status_of sh -c 'printf keep >&5')" "exit status"
	echo "$1" >"$driver"/bind
	exec 5>&-
}

urb_outlives_the_driver() {
	each_cycle keep_over_unbinding "$(interface)"
	bound
}

# An open file keeps the module, also when the device is gone.
open_file_keeps_the_module() {
	exec 5>"$node"
	parted "$(interface)"
	fails rmmod usbhostile
	exec 5>&-
	rmmod usbhostile
	load 0
	wait_for 5 test -c "$node"
}

surprise_with_everything_going_on() {
	printf resubmit >"$node"
	printf forget >"$node"
	printf never >"$node" &
	printf wait >"$node" &
	printf hammer >"$node" &
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
wait_for 5 interface
check "a failing probe ends transfers that resubmit themselves" failing_probe 1
check "a failing probe ends transfers that are forgotten" failing_probe 2
check "a failing probe ends transfers that are dropped" failing_probe 3
check "unbinding ends transfers that probe left behind" probe_leaves_transfers_behind
load 0
wait_for 5 test -c "$node"
for crime in resubmit forget drop hoard; do
	check "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
for crime in never wait hammer flood; do
	check "unbinding ends what is going on: $crime" unbinding_during "$crime"
done
check "unbinding ends a crowd that submits while altsettings change" unbinding_a_crowd
check "a URB that outlives its driver is harmless" urb_outlives_the_driver
check "an open file keeps the module" open_file_keeps_the_module
check "unplugging in the middle of it all" surprise_with_everything_going_on
if [ -e "$leaks" ]; then
	check "what leaks was forgotten" leaks_are_the_forgotten
else
	skip "what leaks was forgotten" "no kmemleak in this kernel"
fi
check "the module can be unloaded" rmmod usbhostile
unplug
finish
