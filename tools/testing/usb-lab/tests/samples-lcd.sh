#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast
# A program that uses a display for text sees little difference between usblcd, which
# is in C, and rust_driver_usb_lcd; and what it sees is listed here.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/samples.sh
. /lab/lib/samples.sh

c=usblcd
rust=rust_driver_usb_lcd

# Vendor requests of the device: it takes no data, and takes some again; its IN
# endpoint stalls, and does not any more.
hold='control 0x40 2 1 0'
go='control 0x40 2 0 0'
halt='control 0x40 3 1 0'
unhalt='control 0x40 3 0 0'

# What is written is shown, and what is shown can be read.
shows() {
	with_node <<-'SCRIPT'
		write Hello,\x0a world\x00!
		write \x05\x05\x05
		read 64
		read 5
		read 1000
		write \x0cnew
		write \x05
		read 0
		read 64
	SCRIPT
	shown
}

# One transfer of many packets. A read is one packet at most.
long_text() {
	with_node <<-'SCRIPT'
		fill 100000
		write the end
		write \x05\x05
		read 511
		read 2000
	SCRIPT
	shown
}

# Command 2 does not get to the driver: all files answer it (FIGETBSZ).
versions() {
	with_node <<-'SCRIPT'
		ioctl 1
		ioctl 2
		ioctl 3
		ioctl 0
		ioctl 1 bad
		ioctl 2 bad
		ioctl 3 bad
	SCRIPT
}

odd_calls() {
	with_node <<-'SCRIPT'
		empty
		bad
		seek 5
		write \x0cabc\x05
		pread 2
		poll
		write still there
	SCRIPT
	shown
	stat -c '%n %a %t %T' "$node"
}

# Five writes may be under way, whatever the file's flags say.
limit() {
	with_node "$1" <<-SCRIPT
		$hold
		write 1
		write 2
		write 3
		write 4
		write 5
		begin write 6
		waits
		signal
		end
		begin write 7
		waits
		$go
		end
		write 8
		run usleep 100000
	SCRIPT
	shown
}

limit_nonblocking() {
	limit nonblock
}

# A failed write gives its place back.
failed_writes() {
	with_node <<-SCRIPT
		bad
		bad
		bad
		bad
		bad
		bad
		write and on
		run usleep 100000
	SCRIPT
	shown
}

halted() {
	with_node <<-SCRIPT
		$halt
		read 10
		read 10
		$unhalt
		write well again\x05
		read 10
	SCRIPT
}

# It gives up after ten seconds, which a signal does not change.
patient() {
	with_node "$1" <<-'SCRIPT'
		begin read 10
		waits
		signal
		waits
		end
		begin read 10
		waits
		write \x0cin time\x05
		end
	SCRIPT
}

patient_nonblocking() {
	patient nonblock
}

unplugged_reading() {
	with_node <<-'SCRIPT'
		begin read 10
		waits
		run unplug
		end
		read 10
		write x
		empty
		ioctl 1
		ioctl 3
		seek 1
	SCRIPT
	[ -e "$node" ] || echo "no node"
	messages
}

unplugged_writing() {
	with_node <<-SCRIPT
		$hold
		write 1
		write 2
		write 3
		write 4
		write 5
		begin write 6
		waits
		run unplug
		end
		write 7
	SCRIPT
	messages
}

# unbind_bind: once, with a file open that reads.
unbound() {
	name=$(basename "$interface")
	with_node <<-SCRIPT | grep -v ^run
		write stays
		begin read 10
		waits
		run echo $name >/sys/bus/usb/drivers/$module/unbind
		end
		read 1
		run echo $name >/sys/bus/usb/drivers/$module/bind
		read 1
		write x
	SCRIPT
	shown
	with_node <<-'SCRIPT'
		write , also now\x05
		read 40
	SCRIPT
	messages
	aliases
}

# The driver does not want all devices of the vendor.
other_model() {
	wait_for 5 sh -c 'dmesg | grep "not supported"' >/dev/null
	messages
	[ -e "$node" ] || echo "no node"
}

scenes="shows long_text versions odd_calls limit limit_nonblocking failed_writes halted
	patient patient_nonblocking unplugged_reading unplugged_writing unbound"

each_scene() {
	for scene in $scenes; do
		check "$module: $scene" play "$scene" --device lcd
	done
	check "$module: other_model" play_other_model
}

# The scene with a device whose idProduct is 2.
play_other_model() {
	dmesg -c >/dev/null
	plug --anyhow high --device lcd --fault request=6,value=0x100,patch=10:02
	other_model >"$transcripts/$module/other_model" 2>&1
	unplug
}

for module in $c $rust; do
	check "$module loads" with "$module"
	each_scene
	check "$module unloads" without
done

check "what a display shows" tells shows 'write Hello,\x0a world\x00! = 15' \
	'read 64 = 15 "Hello,\x0a world\x00!"' 'read 5 = 5 "Hello"' 'shows "new"'
check "its versions" tells versions 'ioctl 1 = 0 "12.03"' 'ioctl 2 = 0' 'ioctl 3 = ENOTTY' 'ioctl 1 bad = EFAULT'
check "that there are five writes at a time" tells limit 'write 5 = 1' 'write 6 waits' \
	'write 6 = EINTR' 'write 7 waits' 'write 7 = 1' 'shows "1234578"'
check "that it stalls" tells halted 'read 10 = EPIPE' 'read 10 = 10 "well again"'
check "that it says nothing" tells patient 'read 10 waits' 'read 10 = ETIMEDOUT' 'read 10 = 7 "in time"'
check "that it is gone" tells unplugged_reading 'read 10 = ENODEV' 'write x = ENODEV' 'no node'
check "that it is another one" tells other_model 'USBLCD model not supported.' 'no node'

for scene in $scenes other_model; do
	case $scene in
	unbound)
		check "same: unbound, but for the error of a read that is under way" same_but unbound \
			's/^read 10 = ESHUTDOWN$/read 10 = ENODEV/'
		;;
	unplugged_reading)
		check "same: unplugged_reading, but ENODEV for everything" same_but unplugged_reading \
			's/^read 10 = ESHUTDOWN$/read 10 = ENODEV/' 's/^empty = 0$/empty = ENODEV/' \
			's/^ioctl 1 = 0 .*/ioctl 1 = ENODEV/' 's/^ioctl 3 = ENOTTY/ioctl 3 = ENODEV/'
		;;
	*) check "same: $scene" same "$scene" ;;
	esac
done
finish
