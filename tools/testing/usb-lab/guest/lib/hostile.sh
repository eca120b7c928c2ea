# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests that use the usbhostile driver share.

driver=/sys/bus/usb/drivers/usbhostile
node=/dev/usbhostile0
leaks=/sys/kernel/debug/kmemleak

# The exit status of a program that was told ENODEV.
no_device=19

# How often each crime is committed, unless scripts/lab test --cycles N says otherwise.
cycles=${cycles:-5}

# How long it may take to part a driver from its device, in centiseconds. A debugging
# kernel that is emulated instruction by instruction needs more for the same: its limit
# still tells an end from a wait for the 60 s of a request.
case $LAB in
real-debug) limit=2000 ;;
*) limit=100 ;;
esac

# scripts/lab test --part K/N: of the crimes only every Nth, from the Kth on. So a soak can be cut
# into guests that take no hours each.
part=${part:-1/1}
crimes=0
# What was committed since leaks were looked for.
unlooked=0
in_this_part() {
	crimes=$((crimes + 1))
	[ $(((crimes - ${part%/*}) % ${part#*/})) -eq 0 ] || return 1
	unlooked=$((unlooked + 1))
}

# vhci_hcd has two lines to say about each transfer that is cancelled. To write them to
# the console takes longer than to cancel a thousand transfers, which is what is timed
# here; so messages of that level (KERN_INFO) don't go there until end_hostile.
read -r console_level _ </proc/sys/kernel/printk
echo 6 >/proc/sys/kernel/printk

# load PROBE: the module, with what it does in probe; careful if a test sets that to 1.
careful=0
load() {
	modprobe usbhostile "probe=$1" "careful=$careful"
	[ -d "$driver" ]
}

# arrive PLUG-ARGUMENT...: a device is there, and the driver has bound to it.
arrival=high
arrive() {
	arrival=$*
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
# takes to be parted, so what all of it together may take is more.
resets_ahead=0
reset_time=0
# How long others may have the device locked otherwise.
patience=0
# How long the core may take to have a device awake that is being suspended all the time: it
# has it resumed before it parts the driver from it.
resuming=0
# How much longer a driver may take to part from its device where other guests run beside this
# one, as they may if there are few cycles: the hub driver, this shell, and those who did
# something, have to get their turn.
busy=200
[ "$cycles" -le 20 ] || busy=0
time_a_reset() {
	centiseconds
	before=$centiseconds
	hostile reset "$(device_file)"
	centiseconds
	reset_time=$((centiseconds - before))
}

# watch_unbinding INTERFACE: by this shell or by the hub driver, if the kernel has trace events.
# With all locks taken, the driver core begins to part a driver from its device by having that
# resumed.
tracing=/sys/kernel/tracing
rpm_resume=$tracing/events/rpm/rpm_resume
mount -t tracefs trace $tracing 2>/dev/null || true
watched=
watch_unbinding() {
	[ -d $rpm_resume ] || return 0
	[ "$watched" != "$1" ] || return 0
	watched=$1
	# Once for each case, which is a shell of its own: read takes two system calls for each byte.
	read -r shell _ </proc/self/stat
	# That of /proc/uptime.
	echo boot >$tracing/trace_clock
	echo "name == \"$1\" && (common_pid == $shell || COMM ~ \"kworker*\")" >$rpm_resume/filter
	echo 1 >$rpm_resume/enable
}

# since_locked BEFORE: when the driver core began, in the variable began: since BEFORE at the
# earliest.
since_locked() {
	began=$1
	[ -d $rpm_resume ] || return 0
	began=$(awk -v before="$1" '
		match($0, /[0-9]+\.[0-9]+: rpm_resume/) {
			split(substr($0, RSTART), time, ".")
			at = time[1] * 100 + substr(time[2], 1, 2)
			if (at >= before && !began) began = at
		}
		END { print began ? began : before }' $tracing/trace)
	: >$tracing/trace
}

# in_time BEFORE: what has begun then must be over now. Parting itself must not take longer
# than the limit, and all of it with the wait for the lock not more than is said above. How
# long parting takes is found out where that could be longer than what was seen so far. To
# find out takes longer than a cycle, so of what is over at once all is said to be parting.
slowest=0
at_once=10
slowest_total=0
slowest_file=$(mktemp)
in_time() {
	centiseconds
	took=$((centiseconds - $1))
	parting=$took
	if [ "$took" -gt "$slowest" ] && [ "$took" -gt "$at_once" ]; then
		since_locked "$1"
		parting=$((centiseconds - began))
	fi
	[ "$parting" -le "$slowest" ] || slowest=$parting
	[ "$took" -le "$slowest_total" ] || slowest_total=$took
	echo "$slowest $slowest_total" >"$slowest_file"
	in_all=$((limit + busy + resuming + patience + resets_ahead * reset_time))
	# Without trace events the two are the same.
	[ -d $rpm_resume ] || parting=0
	if [ "$parting" -ge $((limit + busy + resuming)) ] || [ "$took" -ge "$in_all" ]; then
		echo "parting took $parting centiseconds of $took, a reset $reset_time"
		return 1
	fi
}

# parted INTERFACE: unbinds, in time.
parted() {
	watch_unbinding "$1"
	centiseconds
	before=$centiseconds
	echo "$1" >"$driver"/unbind
	in_time "$before"
	[ ! -e "$node" ] || {
		echo "$node is there after unbinding"
		return 1
	}
}

# unplugged [PID]: the device goes, and with it what this process is doing, in time.
# What unplug itself does after that is not part of it. To look for the device one may need its
# lock, so that a case where somebody has that sets the variable gone itself, before.
gone=
# shellcheck disable=SC2120  # there may be none
unplugged() {
	[ -n "$gone" ] || gone=$(refdev)
	watch_unbinding "${gone##*/}:1.0"
	centiseconds
	before=$centiseconds
	unplug &
	unplugging=$!
	while [ -e "$gone" ]; do :; done
	gone=
	[ -z "${1-}" ] || without_device "$1"
	centiseconds
	took=$((centiseconds - before))
	since_locked "$before"
	parting=$((before + took - began))
	wait "$unplugging"
	[ "$parting" -le "$slowest" ] || slowest=$parting
	[ "$took" -le "$slowest_total" ] || slowest_total=$took
	echo "$slowest $slowest_total" >"$slowest_file"
	# Without trace events the two are the same.
	[ -d $rpm_resume ] || parting=0
	if [ "$parting" -ge $((limit + busy)) ] ||
		[ "$took" -ge $((limit + busy + patience + resets_ahead * reset_time)) ]; then
		echo "unplugging took $took centiseconds, of them parting $parting"
		return 1
	fi
	[ ! -e "$node" ]
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

# restore: nobody is at it any more, the device is there, and the driver is bound, also after a
# case that failed.
restore() {
	at_peace
	[ -d "$driver" ] || load 0
	# shellcheck disable=SC2086  # words without blanks
	[ -n "$(interface)" ] || arrive $arrival
	if bound; then interface >"$driver"/unbind; fi
	binds "$(interface)"
}

# afresh COMMAND...: as each_cycle, also after a case that failed.
afresh() {
	restore
	each_cycle "$@"
}

# leaks_so_far: as leaks_are_ours, without a number. Where crimes are committed often, they are looked
# through now and then.
leaked=0
all_leaked=0
leaks_so_far() {
	found 0
	leaked=$urbs
	all_leaked=$((all_leaked + count))
	only_our_leaks
}

# check_locked_crime NAME COMMAND...: as check_crime, where altsettings are changed all the
# time: unbinding has to wait for the lock of the device, for who has it and for those who
# came before, each of whom waits for the device.
check_locked_crime() {
	patience=$((2 * limit))
	check_crime "$@"
	patience=0
}

# check_crime NAME COMMAND...: as check, and says how long parting took at most, and how long
# with the wait for the lock.
check_crime() {
	in_this_part || return 0
	rm -f "$slowest_file"
	check "$@"
	[ ! -e "$slowest_file" ] || {
		read -r parting total <"$slowest_file"
		echo "# slowest of $cycles: parting ${parting}0 ms, all of it ${total}0 ms"
	}
	if [ "$cycles" -gt 20 ] && [ -e "$leaks" ]; then
		leaks_so_far >/tmp/leaks || not_ours_before=$(cat /tmp/leaks)
		sed 's/^/# /;q' /tmp/leaks
	fi
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

# begins NAME...: all these crimes at once, by a process that is in the variable criminal. All are at
# it when this returns.
begun=$(mktemp -u)
mkfifo "$begun"
begins() {
	hostile crowd "$node" "$@" >"$begun" 2>/dev/null &
	criminal=$!
	read -r _ <"$begun"
}

# ended_by STATUS PID: the process ends like that, and in no other way.
ended_by() {
	status=0
	wait "$2" || status=$?
	[ "$status" -eq "$1" ] || {
		echo "a crime ended with $status instead of $1"
		return 1
	}
}

# without_device PID: it is told that the device is gone, and so are all the processes of a crowd.
without_device() {
	ended_by $no_device "$1"
}

# How long a crime may go on, in microseconds, times 0 to 7.
moment=5000

# crowd INTERFACE NAME...: the driver is unbound while all these crimes are being
# committed at once, which then fail.
crowd() {
	crowd_interface=$1
	shift
	begins "$@"
	# Now at the beginning, now in the middle; once so late that each has been committed. Whether
	# it has is asked again at the end.
	[ "$cycle" -ne 1 ] || wait_for 10 all_committed "$@" >/dev/null || true
	usleep $((cycle % 8 * moment))
	parted "$crowd_interface"
	without_device "$criminal"
	binds "$crowd_interface"
}

# The driver tells what was done so far, since the module was loaded.
deeds_file=$(mktemp)
deeds() {
	cat "/sys/bus/usb/devices/$(interface)/deeds"
}

remember_deeds() {
	deeds >"$deeds_file"
}

# count_of DEED: in its input.
count_of() {
	awk -F= -v deed="$1" '$1 == deed { count = $2 } END { print count + 0 }'
}

# have_grown DEED...: since they were remembered, each of them has been done.
have_grown() {
	for deed; do
		before=$(count_of "$deed" <"$deeds_file")
		after=$(deeds | count_of "$deed")
		[ "$after" -gt "$before" ] || {
			echo "not once in all cycles: $deed"
			return 1
		}
	done
}

# all_committed NAME...: these crimes have been, but for those of which a case says that they may
# be in vain there, with commas between them; and where there were transfers, some have ended.
in_vain=none
all_committed() {
	for crime; do
		case ,$in_vain, in
		*,"$crime",*) continue ;;
		esac
		have_grown "$crime" || return 1
		case $crime in
		power* | gather* | claim*) ;;
		*fight | *hammer | *flood) have_grown completion || return 1 ;;
		esac
	done
}

# have_been_committed NAME...: as all_committed. Some crimes are in the way of others: that each
# of them gets its turn can be asked for where there are many cycles. With few it is only said.
have_been_committed() {
	all_committed "$@" || [ "$cycles" -le 20 ]
}

unbinding_after() {
	restore
	remember_deeds
	each_cycle commits "$(interface)" "$1"
	have_grown "$1"
}

# unbinding_during NAME...: by one process each.
unbinding_during() {
	restore
	remember_deeds
	each_cycle crowd "$(interface)" "$@"
	have_been_committed "$@"
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

# unbinding_amid COMMAND... -- NAME...: these crimes, while the command is repeated.
unbinding_amid() {
	restore
	amid=
	while [ "$1" != -- ]; do
		amid="$amid $1"
		shift
	done
	shift
	remember_deeds
	# shellcheck disable=SC2086  # words without blanks
	pester $amid
	each_cycle crowd "$(interface)" "$@"
	at_peace
}

orders() {
	echo auto >"$1/power/control"
	echo 0 >"$1/power/autosuspend_delay_ms"
	usleep 20000
	echo on >"$1/power/control"
}

# sleeps_while NAME...: the device is suspended and resumed all the time.
sleeps_while() {
	moment=20000
	patience=$limit
	resuming=$limit
	unbinding_amid orders "$(refdev)" -- "$@"
	echo on >"$(refdev)/power/control"
	have_been_committed "$@"
	have_grown suspend suspend-io resume resume-io
}

# look_for_leaks: of what was allocated since the last of these cases, how much is leaked, as far as
# kmemleak finds it: in the file leaks_counted how many leaks, how many of them URBs, and how many
# not the driver's. Some of each are in the files leaks_of_ours and leaks_of_others. A leak is the
# driver's if its code is in the backtrace, under its name or, once that copy of the module was
# unloaded, without one. Some are found late, when nothing looks like a pointer to them any more.
#
# They are listed once, and not more often: for each two or three, kmemleak goes through everything
# that there is.
kept_by_ours='nobody else'
leaks_counted=$(mktemp)
leaks_of_ours=$(mktemp)
leaks_of_others=$(mktemp)
look_for_leaks() {
	echo scan >"$leaks"
	echo scan >"$leaks"
	awk -v since="$leaks_since" -v kept="$kept_by_ours" -v counted="$leaks_counted" \
		-v own="$leaks_of_ours" '
		function judge() {
			if (recent && !ours && ++others <= 20) printf "%s", record
			if (recent && ours && ++mine <= 20) printf "%s", record >own
		}
		BEGIN { printf "" >own }
		/^unreferenced/ {
			judge()
			record = $0 "\n"; getline; recent = $NF >= since; n += recent; ours = 0
		}
		!recent { next }
		{ record = record $0 "\n" }
		/usb_alloc_urb/ { urbs++ }
		$0 ~ kept || /\[usbhostile\]/ || /^    (\[<[0-9a-f]+>\] )?0x[0-9a-f]+$/ { ours = 1 }
		END { judge(); print n + 0, urbs + 0, others + 0 >counted }' "$leaks" >"$leaks_of_others"
}

# found URBS: at least so many are leaked.
found() {
	look_for_leaks
	read -r count urbs _ <"$leaks_counted"
	urbs=$((leaked + urbs))
	[ "$urbs" -ge "$1" ]
}

now_in_jiffies() {
	awk '/^jiffies:/ { print $2; exit }' /proc/timer_list
}
leaks_since=$(now_in_jiffies)

# leaks_are_ours URBS [MORE]: what was forgotten is leaked, and only that: so many URBs, or up
# to MORE, as not all is found: pointers to it may be left over. kmemleak reports nothing that
# is younger than five seconds.
leaks_are_ours() {
	[ -z "$not_ours_before" ] || { echo "$not_ours_before" && return 1; }
	grown_old
	# Who looks now and then, as above, does not find all.
	[ "$cycles" -le 20 ] || set -- $(($1 / 2)) "${2-$1}"
	wait_for 30 found "$1" || { echo "$urbs URBs, not $1" && return 1; }
	[ "$urbs" -le "${2-$1}" ] || { echo "$urbs URBs, at most ${2-$1}" && return 1; }
	only_our_leaks
}

# grown_old: what was allocated before is old enough to be reported.
grown_old() {
	read -r uptime _ </proc/uptime
	wait_for 20 uptime_is_past $((${uptime%.*} + 6))
}

# nothing_leaks: not by the driver, nor by what it uses, nor did it where that was looked for before.
nothing_leaks() {
	[ -z "$not_ours_before" ] || { echo "$not_ours_before" && return 1; }
	grown_old
	look_for_leaks
	read -r count _ <"$leaks_counted"
	[ $((all_leaked + count)) -eq 0 ] || {
		echo "$count leaks, $all_leaked before"
		cat "$leaks_of_ours" "$leaks_of_others"
		return 1
	}
}

# check_leaks WHAT URBS [MORE]: the case for all that was done since the last one like it.
# What forgets nothing leaks nothing, where not even the name of this driver is an excuse.
# (Of a part of the crimes as many may leak as of all, and where none are of that part, this case
# is not either.)
check_leaks() {
	[ "$unlooked" -gt 0 ] || [ "$part" = 1/1 ] || return 0
	unlooked=0
	what=$1
	shift
	if [ ! -e "$leaks" ]; then
		skip "$what" "no kmemleak in this kernel"
	elif [ "$1" = nothing ]; then
		check "$what" nothing_leaks
	else
		check "$what" leaks_are_ours "$@"
	fi
	leaked=0
	all_leaked=0
	leaks_since=$(now_in_jiffies)
	[ ! -e "$leaks" ] || echo clear >"$leaks"
}

# only_our_leaks: of what was found, which is forgotten then: of another one something may be
# found late. A test may set in kept_by_ours who else allocates what the driver's own leaks keep.
not_ours_before=
only_our_leaks() {
	read -r count _ others <"$leaks_counted"
	echo "$count leaks, $others not ours"
	[ "$others" -eq 0 ] || { cat "$leaks_of_others" && return 1; }
	echo clear >"$leaks"
}

# end_hostile: the cases at the end of each of these tests.
end_hostile() {
	# The next test has a device with the same name.
	at_peace
	check "the module can be unloaded" rmmod usbhostile
	[ ! -d $rpm_resume ] || echo 0 >$rpm_resume/enable
	unplug
	rm -f "$slowest_file" "$pests_file" "$deeds_file" "$begun"
	rm -f "$leaks_counted" "$leaks_of_ours" "$leaks_of_others"
	echo "$console_level" >/proc/sys/kernel/printk
	finish
}
