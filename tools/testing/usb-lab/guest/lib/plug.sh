# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What plug and unplug share.

# Files: .id of the device that is plugged in; .pid, .log, .fifo of the refdevd
# that runs inside a fast guest.
# shellcheck disable=SC2034
plug_state=/run/refdevd

fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# id_of DEVICE: VENDOR:PRODUCT of a device by refdevd's name for it.
id_of() {
	case $1 in
	reference) echo 1209:0001 ;;
	two-interfaces) echo 1209:0002 ;;
	strings) echo 1209:0003 ;;
	streams) echo 1209:0004 ;;
	gadget-zero) echo 0525:a4a0 ;;
	sevseg) echo 0fc5:1227 ;;
	lcd) echo 10d2:0001 ;;
	*) return 1 ;;
	esac
}

# plugged_id: that of the device that is plugged in, or that would be by default.
plugged_id() {
	cat $plug_state.id 2>/dev/null || id_of reference
}

# ask_host REQUEST: the host's hand outside answers with one line.
ask_host() {
	for name in /sys/class/virtio-ports/*/name; do
		[ "$(cat "$name")" = usb-lab.plug ] || continue
		port=/dev/$(basename "${name%/name}")
		exec 3<>"$port"
		echo "$1" >&3
		# shellcheck disable=SC3045  # busybox has it
		read -r -t 15 reply <&3 || fail "the host does not answer"
		exec 3>&-
		[ "$reply" = ok ] || fail "${reply#error: }"
		return
	done
	fail "no port to the host"
}
