# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests of drivers share that there are in C and in Rust. A scene is a
# function that does something with a device and prints what a user sees of it:
# its transcript. Each is played with either module; then transcripts are compared.

transcripts=/tmp/transcripts
module=

# The device that is plugged in, and the interface that the driver is bound to.
device=
interface=

# The lines of the log that the driver has written about the interface, without
# its name, and without the number that the device has on the bus.
messages() {
	# Without debugging messages, which kernels with assertions have in Rust.
	dmesg -r | sed -n "/^<7>/d; s/.*[] ]$module [0-9-]*:1\.0: \(.*\)/\1/; T; s/address [0-9]*/address N/; p"
}

# The ids that the module wants to be loaded for.
aliases() {
	sed -n "s/^alias \(usb:[^ ]*\) $module\$/\1/p" /lib/modules/*/modules.alias
}

# usbfs: a line for calls that lets it send control requests.
usbfs() {
	printf 'usbfs /dev/bus/usb/%03d/%03d\n' "$(cat "$device/busnum")" "$(cat "$device/devnum")"
}

# shown: what the device says when it is asked what it shows (vendor request 1).
shown() {
	{
		usbfs
		echo "control 0xc0 1 0 200"
	} | calls | sed -n 's/.* = [0-9]* /shows /p'
}

# get NAME: what an attribute says.
get() {
	(cd "$interface" && printf 'open %s\nread 200\n' "$1" | calls)
}

# put NAME TEXT...: writes each to an attribute, and shows what came of it.
put() {
	name=$1
	shift
	for text; do
		(cd "$interface" && printf 'open %s\nwrite %s\n' "$name" "$text" | calls)
		get "$name"
		shown
	done
}

node=/dev/lcd0

# with_node [HOW]: makes the calls of a script with the node of the text display open.
with_node() {
	wait_for 5 test -c "$node"
	{
		usbfs
		echo "open $node $1"
		cat
		echo close
	} | calls
}

# play SCENE PLUG-ARGUMENT...: with a new device, taken away at the end.
play() {
	scene=$1
	shift
	if refdev >/dev/null; then
		unplug
	fi
	dmesg -c >/dev/null
	plug high "$@"
	device=$(refdev)
	interface=$(echo "$device"/*:1.0)
	wait_for 5 test -e "$interface/driver"
	$scene >"$transcripts/$module/$scene" 2>&1
	if refdev >/dev/null; then
		unplug
	fi
}

# with MODULE: what is played from now on, is played with it.
with() {
	module=$1
	mkdir -p "$transcripts/$module"
	modprobe "$module"
}

# without: ends that.
without() {
	rmmod "$module"
}

# same SCENE: both have the same transcript, which is not empty.
same() {
	# shellcheck disable=SC2154  # the test names the two modules
	diff "$transcripts/$c/$1" "$transcripts/$rust/$1"
	[ -s "$transcripts/$rust/$1" ]
}

# same_but SCENE SED-COMMAND...: the commands make the transcript with the module in
# C that of the one in Rust; each of them is needed.
same_but() {
	scene=$1
	shift
	sed "$(printf '%s\n' "$@")" "$transcripts/$c/$scene" >"$transcripts/wanted"
	diff "$transcripts/wanted" "$transcripts/$rust/$scene"
	for command; do
		sed "$command" "$transcripts/$c/$scene" >"$transcripts/wanted"
		fails cmp -s "$transcripts/$c/$scene" "$transcripts/wanted"
	done
}

# tells SCENE LINE...: the transcript with the module in C has each of these lines.
tells() {
	scene=$1
	shift
	for line; do
		grep -Fqx -- "$line" "$transcripts/$c/$scene" || {
			echo "no line \"$line\" in:"
			cat "$transcripts/$c/$scene"
			return 1
		}
	done
}
