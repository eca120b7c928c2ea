#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast
# Where usbtest fails, it fails in Rust as it does in C, with the same errno; and it fails
# wherever a device does something wrong that it says to look for.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh

# begin MODULE PARAMETERS [REFDEVD-ARGUMENT...]: a device, high speed, bound to the module.
begin() {
	module=$1 parameters=$2
	shift 2
	plug high "$@"
	# shellcheck disable=SC2086  # separate words
	modprobe "$module" $parameters
	wait_for 5 test -d "/sys/bus/usb/drivers/$module/$(basename "$(refdev)"):$(cat "$(refdev)/bConfigurationValue").0"
	node=$(printf '/dev/bus/usb/%03d/%03d' "$(cat "$(refdev)/busnum")" "$(cat "$(refdev)/devnum")")
}

end() {
	unplug
	rmmod "$module"
}

# outcome CASE ARGUMENT...: ok, or the number of the errno.
outcome() {
	case=$1
	shift
	line=$(testusb -D "$node" -t "$case" "$@" 2>/dev/null)
	case $line in
	*"-->"*) echo "$line" | sed 's/.*--> \([0-9]*\) .*/\1/' ;;
	*secs) echo ok ;;
	# testusb says nothing of EOPNOTSUPP.
	"") echo 95 ;;
	*) echo "$line" ;;
	esac
}

# expect: each line of the input is the outcome in C, that in Rust, the case and arguments.
# Outcomes are shell patterns; - means that it is not done.
expect() {
	while read -r c rust arguments; do
		[ -n "$c" ] || continue
		case $module in
		usbtest) wanted=$c ;;
		*) wanted=$rust ;;
		esac
		[ "$wanted" != - ] || continue
		# shellcheck disable=SC2086  # separate words
		found=$(outcome $arguments)
		# shellcheck disable=SC2254  # a pattern
		case $found in
		$wanted) ;;
		*) equal "$wanted" "$found" "case $arguments" ;;
		esac
	done
}

# The C module divides by zero with "3 -s 0", which is why that is not here.
arguments() {
	begin "$1" "" --device gadget-zero
	expect <<-EOF
		ok  ok   0  -c 1
		22  22   0  -c 0
		22  22   1  -c 0
		22  22   0  -c 1 -g 129
		ok  ok   5  -c 1 -g 128 -s 1
		ok  ok   7  -c 1 -g 128 -s 1000 -v 333
		ok  ok   1  -c 2 -s 0
		ok  ok   1  -c 2 -s 65537
		95  95   3  -c 1 -v 0
		95  95   4  -c 1 -v 0
		ok  ok   3  -c 20 -s 3000 -v 999
		95  95   5  -c 1 -g 0
		95  95   6  -c 1 -g 0
		12  12   5  -c 1 -s 0
		12  12   6  -c 1 -s 0
		95  95   7  -c 1 -v 0
		95  95   8  -c 1 -g 0
		ok  ok   9  -c 3
		95  95   10 -c 1 -g 0
		ok  ok   10 -c 3 -g 1
		ok  ok   10 -c 3 -g 17
		ok  ok   10 -c 2 -g 128
		95  95   10 -c 4294967295 -g 2
		95  95   11 -c 1 -s 0
		95  95   12 -c 1 -s 0
		22  22   14 -c 1 -s 0 -v 0
		22  22   14 -c 1 -s 65536 -v 0
		22  22   14 -c 1 -s 100 -v 100
		ok  ok   14 -c 9 -s 4096 -v 999
		32  32   14 -c 1 -s 4097 -v 1
		32  32   21 -c 1 -s 4097 -v 1
		95  95   24 -c 1 -g 3
		95  95   24 -c 1 -s 0
		ok  ok   24 -c 5 -g 4
		95  95   27 -c 1 -g 0
		22  22   27 -c 4294967295 -g 2
		ok  ok   27 -c 2 -s 0
		95  95   28 -c 1 -g 0
	EOF
	end
}

isochronous() {
	begin "$1" "alt=1" --device gadget-zero
	expect <<-EOF
		95  95   15 -c 1 -g 0
		12  12   15 -c 1 -s 0
		22  22   22 -c 1 -s 0
		22  22   16 -c 4294967295 -g 2
		ok  ok   15 -c 2 -g 3 -s 3000
		ok  ok   16 -c 2 -g 3 -s 1
		ok  ok   22 -c 2 -g 3 -s 3000
		ok  ok   23 -c 2 -g 3 -s 1025
	EOF
	end
	begin "$1" "alt=0" --device gadget-zero
	expect <<-EOF
		95  95   15 -c 1
		95  95   16 -c 1
		95  95   25 -c 1
		95  95   26 -c 1
		ok  ok   1  -c 1
	EOF
	end
}

# The device sends zeros. What lists bring, the C module does not look at.
patterns() {
	begin "$1" "pattern=1" --device gadget-zero
	expect <<-EOF
		ok  ok   1  -c 1
		22  22   2  -c 1
		22  22   4  -c 1
		ok  ok   5  -c 1
		ok  22   6  -c 1
		ok  22   8  -c 1
		22  22   13 -c 1
		22  22   18 -c 1
		22  22   20 -c 1
		95  95   27 -c 1
		95  95   28 -c 1
	EOF
	end
	begin "$1" "pattern=2" --device gadget-zero
	expect <<-EOF
		ok  ok   17 -c 1
		22  22   2  -c 1
	EOF
	end
}

# Any other device has control requests.
generic() {
	begin "$1" "vendor=0x1209" --device reference
	expect <<-EOF
		ok  ok   9  -c 1
		ok  ok   10 -c 1
		95  95   1  -c 1
		95  95   2  -c 1
		95  95   13 -c 1
		95  95   14 -c 1 -v 1
		95  95   29 -c 1
	EOF
	end
	begin "$1" "vendor=0x1209 product=1 realworld=0 alt=0" --device reference
	expect <<-EOF
		ok  ok   9  -c 1
		95  95   14 -c 1 -v 1
		ok  ok   1  -c 1
	EOF
	end
}

not_ours() {
	for parameters in "" vendor=0x1208 "vendor=0x1209 product=2" product=1; do
		# shellcheck disable=SC2086  # separate words
		modprobe "$1" $parameters
		plug high
		fails ls -d "/sys/bus/usb/drivers/$1"/*:*
		unplug
		rmmod "$1"
	done
}

# lies FAULT OUTCOMES: a device that does something else than it should, and lines for expect.
lies() {
	faults=$1
	# shellcheck disable=SC2086  # separate words
	begin "$tested" "${2-}" --device gadget-zero $faults
	expect
	end
}

devices_that_are_wrong() {
	tested=$1
	# The C module believes it, and reads what is behind its memory.
	lies "--fault ep=0x81,nth=3,actual=-1" <<-EOF
		-   75   2  -c 5
		-   ok   2  -c 5
	EOF
	lies "--fault ep=0x81,nth=2,actual=100" <<-EOF
		121 121  2  -c 5 -s 512
	EOF
	# A list may be one transfer.
	lies "--fault ep=0x81,nth=7,status=-71" <<-EOF
		71  71   6  -c 10 -g 10
	EOF
	lies "--fault ep=0x01,nth=3,status=-32" <<-EOF
		32  32   1  -c 5
	EOF
	# Some are cancelled before they fail, in one of two ways.
	lies "--fault ep=0x81,status=-71" <<-EOF
		[12]071 [12]071 11 -c 100
	EOF
	lies "--fault ep=0x01,nth=3,status=-71" <<-EOF
		71  71   24 -c 1 -g 8
	EOF
	lies "--fault ep=0x01,nth=5,status=-71" <<-EOF
		5   5    27 -c 10 -g 4
	EOF
	lies "--fault ep=0x81,nth=5,actual=1000" <<-EOF
		5   5    28 -c 10 -g 4
	EOF
	lies "--fault ep=0x01,status=-32" <<-EOF
		22  22   13 -c 1
		22  22   29 -c 1
	EOF
	lies "--fault request=3,status=-32" <<-EOF
		32  32   13 -c 1
	EOF
	lies "--fault type=0xc0,request=0x5c,nth=2,actual=9" <<-EOF
		74  74   14 -c 5 -s 10 -v 0
		ok  ok   21 -c 5 -s 10 -v 0
	EOF
	lies "--fault type=0xc0,request=0x5c,nth=2,patch=5:00" <<-EOF
		74  74   21 -c 5 -s 10 -v 0
	EOF
	lies "--fault type=0x82,request=0,patch=0:02" <<-EOF
		22  22   13 -c 1
	EOF
	lies "--fault type=0x82,request=0,status=-71" <<-EOF
		5   5    13 -c 1
	EOF
}

# The first requests enumerate the device, with other lengths.
answers_that_are_wrong() {
	tested=$1
	lies "--fault type=0x81,request=10,patch=0:07" <<-EOF
		33  33   9  -c 1
	EOF
	lies "--fault request=8,patch=0:07" <<-EOF
		33  33   9  -c 1
	EOF
	lies "--fault type=0x81,request=0,status=-32" <<-EOF
		5   5    9  -c 1
		32  32   10 -c 1 -g 16
	EOF
	lies "--fault request=6,value=0x0700,patch=7:1f" <<-EOF
		33  33   9  -c 1
		ok  ok   10 -c 2 -g 16
	EOF
	lies "--fault request=6,value=0x0600,actual=9" <<-EOF
		33  33   9  -c 1
		121 121  10 -c 2 -g 16
	EOF
	lies "--fault type=0x80,request=0,status=-71" <<-EOF
		71  71   10 -c 2 -g 16
		ok  ok   10 -c 2 -g 4
	EOF
}

# A transfer that is never answered is cancelled after 10 s.
silence() {
	tested=$1
	lies "--fault ep=0x81,nth=2,never" <<-EOF
		110 110  2  -c 3
	EOF
}

# Where a case waits, a signal ends it in Rust, at once; in C nothing does. What is in a
# queue and is never answered, the C module waits for without a limit.
interruption() {
	for case in 1 10 11 24 27; do
		begin usbtest_rust "" --device gadget-zero --fault ep=0x01,nth=5,never \
			--fault type=0x82,nth=2,never
		read -r before _ </proc/uptime
		timeout -s KILL 2 testusb -D "$node" -t "$case" -c 10000000 || true
		read -r after _ </proc/uptime
		[ $((${after%.*} - ${before%.*})) -lt 8 ]
		expect <<-EOF
			ok ok 1 -c 3
		EOF
		end
	done
}

# What needs no device to be tested has unit tests in the module.
unit_tests() {
	modprobe usbtest_rust
	[ -d /sys/kernel/debug/kunit ] || mount -t debugfs none /sys/kernel/debug
	count=0
	for suite in /sys/kernel/debug/kunit/rust_usbtest_*; do
		echo y >"$suite/run"
		grep "^ok" "$suite/results" || {
			cat "$suite/results"
			return 1
		}
		count=$((count + 1))
	done
	equal 7 "$count" suites
	rmmod usbtest_rust
}

# case_of NAME COMMAND ARGUMENT...
case_of() {
	check "$@"
	unplug 2>/dev/null
	rmmod usbtest usbtest_rust 2>/dev/null
}

for module in usbtest usbtest_rust; do
	case_of "$module: arguments" arguments $module
	case_of "$module: isochronous transfers" isochronous $module
	case_of "$module: contents that are wrong" patterns $module
	case_of "$module: devices of other makers" generic $module
	case_of "$module: devices that it is not for" not_ours $module
	case_of "$module: devices that do something else" devices_that_are_wrong $module
	case_of "$module: answers that are something else" answers_that_are_wrong $module
	case_of "$module: a device that does not answer" silence $module
done
case_of "usbtest_rust: a signal" interruption
case_of "usbtest_rust: unit tests" unit_tests
finish
