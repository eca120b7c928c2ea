#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real
# Devices sleep under the drivers usbsevseg and usblcd as they do under those in Rust
# that do the same.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/samples.sh
. /lab/lib/samples.sh

# status: that of the device in runtime power management.
status() {
	cat "$device/power/runtime_status"
}

is() {
	[ "$(status)" = "$1" ]
}

# sleeps: the display does, as soon as nobody needs it.
sleeps() {
	echo 0 >"$device/power/autosuspend_delay_ms"
	echo auto >"$device/power/control"
	wait_for 10 is suspended
}

# While it is off it sleeps, and is told later; asking it wakes it up.
digits_asleep() {
	sleeps
	for pair in "text SLEEPS" "mode_lsb 15" "decimals 11"; do
		(cd "$interface" && printf 'open %s\nwrite %s\n' "${pair% *}" "${pair#* }" | calls)
		status
	done
	shown
	wait_for 10 is suspended
}

# While it is on it is awake.
digits_awake() {
	sleeps
	(cd "$interface" && printf 'open powered\nwrite 1\n' | calls)
	status
	shown
	usleep 1500000
	status
	(cd "$interface" && printf 'open powered\nwrite 5\nwrite 1\n' | calls)
	put text 'ON'
	usleep 500000
	status
	(cd "$interface" && printf 'open powered\nwrite 0\n' | calls)
	wait_for 10 is suspended
	get powered
	status
}

# The device sleeps while no file is open.
text_asleep() {
	sleeps
	calls <<-SCRIPT
		open $node
		run cat $device/power/runtime_status >/tmp/status
		write I am awake
		run usleep 1500000
		run cat $device/power/runtime_status >>/tmp/status
		close
	SCRIPT
	cat /tmp/status
	wait_for 10 is suspended
	shown
}

# What was written has a second to arrive before the device sleeps.
draw_down() {
	echo 0 >"$device/power/autosuspend_delay_ms"
	with_node "" <<-SCRIPT
		control 0x40 2 1 0
		write too late
	SCRIPT
	echo auto >"$device/power/control"
	wait_for 10 is suspended
	{
		usbfs
		echo "control 0x40 2 0 0"
	} | calls
	shown
	with_node "" <<-SCRIPT
		write in time
		run usleep 100000
	SCRIPT
	shown
}

# both C-MODULE RUST-MODULE DEVICE SCENE...: plays the scenes with both, and compares.
both() {
	c=$1 rust=$2 panel=$3
	shift 3
	for module in "$c" "$rust"; do
		check "$module loads" with "$module"
		for scene; do
			check "$module: $scene" play "$scene" --device "$panel"
		done
		check "$module unloads" without
	done
	for scene; do
		check "same: $scene" same "$scene"
	done
}

both usbsevseg rust_driver_usb_sevseg sevseg digits_asleep digits_awake
check "what sleeps is told later" tells digits_asleep suspended \
	'shows "off mode 060f ascii "SLEEPS" points 00000011 after 3 requests"'
check "what is on does not sleep" tells digits_awake active
both usblcd rust_driver_usb_lcd lcd text_asleep draw_down
check "an open file keeps it awake" tells text_asleep active 'shows "I am awake"'
check "what does not arrive is dropped" tells draw_down 'shows "in time"'
finish
