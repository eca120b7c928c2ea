#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# Each device that refdevd has besides the reference device enumerates as what it is.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

device=

# arrives NAME ID: it is there, and tells the vendor and product of its id.
arrives() {
	plug high --device "$1"
	device=$(refdev)
	attribute "$device/idVendor" "${2%:*}"
	attribute "$device/idProduct" "${2#*:}"
}

# texts MANUFACTURER PRODUCT CONFIGURATION
texts() {
	device=$(refdev)
	equal "$1" "$(cat "$device/manufacturer" 2>/dev/null)" manufacturer
	attribute "$device/product" "$2"
	attribute "$device/serial" 0001
	attribute "$device/configuration" "$3"
}

# interface NUMBER CLASS ENDPOINTS: of the current configuration and setting.
interface() {
	place=$(echo "$(refdev)"/*:*."$1")
	attribute "$place/bInterfaceClass" "$2"
	attribute "$place/bNumEndpoints" "$3"
}

two_interfaces() {
	attribute "$(refdev)/bNumInterfaces" " 2"
	interface 0 ff 01
	interface 1 0a 00
}

# configured VALUE: SET_CONFIGURATION selects it.
configured() {
	device=$(refdev)
	echo "$1" >"$device/bConfigurationValue"
	attribute "$device/bConfigurationValue" "$1"
	interface 0 ff 02
}

# Half a surrogate pair is no character, and the kernel leaves it out.
odd_strings() {
	texts "" "$(printf 'Ger\303\244t \342\202\254 \360\237\246\200')" ab
	place=$(echo "$(refdev)"/*:1.0)
	equal 253 "$(wc -c <"$place/interface")" "bytes in the longest name"
}

check "two-interfaces arrives" arrives two-interfaces 1209:0002
check "its interfaces are two" two_interfaces
check "it goes away" unplug
check "strings arrives" arrives strings 1209:0003
check "its strings are what they are" odd_strings
check "it goes away" unplug
check "gadget-zero arrives" arrives gadget-zero 0525:a4a0
check "its strings are there" texts usbpipe "Gadget Zero" "source and sink data"
check "its other configuration can be selected" configured 2
check "and the first one again" configured 3
check "it goes away" unplug
for pair in "sevseg 0fc5:1227 Seven segments" "lcd 10d2:0001 Text display"; do
	name=${pair%% *}
	rest=${pair#* }
	check "$name arrives" arrives "$name" "${rest%% *}"
	check "its strings are there" texts usbpipe "${rest#* }" ""
	check "it goes away" unplug
done
finish
