#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real
# Files go through the reference device and come back as they were.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

# roundtrip BYTES: a file of that length.
roundtrip() {
	head -c "$1" /dev/urandom >/tmp/sent
	timeout 20 usbpipe pipe 0 /tmp/sent -o /tmp/received
	cmp /tmp/sent /tmp/received
}

# A cat at each end: the node is a stream of bytes to any program.
plain_programs() {
	head -c 100000 /dev/urandom >/tmp/sent
	timeout 20 head -c 100000 "$node" >/tmp/received &
	cat /tmp/sent >"$node"
	wait $!
	cmp /tmp/sent /tmp/received
}

# Two at once share the device; nothing is lost between them.
two_writers() {
	head -c 65536 /dev/zero >/tmp/part
	timeout 20 head -c 131072 "$node" >/tmp/received &
	reader=$!
	cat /tmp/part >"$node" &
	cat /tmp/part >"$node"
	wait "$reader"
	equal 131072 "$(stat -c %s /tmp/received)" "bytes"
}

check "the module loads" loads
for speed in $(speeds); do
	check "$speed speed: the device is there" arrive "$speed"
	for bytes in 0 1 63 64 511 512 513 1023 1024 1025 4096 65537 5000001; do
		check "$speed speed: $bytes bytes" roundtrip $bytes
	done
	check "$speed speed: plain programs" plain_programs
	check "$speed speed: two writers at once" two_writers
	check "$speed speed: the device goes" leave
done
check "the module unloads" unloads
finish
