#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real
# Several interfaces of one device, and many devices at once, each with a node that can be told
# from the others; what they take of memory; and binding by parameters of the module.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

# As many as two controllers have ports, and as many again with a controller each.
ports=16
devices=32
daemons=/run/many.pids
gadgets=/sys/kernel/config/usb_gadget

# count: nodes that there are.
count() {
	set -- /dev/usbpipe[0-9]*
	[ -e "$1" ] || set --
	echo $#
}

has_nodes() {
	[ "$(count)" -eq "$1" ]
}

# serial NODE: that of the device of a node.
serial() {
	cat "/sys/class/usbmisc/$(basename "$1")/device/../serial"
}

# attach SPEED FIRST LAST: reference devices with these serials, one for each port of vhci_hcd.
attach() {
	for number in $(seq "$2" "$3"); do
		rm -f /run/many.fifo
		mkfifo /run/many.fifo
		refdevd vhci --speed "$1" --serial "many-$number" >/run/many.fifo 2>/run/many.log &
		echo $! >>"$daemons"
		read -r _ </run/many.fifo || {
			cat /run/many.log
			return 1
		}
	done
}

# gadget UDC NUMBER: a device that gives back what it is sent, with this serial.
gadget() {
	here=$gadgets/many-$2
	mkdir "$here" "$here/strings/0x409" "$here/configs/c.1" "$here/functions/Loopback.$2"
	echo 0x1209 >"$here/idVendor"
	echo 0x0001 >"$here/idProduct"
	echo "many-$2" >"$here/strings/0x409/serialnumber"
	ln -s "$here/functions/Loopback.$2" "$here/configs/c.1"
	echo "$1" >"$here/UDC"
}

gadgets_arrive() {
	modprobe dummy_hcd num=$((devices - ports))
	modprobe libcomposite
	number=$ports
	for udc in /sys/class/udc/dummy_udc.*; do
		number=$((number + 1))
		gadget "${udc##*/}" "$number"
	done
}

gadgets_leave() {
	for here in "$gadgets"/many-*; do
		echo >"$here/UDC"
		rm "$here"/configs/c.1/Loopback.*
		rmdir "$here"/configs/c.1 "$here"/functions/* "$here"/strings/* "$here"
	done
	wait_for 20 has_nodes "$ports"
	rmmod dummy_hcd
}

all_arrive() {
	modprobe vhci-hcd
	attach high 1 8
	attach super 9 "$ports"
	gadgets_arrive
	wait_for 30 has_nodes "$devices"
}

# Each node is another device: its serial, its port, and what its scratch memory holds.
each_is_another() {
	for node in /dev/usbpipe[0-9]*; do
		serial "$node"
	done | sort -u >/tmp/serials
	equal "$devices" "$(wc -l </tmp/serials)" "serials"
	for node in /dev/usbpipe[0-9]*; do
		basename "$(readlink -f "/sys/class/usbmisc/$(basename "$node")/device/..")"
	done | sort -u >/tmp/ports
	equal "$devices" "$(wc -l </tmp/ports)" "ports"
}

# All at once: what each gets is its own.
each_has_its_data() {
	pids=""
	for node in /dev/usbpipe[0-9]*; do
		number=${node#/dev/usbpipe}
		{ serial "$node" && head -c 100000 /dev/urandom; } >"/tmp/sent$number"
		timeout 60 usbpipe pipe "$number" "/tmp/sent$number" -o "/tmp/received$number" &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	for node in /dev/usbpipe[0-9]*; do
		number=${node#/dev/usbpipe}
		cmp "/tmp/sent$number" "/tmp/received$number"
		rm "/tmp/sent$number" "/tmp/received$number"
	done
}

# slabs: bytes that the kernel has in objects, less what kmemleak keeps of them; or, where it does
# not count objects, in their pages.
slabs() {
	if [ -r /proc/slabinfo ]; then
		awk 'NR > 2 && $1 != "kmemleak_object" { sum += $2 * $4 } END { print sum }' /proc/slabinfo
	else
		awk '/^Slab:/ { print $2 * 1024 }' /proc/meminfo
	fi
}

# What the kernel has while the nodes are there, less what it has while they are not; the most of
# some rounds, since pages stay for a while.
idle_ones_take_little() {
	interfaces=$(cd "$driver" && echo *:1.0)
	most=0
	for _ in 1 2 3; do
		for name in $interfaces; do echo "$name" >"$driver"/unbind; done
		has_nodes 0
		without=$(slabs)
		for name in $interfaces; do echo "$name" >"$driver"/bind; done
		wait_for 5 has_nodes "$devices"
		each=$((($(slabs) - without) / devices))
		[ "$each" -le "$most" ] || most=$each
	done
	echo "usbpipe-many: $most bytes for each idle device" >/dev/kmsg
	echo "$most bytes for each of $devices"
	case $LAB in
	# KASAN doubles objects, and those that were freed last are counted, so this is more than is
	# held. But it is not 0: what is counted is what a device takes.
	*-debug) [ "$most" -gt 0 ] && [ "$most" -le 65536 ] ;;
	# Small objects may fit in pages that the kernel has kept. What has pages of its own shows.
	*) [ "$most" -le 16384 ] ;;
	esac
}

all_leave() {
	while read -r pid; do
		kill "$pid"
	done <"$daemons"
	rm "$daemons"
	wait_for 20 has_nodes 0
}

# loads_for PARAMETER...: the module, with these.
loads_for() {
	modprobe usbpipe "$@"
	[ -d "$driver" ]
}

# refuses PARAMETER...: the module is not loaded with these.
refuses() {
	fails modprobe usbpipe "$@"
	[ ! -d "$driver" ]
}

# A parameter that is there already is EEXIST, which modprobe takes for the module's.
refuses_two_vendors() {
	modprobe usbpipe vendor=0x0525 vendor=0x1209
	[ ! -d "$driver" ]
}

two_arrive() {
	plug --inside high --device two-interfaces
	wait_for 5 has_nodes 2
}

# The second interface has the endpoints for data, in its altsetting 1.
interfaces_are_apart() {
	for number in 0 1; do
		usbpipe info --json "$number" | tr -d ' \n' >/tmp/info
		cat /tmp/info
		name=$(basename "$(readlink -f /sys/class/usbmisc/usbpipe"$number"/device)")
		grep -qF "\"interface\":${name##*.}" /tmp/info || grep -qF "\"interface_number\":${name##*.}" /tmp/info
	done
}

one_unbinds_alone() {
	name=$(basename "$(readlink -f /sys/class/usbmisc/usbpipe0/device)")
	echo "$name" >"$driver"/unbind
	has_nodes 1
	echo "$name" >"$driver"/bind
	wait_for 5 has_nodes 2
}

# nobody DEVICE: it is not for us.
nobody() {
	plug --inside high --device "$1"
	has_nodes 0
	unplug
}

# memory_is LIMIT DEVICE_LIMIT
memory_is() {
	plug --inside high
	wait_for 5 has_nodes 1
	memory-limits "$node" "$1" "$2"
	unplug
	has_nodes 0
}

# module_memory_is LIMIT DEVICE_LIMIT: for two devices together.
module_memory_is() {
	attach high 1 2
	wait_for 10 has_nodes 2
	memory-limits /dev/usbpipe0 "$1" "$2" /dev/usbpipe1
}

check "the module loads" loads
check "$devices devices arrive" all_arrive
check "each node is another device" each_is_another
check "each gives back its own data" each_has_its_data
check "an idle device takes little memory" idle_ones_take_little
check "half of them leave" gadgets_leave
check "all leave" all_leave
check "the module unloads" unloads
check "a vendor of more than 16 bits is refused" refuses vendor=0x11209
check "a vendor that is no number is refused" refuses vendor=reference
check "a list of vendors is refused" refuses vendor=0x0525,0x1209
check "a second vendor is refused" refuses_two_vendors
check "it loads for a product of no vendor" loads_for product=2
check "which is that of nobody" nobody two-interfaces
check "the module unloads" unloads
check "it loads for a product" loads_for vendor=0x1209 product=2
check "both interfaces of it have a node" two_arrive
check "and each knows which" interfaces_are_apart
check "one unbinds without the other" one_unbinds_alone
check "they leave" leave
check "another product is left alone" nobody strings
check "the module unloads" unloads
check "it loads for a vendor" loads_for vendor=0x1209
check "any product of it is bound" two_arrive
check "they leave" leave
check "another vendor is left alone" nobody lcd
check "the module unloads" unloads
check "it loads with limits" loads_for memory_mb=1 device_memory_kb=300
check "limits are those, and kept" memory_is 1048576 307200
check "the module unloads" unloads
check "it loads with a limit that is for all" loads_for memory_mb=1
check "two devices keep to it together" module_memory_is 1048576 16777216
check "they leave" all_leave
check "the module unloads" unloads
finish
