#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug real real-debug
# Each command that usbpipe carries out is told of when it starts and when it ends,
# with one number: as debug messages and as trace events, where the kernel has them.
# Neither is there before it is turned on.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/usbpipe.sh
. /lab/lib/usbpipe.sh

control=/sys/kernel/debug/dynamic_debug/control
tracing=/sys/kernel/tracing
events=$tracing/events/usb_rust

interface() {
	basename "$(readlink -f /sys/class/usbmisc/usbpipe0/device)"
}

minor() {
	cut -d: -f2 /sys/class/usbmisc/usbpipe0/dev
}

# Both ways to be told have the same verbs: on, off, mark, place, and what, which
# prints "start PLACE MINOR NUMBER NAME" for each command that has started since
# mark, and "end PLACE MINOR NUMBER NAME RESULT" for each that has ended.

messages_on() {
	echo 'file drivers/usb/core/rust_command.c +p' >"$control"
}

messages_off() {
	echo 'file drivers/usb/core/rust_command.c -p' >"$control"
}

messages_mark() {
	mktemp -u usbpipe-trace-XXXXXX >/tmp/mark
	cat /tmp/mark >/dev/kmsg
}

messages_what() {
	dmesg | sed "1,/$(cat /tmp/mark)/d" | sed -n \
		-e 's/.*usb \([^ ]*\), minor \([0-9]*\): command \([0-9]*\) \([^ ]*\) starts$/start \1 \2 \3 \4/p' \
		-e 's/.*usb \([^ ]*\), minor \([0-9]*\): command \([0-9]*\) \([^ ]*\) ends: \(-*[0-9]*\)$/end \1 \2 \3 \4 \5/p'
}

messages_place() {
	interface
}

events_on() {
	echo 1 >"$events/enable"
}

events_off() {
	echo 0 >"$events/enable"
}

events_mark() {
	echo >"$tracing/trace"
}

events_what() {
	sed -n 's/.* usb_command_\(start\|end\): bus=\([0-9]*\) device=\([0-9]*\) interface=\([0-9]*\) minor=\([0-9]*\) sequence=\([0-9]*\) name=\([^ ]*\)\( result=\)*/\1 \2:\3:\4 \5 \6 \7 /p' \
		"$tracing/trace"
}

events_place() {
	device=/sys/class/usbmisc/usbpipe0/device/..
	echo "$(cat "$device/busnum"):$(cat "$device/devnum"):0"
}

# begin WAY: what is told from now on is of the device that is there now.
begin() {
	"$1_place" >/tmp/place
	minor >/tmp/minor
	"$1_mark"
}

# told WAY NAME RESULT: a command of that name has started, and then ended so.
told() {
	"$1_what" >/tmp/told
	cat /tmp/told
	awk -v place="$(cat /tmp/place)" -v minor="$(cat /tmp/minor)" -v name="$2" -v result="$3" '
		$2 != place || $3 != minor { next }
		$1 == "start" && $5 == name { started[$4] = 1 }
		$1 == "end" && $5 == name && $6 == result && started[$4] { found = 1 }
		END { exit !found }' /tmp/told
}

# all_end WAY: no command has started that did not end, once, and the other way round.
all_end() {
	"$1_what" >/tmp/told
	[ -s /tmp/told ]
	awk '
		$1 == "start" && name[$4]++ { print "again:", $0; failed = 1 }
		$1 == "end" && --name[$4] { print "no start:", $0; failed = 1 }
		END {
			for (number in name)
				if (name[number]) { print "no end:", number; failed = 1 }
			exit failed
		}' /tmp/told
}

# The control request of the first succeeds, that of the second stalls.
commands() {
	usbpipe info 0 >/dev/null
	usbpipe control 0 --request 2 --length 48
	fails usbpipe control 0 --request 0x7f
}

is_quiet() {
	begin "$1"
	commands
	"$1_what" >/tmp/told
	equal "" "$(cat /tmp/told)" "told"
}

tells_of_ioctls() {
	begin "$1"
	commands
	told "$1" INFO 0
	told "$1" CONTROL 0
	told "$1" CONTROL -32
	all_end "$1"
}

tells_of_unknown_ioctls() {
	begin "$1"
	# TCGETS, by which it asks whether its output is a terminal.
	sh -c '[ ! -t 0 ]' <"$node"
	told "$1" unknown -25
}

tells_of_transactions() {
	begin "$1"
	transact_example "$node" 0x01 0x81
	told "$1" transaction 6
	told "$1" TRANSACT 0
	all_end "$1"
}

tells_of_uring() {
	begin "$1"
	uring_example "$node" 0x01 0x81
	equal 2 "$("$1_what" | grep -c '^end .* URING_TRANSFER 4096$')" "commands that succeed"
	begin "$1"
	fails uring_example "$node" 0x01 0x8f
	told "$1" URING_TRANSFER 4096
	told "$1" URING_TRANSFER -6
	# What was sent, and nobody has received.
	timeout 20 head -c 4096 "$node" >/dev/null
	all_end "$1"
}

# Timed out, cancelled, killed with their program. The kernel's log is too short for
# the messages of all tests.
tells_of_all_ends() {
	begin "$1"
	timeout 100 uring_end_test -t interrupt_endpoints -t cancelling_one -t a_process_that_is_killed
	told "$1" URING_TRANSFER -110
	told "$1" URING_TRANSFER -125
	all_end "$1"
}

# They end when the device is gone.
tells_of_unplugging() {
	begin "$1"
	timeout 100 uring_test -t unplugging_with_commands_pending
	told "$1" URING_TRANSFER -19
	all_end "$1"
}

# cases WAY WORDS
cases() {
	check "$2: none before they are turned on" is_quiet "$1"
	check "$2: they are turned on" "$1_on"
	check "$2: of ioctls" tells_of_ioctls "$1"
	check "$2: of ioctls that there are not" tells_of_unknown_ioctls "$1"
	check "$2: of transactions" tells_of_transactions "$1"
	check "$2: of commands of io_uring" tells_of_uring "$1"
	check "$2: however they end" tells_of_all_ends "$1"
	check "$2: of those that an unplug ends" tells_of_unplugging "$1"
	check "$2: the device is there again" fresh arrive high
	check "$2: they are turned off" "$1_off"
	check "$2: none afterwards" is_quiet "$1"
}

check "the module loads" loads
check "the device is there" arrive high
cases messages "debug messages"
if mount -t tracefs trace "$tracing" 2>/dev/null || [ -e "$tracing/trace" ]; then
	cases events "trace events"
else
	skip "trace events" "this kernel has none"
fi
check "the device goes" leave
check "the module unloads" unloads
finish
