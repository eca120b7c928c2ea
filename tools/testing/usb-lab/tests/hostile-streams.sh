#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: real real-debug
# leaks: deliberately
# parts: 5
# A driver in safe Rust that forgets bulk streams with transfers in flight cannot harm the
# kernel, and is parted from its device in time. vhci_hcd has no streams.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

unplugged_with_streams() {
	hostile commit "$node" "$1"
	unplugged
	arrive super --device streams
}

# Callbacks allocate streams and give them back.
sleeps_and_wakes() {
	echo auto >"$1/power/control"
	wait_for 5 grep -q suspended "$1/power/runtime_status"
	echo on >"$1/power/control"
	wait_for 5 grep -q active "$1/power/runtime_status"
}

streams_asleep() {
	restore
	remember_deeds
	device=$(refdev)
	echo 0 >"$device/power/autosuspend_delay_ms"
	each_cycle sleeps_and_wakes "$device"
	have_grown suspend resume 'streams asleep'
}

load 0
arrive super --device streams
for crime in 'stream forget' 'stream resubmit'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
	check_crime "unplugging ends what was begun: $crime" each_cycle unplugged_with_streams "$crime"
done
check_crime "streams are given back by who suspends and resumes" streams_asleep
check_leaks "of what is forgotten, just that leaks" 0 $((4 * 4 * cycles))
end_hostile
