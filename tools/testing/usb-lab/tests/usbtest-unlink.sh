#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast-debug
# Transfers are taken back at any time of their lives: usbtest's cases 11 and 12 (one of
# a read or write that goes on and on) and 24 (two of a queue). dummy_hcd completes in a
# softirq with interrupts off, vhci_hcd in a thread. With --cycles as often as asked.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

on_demand "unlinking over and over" "make usbtest ARGS=--soak"
places="dummy:high vhci:super"
cases="11 12 24"

# Tens of milliseconds for each; what takes so long hangs.
usbtest_patience=$((60 + cycles))
export usbtest_patience
# shellcheck disable=SC2086  # separate words
only=$(echo "$cases" | tr ' ' '\n') usbtest-cases "$cycles" $places >/tmp/results
# shellcheck source=SCRIPTDIR/../guest/lib/usbtest.sh
. /lab/lib/usbtest.sh
for place in $places; do
	for module in usbtest usbtest_rust; do
		for case in $cases; do
			check "$module, ${place%:*} at ${place#*:} speed: case $case, $cycles times" \
				passed /tmp/results "${place%:*}" "${place#*:}" "$module" "$case"
		done
	done
done
finish
