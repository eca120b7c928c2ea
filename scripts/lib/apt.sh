# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian packages: the machine's own by apt-get install; those of another suite
# through a private apt root per suite, which leaves the machine's sources
# alone and has signatures checked as usual.

APT_ROOT="$CACHE/apt"

# The archive mirrors of the machine's own apt configuration, the likeliest
# first. apt itself reads the configuration, in whichever format it is.
mirrors() {
	local state uris
	state=$(mktemp -d)
	mkdir -p "$state/lists/partial"
	uris=$(apt-get -o Dir::State="$state" update --print-uris 2>/dev/null || true)
	rm -rf "$state"
	# An archive has a component "main"; the one that also has the -updates
	# of the release is Debian's own, not somebody's repository for it.
	sed -nE "s|^'(.*)/dists/([a-z]+)/main/binary-.*|\1|p" <<<"$uris" | awk '!seen[$0]++' |
		while read -r uri; do
			if grep -qE "^'$uri/dists/[a-z]+-updates/" <<<"$uris"; then echo "0 $uri"; else echo "1 $uri"; fi
		done | sort -s -n -k1,1 | cut -d' ' -f2-
}

keyring() {
	local path
	for path in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
		if [ -f "$path" ]; then
			echo "$path"
			return
		fi
	done
	die "no archive keyring on this machine, so no signature can be checked" \
		"As root: apt-get install debian-archive-keyring"
}

# private_apt SUITE TOOL ARGS...: apt-get or apt-cache in that suite's root.
private_apt() {
	local suite="$1" tool="$2"
	shift 2
	APT_CONFIG="$APT_ROOT/$suite/apt.conf" "$tool" \
		-o APT::Get::AllowUnauthenticated=false -o Acquire::AllowInsecureRepositories=false "$@"
}

# The root for SUITE from MIRROR. How to reach it (a proxy, credentials, no
# check of dates where the machine's clock is fixed) is as the machine has it.
make_private_root() {
	local suite="$1" mirror="$2" root="$APT_ROOT/$1"
	mkdir -p "$root"/state/lists/partial "$root"/cache/archives/partial \
		"$root"/etc/{apt.conf.d,preferences.d,trusted.gpg.d,sources.list.d}
	{
		apt-config dump --format '%F "%v";%n' Acquire | grep -vE 'Allow(Insecure|Weak|Downgrade)|IndexTargets' || true
		cat <<-END
			Dir::State "$root/state";
			Dir::State::status "/var/lib/dpkg/status";
			Dir::Cache "$root/cache";
			Dir::Etc "$root/etc";
			Dir::Etc::netrc "/etc/apt/auth.conf";
			Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
			APT::Sandbox::User "$(id -un)";
			APT::Update::Error-Mode "any";
			Acquire::Languages "none";
			Acquire::Retries "${USBPIPE_RETRIES:-3}";
		END
	} >"$root/apt.conf"
	echo "deb [signed-by=$(keyring)] $mirror $suite main" >"$root/etc/sources.list"
}

# refresh_suite SUITE [again]: have its package lists, at most a day old.
refresh_suite() {
	local suite="$1" mirror stamp="$APT_ROOT/$1/updated"
	if [ "${2:-}" != again ] && [ -n "$(find "$stamp" -mtime -1 2>/dev/null)" ]; then
		return 0
	fi
	while read -r mirror <&3; do
		make_private_root "$suite" "$mirror"
		if progress "reading the package list of $suite" private_apt "$suite" apt-get update; then
			touch "$stamp"
			return 0
		fi
	done 3< <(mirrors)
	return 1
}

# offered_versions SUITE PACKAGE: newest first.
offered_versions() { private_apt "$1" apt-cache madison "$2" 2>/dev/null | awk -F ' *[|] *' '{print $2}' | awk '!seen[$0]++'; }

# fetch_deb SUITE PACKAGE VERSION: sets DEB to the verified file. An earlier
# piece of the same file is gone on with.
fetch_deb() {
	local folder="$CACHE/debs/$2_$3"
	mkdir -p "$folder"
	download_deb "$folder" "$@" || { refresh_suite "$1" again && download_deb "$folder" "$@"; } || return 1
	DEB=$(find "$folder" -name '*.deb' | head -n1)
	[ -n "$DEB" ]
}

download_deb() {
	cd "$1" || return 1
	progress "downloading $3 $4" private_apt "$2" apt-get download "$3=$4"
	local status=$?
	cd "$OLDPWD" || return 1
	return $status
}

# discard_deb: what was in it is unpacked now.
discard_deb() { rm -rf "$(dirname "$DEB")"; }

# Were the machine's own lists read within a day? (Their times of modification
# are the archive's, so the time of change is asked.)
machine_lists_are_fresh() {
	[ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -ctime -1 2>/dev/null | head -n1)" ]
}

# as_root COMMAND...: fails where that cannot be done without a question.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }

machine_apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"; }

# require_apt PACKAGES: is this a machine on which they can be installed?
require_apt() {
	if ! have apt-get; then
		die "this system has no apt-get, so these cannot be installed for you: $*" \
			"Install what they contain by hand (scripts/doctor says what is looked for)."
	fi
	if ! can_be_root; then
		die "these packages are missing, and only root can install them: $*" \
			"As root: apt-get install --no-install-recommends $*" "Then run this again as yourself."
	fi
}

refresh_machine_lists() {
	if [ "${1:-}" = again ] || ! machine_lists_are_fresh; then
		progress "reading the machine's package lists" machine_apt update
	fi
}

# Lists that are a little old may name versions that are gone: read them again.
install_packages() {
	[ -z "$(dpkg --audit 2>/dev/null)" ] || progress "finishing an interrupted installation" as_root dpkg --configure -a
	try_install "$@" || { refresh_machine_lists again && try_install "$@"; } ||
		die "the packages could not be installed: $*" "Run scripts/setup again once the cause is mended."
}

try_install() { progress "installing $# packages" machine_apt install -y --no-install-recommends "$@"; }
