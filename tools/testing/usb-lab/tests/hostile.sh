#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# leaks: deliberately
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

# An open file keeps the module, also when the device is gone.
open_file_keeps_the_module() {
	exec 5>"$node"
	parted "$(interface)"
	fails rmmod usbhostile
	exec 5>&-
	rmmod usbhostile
	load 0
	wait_for 5 test -c "$node"
}

# has_mapped OUTPUT: the process that writes to it has mapped the node.
has_mapped() {
	[ "$(cat "$1")" = mapped ]
}

# mapped_over_unbinding CRIME INTERFACE: a program has mapped what the device writes to, and
# touches it while the driver and the node go.
mapped_over_unbinding() {
	hostile commit "$node" "$1"
	shift
	mkfifo "$pipe"
	hostile map "$node" 40960 <"$pipe" >"$pipe.out" &
	mapper=$!
	exec 6>"$pipe"
	wait_for 5 has_mapped "$pipe.out"
	parted "$1"
	fails rmmod usbhostile
	binds "$1"
	exec 6>&-
	wait "$mapper"
	rm "$pipe" "$pipe.out"
}

mapping_outlives_the_driver() {
	pipe=$(mktemp -u)
	each_cycle mapped_over_unbinding 'memory share' "$(interface)"
	each_cycle mapped_over_unbinding 'memory hop' "$(interface)"
}

# Somebody is opening the node, which never ends by itself.
opens_for_ever() {
	hostile commit "$node" slow
	hostile commit "$node" drop &
	opener=$!
	usleep $((cycle % 8 * 5000))
	parted "$1"
	fails wait "$opener"
	binds "$1"
}

# unplugged_during NAME...: by surprise, while all these crimes are being committed.
unplugged_during() {
	for crime; do
		hostile commit "$node" "$crime" &
	done
	usleep $((cycle % 8 * 20000))
	unplug
	wait
	[ ! -e "$node" ]
	arrive high
}

surprise_with_everything_going_on() {
	hostile commit "$node" resubmit
	hostile commit "$node" forget
	unplugged_during never wait 'transfer hammer' 'queue fight' 'pool fight' 'gather fight'
}

surprise_while_altsettings_change() {
	unplugged_during 'transfer switch' 'transfer switch' 'transfer hammer' 'reset halt'
}

plug high
wait_for 5 interface
check_crime "a failing probe ends transfers that resubmit themselves" failing_probe 1
check_crime "a failing probe ends transfers that are forgotten" failing_probe 2
check_crime "a failing probe ends transfers that are dropped" failing_probe 3
check_crime "unbinding ends transfers that probe left behind" probe_leaves_transfers_behind
load 0
wait_for 5 test -c "$node"
for crime in resubmit forget drop 'transfer hoard' 'memory coherent' 'memory forget' 'memory hop'; do
	check_crime "unbinding ends what was begun: $crime" unbinding_after "$crime"
done
for crime in never wait 'transfer hammer' 'transfer flood'; do
	check_crime "unbinding ends what is going on: $crime" unbinding_during "$crime"
done
check_locked_crime "unbinding ends a crowd that submits while altsettings change" \
	unbinding_during 'transfer hammer' 'transfer hammer' 'transfer switch'
check_crime "unbinding ends an open that waits" each_cycle opens_for_ever "$(interface)"
check_crime "a URB that outlives its driver is harmless" outlives_the_driver 'transfer keep'
check_crime "a mapping that outlives the driver is harmless" mapping_outlives_the_driver
check_crime "an open file keeps the module" open_file_keeps_the_module
check "unplugging in the middle of it all" each_cycle surprise_with_everything_going_on
check "unplugging while altsettings change" each_cycle surprise_while_altsettings_change
# A crime is eight transfers; those of forgetting and of resubmitting (where the refusal
# is forgotten) leak.
end_hostile $((8 * 2 * cycles))
