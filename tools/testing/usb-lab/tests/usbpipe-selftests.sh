#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# The C selftests of tools/testing/selftests/drivers/usb/usbpipe, each program a
# subtest.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

# Seconds for a program: one that hangs is ended, one in a slow guest is not.
case $LAB in
*-debug) limit=200 ;;
*) limit=50 ;;
esac

case $LAB in
real*) export USBPIPE_QUEUE_STOPS=1 ;;
esac

# selftest PROGRAM: its report, indented, and the line that sums it up.
selftest() {
	name=$(basename "$1")
	echo "    # Subtest: $name"
	status=0
	timeout "$limit" "$1" >/tmp/report 2>&1 || status=$?
	sed 's/^/    /' /tmp/report
	: >"$tap_log"
	tap_report $status "$name"
}

check "the module loads" loads
for program in /lab/bin/*_test; do
	check "$(basename "$program"): the device is there" arrive high
	selftest "$program"
	if refdev >/dev/null; then
		unplug
	fi
done
check "the module unloads" unloads
finish
