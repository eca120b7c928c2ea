# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests that drive usbtest with testusb share. The C module is usbtest, the
# one in Rust usbtest_rust; both have the same parameters and the same ioctl.

# shellcheck source=SCRIPTDIR/wait.sh
. /lab/lib/wait.sh

usbtest_cases=30
# Seconds that one case may take. Each of its transfers may take 10.
usbtest_patience=${usbtest_patience:-60}
usbtest_pipe=/run/usbtest.pipe

# zero_device: prints the sysfs directory of the one Gadget Zero, once it has a
# configuration.
zero_device() {
	for zero in /sys/bus/usb/devices/*/idProduct; do
		zero=${zero%/idProduct}
		id="" configuration=""
		read -r id <"$zero/idProduct"
		read -r configuration <"$zero/bConfigurationValue"
		if [ "$id" = a4a0 ] && [ -n "$configuration" ]; then
			echo "$zero"
			return
		fi
	done 2>/dev/null
	return 1
}

no_zero_device() {
	! zero_device >/dev/null
}

# dummy_speed SPEED: the parameter of dummy_hcd that makes it the fastest one.
dummy_speed() {
	case $1 in
	full) echo is_high_speed=0 ;;
	high) echo is_super_speed=0 ;;
	super) echo is_super_speed=1 ;;
	esac
}

# zero_arrives CONTROLLER SPEED [REFDEVD-ARGUMENT...]: Gadget Zero is there; sets
# $controller, $node for testusb, and $setting, the alternate setting with the most
# endpoints that work: dummy_hcd has no isochronous transfers.
zero_arrives() {
	controller=$1
	speed=$2
	shift 2
	setting=1
	case $controller in
	vhci) plug --inside "$speed" --device gadget-zero "$@" ;;
	xhci) plug "$speed" --device gadget-zero "$@" ;;
	dummy)
		setting=0
		modprobe dummy_hcd "$(dummy_speed "$speed")" && modprobe g_zero
		;;
	esac || return
	wait_for 10 zero_device >/dev/null || return
	zero=$(zero_device)
	read -r bus <"$zero/busnum"
	read -r address <"$zero/devnum"
	node=$(printf /dev/bus/usb/%03d/%03d "$bus" "$address")
}

zero_leaves() {
	case $controller in
	dummy) rmmod g_zero && rmmod dummy_hcd ;;
	*) unplug ;;
	esac || return
	wait_for 10 no_zero_device
}

zero_is_bound() {
	[ -e "$(echo "$zero"/*:*.0)/driver" ]
}

# module_arrives MODULE: it is bound to the device.
module_arrives() {
	modprobe "$1" "alt=$setting" && wait_for 10 zero_is_bound
}

# case_arguments CASE: sizes that fit each speed: whole packets where short ones are
# not meant, and for the control buffer lengths that differ.
case_arguments() {
	case $1 in
	10) echo "-s 1024 -v 1024 -g 32" ;;
	14 | 21) echo "-s 2000 -v 601 -g 8" ;;
	15 | 16 | 22 | 23) echo "-s 4096 -v 1024 -g 4" ;;
	25 | 26) echo "-s 64 -v 64 -g 8" ;;
	27 | 28) echo "-s 65536 -v 1024 -g 16" ;;
	*) echo "-s 4096 -v 1024 -g 8" ;;
	esac
}

# testusb_outcome CASE ARGUMENT...: runs it and sets $outcome: ok, the number of an
# errno, hangs, or broken where testusb itself could not. testusb says nothing of a case
# that is not supported (95).
testusb_outcome() {
	test_case=$1
	shift
	# A new one, since a case that hung may write into its own later.
	rm -f "$usbtest_pipe"
	mkfifo "$usbtest_pipe"
	(
		status=0
		testusb -D "$node" -t "$test_case" "$@" 2>/run/testusb.err || status=$?
		echo "end $status"
	) >"$usbtest_pipe" &
	runner=$!
	outcome=95
	# shellcheck disable=SC3045  # busybox has it
	while read -r -t "$usbtest_patience" said || { outcome=hangs && break; }; do
		case $said in
		"end 0") break ;;
		"end "*) outcome=broken && break ;;
		*" --> "*) outcome=${said##* --> } && outcome=${outcome%% *} ;;
		*" secs") outcome=ok ;;
		esac
	done <>"$usbtest_pipe"
	# Opened both ways, a pipe waits for nobody, and the end of one run does not
	# interrupt the opening of the next one's.
	[ "$outcome" = hangs ] || wait "$runner"
}

# run_case CASE LOOPS: sets $outcome.
run_case() {
	# shellcheck disable=SC2046  # separate words
	testusb_outcome "$1" -c "$2" $(case_arguments "$1")
}

# run_cases LABEL LOOPS CASE...: prints a line for each, LABEL CASE OUTCOME. Behind one
# that hangs the others cannot run.
run_cases() {
	prefix=$1
	loops=$2
	shift 2
	for number; do
		run_case "$number" "$loops"
		echo "$prefix $number $outcome"
		[ "$outcome" != hangs ] || return
	done
}

all_cases() {
	seq 0 $((usbtest_cases - 1))
}

# outcome_wanted CONTROLLER CASE: ok, or 95 where dummy_hcd has no isochronous
# transfers or g_zero no interrupt endpoints.
outcome_wanted() {
	case $1$2 in
	dummy15 | dummy16 | dummy22 | dummy23 | dummy25 | dummy26) echo 95 ;;
	*) echo ok ;;
	esac
}

# passed RESULTS CONTROLLER SPEED MODULE CASE...: a file of lines from usbtest-cases has
# these cases of the module with the outcome that is wanted; says what is otherwise.
passed() {
	results=$1
	where="$2 $3 $4"
	kind=$2
	shift 4
	fails grep "^$where all " "$results"
	for number; do
		echo "$where $number $(outcome_wanted "$kind" "$number")"
	done >/tmp/wanted
	for number; do
		grep "^$where $number " "$results" || true
	done >/tmp/found
	diff /tmp/wanted /tmp/found
}
