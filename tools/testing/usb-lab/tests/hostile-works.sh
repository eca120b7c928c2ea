#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# A driver in safe Rust that does everything wrong with work and cancellers cannot harm the
# kernel, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# The module goes while its work is waiting to be run, or running.
unloading() {
	restore
	each_cycle unloading_once
}

unloading_once() {
	hostile commit "$node" 'work again'
	hostile commit "$node" 'work handler'
	hostile commit "$node" 'work never'
	rmmod usbhostile
	load 0
	wait_for 5 test -c "$node"
}

load 0
arrive high
time_a_reset
for crime in 'work forget' 'work again' 'work never' 'work handler'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "unloading ends it, too" unloading
resets_ahead=8
check_crime "unbinding ends a crowd: work fight" \
	unbinding_during 'work fight' 'work fight' 'work fight'
check_crime "unbinding ends a crowd: work and transfers" \
	unbinding_during 'work fight' 'transfer hammer' 'queue fight' 'reset halt'
resets_ahead=0
check_crime "unbinding ends a crowd: cancel fight" \
	unbinding_during 'cancel fight' 'cancel fight' 'cancel fight' 'cancel fight'
check_crime "what outlives its driver is harmless: work keep" outlives_the_driver 'work keep'
end_hostile 0
