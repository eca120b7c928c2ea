# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests that use the usbcheck driver share.

driver=/sys/bus/usb/drivers/usbcheck
node=/dev/usbcheck0

# arrive SPEED [REFDEVD-ARGUMENT...]: a device is there and the driver has bound to it.
arrive() {
	plug "$@"
	wait_for 5 test -c "$node"
}

leave() {
	unplug
	[ ! -e "$node" ]
}

loads() {
	modprobe usbcheck
	[ -d "$driver" ]
}

unloads() {
	rmmod usbcheck
	[ ! -d "$driver" ]
}

# passes NAME [ARGUMENT...]: the check of that name; says what was not as expected (from
# the log, since the node may be gone).
passes() {
	echo "$*" >"$node" || {
		dmesg | grep "usbcheck: " | tail -n 1
		return 1
	}
}

# bound_interface: the one that the driver is bound to.
bound_interface() {
	basename "$(echo "$driver"/*:1.0)"
}

# with_program PROGRAM: one that leaves the driver unbound works with a new node, and with the
# next one.
with_program() {
	interface=$(bound_interface)
	for _ in 1 2; do
		"$1" "$node" "$driver"/unbind "$interface"
		[ ! -e "$node" ]
		echo "$interface" >"$driver"/bind
		wait_for 5 test -c "$node"
	done
	passes urb-complete
}

# usbfs_node: the device's own node.
usbfs_node() {
	found=$(refdev)
	printf "/dev/bus/usb/%03d/%03d" "$(cat "$found"/busnum)" "$(cat "$found"/devnum)"
}

# usbfs COMMAND...: sends commands to the driver through usbfs.
usbfs() {
	check-usbfs "$(usbfs_node)" "$@"
}

# each WHERE CHECK...: a case for each check, which may have arguments behind a blank.
each() {
	where=$1
	shift
	for name in "$@"; do
		check "$where: $name" passes "$name"
	done
}
