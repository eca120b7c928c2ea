# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel source: the pinned version, else the newest of its series, else
# the neighbouring series that the overlay was tested with.

setup_kernel_source() {
	local series
	for series in $TESTED_KERNELS; do
		if fetch_kernel_series "$series"; then
			return 0
		fi
		say "Linux $series could not be had from the mirror"
	done
	die "no kernel source: none of the series $TESTED_KERNELS could be downloaded" \
		"Give one that you have: make KERNEL=DIR ..."
}

fetch_kernel_series() {
	local suite version
	for suite in $EXTRA_SUITES; do
		refresh_suite "$suite" || continue
		version=$(choose_kernel "$1" "$(offered_versions "$suite" "linux-source-$1")")
		[ -n "$version" ] || continue
		say_kernel_choice "$version"
		fetch_deb "$suite" "linux-source-$1" "$version" || continue
		unpack_kernel "$1" "$version" && return 0
	done
	return 1
}

# choose_kernel SERIES VERSIONS: the pinned one, else the newest stable one.
choose_kernel() {
	local stable
	stable=$(grep -E "^${1//./\\.}(\.[0-9]+)?-" <<<"$2" | sort -Vr) || return 0
	grep -m1 "^${PINNED_KERNEL//./\\.}-" <<<"$stable" || head -n1 <<<"$stable"
}

say_kernel_choice() {
	case "$1" in
	"$PINNED_KERNEL"-*) say "Linux $1" ;;
	"${TESTED_KERNELS%% *}".*) say "Linux $PINNED_KERNEL has rotated out of the mirror: taking $1, the newest of its series" ;;
	*) say "Linux ${TESTED_KERNELS%% *} has rotated out of the mirror: taking $1, of a neighbouring series that is supported, too" ;;
	esac
}

# unpack_kernel SERIES VERSION: whole, or not there at all.
unpack_kernel() {
	local home
	home="$CACHE/linux/$(tr -c 'A-Za-z0-9.\n-' _ <<<"$2")"
	HALF_DONE="$home/source.part"
	progress "unpacking Linux $2" extract_kernel "$1" "$HALF_DONE" || return 1
	mv "$HALF_DONE" "$home/source"
	HALF_DONE=""
	discard_deb
}

extract_kernel() {
	set -o pipefail
	rm -rf "$2"
	mkdir -p "$2"
	dpkg-deb --fsys-tarfile "$DEB" | tar -xOf - "./usr/src/linux-source-$1.tar.xz" |
		xz -dc -T0 | tar -xf - -C "$2" --strip-components=1
}
