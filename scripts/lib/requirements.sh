# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the project wants of a machine, in one table for scripts/setup (which
# installs what is missing) and scripts/doctor (which only looks).

# PROBE|PACKAGE|what it is for. A probe is cmd:NAME, file:PATH or static:NAME.
# %N stands for the clang version that is installed or will be.
packages_table() {
	cat <<-'END'
		cmd:python3|python3|the runner of the laboratories
		cmd:make|make|building the kernel
		cmd:gcc|gcc|linking host programs
		file:/usr/include/stdio.h|libc6-dev|User Mode Linux and host programs
		cmd:flex|flex|building the kernel
		cmd:bison|bison|building the kernel
		cmd:bc|bc|building the kernel
		cmd:perl|perl|building the kernel
		cmd:xz|xz-utils|unpacking the kernel source
		cmd:rsync|rsync|copying a kernel tree given as KERNEL=DIR
		cmd:cpio|cpio|the initial file system of a guest
		cmd:depmod|kmod|modprobe in a guest
		file:/usr/include/libelf.h|libelf-dev|building the x86 kernel
		cmd:clang-%N|clang-%N|building the kernel
		cmd:ld.lld-%N|lld-%N|building the kernel
		cmd:llvm-nm-%N|llvm-%N|building the kernel
		file:/usr/lib/llvm-%N/lib/libclang.so|libclang-%N-dev|bindgen
		cmd:qemu-system-x86_64|qemu-system-x86|the real lab
		static:busybox|busybox-static|the shell in a guest
		cmd:musl-gcc|musl-tools|static C programs
		cmd:shellcheck|shellcheck|make check
		cmd:codespell|codespell|make check
		file:/etc/ssl/certs/ca-certificates.crt|ca-certificates|downloads by cargo
	END
}

# probe_found PROBE: is it there?
probe_found() {
	local name="${1#*:}"
	case "$1" in
	cmd:*) have "$name" ;;
	file:*) [ -e "$name" ] ;;
	static:*) have "$name" && ! grep -aqm1 '/ld-linux' "$(command -v "$name")" ;;
	esac
}

# The rows of the table, as PROBE|PACKAGE|PURPOSE, for clang version $1.
packages_rows() { packages_table | sed "s/%N/$1/g"; }

# The packages among them that are missing, one a line.
missing_packages() {
	local probe package _
	packages_rows "$1" | while IFS='|' read -r probe package _; do
		probe_found "$probe" || echo "$package"
	done
}

# The clang to use: one that is complete, else the one to install.
clang_version() {
	local number
	for number in $CLANG_VERSIONS; do
		if have "clang-$number" && have "ld.lld-$number"; then
			echo "$number"
			return
		fi
	done
	for number in $CLANG_VERSIONS; do
		if have apt-cache && [ -n "$(apt-cache --quiet=2 madison "clang-$number" 2>/dev/null)" ]; then
			echo "$number"
			return
		fi
	done
	echo "${CLANG_VERSIONS%% *}"
}

# Looking at the rest. Each prints what it found, and fails if that will not
# do. The compiler is asked once: through rustup every question takes a while.

ask_rustc() {
	RUSTC_NUMBER=$(version_in "$(rustc --version 2>/dev/null || true)")
	RUST_SYSROOT=$(rustc --print sysroot 2>/dev/null || true)
}

found_rustc() {
	echo "${RUSTC_NUMBER:-none}"
	[ -n "$RUSTC_NUMBER" ] && version_at_least "$RUSTC_NUMBER" "$RUSTC_MINIMUM"
}

found_cargo() { command -v cargo || { echo none; return 1; }; }

found_tool() { if [ -x "$RUST_SYSROOT/bin/$1" ]; then echo yes; else echo none; return 1; fi; }

# The places where scripts/kernel looks, too (lib/provision/toolchain.py).
found_rust_library() {
	local place
	for place in "${RUST_LIB_SRC:-}" "$RUST_SYSROOT/lib/rustlib/src/rust/library" \
		"$CACHE/rust-src/$RUSTC_NUMBER/library" "/usr/src/rustc-$RUSTC_NUMBER/library"; do
		if [ -f "$place/core/src/lib.rs" ]; then
			echo "of $RUSTC_NUMBER"
			return 0
		fi
	done
	echo none
	return 1
}

bindgen_home() { echo "$CACHE/bindgen/$BINDGEN_VERSION"; }

found_bindgen() {
	local line
	line=$("$(bindgen_home)/bin/bindgen" --version 2>/dev/null) || { echo none; return 1; }
	version_in "$line"
}

MUSL_TARGET=x86_64-unknown-linux-musl

# The target of static programs: musl, else glibc with +crt-static, which
# needs nothing but libc6-dev.
found_static_target() {
	local libraries="$RUST_SYSROOT/lib/rustlib/$MUSL_TARGET/lib/libstd-*.rlib"
	if compgen -G "$libraries" >/dev/null; then echo musl; else echo glibc; return 1; fi
}

# The kernel source that scripts/kernel would take (lib/provision/source.py).
found_kernel_source() {
	local series found
	if [ -n "${KERNEL:-}" ]; then
		echo "KERNEL=$KERNEL"
		[ -f "$KERNEL/Makefile" ]
		return
	fi
	for series in $TESTED_KERNELS; do
		found=$(cd "$CACHE/linux" 2>/dev/null && printf '%s\n' "$series"[.-]*/source | grep -v '\*' | sort -V | tail -n1) || true
		if [ -n "$found" ]; then
			echo "${found%/source}"
			return 0
		fi
	done
	echo none
	return 1
}

found_space() {
	local folder="$CACHE" kilobytes
	while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
	kilobytes=$(df --output=avail -k "$folder" | tail -n1)
	echo "$((kilobytes / 1048576)) GB free"
	# What is in the cache already does not have to be found again.
	[ -d "$CACHE/artefacts" ] || ((kilobytes >= CACHE_GB * 1048576))
}
