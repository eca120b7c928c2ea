#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: real real-debug
# Streams of usbpipe through a device that falls asleep, and a 32-bit program. (The fast lab's
# kernel has no power management. That the whole system sleeps cannot be played here: the guest's
# file system does not survive it; by hand it can: without-host pipe-sleep system.)
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

# sleeps SCENE
sleeps() {
	timeout 60 pipe-sleep "$1" "$node" "$(readlink -f /sys/class/usbmisc/usbpipe0/device/..)"
}

# A gadget that says that it can wake the computer. (It would do so after a minute.)
zero_arrives() {
	modprobe dummy_hcd
	modprobe g_zero loopdefault=1 autoresume=60
	echo "0525 a4a0" >"$driver/new_id"
	wait_for 5 test -c "$node"
}

zero_leaves() {
	rmmod g_zero
	wait_for 5 test ! -e "$node"
	rmmod dummy_hcd
	echo "0525 a4a0" >"$driver/remove_id"
}

of_32_bits() {
	check-pipe32 "$node"
}

check "the module loads" loads
for speed in $(speeds); do
	check "$speed speed: the device is there" arrive "$speed"
	check "$speed speed: what needs it wakes it up" sleeps wakes
	check "$speed speed: it sleeps between writes" sleeps writes
	check "$speed speed: the device goes" leave
done
check "a device that wakes the computer is there" zero_arrives
check "it sleeps while somebody listens" sleeps listens
check "it goes" zero_leaves
if [ "$LAB" = real ]; then
	check "the device is there" arrive high
	check "a 32-bit program gets the same" of_32_bits
	check "the device goes" leave
fi
check "the module unloads" unloads
finish
