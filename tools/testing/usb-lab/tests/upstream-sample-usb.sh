#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# Upstream's unmodified rust_driver_usb binds to the reference device by a
# dynamic id and lets go of it, by sysfs and by surprise.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

driver=/sys/bus/usb/drivers/rust_driver_usb

loads() {
	modprobe rust_driver_usb
	[ -d "$driver" ]
}

interface() {
	basename "$(echo "$(refdev)"/*:1.0)"
}

leaves_other_ids_alone() {
	plug high
	[ ! -e "/sys/bus/usb/devices/$(interface)/driver" ]
}

binds_by_new_id() {
	echo "1209 0001" >"$driver"/new_id
	wait_for 5 test -e "$driver/$(interface)"
	dmesg | grep -q "Rust USB driver sample probed"
}

unbinds_by_sysfs() {
	name=$(interface)
	echo "$name" >"$driver"/unbind
	[ ! -e "$driver/$name" ]
	dmesg | grep -q "Rust USB driver sample disconnected"
}

binds_again_by_sysfs() {
	name=$(interface)
	echo "$name" >"$driver"/bind
	[ -e "$driver/$name" ]
}

lets_go_on_unplug() {
	name=$(interface)
	before=$(dmesg | grep -c "Rust USB driver sample disconnected")
	unplug
	[ ! -e "$driver/$name" ]
	equal $((before + 1)) "$(dmesg | grep -c "Rust USB driver sample disconnected")" "disconnects"
}

unloads() {
	rmmod rust_driver_usb
	[ ! -d "$driver" ]
}

check "the module loads" loads
check "a device of another id is left alone" leaves_other_ids_alone
check "it binds by new_id" binds_by_new_id
check "it unbinds by sysfs" unbinds_by_sysfs
check "it binds again by sysfs" binds_again_by_sysfs
check "it lets go on unplug" lets_go_on_unplug
check "the module unloads" unloads
finish
