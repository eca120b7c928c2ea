#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# usbpipe binds to the reference device by its id and to another device by
# new_id, and its node comes and goes with the binding.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

interface() {
	basename "$(echo "$(refdev)"/*:1.0)"
}

node_belongs_to_the_interface() {
	equal "$(interface)" "$(basename "$(readlink -f /sys/class/usbmisc/usbpipe0/device)")" "interface of the node"
	[ -e "$driver/$(interface)" ]
}

list_names_it() {
	usbpipe list >/tmp/list
	cat /tmp/list
	grep -q "^$node *1209:0001 .*Reference device *0001$" /tmp/list
}

# info_knows SPEED
info_knows() {
	usbpipe info --json 0 | tr -d ' \n' >/tmp/info
	cat /tmp/info
	for part in "\"speed\":\"$1\"" '"id":"1209:0001"' '"read_endpoint":"0x81"' '"write_endpoint":"0x01"' '"address":"0x82"'; do
		grep -qF "$part" /tmp/info || { echo "no $part"; exit 1; }
	done
}

# Standard requests that read, class and vendor requests; the device knows none of a class.
control_carries_requests() {
	usbpipe control 0 --type standard --request 6 --value 0x100 --length 18 --raw >/tmp/descriptor
	cmp /tmp/descriptor -n 18 "$(refdev)/descriptors"
	usbpipe control 0 --request 4 --data 01:02:03
	usbpipe control 0 --request 5 --length 3 --raw >/tmp/scratch
	printf '\1\2\3' | cmp - /tmp/scratch
	refused EPIPE --type class --recipient interface --request 1
	refused EPERM --type class --request 1
	refused EPERM --type standard --request 9 --value 1
	refused EPERM --recipient interface --index 1 --request 4
}

# refused ERROR ARGUMENT...: by the device or the driver.
refused() {
	error=$1
	shift
	fails usbpipe control 0 "$@" 2>/tmp/message
	cat /tmp/message
	grep -q "control: $error: " /tmp/message
}

unbinds_and_binds_by_sysfs() {
	name=$(interface)
	echo "$name" >"$driver/unbind"
	[ ! -e "$node" ]
	echo "$name" >"$driver/bind"
	wait_for 5 test -c "$node"
}

no_node_is_left() {
	leave
	equal 3 "$(status_of usbpipe info 0)" "exit status without a device"
}

zero_is_there() {
	grep -qs 0525 /sys/bus/usb/devices/*/idVendor
}

another_device_is_left_alone() {
	modprobe dummy_hcd is_super_speed=1
	modprobe g_zero loopdefault=1
	wait_for 10 zero_is_there
	[ ! -e "$node" ]
}

new_id_binds_it() {
	echo "0525 a4a0" >"$driver/new_id"
	wait_for 5 test -c "$node"
	usbpipe list | grep -q "0525:a4a0"
	echo hello >/tmp/hello
	usbpipe write 0 /tmp/hello
}

goes_with_the_gadget() {
	rmmod g_zero
	wait_for 5 test ! -e "$node"
	rmmod dummy_hcd
}

remove_id_forgets_it() {
	echo "0525 a4a0" >"$driver/remove_id"
	equal "" "$(cat "$driver/new_id")" "ids"
}

check "the module loads" loads
for speed in $(speeds); do
	check "$speed speed: it binds by id" arrive "$speed"
	check "$speed speed: the node belongs to the interface" node_belongs_to_the_interface
	check "$speed speed: usbpipe list names it" list_names_it
	check "$speed speed: usbpipe info knows it" info_knows "$speed"
	check "$speed speed: usbpipe control carries requests" control_carries_requests
	check "$speed speed: it unbinds and binds by sysfs" unbinds_and_binds_by_sysfs
	check "$speed speed: no node is left after unplug" no_node_is_left
done
check "a device of another id is left alone" another_device_is_left_alone
check "new_id binds it" new_id_binds_it
check "its node goes with it" goes_with_the_gadget
check "remove_id forgets it" remove_id_forgets_it
check "the module unloads" unloads
finish
