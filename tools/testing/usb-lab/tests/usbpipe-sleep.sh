#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# Streams of usbpipe through a device that falls asleep, alone or with the whole system, and a
# 32-bit program.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

# system_sleeps WHERE: not in the fast lab, whose kernel cannot.
system_sleeps() {
	case $LAB in
	real*) check "$1: the system sleeps in the middle of streams" sleeps system ;;
	esac
}

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
	system_sleeps "$speed speed"
	check "$speed speed: the device goes" leave
done
check "a device that wakes the computer is there" zero_arrives
check "it sleeps while somebody listens" sleeps listens
system_sleeps "such a device"
check "it goes" zero_leaves
if [ "$LAB" = real ]; then
	check "the device is there" arrive high
	check "a 32-bit program gets the same" of_32_bits
	check "the device goes" leave
fi
check "the module unloads" unloads
finish
