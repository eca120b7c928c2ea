#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# The reference device comes and goes at every speed that the lab has.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

# enumerates SPEED MBITS USB_VERSION: what sysfs says about the device.
enumerates() {
	plug "$1"
	device=$(refdev)
	attribute "$device/speed" "$2"
	attribute "$device/version" " $3"
	attribute "$device/manufacturer" usbpipe
	attribute "$device/product" "Reference device"
	attribute "$device/serial" 0001
	attribute "$device/bcdDevice" 0100
	attribute "$device/bNumConfigurations" 1
	attribute "$device/bNumInterfaces" " 1"
}

interface_is_vendor_specific() {
	interface=$(echo "$(refdev)"/*:1.0)
	attribute "$interface/bInterfaceClass" ff
	attribute "$interface/bInterfaceSubClass" 00
	attribute "$interface/bInterfaceProtocol" 00
	attribute "$interface/bNumEndpoints" 03
}

# endpoint NAME TYPE MAX_PACKET(hex)
endpoint() {
	place=$(echo "$(refdev)"/*:1.0/"$1")
	attribute "$place/type" "$2"
	attribute "$place/wMaxPacketSize" "$3"
}

endpoints_are() {
	endpoint ep_01 Bulk "$1"
	endpoint ep_81 Bulk "$1"
	endpoint ep_82 Interrupt 0040
}

goes_away() {
	unplug
	equal "" "$(refdev)" "device"
}

second_plug_is_refused() {
	equal 1 "$(status_of plug)" "exit status"
}

unplug_needs_a_device() {
	equal 1 "$(status_of unplug)" "exit status"
}

# speed NAME MBITS USB_VERSION BULK_PACKET
speed() {
	check "$1 speed: the device enumerates" enumerates "$1" "$2" "$3"
	check "$1 speed: the interface is vendor specific" interface_is_vendor_specific
	check "$1 speed: the endpoints have their packet sizes" endpoints_are "$4"
	check "$1 speed: a second plug is refused" second_plug_is_refused
	check "$1 speed: the device goes away" goes_away
}

check "unplug without a device is refused" unplug_needs_a_device
case $LAB in
fast*) speed full 12 2.00 0040 ;;
*) skip "full speed" "QEMU's xHCI takes redirected devices at high and super speed only" ;;
esac
speed high 480 2.00 0200
speed super 5000 3.00 0400
finish
