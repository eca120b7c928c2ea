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
lie "status: EINPROGRESS" ep=0x81,status=-115 lie-in io 100
lie "status: positive" ep=0x81,status=1 lie-in io 100
lie "status: 2^31 - 1" ep=0x81,status=0x7fffffff lie-in io 100
lie "status: no errno" ep=0x81,status=-4096 lie-in io 100
lie "status: 2^31" ep=0x81,status=0x80000000 lie-in io 100
lie "status: an errno without a name" ep=0x81,status=-4095 lie-in other 100
lie "status: ENOMEM" ep=0x81,status=-12 lie-in other 100

lie "OUT: nothing was taken" ep=0x01,actual=0 lie-out ok 0
lie "OUT: one less" ep=0x01,actual=asked-1 lie-out ok 1023
lie "OUT: one more" ep=0x01,actual=+1 lie-out overflow 0
lie "OUT: 2^31 - 1" ep=0x01,actual=0x7fffffff lie-out overflow 0
lie "OUT: 2^31" ep=0x01,actual=0x80000000 lie-out overflow 0
lie "OUT: 2^32 - 1" ep=0x01,actual=-1 lie-out overflow 0
lie "OUT: a positive status" ep=0x01,status=1 lie-out io 1024

# The answer is empty; 1024 bytes were asked for.
lie "control: the truth" ep=0,request=5,nth=1000 lie-control ok 0
lie "control: more than there was" ep=0,request=5,actual=40 lie-control ok 40
lie "control: one more than asked" ep=0,request=5,actual=+1 lie-control protocol 0
lie "control: 2^31" ep=0,request=5,actual=0x80000000 lie-control overflow 0
lie "control: 2^32 - 1" ep=0,request=5,actual=-1 lie-control overflow 0
lie "control: a positive status" ep=0,request=5,status=1 lie-control io 0
lie "control: no errno" ep=0,request=5,status=-4096 lie-control io 0

# Eight packets of 512 bytes; all are empty. Told is of the third one.
lie "packets: the truth" ep=0x83,nth=1000 lie-iso ok 0
lie "packets: one has bytes" ep=0x83,actual=10,packet=2,packet-actual=10 lie-iso ok 10
lie "packets: one is full" ep=0x83,actual=512,packet=2,packet-actual=512 lie-iso ok 512
lie "packets: one is too long" ep=0x83,actual=513,packet=2,packet-actual=513 lie-iso overflow 0
lie "packets: one fills the buffer" ep=0x83,actual=3072,packet=2,packet-actual=3072 lie-iso overflow 0
lie "packets: 2^32 - 1 in one" ep=0x83,packet=2,packet-actual=-1 lie-iso protocol 0
lie "packets: the sum is wrong" ep=0x83,actual=5,packet=2,packet-actual=1 lie-iso protocol 1
lie "packets: one failed" ep=0x83,packet=2,packet-status=-71 lie-iso protocol 0
lie "packets: a positive status" ep=0x83,packet=2,packet-status=1 lie-iso io 0
lie "packets: no errno" ep=0x83,packet=2,packet-status=-4096 lie-iso io 0
lie "packets: elsewhere" ep=0x83,packet=2,packet-offset=-1 lie-iso ok 0
lie "packets: of another length" ep=0x83,packet=2,packet-length=-1 lie-iso ok 0
lie "packets: too few" ep=0x83,packets=1 lie-iso partial 0
lie "packets: none" ep=0x83,packets=0 lie-iso protocol 0
lie "packets: too many" ep=0x83,packets=+1 lie-iso protocol 0
lie "packets: 2^32 - 1" ep=0x83,packets=-1 lie-iso protocol 0
lie "packets: more errors than packets" ep=0x83,errors=-1 lie-iso ok 0

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
lie "string: a positive status" $string,status=1 lie-string EIO

check "the module unloads" unloads
finish
