#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# Whatever a device or host controller says, a transfer of kernel::usb ends in a way that is
# documented, moves at most what was asked for, and shows only what was sent.
#
# Not in the real labs: a virtual machine's xHCI does not pass such answers on.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbcheck.sh
. /lab/lib/usbcheck.sh

# told FAULT CHECK END BYTES: the check meets that fault; its transfer ends so, with so many bytes.
told() {
	fault=$1
	shift
	arrive high --fault "$fault"
	passes "$@"
	unplug
	wait_for 5 test ! -e "$node"
}

# lie TITLE FAULT CHECK END BYTES
lie() {
	title=$1
	shift
	# What a case that failed may have left behind, be it that its device is gone.
	unplug >/dev/null 2>&1 || :
	check "$title" told "$@"
}

# in_ways CHECK WHERE TRUTH ASKED: what can be told of a transfer that asks for so many bytes, and
# would get TRUTH.
in_ways() {
	lie "$1: the truth" "$2,from=1000" "$1" ok "$3"
	lie "$1: nothing" "$2,actual=0" "$1" ok 0
	lie "$1: more than there was" "$2,actual=asked" "$1" ok "$4"
	lie "$1: one more than asked" "$2,actual=+1" "$1" protocol 0
	lie "$1: 2^31" "$2,actual=0x80000000" "$1" overflow 0
	lie "$1: 2^32 - 1" "$2,actual=-1" "$1" overflow 0
	lie "$1: a positive status" "$2,status=1" "$1" no-errno "$3"
	lie "$1: no errno" "$2,status=-4096" "$1" no-errno "$3"
}

# out_ways CHECK WHERE ASKED
out_ways() {
	lie "$1: the truth" "$2,from=1000" "$1" ok "$3"
	lie "$1: nothing was taken" "$2,actual=0" "$1" ok 0
	lie "$1: one less" "$2,actual=asked-1" "$1" ok $(($3 - 1))
	lie "$1: one more" "$2,actual=+1" "$1" overflow 0
	lie "$1: 2^31" "$2,actual=0x80000000" "$1" overflow 0
	lie "$1: 2^32 - 1" "$2,actual=-1" "$1" overflow 0
	lie "$1: a positive status" "$2,status=1" "$1" no-errno "$3"
	lie "$1: no errno" "$2,status=-4096" "$1" no-errno "$3"
}

# in_pieces TITLE FAULT END BYTES: of a read into two pieces, which the device fills.
in_pieces() {
	lie "pieces: $1" "ep=0x81,$2" lie-gather "$3" "$4"
}

# out_pieces TITLE FAULT END BYTES
out_pieces() {
	lie "pieces out: $1" "ep=0x01,$2" lie-gather-out "$3" "$4"
}

# What the core has to say about a URB that it does not take is a message for debugging.
core_speaks() {
	grep 'usb/core/urb.c' /proc/dynamic_debug/control >/tmp/messages
	[ -s /tmp/messages ]
	fails grep -v '=p' /tmp/messages
}

check "the core tells of bad URBs" core_speaks
check "the module loads" loads

# The device has 100 bytes, and is asked for 1024. What is longer than that, vhci
# refuses itself, with EPROTO, and gives the connection up; negative lengths it passes on.
lie "IN: the truth" ep=0x81,nth=1000 lie-in ok 100
lie "IN: nothing" ep=0x81,actual=0 lie-in ok 0
lie "IN: more than there was" ep=0x81,actual=asked lie-in ok 1024
lie "IN: one more than asked" ep=0x81,actual=+1 lie-in protocol 0
lie "IN: 2^31 - 1" ep=0x81,actual=0x7fffffff lie-in protocol 0
lie "IN: 2^31" ep=0x81,actual=0x80000000 lie-in overflow 0
lie "IN: 2^32 - 1" ep=0x81,actual=-1 lie-in overflow 0
lie "IN: 2^32 - 1, stalled" ep=0x81,actual=-1,status=-32 lie-in stall 0

lie "status: EPIPE" ep=0x81,status=-32 lie-in stall 100
lie "status: EOVERFLOW" ep=0x81,status=-75 lie-in overflow 100
lie "status: EREMOTEIO" ep=0x81,status=-121 lie-in short 100
lie "status: EPROTO" ep=0x81,status=-71 lie-in protocol 100
lie "status: EILSEQ" ep=0x81,status=-84 lie-in protocol 100
lie "status: ETIME" ep=0x81,status=-62 lie-in protocol 100
lie "status: ECOMM" ep=0x81,status=-70 lie-in protocol 100
lie "status: ENOSR" ep=0x81,status=-63 lie-in protocol 100
lie "status: ENOENT" ep=0x81,status=-2 lie-in cancelled 100
lie "status: ECONNRESET" ep=0x81,status=-104 lie-in cancelled 100
lie "status: ESHUTDOWN" ep=0x81,status=-108 lie-in gone 100
lie "status: ENODEV" ep=0x81,status=-19 lie-in gone 100
lie "status: EINPROGRESS" ep=0x81,status=-115 lie-in pending 100
lie "status: ETIMEDOUT" ep=0x81,status=-110 lie-in timeout 100
lie "status: positive" ep=0x81,status=1 lie-in no-errno 100
lie "status: 2^31 - 1" ep=0x81,status=0x7fffffff lie-in no-errno 100
lie "status: no errno" ep=0x81,status=-4096 lie-in no-errno 100
lie "status: EPERM, which is -1" ep=0x81,status=-1 lie-in other 100
lie "status: 2^31" ep=0x81,status=0x80000000 lie-in no-errno 100
lie "status: an errno without a name" ep=0x81,status=-4095 lie-in other 100
lie "status: ENOMEM" ep=0x81,status=-12 lie-in other 100

lie "a caller waits: the truth" ep=0x81,nth=1000 lie-receive ok 100
lie "a caller waits: nothing" ep=0x81,actual=0 lie-receive ok 0
lie "a caller waits: more than there was" ep=0x81,actual=asked lie-receive ok 1024
lie "a caller waits: 2^31" ep=0x81,actual=0x80000000 lie-receive overflow 0
lie "a caller waits: a positive status" ep=0x81,status=1 lie-receive no-errno 100
lie "a caller waits: EPIPE" ep=0x81,status=-32 lie-receive stall 100
lie "a caller waits: EPROTO" ep=0x81,status=-71 lie-receive protocol 100
lie "a caller waits: ETIMEDOUT" ep=0x81,status=-110 lie-receive timeout 100
lie "a caller waits: 2^32 - 1, stalled" ep=0x81,actual=-1,status=-32 lie-receive stall 0

lie "OUT: nothing was taken" ep=0x01,actual=0 lie-out ok 0
lie "OUT: one less" ep=0x01,actual=asked-1 lie-out ok 1023
lie "OUT: one more" ep=0x01,actual=+1 lie-out overflow 0
lie "OUT: 2^31 - 1" ep=0x01,actual=0x7fffffff lie-out overflow 0
lie "OUT: 2^31" ep=0x01,actual=0x80000000 lie-out overflow 0
lie "OUT: 2^32 - 1" ep=0x01,actual=-1 lie-out overflow 0
lie "OUT: a positive status" ep=0x01,status=1 lie-out no-errno 1024

# The answer is empty; 1024 bytes were asked for.
lie "control: the truth" ep=0,request=5,nth=1000 lie-control ok 0
lie "control: more than there was" ep=0,request=5,actual=40 lie-control ok 40
lie "control: one more than asked" ep=0,request=5,actual=+1 lie-control protocol 0
lie "control: 2^31" ep=0,request=5,actual=0x80000000 lie-control overflow 0
lie "control: 2^32 - 1" ep=0,request=5,actual=-1 lie-control overflow 0
lie "control: a positive status" ep=0,request=5,status=1 lie-control no-errno 0
lie "control: no errno" ep=0,request=5,status=-4096 lie-control no-errno 0

# Eight packets of 512 bytes; all are empty. Told is of the third one.
lie "packets: the truth" ep=0x83,nth=1000 lie-iso ok 0
lie "packets: one has bytes" ep=0x83,actual=10,packet=2,packet-actual=10 lie-iso ok 10
lie "packets: one is full" ep=0x83,actual=512,packet=2,packet-actual=512 lie-iso ok 512
lie "packets: one is too long" ep=0x83,actual=513,packet=2,packet-actual=513 lie-iso overflow 0
lie "packets: one fills the buffer" ep=0x83,actual=3072,packet=2,packet-actual=3072 lie-iso overflow 0
lie "packets: 2^32 - 1 in one" ep=0x83,packet=2,packet-actual=-1 lie-iso protocol 0
lie "packets: 2^31 in one" ep=0x83,packet=2,packet-actual=0x80000000 lie-iso protocol 0
lie "packets: the sum is wrong" ep=0x83,actual=5,packet=2,packet-actual=1 lie-iso protocol 1
lie "packets: one failed" ep=0x83,packet=2,packet-status=-71 lie-iso protocol 0
lie "packets: a positive status" ep=0x83,packet=2,packet-status=1 lie-iso no-errno 0
lie "packets: no errno" ep=0x83,packet=2,packet-status=-4096 lie-iso no-errno 0
lie "packets: elsewhere" ep=0x83,packet=2,packet-offset=-1 lie-iso ok 0
lie "packets: at one byte more" ep=0x83,packet=2,packet-offset=1025 lie-iso ok 0
lie "packets: at 2^31" ep=0x83,packet=2,packet-offset=0x80000000 lie-iso ok 0
lie "packets: of another length" ep=0x83,packet=2,packet-length=-1 lie-iso ok 0
lie "packets: of one byte more" ep=0x83,packet=2,packet-length=513 lie-iso ok 0
lie "packets: of 2^31 bytes" ep=0x83,packet=2,packet-length=0x80000000 lie-iso ok 0
lie "packets: too few" ep=0x83,packets=1 lie-iso partial 0
lie "packets: none" ep=0x83,packets=0 lie-iso protocol 0
lie "packets: too many" ep=0x83,packets=+1 lie-iso protocol 0
lie "packets: 2^32 - 1" ep=0x83,packets=-1 lie-iso protocol 0
lie "packets: more errors than packets" ep=0x83,errors=-1 lie-iso ok 0

lie "packets out: the truth" ep=0x03,nth=1000 lie-iso-out ok 512
lie "packets out: one took nothing" ep=0x03,packet=2,packet-actual=0 lie-iso-out ok 0
lie "packets out: one took more" ep=0x03,packet=2,packet-actual=513 lie-iso-out overflow 0
lie "packets out: 2^31 in one" ep=0x03,actual=0x80000e00,packet=2,packet-actual=0x80000000 lie-iso-out protocol 0
lie "packets out: 2^32 - 1 in one" ep=0x03,actual=3583,packet=2,packet-actual=-1 lie-iso-out protocol 0
lie "packets out: another sum" ep=0x03,packet=2,packet-actual=-1 lie-iso-out protocol 0
lie "packets out: 2^31 in all" ep=0x03,actual=0x80000000 lie-iso-out protocol 512
lie "packets out: a positive status" ep=0x03,packet=2,packet-status=1 lie-iso-out no-errno 512
lie "packets out: no errno" ep=0x03,packet=2,packet-status=-4096 lie-iso-out no-errno 512
lie "packets out: elsewhere" ep=0x03,packet=2,packet-offset=-1 lie-iso-out ok 512
lie "packets out: at one byte more" ep=0x03,packet=2,packet-offset=1025 lie-iso-out ok 512
lie "packets out: at 2^31" ep=0x03,packet=2,packet-offset=0x80000000 lie-iso-out ok 512
lie "packets out: of another length" ep=0x03,packet=2,packet-length=-1 lie-iso-out ok 512
lie "packets out: of one byte more" ep=0x03,packet=2,packet-length=513 lie-iso-out ok 512
lie "packets out: of 2^31 bytes" ep=0x03,packet=2,packet-length=0x80000000 lie-iso-out ok 512
lie "packets out: none" ep=0x03,packets=0 lie-iso-out protocol 0

# Whatever way a transfer goes.
in_ways lie-read ep=0x81 100 1024
in_ways lie-queue ep=0x81 100 1024
in_ways lie-pool-in ep=0x81 100 1024
in_ways lie-interrupt ep=0x82 8 64
in_ways lie-control-urb ep=0,request=5 0 1024
out_ways lie-write ep=0x01 1024
out_ways lie-pool ep=0x01 1024
out_ways lie-control-out ep=0,request=4 100
out_ways lie-interrupt-out ep=0x04 64
for kind in coherent noncoherent pages pieces part; do
	lie "$kind: the truth" ep=0x81,nth=1000 "lie-memory $kind" ok 100
	lie "$kind: more than there was" ep=0x81,actual=asked "lie-memory $kind" ok 1024
	lie "$kind: 2^31" ep=0x81,actual=0x80000000 "lie-memory $kind" overflow 0
	lie "$kind: 2^32 - 1" ep=0x81,actual=-1 "lie-memory $kind" overflow 0
done

in_pieces "the truth" nth=1000 ok 2048
in_pieces "nothing" actual=0 short 0
in_pieces "one less in the last" nth=2,actual=asked-1 ok 2047
in_pieces "one less in the first" nth=1,actual=asked-1,status=0 short 2047
in_pieces "2^31" actual=0x80000000 overflow 0
in_pieces "2^32 - 1" actual=-1 overflow 0
in_pieces "no errno" actual=0,status=-4096 no-errno 0
out_pieces "the truth" nth=1000 ok 2048
out_pieces "nothing was taken" actual=0 short 0
out_pieces "one more" actual=+1 overflow 0
out_pieces "2^31" actual=0x80000000 overflow 0
out_pieces "2^32 - 1" actual=-1 overflow 0
out_pieces "a positive status" actual=0,status=1 no-errno 0

# The second transfer into the same memory. What the first one left is the device's own.
lie "again: the truth" ep=0x81,nth=1000 lie-again ok 100
lie "again: nothing" ep=0x81,nth=2,actual=0 lie-again ok 0
lie "again: more than there was" ep=0x81,nth=2,actual=asked lie-again ok 512
lie "again: 2^31" ep=0x81,nth=2,actual=0x80000000 lie-again overflow 0
lie "again: 2^32 - 1" ep=0x81,nth=2,actual=-1 lie-again overflow 0
lie "again: a positive status" ep=0x81,nth=2,actual=0,status=1 lie-again no-errno 0

# A descriptor of a kind that there is not.
unknown=ep=0,type=0x80,request=6,value=0x7700
lie "descriptor: the truth" $unknown,nth=1000 lie-descriptor stall 0
lie "descriptor: one after all" $unknown,status=0,reply=0477aabb lie-descriptor ok 4
lie "descriptor: of another length" $unknown,status=0,reply=ff77aabb lie-descriptor ok 4
lie "descriptor: more than was sent" $unknown,status=0,reply=0477aabb,actual=asked lie-descriptor ok 1024
lie "descriptor: one more than asked" $unknown,status=0,reply=0477aabb,actual=+1 lie-descriptor gone 0
lie "descriptor: 2^31" $unknown,status=0,reply=0477aabb,actual=0x80000000 lie-descriptor overflow 0
lie "descriptor: 2^32 - 1" $unknown,status=0,reply=0477aabb,actual=-1 lie-descriptor overflow 0
lie "descriptor: another kind" $unknown,status=0,reply=0403aabb lie-descriptor other 4
lie "descriptor: of one byte" $unknown,status=0,reply=04 lie-descriptor other 1
lie "descriptor: nothing" $unknown,status=0,actual=0 lie-descriptor other 0
lie "descriptor: no errno" $unknown,status=-4096 lie-descriptor no-errno 0

status=ep=0,type=0x80,request=0
lie "device status: the truth" $status,nth=1000 lie-status 0
lie "device status: all bits" $status,reply=ffff lie-status ffff
lie "device status: more bytes" $status,reply=01020304 lie-status 201
lie "device status: one byte" $status,reply=01 lie-status ENODATA
lie "device status: nothing" $status,actual=0 lie-status ENODATA
lie "device status: 2^31" $status,actual=0x80000000 lie-status EOVERFLOW
lie "device status: 2^32 - 1" $status,actual=-1 lie-status EOVERFLOW
lie "device status: a positive status" $status,status=1 lie-status EIO
lie "device status: no errno" $status,status=-4096 lie-status EIO

# A string is asked for in two ways, three times each, if need be.
string=ep=0,request=6,value=0x0302
lie "string: the truth" $string,nth=1000 lie-string "Reference device"
lie "string: another one" $string,reply=0603680069 lie-string h
lie "string: longer than what was sent" $string,reply=ff0368006900 lie-string hi
lie "string: longer than it says" $string,reply=040368006900 lie-string h
lie "string: of no length" $string,reply=000368006900 lie-string ENODATA
lie "string: of one byte" $string,reply=04 lie-string ENODATA
lie "string: nothing" $string,actual=0 lie-string ENODATA
lie "string: another descriptor" $string,reply=040268006900 lie-string ENODATA
lie "string: half a pair" $string,reply=060368003ed8 lie-string "h$(printf '\357\277\275')"
lie "string: 2^32 - 1 bytes" $string,actual=-1 lie-string EOVERFLOW
lie "string: 2^31 bytes" $string,actual=0x80000000 lie-string EOVERFLOW
lie "string: one more than asked" $string,nth=2,actual=+1 lie-string "another error"
lie "string: a positive status" $string,status=1 lie-string EIO

# The configuration: nine bytes of its own, the interface (at byte 9) and its endpoints (at 18, 25
# and 32), then altsetting 1 (at 39), which four more endpoints belong to.
described=ep=0,type=0x80,request=6,value=0x200
pair="01:512+0 81:512+0"
rest="1+0 $pair 82:64+0 03:512+0 83:512+0 04:64+0 84:64+0"
lie "configuration: the truth" $described,nth=1000 lie-config "97 0+0 $pair 82:64+0 $rest"
lie "configuration: cut behind an altsetting" $described,patch=2:2700 lie-config "39 0+0 $pair 82:64+0"
lie "configuration: cut in an endpoint" $described,patch=2:2300 lie-config "32 0+0 $pair"
lie "configuration: no endpoints" $described,patch=13:00 lie-config "97 0+0 $rest"
lie "configuration: one endpoint" $described,patch=13:01 lie-config "97 0+0 01:512+0 $rest"
lie "configuration: 255 endpoints" $described,patch=13:ff lie-config "97 0+0 $pair 82:64+0 $rest"
lie "configuration: packets of no bytes" $described,patch=29:0000 lie-config "97 0+0 01:512+0 81:0+0 82:64+0 $rest"
lie "configuration: packets of 65535 bytes" $described,patch=29:ffff lie-config "97 0+0 01:512+0 81:1024+0 82:64+0 $rest"
lie "configuration: the same endpoint twice" $described,patch=34:81 lie-config "97 0+0 $pair $rest"
lie "configuration: endpoint 0" $described,patch=34:80 lie-config "97 0+0 $pair $rest"
lie "configuration: an endpoint of a control type" $described,patch=35:00 lie-config "97 0+0 $pair 82:64+0 $rest"
lie "configuration: an endpoint that is something else" $described,patch=33:24 lie-config "97 0+0 01:512+0 81:512+7 $rest"
lie "configuration: endpoints that are something else" $described,patch=19:24,patch=26:24 lie-config "97 0+14 82:64+0 $rest"
lie "configuration: an endpoint of 6 bytes" $described,patch=32:06 lie-config "45 0+0 $pair"
lie "configuration: an endpoint of 255 bytes" $described,patch=32:ff lie-config "32 0+0 $pair"
lie "configuration: an altsetting twice" $described,patch=42:00 lie-config "97 0+0 $pair 82:64+0"
lie "configuration: 255 interfaces" $described,patch=4:ff lie-config "97 0+0 $pair 82:64+0 $rest"

check "the module unloads" unloads
finish
