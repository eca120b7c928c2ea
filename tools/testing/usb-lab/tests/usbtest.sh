#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast
# The kernel's own testusb passes all cases of usbtest, in C and in Rust, with the same
# device; scripts/usbtest does the same at more length and at each speed in both labs.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbtest.sh
. /lab/lib/usbtest.sh

case $LAB in
fast) places="vhci:full vhci:high vhci:super dummy:full dummy:high dummy:super" ;;
*) places="vhci:super dummy:high" ;;
esac

# shellcheck disable=SC2086  # separate words
usbtest-cases "${cycles:-1}" $places >/tmp/results
for place in $places; do
	for module in usbtest usbtest_rust; do
		# shellcheck disable=SC2046  # separate words
		check "$module, ${place%:*} at ${place#*:} speed" \
			passed /tmp/results "${place%:*}" "${place#*:}" "$module" $(all_cases)
	done
done
finish
