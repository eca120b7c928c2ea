#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 6
# A driver in safe Rust that does everything wrong with transfers of all kinds, with results,
# memory and references, and in a probe that fails, cannot harm the kernel, and is parted from
# its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

probe_fails() {
	if echo "$1" >"$driver"/bind; then return 1; fi
	[ ! -e "$node" ]
}

# failing_probe KIND [PLUG-ARGUMENT...]: while something is going on that it began.
failing_probe() {
	kind=$1
	shift
	load "$kind"
	plug high "$@"
	wait_for 5 interface
	fails bound
	failing=$(interface)
	each_cycle probe_fails "$failing"
	[ ! -e "$driver/${failing%.0}.1" ]
	rmmod usbhostile
	unplug
}

# keeps_over_unplugging NAME: an open file keeps something while the device goes, and reads
# what it can when it is closed.
keeps_over_unplugging() {
	exec 5>"$node"
	tells "$1"
	unplugged
	fails tells "$1"
	exec 5>&-
	arrive high
}

outlives_the_device() {
	remember_deeds
	afresh keeps_over_unplugging "$1"
	have_grown "$1" "read after all"
}

forgets_devices() {
	afresh commits "$(interface)" 'device forget'
	unplugged
	arrive high
}

work_items() {
	restore
	remember_deeds
	each_cycle commits "$(interface)" 'kind work'
	have_grown 'kind work' work
}

load 0
arrive high
check_crime "unbinding ends what was begun: kind drop" unbinding_after 'kind drop'
check_crime "unbinding ends a crowd: kind fight" \
	unbinding_during 'kind fight' 'kind fight' 'kind fight'
check_crime "a device that outlives its driver can be read" outlives_the_driver 'device keep'
check_crime "a device that was unplugged can be read" outlives_the_device 'device keep'
check_leaks "what is not forgotten does not leak" nothing
for crime in 'kind forget' 'kind resubmit' 'kind queue'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "unbinding ends transfers of a work item" work_items
check_leaks "of what is forgotten, just that leaks" 0 $(((7 + 7 + 8 + 8) * cycles))
for crime in 'hoard memory' 'hoard results' 'hoard ports'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_leaks "of results, just what is forgotten leaks" 0 $((4 * cycles))
# The core's own records of a device that is kept for ever.
kept_by_ours='usb_[a-z_]+[+]|usbhid|hub_event'
check_crime "forgotten devices are harmless" forgets_devices
check_leaks "with a device, just what is forgotten leaks" 0 0
rmmod usbhostile
unplug
for probe in 5:queue 6:pool 8:work; do
	check_crime "a failing probe ends what it began: ${probe#*:}" failing_probe "${probe%:*}"
done
check_crime "a failing probe gives a claimed interface back" \
	failing_probe 7 --device two-interfaces
check_leaks "of what probe forgets, just that leaks" 0 $((3 * 8 * (cycles + 1)))
load 0
arrive high
end_hostile
