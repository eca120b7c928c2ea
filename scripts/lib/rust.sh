# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The Rust side: the compiler, its library sources, bindgen, the static target.

# setup_rustc: one that the kernel accepts; Debian's where there is none.
setup_rustc() {
	if [ -z "$RUSTC_NUMBER" ]; then
		install_debian_rust
		hash -r
		ask_rustc
	fi
	found_cargo >/dev/null || die "there is a rustc, but no cargo" "Install the cargo that belongs to it, then run this again."
	found_rustc >/dev/null || STATUS=$EXIT_UNSUPPORTED die \
		"rustc $RUSTC_NUMBER is too old: the kernel wants $RUSTC_MINIMUM or newer" \
		"With rustup: rustup update stable. Or put a newer rustc first in PATH."
}

# Debian calls the compiler rustc; a stable release may have a newer one for
# its browsers, rustc-web.
install_debian_rust() {
	local suffix version
	require_apt rustc cargo rust-src
	refresh_machine_lists || die "the machine's package lists could not be read"
	for suffix in "" -web; do
		version=$(apt-cache --quiet=2 madison "rustc$suffix" 2>/dev/null | awk -F ' *[|] *' '{print $2}' | sort -Vr | head -n1)
		if [ -n "$version" ] && version_at_least "$(version_in "$version")" "$RUSTC_MINIMUM"; then
			say "no rustc here: taking the system's rustc$suffix $version"
			install_packages "rustc$suffix" "cargo$suffix" "rust${suffix:+$suffix}-src" \
				"rustfmt$suffix" "rust${suffix:+$suffix}-clippy"
			return
		fi
	done
	STATUS=$EXIT_UNSUPPORTED die "no rustc here, and the system offers none from $RUSTC_MINIMUM on" \
		"Install one with rustup, then run this again."
}

# uses_rustup: is the rustc in PATH one that rustup manages?
uses_rustup() { have rustup && [[ "$RUST_SYSROOT" == *toolchains/* ]]; }

# setup_component NAME: optional, so a failure is only said.
setup_component() {
	if uses_rustup; then
		progress "adding $1" rustup component add "$1" || say "  Going on without it: make check needs it."
	else
		say "no $1 beside this rustc: make check needs it"
	fi
}

setup_rust_library() {
	if uses_rustup && progress "adding the library sources of rustc $RUSTC_NUMBER" rustup component add rust-src; then
		! found_rust_library >/dev/null || return 0
	fi
	fetch_rust_library || die "no library sources for exactly rustc $RUSTC_NUMBER were found" \
		"The kernel builds core and alloc from them. Use a rustc whose rust-src is to be had" \
		"(rustup toolchain install stable), or give RUST_LIB_SRC=DIR."
}

# The archive holds several versions at once, the newest ahead of the compiler.
fetch_rust_library() {
	local suite package version
	for suite in $EXTRA_SUITES; do
		refresh_suite "$suite" || continue
		for package in rust-src rust-web-src; do
			version=$(offered_versions "$suite" "$package" | grep -m1 "^${RUSTC_NUMBER//./\\.}[+-]") || continue
			fetch_deb "$suite" "$package" "$version" || continue
			unpack_rust_library && return 0
		done
	done
	return 1
}

unpack_rust_library() {
	local home="$CACHE/rust-src/$RUSTC_NUMBER"
	HALF_DONE="$home.part"
	progress "unpacking the library sources of rustc $RUSTC_NUMBER" extract_rust_library "$HALF_DONE" || return 1
	rm -rf "$home"
	mv "$HALF_DONE" "$home"
	HALF_DONE=""
	discard_deb
}

extract_rust_library() {
	set -o pipefail
	rm -rf "$1"
	mkdir -p "$1"
	dpkg-deb --fsys-tarfile "$DEB" |
		tar -x -C "$1" --strip-components=4 --wildcards './usr/src/rustc-*/library/*'
}

# setup_bindgen: pinned, because what it generates differs by version.
setup_bindgen() {
	local home
	home=$(bindgen_home)
	HALF_DONE="$home.part"
	# Half the time to build, and libclang does the work of running it anyway.
	CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
		CARGO_TARGET_DIR="$CACHE/cargo/bindgen" progress "building bindgen $BINDGEN_VERSION" \
		cargo install --locked --root "$HALF_DONE" bindgen-cli --version "$BINDGEN_VERSION" ||
		die "bindgen could not be built" "Run scripts/setup again; it goes on from where it stopped."
	mkdir -p "$(dirname "$home")"
	rm -rf "$home" "$CACHE/cargo/bindgen"
	mv "$HALF_DONE" "$home"
	HALF_DONE=""
}

# setup_static_target: musl if that is to be had, else glibc will do.
setup_static_target() {
	local mark="$CACHE/no-musl-$RUSTC_NUMBER"
	[ ! -e "$mark" ] || return 0
	if uses_rustup && progress "adding the target $MUSL_TARGET" rustup target add "$MUSL_TARGET"; then
		return 0
	fi
	say "no musl target for this rustc: static programs are built with glibc and +crt-static"
	touch "$mark"
}
