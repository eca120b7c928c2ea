#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# leaks: deliberately
# parts: 9
# A driver in safe Rust that does everything wrong with transfers, altsettings and files
# cannot harm the kernel, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

probe_fails() {
	if echo "$1" >"$driver"/bind; then return 1; fi
	[ ! -e "$node" ]
}

# failing_probe KIND: transfers are in flight when probe fails.
failing_probe() {
	load "$1"
	if bound; then return 1; fi
	each_cycle probe_fails "$(interface)"
	rmmod usbhostile
}

unbind_and_bind() {
	parted "$1"
	binds "$1"
}

probe_leaves_transfers_behind() {
	load 4
	bound
	each_cycle unbind_and_bind "$(interface)"
	rmmod usbhostile
}

# goes_with_its_file INTERFACE: an open file keeps the module, also when the device is gone,
# and nothing else does.
goes_with_its_file() {
	exec 5>"$node"
	parted "$1"
	fails rmmod usbhostile
	exec 5>&-
	rmmod usbhostile
	load 0
	[ -c "$node" ]
}

# goes_with_its_process INTERFACE: as above, with a file in use.
goes_with_its_process() {
	begins 'transfer hammer'
	parted "$1"
	without_device "$criminal"
	rmmod usbhostile
	load 0
	[ -c "$node" ]
}

# goes_with_its_mapping INTERFACE: as above, with a mapping of memory that the device writes.
goes_with_its_mapping() {
	hostile commit "$node" 'memory share'
	maps
	parted "$1"
	fails rmmod usbhostile
	unmaps
	rmmod usbhostile
	load 0
	[ -c "$node" ]
}

keeps_the_module() {
	pipe=$(mktemp -u)
	afresh "$1" "$(interface)"
}

# has_mapped OUTPUT: the process that writes to it has mapped the node.
has_mapped() {
	[ "$(cat "$1")" = mapped ]
}

# maps: in a process, which touches the pages until unmaps.
maps() {
	mkfifo "$pipe"
	hostile map "$node" 40960 <"$pipe" >"$pipe.out" &
	mapper=$!
	exec 6>"$pipe"
	wait_for 5 has_mapped "$pipe.out"
}

unmaps() {
	exec 6>&-
	wait "$mapper"
	rm "$pipe" "$pipe.out"
}

# mapped_over_unbinding CRIME INTERFACE: a program has mapped what the device writes to, and
# touches it while the driver and the node go.
mapped_over_unbinding() {
	hostile commit "$node" "$1"
	maps
	parted "$2"
	fails rmmod usbhostile
	binds "$2"
	unmaps
}

mapping_outlives_the_driver() {
	pipe=$(mktemp -u)
	afresh mapped_over_unbinding 'memory share' "$(interface)"
	each_cycle mapped_over_unbinding 'memory hop' "$(interface)"
}

# Somebody is opening the node, which never ends by itself.
opens_for_ever() {
	hostile commit "$node" slow
	hostile commit "$node" drop &
	opener=$!
	usleep $((cycle % 8 * 5000))
	parted "$1"
	# It may not have come so far as to open it.
	fails wait "$opener"
	binds "$1"
}

# unplugged_during NAME...: by surprise, while all these crimes are being committed.
unplugged_during() {
	begins "$@"
	usleep $((cycle % 8 * 20000))
	unplugged "$criminal"
	arrive high
}

surprise_with_everything_going_on() {
	restore
	remember_deeds
	each_cycle unplugged_during never wait \
		'transfer hammer' 'queue fight' 'pool fight' 'gather fight'
	have_been_committed never wait 'transfer hammer' 'queue fight' 'pool fight' 'gather fight'
}

# vhci_hcd does not end the transfers of a device that is unplugged before the core gets at its
# lock: whoever waits for an answer to a change of the altsetting goes on waiting for it, 5 s
# for the change and 5 s for taking it back.
surprise_while_altsettings_change() {
	patience=1000
	restore
	remember_deeds
	each_cycle unplugged_during 'transfer switch' 'transfer switch' 'transfer hammer' 'reset halt'
	have_been_committed 'transfer switch' 'transfer hammer' 'reset halt'
}

forgotten_and_unplugged() {
	hostile commit "$node" resubmit
	hostile commit "$node" forget
	unplugged
	arrive high
}

plug high
wait_for 5 interface
check_crime "a failing probe ends transfers that are dropped" failing_probe 3
load 0
wait_for 5 test -c "$node"
check_crime "unbinding ends what was begun: drop" unbinding_after drop
for crime in never wait 'transfer hammer' 'transfer flood'; do
	check_crime "unbinding ends what is going on: $crime" unbinding_during "$crime"
done
check_locked_crime "unbinding ends a crowd that submits while altsettings change" \
	unbinding_during 'transfer hammer' 'transfer hammer' 'transfer switch'
check_crime "unbinding ends an open that waits" afresh opens_for_ever "$(interface)"
check_crime "a URB that outlives its driver is harmless" outlives_the_driver 'transfer keep'
check_crime "an open file keeps the module" keeps_the_module goes_with_its_file
check_crime "a process at work keeps the module" keeps_the_module goes_with_its_process
check_crime "unplugging in the middle of it all" surprise_with_everything_going_on
# What is halted may be gone with the altsetting, or in use.
in_vain='reset halt'
check_crime "unplugging while altsettings change" surprise_while_altsettings_change
in_vain=none
check_leaks "what is not forgotten does not leak" nothing

rmmod usbhostile
check_crime "a failing probe ends transfers that resubmit themselves" failing_probe 1
check_crime "a failing probe ends transfers that are forgotten" failing_probe 2
check_crime "unbinding ends transfers that probe left behind" probe_leaves_transfers_behind
load 0
wait_for 5 test -c "$node"
# A crime is eight transfers; those of forgetting and of resubmitting (where the refusal
# is forgotten) leak.
check_leaks "of what probe forgets, just that leaks" 0 $((3 * 8 * cycles))
for crime in resubmit forget; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "unplugging ends what was begun" afresh forgotten_and_unplugged
check_leaks "of what is forgotten, just that leaks" 0 $((4 * 8 * cycles))
for crime in 'transfer hoard' 'memory coherent' 'memory forget' 'memory hop'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
check_crime "a mapping that outlives the driver is harmless" mapping_outlives_the_driver
check_crime "a mapping keeps the module" keeps_the_module goes_with_its_mapping
check_leaks "of memory that is forgotten, just that leaks" 0 $(((2 + 16 + 4 + 8 + 1 + 8 + 1) * cycles))
end_hostile
