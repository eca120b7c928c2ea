#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs: fast fast-debug
# A user of a display of digits sees no difference between usbsevseg, which is in C,
# and rust_driver_usb_sevseg.
# shellcheck source=SCRIPTDIR/../guest/lib/tap.sh
. /lab/lib/tap.sh
# shellcheck source=SCRIPTDIR/../guest/lib/samples.sh
. /lab/lib/samples.sh

c=usbsevseg
rust=rust_driver_usb_sevseg

at_first() {
	for name in powered text textmode decimals mode_msb mode_lsb; do
		get "$name"
		(cd "$interface" && stat -c '%n %a' "$name")
	done
	shown
}

texts() {
	put text 'HELLO\x0a' 'seven\x0a' 'seven77' '123456789' '123456789\x0a' '\x0a' 'x\x0a\x0a' ' \x0a'
	put textmode 'raw'
	put text 'a\x00b\x0a' '\x00' '\xff\x80\x01\x0a'
}

# The driver in C reads a byte too many.
full_text() {
	put text '12345678\x0a' 'abcdefgh'
}

text_modes() {
	put text '0123'
	put textmode 'hex' 'raw\x0a' 'ascii\x0a' 'Ascii' 'asci' 'ascii2' 'raw\x0a\x0a' ' hex' '\x0a'
}

decimals() {
	put decimals '1\x0a' '10000001' '2' '111111111' '0101\x0a' '1x' '\x0a' '11111111\x0a' '1 '
}

numbers() {
	put mode_msb 7 '255\x0a' 256 300 12abc -1 0x10 ' 5' 18446744073709551617 x '\x0a'
	put mode_lsb 63 0
}

power() {
	put powered 1 0 '2\x0a' 256 '1\x0a' 1 off
}

# A device that refuses everything. Nobody hears of it.
refused() {
	put text ABC
	put powered 1
	put mode_msb 1
}

# In the middle of a write that the device does not answer.
unplugged() {
	cd "$interface"
	calls <<-'SCRIPT'
		open text
		begin write gone
		waits
		run unplug
		end
		read 10
		write back?
		close
	SCRIPT
	cd /
	messages
}

unbound() {
	put text 'STAYS\x0a'
	name=$(basename "$interface")
	cd "$interface"
	printf 'open text\nrun echo %s >/sys/bus/usb/drivers/%s/unbind\nread 10\nwrite x\n' "$name" "$module" | calls |
		grep -v '^run'
	cd /
	for file in powered text textmode decimals mode_msb mode_lsb; do
		[ ! -e "$interface/$file" ] || echo "$file is left"
	done
	shown
	echo "$name" >/sys/bus/usb/drivers/"$module"/bind
	get text
	get mode_msb
	shown
	messages
	aliases
}

scenes="at_first texts full_text text_modes decimals numbers power unbound"

each_scene() {
	for scene in $scenes; do
		check "$module: $scene" play "$scene" --device sevseg
	done
	check "$module: refused" play refused --device sevseg --fault type=0x48,status=-32
	check "$module: unplugged" play unplugged --device sevseg --fault type=0x48,never
}

for module in $c $rust; do
	check "$module loads" with "$module"
	each_scene
	check "$module unloads" without
done

check "what a display shows" tells texts \
	'write HELLO\x0a = 6' 'shows "off mode 0000 ascii "HELLO" points 00000000 after 2 requests"' \
	'write 123456789 = EINVAL' 'read 200 = 2 "a\x0a"'
check "how it is chosen what is text" tells text_modes 'read 200 = 20 " raw  [hex]  ascii \x0a"'
check "where the points are" tells decimals 'read 200 = 9 "10000001\x0a"'
check "that it is on" tells power 'read 200 = 2 "1\x0a"' 'shows "on mode 0000 raw "" points 00000000 after 1 requests"'
check "that it is gone" tells unplugged 'read 10 = ENODEV' 'write back? = ENODEV' 'USB 7 Segment now disconnected'

for scene in $scenes refused unplugged; do
	case $scene in
	full_text)
		check "same: full_text, but for the byte behind the text" same_but full_text \
			's/= 10 "\(12345678\|abcdefgh\)\\x08\\x0a"/= 9 "\1\\x0a"/'
		;;
	*) check "same: $scene" same "$scene" ;;
	esac
done
finish
