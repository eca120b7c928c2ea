#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# The shortest way to see that usbpipe works at all, for the loop of work on it.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

roundtrip() {
	head -c 1000000 /dev/urandom >/tmp/sent
	timeout 20 usbpipe pipe 0 /tmp/sent
}

check "the module loads" loads
check "it binds to a new device" arrive super
check "a file goes out and back" roundtrip
check "the node goes with the device" leave
check "the module unloads" unloads
finish
