#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: real real-debug
# needs: pci-testdev
# Upstream's unmodified rust_driver_pci drives QEMU's PCI test device: the typed
# MMIO of the kernel crate works beside our abstractions.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

driver=/sys/bus/pci/drivers/rust_driver_pci

test_device() {
	for device in /sys/bus/pci/devices/*; do
		[ "$(cat "$device/vendor"):$(cat "$device/device")" = 0x1b36:0x0005 ] || continue
		basename "$device"
		return
	done
	echo "no pci-testdev" >&2
	return 1
}

binds() {
	modprobe rust_driver_pci
	[ -e "$driver/$(test_device)" ]
}

counts_its_write() {
	dmesg | grep -q "rust_driver_pci $(test_device): pci-testdev data-match count: 1"
}

unloads() {
	rmmod rust_driver_pci
	[ ! -d "$driver" ]
}

check "it binds to the test device" binds
check "its write through typed MMIO is counted by the device" counts_its_write
check "the module unloads" unloads
finish
