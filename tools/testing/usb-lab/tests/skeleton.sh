#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real
# Programs cannot tell usb-skeleton.c from its twin in Rust, but for what skeleton-differences
# lists: both play the same scenes (tools/testing/usb-lab/programs), and what calls return is compared.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

node=/dev/skel0
transcripts=/tmp/skeleton
differences=/lab/tests/skeleton-differences

# Scenes with the words that tell the device how to fail, if it is to; see refdevd --fault.
scenes() {
	for name in node nothing loop pieces large left-over nonblock read-ahead close-reading \
		poll unsupported position vectors bad-memory signal-read restarted-read \
		write-behind-reader nonblock-behind-reader close-behind-reader \
		reset-read reset-write reset-close reset-behind-reader \
		unplugged unplug-reader; do
		echo "$name"
	done
	for name in credit credit-signal killed reset-writes reset-writer unplug-writes unplug-writer; do
		echo "$name ep=1,never"
	done
	echo suspend
	case $LAB in
	fast*) failures ;;
	*) sleeps ;;
	esac
}

# In the fast lab, the system does not sleep.
sleeps() {
	echo sleep-idle
	echo sleep-behind-reader
	echo "sleep-writes ep=1,never"
}

# QEMU has status codes of its own, and some controllers try again.
failures() {
	echo "read-fails ep=0x81,nth=1,status=-71"
	echo "read-fails:stall ep=0x81,nth=1,status=-32"
	echo "read-fails:overflow ep=0x81,nth=1,status=-75"
	echo "write-fails ep=1,nth=1,status=-71"
	echo "write-fails:stall ep=1,nth=1,status=-32"
	echo "write-fails-close ep=1,nth=1,status=-71"
	echo "write-fails-close:stall ep=1,nth=1,status=-32"
	echo "write-fails-read ep=1,nth=1,status=-71"
}

# load MODULE DRIVER: the driver is there, and knows the device by an id that it was told.
load() {
	modprobe "$1"
	driver=/sys/bus/usb/drivers/$2
	echo 1209 0001 >"$driver/new_id"
}

leave() {
	if refdev >/dev/null; then
		unplug
	fi
	wait_for 5 test ! -e "$node"
}

# arrive [FAULT]: a device that nobody has used before; one that counts its faults is a new one.
arrive() {
	if [ "$1" = "$(cat "$transcripts/faults")" ] && refdev >/dev/null; then
		interface=$(basename "$(echo "$driver"/*:1.0)")
		echo "$interface" >"$driver/unbind"
		skeleton-scenes --empty
		echo "$interface" >"$driver/bind"
		return
	fi
	leave
	# shellcheck disable=SC2086  # no faults, or one
	plug high ${1:+--fault $1}
	wait_for 5 test -c "$node"
	read -r bus <"$(refdev)/busnum"
	read -r number <"$(refdev)/devnum"
	USB_NODE=$(printf /dev/bus/usb/%03d/%03d "$bus" "$number")
	USB_DEVICE=$(refdev)
	export USB_NODE USB_DEVICE
	case $1 in
	*nth*) echo none ;;
	*) echo "$1" ;;
	esac >"$transcripts/faults"
}

# play TRANSCRIPT SCENE [FAULT]
play() {
	scene=${2%:*}
	arrive "${3-}"
	timeout -s KILL 60 skeleton-scenes "$scene" >"$1" || echo "exit status $?" >>"$1"
}

# play_all LANGUAGE MODULE DRIVER
play_all() {
	folder=$transcripts/$1
	mkdir -p "$folder"
	echo none >"$transcripts/faults"
	load "$2" "$3"
	scenes | while read -r name fault; do
		play "$folder/$name" "$name" "$fault"
	done
	leave
	rmmod "$2"
}

# found SCENE: the lines that only the driver in C (-) or only the one in Rust (+) makes.
found() {
	diff -U 1000 "$transcripts/c/$1" "$transcripts/rust/$1" | sed -n '1,3d; /^[-+]/p'
}

# listed SCENE: those that are known, or the reason for them with "why".
listed() {
	sed -n "/^scene $1\$/,/^\$/{/^${2-[-+]}/p}" "$differences"
}

# What the driver in Rust made of it is for who looks into a failure. A scene ends by itself.
as_listed() {
	cat "$transcripts/rust/$1"
	[ -s "$transcripts/c/$1" ]
	fails grep "exit status" "$transcripts/c/$1" "$transcripts/rust/$1"
	found "$1" >"$transcripts/found"
	listed "$1" >"$transcripts/listed"
	diff -U 1000 "$transcripts/listed" "$transcripts/found"
	[ ! -s "$transcripts/found" ] || listed "$1" why | grep -q "^why: [A-Z]"
}

# Nothing is listed for a scene that is not played in any lab.
list_is_current() {
	{ scenes && failures && sleeps; } | cut -d ' ' -f 1 >"$transcripts/played"
	sed -n 's/^scene //p' "$differences" >"$transcripts/listed"
	fails grep -vxFf "$transcripts/played" "$transcripts/listed"
}

check "the driver in C plays all scenes" play_all c usb-skeleton skeleton
check "the driver in Rust plays all scenes" play_all rust usb_skeleton_rust usb_skeleton_rust
for scene in $(scenes | cut -d ' ' -f 1); do
	check "$scene" as_listed "$scene"
done
check "the list of differences is current" list_is_current
finish
