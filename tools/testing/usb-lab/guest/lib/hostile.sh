# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests that use the usbhostile driver share.

driver=/sys/bus/usb/drivers/usbhostile
node=/dev/usbhostile0
leaks=/sys/kernel/debug/kmemleak

# How often each crime is committed, unless scripts/lab test --cycles N says otherwise.
cycles=${cycles:-5}

# How long unbinding may take, in centiseconds. A debugging kernel that is emulated
# instruction by instruction needs more for the same: its limit still tells an end
# from a wait for the 60 s of a request.
case $LAB in
real-debug) limit=2000 ;;
*) limit=100 ;;
esac

# vhci_hcd has two lines to say about each transfer that is cancelled. To write them to
# the console takes longer than to cancel a thousand transfers, which is what is timed
# here; so messages of that level (KERN_INFO) don't go there until end_hostile.
read -r console_level _ </proc/sys/kernel/printk
echo 6 >/proc/sys/kernel/printk

# load PROBE: the module, with what it does in probe.
load() {
	modprobe usbhostile "probe=$1"
	[ -d "$driver" ]
}

# arrive PLUG-ARGUMENT...: a device is there, and the driver has bound to it.
arrive() {
	plug "$@"
	wait_for 5 test -c "$node"
}

# interface: its name, whether the driver is bound to it or not.
interface() {
	set -- /sys/bus/usb/devices/*:1.0
	for path; do
		[ "$(cat "$path/bInterfaceClass")" != ff ] || echo "${path##*/}"
	done
}

bound() {
	[ -e "$driver/$(interface)" ]
}

# device_file: that of the device in usbfs.
device_file() {
	device=$(refdev)
	printf '/dev/bus/usb/%03d/%03d\n' "$(cat "$device/busnum")" "$(cat "$device/devnum")"
}

# centiseconds: since the guest started, in the variable of that name.
centiseconds() {
	read -r up _ </proc/uptime
	# With a 1 in front, since 08 and 09 are no numbers.
	centiseconds=$((${up%.*} * 100 + 1${up#*.} - 100))
}

# time_a_reset: how long one takes, in centiseconds, in the variable reset_time. Where the
# device is reset all the time, unbinding has to wait for the lock of the device: for the
# reset that has it, and for those who get it before, which may be the same ones twice: with
# five of them, six resets were seen in 1,000 cycles. That is not the time that the driver
# takes to be parted, so the limit grows by it.
resets_ahead=0
reset_time=0
time_a_reset() {
	centiseconds
	before=$centiseconds
	hostile reset "$(device_file)"
	centiseconds
	reset_time=$((centiseconds - before))
}

# parted INTERFACE: unbinds, which must not take longer than the limit, plus the time of
# as many resets as resets_ahead says.
slowest=0
slowest_file=$(mktemp)
parted() {
	centiseconds
	before=$centiseconds
	echo "$1" >"$driver"/unbind
	centiseconds
	took=$((centiseconds - before))
	[ "$took" -le "$slowest" ] || slowest=$took
	echo "$slowest" >"$slowest_file"
	[ "$took" -lt $((limit + resets_ahead * reset_time)) ] || {
		echo "unbinding took $took centiseconds, a reset $reset_time"
		return 1
	}
	[ ! -e "$node" ] || {
		echo "$node is there after unbinding"
		return 1
	}
}

# binds INTERFACE: to the driver, which makes its node again.
binds() {
	echo "$1" >"$driver"/bind
	[ -c "$node" ]
}

# each_cycle COMMAND...: commits it as often as there are cycles.
each_cycle() {
	cycle=0
	while [ "$cycle" -lt "$cycles" ]; do
		cycle=$((cycle + 1))
		"$@"
	done
}

# restore: nobody is at it any more, and the driver is bound, also after a case that failed.
restore() {
	at_peace
	[ -d "$driver" ] || load 0
	if bound; then interface >"$driver"/unbind; fi
	binds "$(interface)"
}

# leaks_so_far: as leaks_are_ours. Where crimes are committed often, they are looked
# through now and then: a list of all of them takes hours to read.
leaked=0
leaks_so_far() {
	echo scan >"$leaks"
	leaked=$((leaked + $(grep -c usb_alloc_urb "$leaks" || true)))
	only_our_leaks
}

# check_locked_crime NAME COMMAND...: as check_crime, where altsettings are changed all the
# time: unbinding has to wait for the lock of the device, for who has it and for those who
# came before, each of whom waits for the device.
check_locked_crime() {
	limit=$((3 * limit))
	check_crime "$@"
	limit=$((limit / 3))
}

# check_crime NAME COMMAND...: as check, and says how long unbinding took at most.
check_crime() {
	rm -f "$slowest_file"
	check "$@"
	if [ "$cycles" -gt 20 ] && [ -e "$leaks" ]; then
		leaks_so_far >/tmp/leaks || not_ours_before=$(cat /tmp/leaks)
	fi
	[ ! -e "$slowest_file" ] ||
		echo "# slowest of $cycles: $(cat "$slowest_file")0 ms"
}

# commits INTERFACE NAME: the driver is unbound after the crime.
commits() {
	hostile commit "$node" "$2"
	parted "$1"
	binds "$1"
}

# is_committing PID: it has the node open, so it is about to write to it.
is_committing() {
	# A test of the shell itself: a process each time would cost more than the crime.
	# shellcheck disable=SC3013  # the shells of guests know -ef
	[ "/proc/$1/fd/3" -ef "$node" ]
}

# crowd INTERFACE NAME...: the driver is unbound while all these crimes are being
# committed at once, which then fail.
crowd() {
	crowd_interface=$1
	shift
	crowd_pids=
	for name; do
		hostile commit "$node" "$name" 2>/dev/null &
		crowd_pids="$crowd_pids $!"
	done
	for pid in $crowd_pids; do
		until is_committing "$pid"; do kill -0 "$pid"; done
	done
	# Now at the beginning, now in the middle.
	usleep $((cycle % 8 * 5000))
	parted "$crowd_interface"
	for pid in $crowd_pids; do
		fails wait "$pid"
	done
	binds "$crowd_interface"
}

unbinding_after() {
	restore
	each_cycle commits "$(interface)" "$1"
}

# unbinding_during NAME...: by one process each.
unbinding_during() {
	restore
	each_cycle crowd "$(interface)" "$@"
}

# tells NAME: commits a crime through the file that is open.
tells() {
	printf %s "$1" >&5
}

# keeps_over_unbinding INTERFACE NAME: an open file keeps something while the driver goes,
# and in every second cycle until it is back.
keeps_over_unbinding() {
	exec 5>"$node"
	tells "$2"
	parted "$1"
	fails tells "$2"
	[ $((cycle % 2)) -eq 0 ] || exec 5>&-
	binds "$1"
	exec 5>&-
}

outlives_the_driver() {
	restore
	each_cycle keeps_over_unbinding "$(interface)" "$1"
	bound
}

# pester COMMAND...: again and again in the background, however it ends, until at_peace.
# Which processes do is in a file, for cases after one that failed.
pests_file=$(mktemp)
pester() {
	(
		set +e
		while :; do "$@"; done
	) >/dev/null 2>&1 &
	echo $! >>"$pests_file"
}

at_peace() {
	while read -r pest; do
		if kill "$pest" 2>/dev/null; then wait "$pest" || true; fi
	done <"$pests_file"
	: >"$pests_file"
}

# leaks_are_ours COUNT: what was forgotten is leaked, and only that. kmemleak reports
# nothing that is younger than five seconds. Waits for COUNT URBs at least.
leaks_are_ours() {
	[ -z "$not_ours_before" ] || { echo "$not_ours_before" && return 1; }
	wait_for 60 sh -c "echo scan >$leaks; [ \$(($leaked + \$(grep -c usb_alloc_urb $leaks))) -ge $1 ]"
	echo scan >"$leaks"
	only_our_leaks
}

# only_our_leaks: in what the last scan found, which is forgotten then. A test may set in
# kept_by_ours who else allocates what the driver's own leaks keep.
not_ours_before=
kept_by_ours='nobody else'
only_our_leaks() {
	# A record is the driver's if its code is in the backtrace, under its name or,
	# once that copy of the module was unloaded, without one.
	awk -v kept="$kept_by_ours" '
	     /^unreferenced/ { if (n++ && !ours) foreign++; ours = 0 }
	     $0 ~ kept { ours = 1 }
	     /\[usbhostile\]/ || /^    (\[<[0-9a-f]+>\] )?0x[0-9a-f]+$/ { ours = 1 }
	     END { if (n) foreign += !ours; print n " leaks, " foreign " not ours"; exit foreign > 0 }' "$leaks" ||
		{ cat "$leaks" && return 1; }
	echo clear >"$leaks"
}

# end_hostile COUNT: the cases at the end of each of these tests.
end_hostile() {
	if [ -e "$leaks" ]; then
		check "what leaks was forgotten" leaks_are_ours "$1"
	else
		skip "what leaks was forgotten" "no kmemleak in this kernel"
	fi
	check "the module can be unloaded" rmmod usbhostile
	unplug
	rm -f "$slowest_file" "$pests_file"
	echo "$console_level" >/proc/sys/kernel/printk
	finish
}
