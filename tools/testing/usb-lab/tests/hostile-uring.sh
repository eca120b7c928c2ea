#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# leaks: deliberately
# parts: 4
# A driver in safe Rust that does everything wrong with commands of io_uring cannot harm
# the kernel, nor keep a program from ending, and is parted from its device in time.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/hostile.sh
. /lab/lib/hostile.sh

# Errors, as programs get to see them.
EPERM=-1 EINTR=-4 EIO=-5 EAGAIN=-11 ENODEV=-19 EOVERFLOW=-75 ECANCELED=-125

# nobody_is_left: what has the node open keeps the module.
nobody_is_left() {
	[ "$(cat /sys/module/usbhostile/refcnt)" -eq 0 ]
}

# ends NAME ENDS: three commands of that name, in rings of all kinds, end like that; all
# that are pending end with the process.
ends() {
	for flags in '' async deferred 'async deferred'; do
		# shellcheck disable=SC2086
		got=$(uring-crimes "$node" "$1" 3 $flags)
		[ "$got" = "$2" ] || {
			echo "$1 ($flags): $got instead of $2"
			return 1
		}
		wait_for 5 nobody_is_left
	done
}

# all ERROR: three of them.
all() {
	echo "$1 $1 $1 pending 0"
}

# has_begun OUTPUT: the process that writes to it has submitted its commands.
has_begun() {
	grep -q pending "$1"
}

# Of what is forgotten a thousand times the list of leaks gets long.
many=8
[ "$cycles" -le 20 ] || many=2

# starts NAME FLAG...: the commands, in the background, until fd 6 is closed.
starts() {
	name=$1
	shift
	# What those before have said is no sign that these have begun.
	: >"$pipe.out"
	uring-crimes "$node" "$name" "$many" "$@" <"$pipe" >"$pipe.out" &
	starter=$!
	exec 6>"$pipe"
	wait_for 5 has_begun "$pipe.out"
}

killed() {
	starts "$@" stay
	kill -KILL "$starter"
	exec 6>&-
	fails wait "$starter"
	wait_for 5 nobody_is_left
}

closed() {
	starts "$@" close
	wait_for 5 nobody_is_left
	exec 6>&-
	wait "$starter"
}

# unbound INTERFACE NAME FLAG...: while commands are pending, which end with their ring at
# the latest.
unbound() {
	unbound_interface=$1
	shift
	starts "$@" stay
	parted "$unbound_interface"
	exec 6>&-
	wait "$starter"
	wait_for 5 nobody_is_left
	binds "$unbound_interface"
}

# check_untimed_crime NAME COMMAND...: as check, if the crime is of this part. Nobody is parted.
check_untimed_crime() {
	in_this_part || return 0
	check "$@"
}

with_pipe() {
	restore
	pipe=$(mktemp -u)
	mkfifo "$pipe"
	each_cycle "$@"
	rm "$pipe" "$pipe.out"
}

# One waits where it must not: with the ring locked.
waits_in_vain() {
	uring-crimes "$node" wait 1 >"$pipe.out" &
	waiter=$!
	until is_committing "$waiter"; do kill -0 "$waiter"; done
	parted "$1"
	wait "$waiter"
	[ "$(cat "$pipe.out")" = "$ENODEV pending 0" ]
	binds "$1"
}

killed_while_it_waits() {
	uring-crimes "$node" wait 1 >"$pipe.out" &
	waiter=$!
	until is_committing "$waiter"; do kill -0 "$waiter"; done
	kill -KILL "$waiter"
	fails wait "$waiter"
	wait_for 5 nobody_is_left
}

load 0
arrive high
check "dropped" ends drop "$(all "$ECANCELED")"
check "forgotten" ends forget "pending 3"
check "forgotten, and refused" ends 'forget deny' "$(all "$EPERM")"
check "kept" ends hoard "pending 3"
check "kept, and refused" ends 'hoard deny' "$(all "$EPERM")"
check "ended before it has begun" ends early "$(all 7)"
check "ended, and refused" ends 'early deny' "$(all "$EPERM")"
check "ended by the next one" ends relay "1 1 pending 1"
check "refused with EAGAIN" ends again "$(all "$EAGAIN")"
check "refused with EIOCBQUEUED" ends queued "$(all "$EIO")"
check "refused with ERESTARTSYS" ends restart "$(all "$EINTR")"
check "ended with too much" ends huge "$(all "$EOVERFLOW")"
check "ended with a reply of too much" ends 'reply huge' "$(all "$EOVERFLOW")"
check "ended with a reply of EIOCBQUEUED" ends 'reply queued' "$(all "$EIO")"
check "a handler drops it" ends 'urb drop' "$(all "$ECANCELED")"
check "a handler forgets it" ends 'urb forget' "pending 3"
check "a handler submits it again" ends 'urb resubmit' "pending 3"
check "a handler hands it over" ends 'urb relay' "1 1 pending 1"
for crime in forget hoard relay 'urb forget' 'urb resubmit' 'urb relay'; do
	for flag in deferred async; do
		check_untimed_crime "a process is killed: $crime, $flag" \
			with_pipe killed "$crime" $flag
		check_untimed_crime "a ring is closed: $crime, $flag" \
			with_pipe closed "$crime" $flag
		check_crime "unbinding: $crime, $flag" \
			with_pipe unbound "$(interface)" "$crime" $flag
	done
done
check_crime "unbinding ends one that waits" with_pipe waits_in_vain "$(interface)"
check_untimed_crime "a process is killed that waits" with_pipe killed_while_it_waits
# What a handler forgets is not always found: pointers to it may be left over. (A command that
# is forgotten leaks its memory, but no URB, which is what is counted.)
check_leaks "what leaks was forgotten" 0 1000000
end_hostile
