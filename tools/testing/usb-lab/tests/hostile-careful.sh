#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast-debug
# parts: 7
# Where a driver in safe Rust forgets nothing, but has several threads do everything wrong at
# once, nothing at all leaks.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# Read by load.
# shellcheck disable=SC2034
careful=1

load 0
arrive high
time_a_reset
check_crime "cancellers" unbinding_during \
	'cancel fight' 'cancel fight' 'cancel fight' 'cancel fight'
resets_ahead=8
check_crime "work" unbinding_during 'work fight' 'work fight' 'work fight'
# An endpoint with transfers in flight is not reset.
in_vain='reset halt'
check_crime "work and transfers" \
	unbinding_during 'work fight' 'transfer hammer' 'queue fight' 'reset halt'
in_vain=none
check_crime "while the device is reset" unbinding_amid hostile reset "$(device_file)" -- \
	'queue fight' 'pool fight' 'gather fight' 'anchor fight' 'cancel fight'
resets_ahead=0
check_crime "while it is suspended and resumed" \
	sleeps_while 'queue fight' 'pool fight' 'cancel fight' 'power fight'
check_leaks "none of it leaks" nothing

unplug
arrive high --device two-interfaces
resets_ahead=8
check_crime "a claimed interface" \
	unbinding_during 'claim fight' 'claim fight' 'claim fight'
check_crime "a claimed interface that is used by threads" unbinding_after 'claim thread'
check_leaks "none of that leaks" nothing
end_hostile
