#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real
# The device is taken away while programs use it: each gets ENODEV, at once, and
# the next device works.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

GONE=3
endless=/tmp/endless
truncate -s 4G "$endless"

# has_read PID BYTES: the process has taken that much of "$endless".
has_read() {
	for fd in /proc/"$1"/fd/*; do
		[ "$(readlink "$fd")" = "$endless" ] || continue
		read -r _ position <"/proc/$1/fdinfo/${fd##*/}"
		[ "$position" -ge "$2" ]
		return
	done
	return 1
}

# has_open PID: the process has the node open.
has_open() {
	for fd in /proc/"$1"/fd/*; do
		[ "$(readlink "$fd")" != "$node" ] || return 0
	done
	return 1
}

# is_gone PID: it ends within five seconds and says that the device is gone.
is_gone() {
	wait_for 5 test ! -d "/proc/$1"
	status=0
	wait "$1" || status=$?
	cat /tmp/said
	equal "$GONE" "$status" "exit status"
	grep -q ENODEV /tmp/said
}

in_mid_transfer() {
	arrive "$1"
	usbpipe pipe 0 "$endless" >/tmp/said 2>&1 &
	wait_for 10 has_read $! $((4 << 20))
	unplug
	is_gone $!
}

in_a_blocked_read() {
	arrive "$1"
	usbpipe read 0 --timeout 0 >/tmp/said 2>&1 &
	wait_for 5 has_open $!
	unplug
	is_gone $!
}

in_a_full_write() {
	arrive "$1"
	usbpipe write 0 --timeout 0 "$endless" >/tmp/said 2>&1 &
	wait_for 10 has_read $! $((1 << 20))
	unplug
	is_gone $!
}

open_across_unplug() {
	arrive "$1"
	exec 3<>"$node"
	unplug
	[ ! -e "$node" ]
	fails dd bs=1 count=1 <&3 2>/tmp/said
	grep "No such device" /tmp/said
	fails dd if=/dev/zero bs=1 count=1 >&3 2>/tmp/said
	grep "No such device" /tmp/said
	plug "$1"
	wait_for 5 sh -c 'ls /dev/usbpipe*'
	exec 3>&-
	unplug
}

often() {
	for _ in 1 2 3; do
		in_mid_transfer super
	done
}

works_again() {
	arrive "$1"
	head -c 100000 /dev/urandom >/tmp/sent
	timeout 20 usbpipe pipe 0 /tmp/sent
	leave
}

check "the module loads" loads
for speed in $(speeds); do
	check "$speed speed: unplug in mid-transfer" fresh in_mid_transfer "$speed"
	check "$speed speed: unplug in a blocked read" fresh in_a_blocked_read "$speed"
	check "$speed speed: unplug in a write that waits for room" fresh in_a_full_write "$speed"
	check "$speed speed: a descriptor held across unplug" fresh open_across_unplug "$speed"
	check "$speed speed: the next device works" fresh works_again "$speed"
done
check "three times in a row" fresh often
check "the module unloads" fresh unloads
rm "$endless"
finish
