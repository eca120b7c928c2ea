#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# What kernel::usb offers does what it says, with a real device (drivers/usb/misc/usbcheck).
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbcheck.sh
. /lab/lib/usbcheck.sh

# Where the labs differ:
#   full speed     QEMU's xHCI takes redirected devices at high and super speed only
#   isochronous    usb-redir has buffers of its own that packets get lost in; vhci hands
#                  them over as they are, in both labs
#   long requests  QEMU's USB devices take control requests of up to 4096 bytes
#   reset          vhci_hcd does not tell the device of it
case $LAB in
fast*)
	lab_speeds="full high super"
	isochronous=yes
	long_requests=yes
	compat=no
	streams=no
	reset="device-reset unnoticed"
	;;
*)
	lab_speeds="high super"
	isochronous=no
	long_requests=no
	compat=no
	[ "$LAB" != real ] || compat=yes
	streams=yes
	reset=device-reset
	;;
esac

# whole_isochronous WHERE
whole_isochronous() {
	each "$1" iso-limits iso-loopback iso-source iso-queues iso-queue-source
}

# all SPEED: everything that leaves the device where it is.
all() {
	each "$1" "descriptor-device $1" "descriptor-endpoints $1" \
		buffer-heap buffer-pages buffer-coherent buffer-noncoherent buffer-scatter \
		buffer-part buffer-limits buffer-freed \
		urb-complete urb-atomic urb-noio urb-timer urb-resubmit urb-length urb-flags urb-parts \
		urb-interrupt work-recovery work-once \
		cancel-kill cancel-unlink cancel-block cancel-poison cancel-resubmitting \
		cancel-outlives \
		anchor-wait anchor-kill anchor-poison anchor-block anchor-unlink anchor-leave \
		altsetting-list altsetting-change altsetting-stale altsetting-exclusive \
		altsetting-interrupt \
		control-stall control-timeout \
		control-standard control-of-the-core control-urbs control-empty \
		device-strings device-descriptors device-facts device-status power-guards \
		sync-transfers sync-failures sync-control sync-gather pool queue \
		ending-names ending-memory endpoint-reset endpoint-busy interface-list \
		stream-refused error-stall error-short error-cancelled
	isochronous "$1"
	long_requests "$1"
}

long_requests() {
	for name in control-scratch control-size; do
		case $long_requests in
		yes) each "$1" $name ;;
		*) skip "$1: $name" "QEMU takes control requests of up to 4096 bytes" ;;
		esac
	done
}

isochronous() {
	case $isochronous in
	yes) whole_isochronous "$1" ;;
	*) each "$1" iso-limits iso-queue-gaps ;;
	esac
}

unknown_names_are_refused() {
	for name in "" unknown descriptor "buffer-heap2" "$(head -c 100 /dev/zero | tr '\0' x)"; do
		fails passes "$name"
	done
}

# The device is unplugged while a transfer waits.
gone() {
	echo error-gone >"$node" &
	check=$!
	wait_for 5 sh -c 'dmesg | grep -q "error-gone: waiting"'
	unplug
	wait "$check"
	wait_for 5 test ! -e "$node"
}

# Unbinding softly, a driver can still talk to its device.
goodbye() {
	interface=$(basename "$(echo "$driver"/*:1.0)")
	echo "$interface" >"$driver"/unbind
	[ ! -e "$node" ]
	echo "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
	passes callback-goodbye
}

no_dynamic_ids() {
	[ ! -e "$driver"/new_id ]
}

runtime_status_is() {
	[ "$(cat "$(refdev)"/power/runtime_status)" = "$1" ]
}

# In between, I/O is refused.
suspends() {
	power=$(refdev)/power
	echo 0 >"$power"/autosuspend_delay_ms
	for count in 1 2; do
		echo auto >"$power"/control
		wait_for 10 runtime_status_is suspended
		fails passes urb-complete
		tail -n 1 "$node" | grep -E "EHOSTUNREACH|113"
		echo on >"$power"/control
		wait_for 10 runtime_status_is active
		passes "callback-suspends $count"
	done
}

# Who holds the device awake, does so until it is released, or the driver unbound.
holds() {
	power=$(refdev)/power
	passes power-hold
	echo auto >"$power"/control
	fails wait_for 2 runtime_status_is suspended
	passes power-release
	wait_for 10 runtime_status_is suspended
	echo on >"$power"/control
	wait_for 10 runtime_status_is active
	# What is forgotten is leaked, which is not what a search for leaks is for.
	[ -e /sys/kernel/debug/kmemleak ] || passes power-forget
	interface=$(basename "$(echo "$driver"/*:1.0)")
	echo "$interface" >"$driver"/unbind
	echo "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
	echo auto >"$power"/control
	wait_for 10 runtime_status_is suspended
	echo on >"$power"/control
	wait_for 10 runtime_status_is active
}

# The device cannot wake the host up. A driver that needs that keeps it awake, until it says
# otherwise or another one is bound. It may say so with the device locked or not.
needs_wakeup() {
	power=$(refdev)/power
	echo 0 >"$power"/autosuspend_delay_ms
	usbfs wakeup-needed
	echo auto >"$power"/control
	fails wait_for 2 runtime_status_is suspended
	usbfs wakeup-not-needed
	wait_for 10 runtime_status_is suspended
	echo on >"$power"/control
	wait_for 10 runtime_status_is active
	passes power-wakeup
	echo auto >"$power"/control
	fails wait_for 2 runtime_status_is suspended
	passes power-no-wakeup
	wait_for 10 runtime_status_is suspended
	usbfs wakeup-needed
	fails wait_for 2 runtime_status_is suspended
	interface=$(bound_interface)
	echo "$interface" >"$driver"/unbind
	echo "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
	wait_for 10 runtime_status_is suspended
	echo on >"$power"/control
	wait_for 10 runtime_status_is active
}

# A driver may forbid and allow what user space may allow and forbid.
forbids_suspend() {
	power=$(refdev)/power
	usbfs suspend-allowed
	attribute "$power"/control auto
	wait_for 10 runtime_status_is suspended
	usbfs suspend-forbidden
	attribute "$power"/control on
	attribute "$power"/runtime_status active
	passes urb-complete
}

resets() {
	passes "$reset"
	passes callback-resets 1
	passes device-queue-reset
	wait_for 5 passes callback-resets 2
}

node_is_new() {
	[ "$(stat -c %i "$node" 2>/dev/null || echo "$1")" != "$1" ]
}

# The driver is unbound and bound again.
configures() {
	before=$(stat -c %i "$node")
	passes device-configure
	wait_for 5 node_is_new "$before"
	passes urb-complete
}

attributes() {
	interface=$(echo "$driver"/*:1.0)
	attribute "$interface"/level 0
	echo 100 >"$interface"/level
	for bad in 101 -1 x ""; do
		fails sh -c "echo '$bad' >$interface/level"
	done
	attribute "$interface"/level 100
	resets=$(cat "$interface"/calls/resets)
	passes "$reset"
	attribute "$interface"/calls/resets $((resets + 1))
	fails sh -c "echo 1 >$interface/calls/resets"
	[ ! -e "$interface"/second ]
	# They go with the driver.
	kept=$interface/level
	exec 6<"$kept"
	basename "$interface" >"$driver"/unbind
	[ ! -e "$kept" ]
	fails cat <&6
	exec 6<&-
	basename "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
	attribute "$(echo "$driver"/*:1.0)"/level 0
}

fdinfo_is() {
	grep -qx "$(printf '%s:\t%s' "$1" "$2")" /proc/self/fdinfo/7
}

# What the kernel asks of an open file, also after the driver was unbound.
files() {
	interface=$(basename "$(echo "$driver"/*:1.0)")
	exec 7<"$node"
	fdinfo_is gone 0
	fdinfo_is checks 0
	before=$(sed -n "s/^flushes:.//p" /proc/self/fdinfo/7)
	passes urb-complete
	fdinfo_is checks 1
	[ "$(sed -n "s/^flushes:.//p" /proc/self/fdinfo/7)" -gt "$before" ]
	echo "$interface" >"$driver"/unbind
	fdinfo_is gone 1
	fails cat <&7
	exec 7<&-
	echo "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
}

of_32_bits() {
	check-compat32 "$node" "$(usbfs_node)"
}

# To an interface without a driver, and to a driver that is back.
commands_to_nobody() {
	interface=$(bound_interface)
	echo "$interface" >"$driver"/unbind
	usbfs unbound
	echo "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
	usbfs all
}

# What the driver forgets is leaked, but it ends when it is unbound.
forgets_streams() {
	passes stream-forget
	interface=$(bound_interface)
	echo "$interface" >"$driver"/unbind
	echo "$interface" >"$driver"/bind
	wait_for 5 test -c "$node"
	passes stream-data
}

# The driver has interface 0, and has claimed interface 1.
has_both() {
	[ -e "$(echo "$driver"/*:1.0)" ]
	[ -e "$(echo "$driver"/*:1.1)" ]
}

rebinding_claims_again() {
	interface=$(basename "$(echo "$driver"/*:1.0)")
	for _ in 1 2 3; do
		echo "$interface" >"$driver"/unbind
		fails has_both
		echo "$interface" >"$driver"/bind
		has_both
		passes claim-probe
	done
	passes claim-use
}

claimed_interface_is_lost() {
	second=$(basename "$(echo "$driver"/*:1.1)")
	echo "$second" >"$driver"/unbind
	passes claim-lost
	passes interface-lost
	fails passes claim-use
}

check "the module loads" loads
for speed in $lab_speeds; do
	check "$speed: the driver binds" arrive "$speed"
	all "$speed"
	check "$speed: the device goes" leave
done

# The other way to a device, for what gets lost on the first one.
if [ $isochronous != yes ]; then
	for speed in full high super; do
		check "$speed, inside: the driver binds" arrive --inside "$speed"
		whole_isochronous "$speed, inside"
		check "$speed, inside: the device goes" leave
	done
fi

check "a device arrives" arrive high
check "unknown names are refused" unknown_names_are_refused
check "the driver takes no dynamic ids" no_dynamic_ids
check "callback-goodbye" goodbye
check "callback-resets" resets
check "device-configure" configures
check "attributes" attributes
check "files" files
check "maps" with_program check-map
check "signals" with_program check-signal
check "calls that don't wait" with_program check-nowait
check "commands through usbfs" usbfs all
check "configure" usbfs configure
check "commands to nobody" commands_to_nobody
if [ $compat = yes ]; then
	check "commands of a 32-bit program" of_32_bits
else
	skip "commands of a 32-bit program" "this kernel runs none; that of the lab real does"
fi
check "callback-suspends" suspends
check "power-hold" holds
check "remote wakeup" needs_wakeup
check "autosuspend" forbids_suspend
check "error-gone" gone

check "a device with odd strings arrives" arrive high --device strings
check "device-odd-strings" passes device-odd-strings
check "it goes" leave

# Streams need a controller that has them; vhci_hcd has none.
if [ $streams = yes ]; then
	check "a device with streams arrives" arrive super --device streams
	each "streams" stream-data stream-ids stream-ends stream-reset
	[ -e /sys/kernel/debug/kmemleak ] || check "forgotten streams go" forgets_streams
	check "it goes" leave
	check "a device with streams arrives where there are none" arrive --inside super --device streams
else
	skip "streams" "vhci_hcd has none"
	check "a device with streams arrives where there are none" arrive super --device streams
fi
check "stream-none" passes stream-none
check "it goes" leave

check "a device with two interfaces arrives" arrive high --device two-interfaces
check "both interfaces are the driver's" has_both
each "two interfaces" claim-probe claim-use claim-foreign claim-cross claim-use \
	interface-claimed
check "two interfaces: commands through usbfs" usbfs all second configure
check "an attribute of this device" attribute "$driver"/*:1.0/second 1
check "rebinding claims again" rebinding_claims_again
check "claim-lost" claimed_interface_is_lost
check "it goes" leave
check "another one arrives" arrive super --device two-interfaces
each "two interfaces" claim-probe claim-use claim-foreign claim-cross
check "it goes with its claimed interface" leave
check "the module unloads" unloads
finish
