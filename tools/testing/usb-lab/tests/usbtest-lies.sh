#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast-debug
# A device lies to usbtest, in C and in Rust: any status, any length, isochronous packets
# that overlap or are elsewhere, answers to transfers that there never were, and to the
# host that takes a transfer back. The one in Rust harms nothing, gives no memory away,
# and each of its cases ends in time. Lies are drawn by seed, each seed for both modules;
# --cycles says how many lies each of them is told, seed=N on the kernel's command line
# (--append) where to begin.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

on_demand "lies" "make usbtest ARGS=--lies"
# shellcheck source=SCRIPTDIR/../guest/lib/usbtest.sh
. /lab/lib/usbtest.sh

seed=${seed:-1}
# In this order: the one in C reads beyond its buffer, and that report ends lockdep.
modules="usbtest_rust usbtest"
# Seconds that a call may take: a transfer may take 10, and what a case has in flight
# waits together.
usbtest_patience=30
report=/tmp/report

# total NAME: the sum of a figure in what refdevd said.
total() {
	sed -n "s/.* $1=\([0-9]*\).*/\1/p" "$report" | awk '{ sum += $1 } END { print sum + 0 }'
}

# mixed SEED: the faults of a session. The device comes through its enumeration.
mixed() {
	for fault in "ep=0x81,mix=$1" "ep=1,mix=$1" "ep=0x82,iso-mix=$1" "ep=2,iso-mix=$1" \
		"ep=0x83,mix=$1" "ep=3,mix=$1" "type=0x40,mix=$1" "type=0xc0,mix=$1" \
		"type=0x80,request=6,from=30,every=2,mix=$1" "type=0x80,request=0,from=4,mix=$1" \
		"type=0x82,mix=$1" "type=2,mix=$1"; do
		echo "--fault $fault"
	done
}

# lying_arguments CASE: as much in flight as there can be. A scattered case is not done
# twice, since the one in C destroys its timer each time, which debug objects report.
lying_arguments() {
	case $1 in
	5 | 6 | 7 | 8) echo "-c 1 -s 512 -v 512 -g 128" ;;
	14 | 21) echo "-c 3 -s 2000 -v 601 -g 8" ;;
	15 | 16 | 22 | 23) echo "-c 4 -s 4096 -v 1024 -g 32" ;;
	24) echo "-c 4 -s 512 -v 512 -g 128" ;;
	25 | 26) echo "-c 4 -s 64 -v 64 -g 8" ;;
	27 | 28) echo "-c 40 -s 512 -v 512 -g 128" ;;
	*) echo "-c 4 -s 512 -v 512 -g 128" ;;
	esac
}

# call MODULE CASE: adds a line to $report if it does not end.
call() {
	calls=$((calls + 1))
	# shellcheck disable=SC2046  # separate words
	testusb_outcome "$2" $(lying_arguments "$2")
	case $outcome in
	hangs) echo "$1: case $2 hangs" >>"$report" ;;
	broken) cat /run/testusb.err >&2 ;;
	*) return 0 ;;
	esac
	return 1
}

# session MODULE SEED: all cases, and more often those that queue most. What refdevd
# saw goes to $report.
session() {
	# shellcheck disable=SC2046  # separate words
	zero_arrives vhci high $(mixed "$2")
	wait_for 10 zero_is_bound
	for number in $(all_cases); do call "$1" "$number"; done
	for _ in $(seq 20); do
		for number in 24 27 28; do call "$1" "$number"; done
	done
	leave_liar
}

# The program that was the device says what it saw when it ends.
leave_liar() {
	liar=$(cat /run/refdevd.pid)
	zero_leaves
	wait_for 10 test ! -e "/proc/$liar/exe"
	cat /run/refdevd.log >>"$report"
}

# told MODULE: so many lies as there are cycles; what was seen is in $report.
told() {
	: >"$report"
	calls=0
	at=$seed
	modprobe "$1" alt=1
	while [ "$(total lies)" -lt "$cycles" ]; do
		session "$1" "$at"
		at=$((at + 1))
	done
	rmmod "$1"
	cp "$report" "/tmp/report.$1"
	echo "# $1: $(total lies) lies in $(total answers) answers, $calls calls, seeds $seed to $((at - 1))" >/tmp/told
}

# everywhere WORD WHAT: a fault that each case meets, from its first transfer on or (nth)
# at that one; control requests of the enumeration are let through.
everywhere() {
	for where in ep=0x81 ep=1 ep=0x82 ep=2 ep=0x83 ep=3 type=0xc0; do
		echo "--fault $where,$1=1,$2"
	done
	echo "--fault type=0x80,request=6,$1=40,$2"
}

# spoiled MODULE CASE FAULT...: the case ends in time, and there was something to it.
spoiled() {
	module=$1
	number=$2
	shift 2
	: >"$report"
	zero_arrives vhci high "$@"
	module_arrives "$module"
	call "$module" "$number"
	leave_liar
	rmmod "$module"
	[ "$(total lies)" -gt 0 ]
}

# nothing_given MODULE: all that went out is zeros, which is the pattern.
nothing_given() {
	report=/tmp/report.$1
	[ "$(total bytes)" -gt 0 ]
	equal 0 "$(total not-zero)" "bytes that are no pattern"
}

# is_stuck PID: it waits for something, takes no signal, and goes on waiting.
is_stuck() {
	for _ in 1 2 3 4 5; do
		grep -q "^State:.D" "/proc/$1/status" || return
		usleep 100000
	done
}

# An unlink that is never answered: usb_kill_urb() waits until the link is closed. The
# first transfer is taken back asynchronously, which works; the second one is killed.
# Only on x86 does the kernel tell where a process waits.
never_taken_back() {
	zero_arrives vhci high --fault ep=0x81,nth=1,never --fault ep=0x81,from=2,never,unlink-never
	module_arrives "$1"
	testusb -D "$node" -t 11 -c 1 -s 512 -v 512 -g 1 >/tmp/said 2>&1 &
	caller=$!
	wait_for 10 is_stuck "$caller"
	kill -KILL "$caller"
	usleep 2000000
	is_stuck "$caller"
	case $LAB in
	real*) equal usb_kill_urb "$(cat "/proc/$caller/wchan")" "where it waits" ;;
	esac
	zero_leaves
	wait_for 10 test ! -e "/proc/$caller/exe"
	rmmod "$1"
}

# lockdep_is_on: so that what was found so far was all there is.
lockdep_is_on() {
	grep -q 'debug_locks: *1$' /proc/lockdep_stats
}

# fresh COMMAND...: runs it with nothing left over from a case that failed.
fresh() {
	[ ! -f /run/refdevd.id ] || unplug || true
	for module in $modules; do rmmod "$module" 2>/dev/null || true; done
	"$@"
}

for module in $modules; do
	check "$module: an unlink that is never answered blocks until the link is closed" \
		fresh never_taken_back "$module"
done
for module in $modules; do
	rm -f /tmp/told
	check "$module is told $cycles lies" fresh told "$module"
	[ ! -f /tmp/told ] || cat /tmp/told
	[ "$module" = usbtest ] || check "lockdep has watched $module" lockdep_is_on
	echo "upstream's usbtest is told lies" >/run/lockdep-may-be-off
done
check "usbtest_rust: no memory is given away" nothing_given usbtest_rust

# Where the connection ends, what is in flight comes back only when it is taken back. In
# C the cases that queue wait for it without a limit, with the device locked, so that it
# cannot even be removed: they would end the test as well.
alone="1 2 3 4 5 6 7 8 14 17 18 19 20 21 25 26 29"
queued="10 15 16 22 23 24 27 28"
for number in $alone; do
	for module in $modules; do
		# shellcheck disable=SC2046  # separate words
		check "$module: the connection ends in case $number" \
			fresh spoiled "$module" "$number" $(everywhere nth "wreck=$seed")
	done
done
for number in $queued; do
	# shellcheck disable=SC2046  # separate words
	check "usbtest_rust: the connection ends in case $number" \
		fresh spoiled usbtest_rust "$number" $(everywhere nth "wreck=$seed")
done
for number in $queued; do
	# shellcheck disable=SC2046  # separate words
	check "usbtest_rust: case $number ends though nothing is answered" \
		fresh spoiled usbtest_rust "$number" $(everywhere from never)
done
finish
