#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# What refdevd lies about reaches drivers as its documentation says: usbtest
# begins transfers, usbmon tells how the URBs came back.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

monitor=/tmp/monitor
sysfs=/sys/bus/usb/devices/1-1

# arrive SETTING FAULT...: with usbtest bound to it.
arrive() {
	setting=$1
	shift
	for fault; do
		set -- "$@" --fault "$fault"
		shift
	done
	plug high --device gadget-zero "$@"
	modprobe usbtest "alt=$setting"
	wait_for 5 test -e "$sysfs"/1-1:3.0/driver
	read -r number <"$sysfs/devnum"
	node=$(printf /dev/bus/usb/001/%03d "$number")
}

leave() {
	unplug
	rmmod usbtest
}

# transfers CASE BYTES TIMES: one transfer of usbtest's case, so many times.
transfers() {
	cat /sys/kernel/debug/usb/usbmon/1u >"$monitor" &
	watcher=$!
	for _ in $(seq "$3"); do
		testusb -D "$node" -t "$1" -c 1 -s "$2" -g 1
	done
	usleep 100000
	kill "$watcher"
	cut -c 1-200 "$monitor"
}

# came_back TYPE WANTED...: how URBs of this type came back, one after the other:
# for bulk status and length; for isochronous ones status, error count, and number
# of packets with the first of them (status:offset:length).
came_back() {
	awk -v type="$1" '$3 == "C" && index($4, type) == 1 {
		sub(/ [=<>].*/, ""); $1 = $2 = $3 = $4 = ""
		if (split($5, part, ":") > 1) { $5 = part[1] ":" part[4]; $NF = "" }
		gsub(/^ +| +$/, ""); print
	}' "$monitor" >/tmp/found
	shift
	printf '%s\n' "$@" >/tmp/wanted
	diff /tmp/wanted /tmp/found
}

bulk_in() {
	arrive 0 \
		ep=0x81,nth=1,actual=-1 ep=0x81,nth=2,actual=0x80000000 ep=0x81,nth=3,actual=100 \
		ep=0x81,nth=4,status=-71 ep=0x81,nth=5,status=-115 ep=0x81,nth=6,status=-4096 \
		ep=0x81,nth=7,status=1 ep=0x81,nth=8,status=0x7fffffff ep=0x81,nth=9,status=-104
	transfers 2 512 10
	came_back Bi "0 -1" "0 -2147483648" "-121 100" "-71 512" "-115 512" "-4096 512" \
		"1 512" "2147483647 512" "-104 512" "0 512"
	leave
}

bulk_out() {
	arrive 0 ep=1,nth=1,actual=-1 ep=1,nth=2,actual=+1 ep=1,nth=3,actual=0x7fffffff \
		ep=1,nth=4,actual=0 ep=1,nth=5,status=-75
	transfers 1 512 6
	came_back Bo "0 -1" "0 513" "0 2147483647" "0 0" "-75 512" "0 512"
	leave
}

# Four packets of 1024 bytes.
isochronous() {
	arrive 1 ep=0x82,nth=1,packets=0 ep=0x82,nth=2,packets=2 ep=0x82,nth=3,packets=+1 \
		ep=0x82,nth=4,errors=-1 ep=0x82,nth=5,packets=3,packet=0,packet-actual=+1 \
		ep=0x82,nth=6,packet=1,packet-offset=0x7fffffff ep=0x82,nth=7,packet-actual=-1 \
		ep=0x82,nth=8,packet-length=0,packet-status=-18 ep=0x82,nth=9,packet-status=77
	transfers 16 4096 10
	rest="0:2048:1024 0:3072:1024"
	came_back Zi "-71:0 0" "0:0 2 0:0:1024 0:1024:1024" "-71:0 0" \
		"0:-1 4 0:0:1024 0:1024:1024 $rest" "0:0 3 0:0:1025 0:1024:1024 0:2048:1024" \
		"0:0 4 0:0:1024 0:2147483647:1024 $rest" \
		"-71:0 4 0:0:4294967295 -18:1024:0 -18:2048:0 -18:3072:0" \
		"0:4 4 -18:0:1024 -18:1024:1024 -18:2048:1024 -18:3072:1024" \
		"0:4 4 77:0:1024 77:1024:1024 77:2048:1024 77:3072:1024" \
		"0:0 4 0:0:1024 0:1024:1024 $rest"
	leave
}

# drops WANTED FAULT: a bulk IN transfer ends like this, and the connection with it.
drops() {
	arrive 0 "$2"
	transfers 2 512 1
	came_back Bi "$1"
	wait_for 10 test ! -e "$sysfs"
	leave
}

# product TEXT FAULT: what the kernel makes of the name under a lie about it.
product() {
	plug high --fault "type=0x80,request=6,value=0x302,$2"
	equal "$1" "$(cat "$sysfs"/product 2>/dev/null)" product
	unplug
}

# configuration FAULT MESSAGE: what the kernel says to a lie about it.
configuration() {
	dmesg -c >/tmp/earlier
	plug --anyhow high --fault "type=0x80,request=6,value=0x200,$1"
	wait_for 10 sh -c "dmesg | grep \"$2\""
	unplug
}

# fresh COMMAND...: runs it with nothing left over from a case that failed.
fresh() {
	unplug || true
	rmmod usbtest 2>/dev/null || true
	"$@"
}

modprobe usbmon
modprobe vhci-hcd
check "lies about bulk IN" fresh bulk_in
check "lies about bulk OUT" fresh bulk_out
check "lies about isochronous packets" fresh isochronous
check "more than asked for ends the connection" fresh drops "-71 513" ep=0x81,nth=1,actual=+1
check "babble ends the connection" fresh drops "-71 600" ep=0x81,nth=1,actual=600,data=600
check "the largest length ends the connection" fresh drops "-71 2147483647" ep=0x81,nth=1,actual=0x7fffffff
check "a second answer ends the connection" fresh drops "0 512" ep=0x81,nth=1,twice
check "a string that claims to be longer" fresh product "Reference device" patch=0:ff
check "a string of one byte" fresh product "" patch=0:01
check "a string of an odd length" fresh product "Ref" patch=0:09
check "a string of another type" fresh product "" patch=1:02
check "a string of negative length" fresh product "" actual=-1
check "a string as long as can be" fresh product "$(printf '%126s' '' | tr ' ' A)" \
	"reply=ff03,patch=2:$(printf '%126s' '' | sed 's/ /4100/g')"
check "a configuration that claims to be longer" \
	fresh configuration patch=2:ffff "descriptor too short (expected 65535, got 97)"
check "a configuration of length 0" \
	fresh configuration patch=0:00 "invalid descriptor for config index 0: type = 0x2, length = 0"
check "an interface of length 0" \
	fresh configuration patch=9:00 "invalid descriptor of length 0"
finish
