# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What measurements with the program stream share: devices at places, drivers, jobs. The variable
# place says where; a job is ARM:DIRECTION:LENGTH:DEPTH:COUNT.
# shellcheck source=SCRIPTDIR/../guest/lib/wait.sh
. /lab/lib/wait.sh

drivers=/sys/bus/usb/drivers
# Together 2 MiB, after which Gadget Zero sends the same again.
gadget="buflen=65536 qlen=32 ss_bulk_qlen=32"

load_drivers() {
	modprobe usbpipe
	modprobe usb-skeleton
	modprobe usbtest alt=0
	for id in "0525 a4a0" "46f4 0001"; do
		echo "$id" >$drivers/usbpipe/new_id
	done
	echo 0525 a4a0 >$drivers/skeleton/new_id
}

# device_of ID: its directory in sysfs, once it has been enumerated.
device_of() {
	for found in /sys/bus/usb/devices/*/idProduct; do
		found=${found%/idProduct}
		[ "$(cat "$found/idVendor"):$(cat "$found/idProduct")" = "$1" ] || continue
		[ -z "$(cat "$found/bConfigurationValue")" ] || echo "$found"
	done 2>/dev/null
}

is_there() {
	[ -n "$(device_of "$1")" ]
}

is_gone() {
	! is_there "$1"
}

taken() {
	[ -e "$device/$interface/driver" ]
}

# arrive checked|plain: the device is there, and nobody has its interface.
arrive() {
	case $place in
	dummy-*)
		id=0525:a4a0
		[ "$1" = checked ] && pattern=1 || pattern=2
		[ "$place" = dummy-super ] && super=1 || super=0
		modprobe dummy_hcd is_super_speed="$super"
		# shellcheck disable=SC2086  # words
		modprobe g_zero pattern=$pattern $gadget
		;;
	*) id=46f4:0001 ;;
	esac
	wait_for 10 is_there "$id"
	device=$(device_of "$id")
	interface=$(basename "$(echo "$device"/*:*.0)")
	node=$(printf /dev/bus/usb/%03d/%03d "$(cat "$device/busnum")" "$(cat "$device/devnum")")
	case $place in
	*-super) packet=1024 ;;
	*) packet=512 ;;
	esac
	# One of the drivers takes a new one; a disk may have been there before.
	[ "$id" = 46f4:0001 ] || wait_for 5 taken
	part
}

leave() {
	case $place in
	dummy-*)
		rmmod g_zero
		rmmod dummy_hcd
		wait_for 10 is_gone "$id"
		;;
	esac
}

part() {
	if taken; then
		echo "$interface" >"$device/$interface/driver/unbind"
	fi
}

# parse JOB: sets its parts.
parse() {
	arm=${1%%:*}
	rest=${1#*:}
	direction=${rest%%:*}
	rest=${rest#*:}
	length=${rest%%:*}
	rest=${rest#*:}
	depth=${rest%%:*}
	count=${rest#*:}
}

# bind: the driver that the arm needs; sets $file, which it opens, and $way, the program's name for it.
bind() {
	flags="-p $packet"
	file=$node
	way=${arm%-blind}
	[ "$way" = "$arm" ] || flags="$flags -b"
	[ "$place" != xhci-super ] || flags="$flags -d"
	case $way in
	ring | pipe) driver=usbpipe ;;
	skeleton | usbtest) driver=$way ;;
	*) return ;;
	esac
	echo "$interface" >"$drivers/$driver/bind"
	[ "$driver" != usbtest ] || return 0
	file=/dev/$(basename "$device/$interface"/usbmisc/*)
	[ "$way" = ring ] || way="file"
	wait_for 5 test -c "$file"
}

# stream OPTION...: the program, for the job that was parsed.
stream() {
	# shellcheck disable=SC2086  # words
	./stream $flags "$@" "$way" "$file" "$direction" "$length" "$depth" "$count"
}

# each_place COMMAND [PLACE JOB...]...: has it done with the jobs of each place.
each_place() {
	what=$1
	shift
	jobs=
	for word; do
		case $word in
		*:*) jobs="$jobs $word" && continue ;;
		esac
		# shellcheck disable=SC2086  # words
		[ -z "$jobs" ] || $what $jobs
		jobs=
		place=$word
	done
	# shellcheck disable=SC2086  # words
	$what $jobs
}
