#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 6
# A driver in safe Rust that does everything wrong with an interface that it has claimed cannot
# harm the kernel, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# second: the name of the interface that is claimed.
second() {
	echo "${interface%.0}.1"
}

# locked NAME: a crime that the driver commits in its ioctl callback.
locked() {
	hostile command "$(device_file)" 0 "$1"
}

# Somebody takes the claimed interface away, and the driver takes it again, all the time.
claimed_and_dissolved_while() {
	restore
	file=$(device_file)
	pester hostile release "$file" 1
	pester hostile command "$file" 0 claim
	pester hostile command "$file" 0 release
	pester hostile command "$file" 0 autosuspend
	each_cycle crowd "$interface" "$@"
	at_peace
}

# A driver that forgets its claim loses it nevertheless.
forgotten_claim() {
	hostile commit "$node" 'claim forget'
	second >"$driver"/unbind
	locked forget
	fails locked claim
	parted "$1"
	[ ! -e "$driver/$(second)" ]
	binds "$1"
	[ -e "$driver/$(second)" ]
}

# The claimed interface is unbound first, or with the other one.
threads_at_unbinding() {
	hostile commit "$node" 'claim thread'
	usleep $((cycle % 8 * 5000))
	if [ $((cycle % 2)) -eq 0 ]; then
		second >"$driver"/unbind
		locked claim
		hostile commit "$node" 'claim thread'
	fi
	parted "$1"
	binds "$1"
}

# The claimed interface is unbound alone, while somebody who uses it waits for the other one.
taken_alone() {
	hostile commit "$node" 'claim cross' 2>/dev/null &
	crosser=$!
	until is_committing "$crosser"; do kill -0 "$crosser"; done
	usleep $((cycle % 8 * 5000))
	centiseconds
	before=$centiseconds
	second >"$driver"/unbind
	centiseconds
	took=$((centiseconds - before))
	[ "$took" -lt "$limit" ] || {
		echo "unbinding the claimed interface took $took centiseconds"
		return 1
	}
	fails wait "$crosser"
	locked claim
}

# What waits for the caller himself is refused: a reset in a callback.
nested_reset_is_refused() {
	fails locked reset
	fails locked configure
	locked queue-reset
	locked autosuspend
	parted "$1"
	binds "$1"
}

# As in "unplugging while altsettings change" of the test hostile, the core may be waiting for an
# answer to a change of the altsetting.
surprise() {
	patience=1000
	hostile commit "$node" 'claim thread'
	begins 'claim fight' 'claim fight' 'reset again'
	usleep $((cycle % 8 * 20000))
	unplugged "$criminal"
	arrive high --device two-interfaces
}

unplugged_asleep() {
	begins 'claim never'
	unplugged "$criminal"
	arrive high --device two-interfaces
}

# A transfer that is forgotten keeps what the driver shares, that keeps a claim, and that the
# interface and its device, which the core has allocated.
kept_by_ours='usb_(set_configuration|new_device|alloc_dev)[+]'

load 0
arrive high --device two-interfaces
interface=$(interface)
time_a_reset
check_crime "unbinding releases a forgotten claim" afresh forgotten_claim "$interface"
# Some of what is done with a claimed interface is to reset the device.
resets_ahead=8
check_crime "unbinding ends threads that submit to a claimed interface" \
	afresh threads_at_unbinding "$interface"
check_crime "unbinding ends what is going on: claim never" unbinding_during 'claim never'
check_crime "unbinding ends what is going on: claim cross" unbinding_during 'claim cross'
check_crime "unbinding the claimed interface alone ends it, too" afresh taken_alone
check_crime "unbinding ends a crowd: claim fight" \
	unbinding_during 'claim fight' 'claim fight' 'claim fight'
check_crime "unbinding ends that crowd while the claim comes and goes" \
	claimed_and_dissolved_while 'claim fight' 'claim fight' 'reset again'
check_crime "a claim that outlives its driver is harmless" outlives_the_driver 'claim keep'
check_crime "locked by a callback, what would wait for that is refused" \
	afresh nested_reset_is_refused "$interface"
# A device that sleeps refuses transfers, and may have fallen asleep since then.
echo on >"$(refdev)/power/control"
check_crime "unplugging ends what is going on: claim never" afresh unplugged_asleep
resets_ahead=8
check_crime "unplugging in the middle of it all" afresh surprise
resets_ahead=0
check_leaks "what leaks was forgotten" 0 1000000
end_hostile
