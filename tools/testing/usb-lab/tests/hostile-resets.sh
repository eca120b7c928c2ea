#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 10
# A driver in safe Rust that does everything wrong when its device is reset or suspended, and
# with its attributes, cannot harm the kernel, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# resets_while NAME...: a program resets the device all the time.
resets_while() {
	resets_ahead=8
	unbinding_amid hostile reset "$(device_file)" -- "$@"
	have_been_committed "$@"
	have_grown pre-reset pre-reset-io post-reset post-reset-io
}

# The driver is unbound for the reset, and bound again.
obstinate_over_reset() {
	hostile commit "$node" obstinate
	hostile commit "$node" resubmit
	hostile reset "$(device_file)"
	wait_for 5 bound
	wait_for 5 test -c "$node"
	parted "$1"
	binds "$1"
}

callbacks_that_fail() {
	restore
	remember_deeds
	each_cycle obstinate_over_reset "$interface"
	have_grown obstinate pre-reset pre-reset-io
}

# After a driver that has kept its device awake in every way, it sleeps.
sleeps_after_all() {
	hostile commit "$node" 'power forget'
	parted "$1"
	echo 0 >"$device/power/autosuspend_delay_ms"
	echo auto >"$device/power/control"
	wait_for 5 grep -q suspended "$device/power/runtime_status"
	echo on >"$device/power/control"
	binds "$1"
}

forgotten_power_is_given_back() {
	device=$(refdev)
	each_cycle sleeps_after_all "$(interface)"
}

# reads ATTRIBUTE, writes ATTRIBUTE: whatever comes of it.
reads() {
	cat "/sys/bus/usb/devices/$interface/$1"
}

writes() {
	echo 1 >"/sys/bus/usb/devices/$interface/$1"
}

# attributes_in_use [RESETS]: they are read and written all the time, those that reset the
# device too if so many resets may be waiting.
attributes_in_use() {
	restore
	resets_ahead=${1-0}
	pester reads slow
	pester writes slow
	pester reads never
	pester writes never
	pester reads huge
	[ -z "${1-}" ] || {
		pester reads more/reset
		pester writes more/reset
	}
	usleep 20000
	each_cycle attributes_at_unbinding
	at_peace
}

attributes_at_unbinding() {
	usleep $((cycle % 8 * 5000))
	parted "$interface"
	binds "$interface"
}

# What is too long is no text, but an error (EOVERFLOW).
too_much_is_refused() {
	interface=$(interface)
	fails reads huge
	reads huge 2>&1 | grep -q "Value too large"
}

load 0
arrive high
interface=$(interface)
time_a_reset
for crime in 'reset once' 'power forget'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
resets_ahead=8
for crime in 'reset again' 'reset queue' 'reset halt'; do
	check_crime "unbinding ends what is going on: $crime" unbinding_during "$crime"
done
# It clears no halt of an endpoint that is being used; and there is hardly a moment between two
# resets for anybody else.
in_vain='reset halt,transfer hammer,transfer switch'
check_crime "unbinding ends a crowd that resets the device" \
	unbinding_during 'reset again' 'reset queue' 'reset halt' 'transfer hammer' 'transfer switch'
resets_ahead=0
in_vain=none
check_crime "unbinding ends a crowd: power fight" \
	unbinding_during 'power fight' 'power fight' 'power fight'
check_crime "unbinding ends a crowd: power waste" \
	unbinding_during 'power waste' 'power fight' 'power waste'
check_crime "unbinding ends who submits while the device is reset" \
	resets_while 'transfer hammer' 'transfer hammer' 'transfer never'
in_vain='reset halt'
check_crime "unbinding ends who changes altsettings while it is reset" \
	resets_while 'transfer switch' 'transfer hammer' 'reset halt'
in_vain=none
check_crime "unbinding ends queues and pools while it is reset" \
	resets_while 'queue fight' 'pool fight' 'gather fight' 'anchor fight' 'power waste'
check_crime "power references that outlive the driver are harmless" outlives_the_driver 'power keep'
check_crime "callbacks that fail have the driver unbound and bound" \
	callbacks_that_fail
check_crime "unbinding ends the use of attributes" attributes_in_use
check_crime "unbinding ends attributes that reset the device" attributes_in_use 8
check "an attribute that says too much is refused" too_much_is_refused
check_crime "unbinding ends who submits while the device is suspended and resumed" \
	sleeps_while 'transfer hammer' 'transfer hammer'
check_crime "unbinding ends who changes altsettings while it is suspended and resumed" \
	sleeps_while 'transfer hammer' 'transfer switch'
check_crime "unbinding ends queues while it is suspended and resumed" \
	sleeps_while 'queue fight' 'pool fight'
check_crime "unbinding ends queues, pools and guards while it is suspended and resumed" \
	sleeps_while 'queue fight' 'pool fight' 'gather fight' 'anchor fight' 'power fight'
check_crime "forgotten power references are given back" forgotten_power_is_given_back
check_leaks "what leaks was forgotten" 0 1000000
end_hostile
