# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What plug and unplug share.

# Files of the refdevd that runs inside a fast guest: .pid, .log, .fifo.
# shellcheck disable=SC2034
plug_state=/run/refdevd

fail() {
	echo "${0##*/}: $*" >&2
	exit 1
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
