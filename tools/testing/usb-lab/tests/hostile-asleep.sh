#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 4
# A driver in safe Rust whose threads sleep in transfers of 60 s, in every way there is, is
# parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# sleeps_in WAY: in transfers, in each of the three ways to sleep.
sleeps_in() {
	restore
	remember_deeds
	for sleep in 0 1 2; do
		each_cycle crowd "$(interface)" "asleep $1 $sleep"
		have_grown "asleep $1 $sleep"
	done
}

# sleeps_locked NAME: the driver waits for a transfer in a callback, for which the device is
# locked.
sleeps_locked() {
	remember_deeds
	hostile command "$(device_file)" 0 "$1" 2>/dev/null &
	sleeper=$!
	wait_for 5 have_grown "locked $1" >/dev/null
}

# The lock is waited for, at most as long as the transfer takes: nothing of the driver is
# called before. Then the driver is parted in time as ever.
unbinding_waits_for_the_lock() {
	sleeps_locked brief
	patience=200
	parted "$1"
	# ETIMEDOUT: nobody has cut it short.
	ended_by 110 "$sleeper"
	binds "$1"
}

# Not even where the host controller driver, as vhci_hcd, does not end the transfers of a device
# that is unplugged before the core gets at its lock.
unplugging_does_not_wait() {
	gone=$(refdev)
	sleeps_locked never
	unplugged "$sleeper"
	arrive high
}

load 0
arrive high
for way in ctrl read intr; do
	check_crime "unbinding ends a transfer of 60 s: $way" sleeps_in $way
done
check_crime "unbinding waits for who has locked the device" \
	afresh unbinding_waits_for_the_lock "$(interface)"
check_crime "unplugging does not" afresh unplugging_does_not_wait
unplug
arrive high --fault ep=0x01,never
for way in write gather; do
	check_crime "unbinding ends a transfer of 60 s: $way" sleeps_in $way
done
check_leaks "what is not forgotten does not leak" nothing
end_hostile
