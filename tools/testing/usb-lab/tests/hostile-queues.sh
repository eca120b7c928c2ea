#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 6
# A driver in safe Rust that does everything wrong with queues, pools, gathers and anchors
# cannot harm the kernel, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

load 0
arrive high
for crime in 'queue quit' 'pool quit'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "unbinding ends what is going on: gather never" unbinding_during 'gather never'
for crime in 'queue fight' 'pool fight' 'gather fight' 'anchor fight'; do
	check_crime "unbinding ends a crowd: $crime" unbinding_during "$crime" "$crime" "$crime"
done
check_crime "unbinding ends a crowd of all of them" \
	unbinding_during 'queue fight' 'pool fight' 'gather fight' 'anchor fight'
check_locked_crime "unbinding ends that crowd while altsettings change" \
	unbinding_during 'queue fight' 'pool fight' 'gather fight' 'anchor fight' 'transfer switch'
check_crime "what outlives its driver is harmless: pool keep" outlives_the_driver 'pool keep'
check_leaks "what is not forgotten does not leak" nothing
for crime in 'queue forget' 'queue hoard' 'pool forget' 'gather forget' 'anchor forget'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "what outlives its driver is harmless: queue keep" outlives_the_driver 'queue keep'
# A gather that does not begin has no URBs.
check_leaks "of what is forgotten, just that leaks" 0 $(((8 + 8 + 8 + 8 + 8) * cycles))
end_hostile
