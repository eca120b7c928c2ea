#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# Errors of the bus reach programs as the documentation says: with their errno, with how far the
# transfer got, counted once; what comes next works.
#
# Not in the real labs: a virtual machine's xHCI does not pass such answers on.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

# met FAULT CALL ERROR [ACTUAL]: the call meets that fault, and ends with this error and so many
# bytes.
met() {
	fault=$1
	shift
	plug high --fault "$fault"
	wait_for 5 test -c "$node"
	timeout 20 pipe-errors "$node" "$@"
	leave
}

# fails_with TITLE FAULT CALL ERROR [ACTUAL]
fails_with() {
	title=$1
	shift
	check "$title" fresh met "$@"
}

# A device that answers nothing at all, though it is plugged in.
dead() {
	plug high --fault "ep=0x01,status=-71,nth=1" --fault "ep=0,type=0x80,request=0,status=-71"
	wait_for 5 test -c "$node"
	timeout 20 pipe-errors "$node" gone ENODEV 100
	leave
}

check "the module loads" loads

for call in TRANSFER TRANSACT ring; do
	fails_with "$call in: EPROTO" ep=0x81,nth=1,status=-71 $call-in EPROTO 100
	fails_with "$call in: EPROTO, nothing came" ep=0x81,nth=1,status=-71,actual=0 $call-in EPROTO 0
	fails_with "$call in: EPROTO, some came" ep=0x81,nth=1,status=-71,actual=64 $call-in EPROTO 64
	fails_with "$call in: EILSEQ" ep=0x81,nth=1,status=-84 $call-in EILSEQ 100
	fails_with "$call in: ETIME" ep=0x81,nth=1,status=-62 $call-in ETIME 100
	fails_with "$call in: ECOMM" ep=0x81,nth=1,status=-70 $call-in ECOMM 100
	fails_with "$call out: EPROTO" ep=0x01,nth=1,status=-71 $call-out EPROTO 100
	fails_with "$call out: EPROTO, some went" ep=0x01,nth=1,status=-71,actual=64 $call-out EPROTO 64
	fails_with "$call out: EILSEQ" ep=0x01,nth=1,status=-84 $call-out EILSEQ 100
	fails_with "$call out: ETIME" ep=0x01,nth=1,status=-62 $call-out ETIME 100
	fails_with "$call out: ENOSR" ep=0x01,nth=1,status=-63 $call-out ENOSR 100
done
for call in CONTROL TRANSACT-control; do
	fails_with "$call: EPROTO" ep=0,type=0xc0,nth=1,status=-71,actual=0 $call EPROTO 0
	fails_with "$call: EILSEQ, some came" ep=0,type=0xc0,nth=1,status=-84,actual=8 $call EILSEQ 8
	fails_with "$call: ETIME" ep=0,type=0xc0,nth=1,status=-62 $call ETIME 48
done
fails_with "read(): EPROTO" ep=0x81,nth=1,status=-71 read EPROTO 100
fails_with "read(): EILSEQ, nothing came" ep=0x81,nth=1,status=-84,actual=0 read EILSEQ 0
fails_with "fsync(): EPROTO" ep=0x01,nth=1,status=-71 write EPROTO 100
fails_with "fsync(): ETIME" ep=0x01,nth=1,status=-62 write ETIME 100
fails_with "a packet: EXDEV" ep=0x83,nth=1,packet=2,packet-status=-18 ring-iso EXDEV
fails_with "a packet: EPROTO" ep=0x83,nth=1,packet=2,packet-status=-71 ring-iso EPROTO
fails_with "io_uring in: EPROTO" ep=0x81,nth=1,status=-71 uring-in EPROTO
fails_with "io_uring in: EILSEQ" ep=0x81,nth=1,status=-84 uring-in EILSEQ
fails_with "io_uring in: EOVERFLOW" ep=0x81,nth=1,status=-75 uring-in EOVERFLOW
fails_with "io_uring out: EPROTO" ep=0x01,nth=1,status=-71 uring-out EPROTO
set_interface=ep=0,type=0x01,request=11
fails_with "SET_ALT: EPIPE" $set_interface,nth=1,status=-32 SET_ALT EPIPE
fails_with "SET_ALT: EPROTO" $set_interface,nth=1,status=-71 SET_ALT EPROTO
fails_with "SET_ALT: EPIPE, twice" $set_interface,count=2,status=-32 SET_ALT-twice EPIPE
check "a device that answers nothing is gone" fresh dead

check "the module unloads" unloads
finish
