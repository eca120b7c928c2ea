#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast-debug
# Each allocation of each call fails once: it ends with ENOMEM, and nothing is left of it.
#
# Only kernels for debugging can have an allocation fail that is named. The device is a gadget on
# dummy_hcd: vhci_hcd gives its connection up when there is no memory.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

failslab=/sys/kernel/debug/failslab

# Also those that may wait for memory; and without a word in the log for each.
allocations_can_fail() {
	echo N >"$failslab"/ignore-gfp-wait
	echo 0 >"$failslab"/verbose
	[ -w /proc/self/fail-nth ]
}

zero_arrives() {
	modprobe dummy_hcd
	modprobe g_zero loopdefault=1
	echo "0525 a4a0" >"$driver"/new_id
	wait_for 5 test -c "$node"
}

# without_memory CALL
without_memory() {
	interface=$(basename "$(readlink -f /sys/class/usbmisc/usbpipe0/device)")
	timeout 300 pipe-nomem "$node" "$driver" "$interface" "$1"
}

zero_leaves() {
	rmmod g_zero
	wait_for 5 test ! -e "$node"
	rmmod dummy_hcd
}

check "the module loads" loads
check "allocations can fail" allocations_can_fail
check "the device is there" zero_arrives
for call in open INFO STATS SELECT FIONREAD CONTROL TRANSFER-out TRANSFER-in TRANSACT FLUSH \
	CLEAR_HALT SET_ALT EXCL read write fsync poll RING_SETUP mmap RING_ENTER RING_FREE io_uring \
	bind; do
	check "$call" without_memory "$call"
done
check "the device goes" zero_leaves
check "the module unloads" unloads
finish
