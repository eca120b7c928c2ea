# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests of the usbpipe driver share.

driver=/sys/bus/usb/drivers/usbpipe
node=/dev/usbpipe0

# arrive SPEED: the reference device is there and the driver has bound to it.
arrive() {
	plug "$1"
	wait_for 5 test -c $node
}

# fresh COMMAND...: runs it with nothing left over from a case that failed.
fresh() {
	if refdev >/dev/null; then
		unplug
	fi
	killall -q -KILL usbpipe || true
	wait_for 5 test ! -e $node
	"$@"
}

leave() {
	unplug
	[ ! -e $node ]
}

loads() {
	modprobe usbpipe
	[ -d $driver ]
}

unloads() {
	rmmod usbpipe
	[ ! -d $driver ]
}

# speeds: those that the lab can plug in.
speeds() {
	case $LAB in
	fast*) echo full high super ;;
	*) echo high super ;;
	esac
}
