# SPDX-License-Identifier: GPL-2.0
"""The static programs of the guests, built once for each content of their sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from provision import crates, source
from provision.messages import Failure, say

from lab import paths

TARGET = "x86_64-unknown-linux-musl"
_WORKSPACE = paths.REPO / "tools/usb"
_UAPI = paths.REPO / "include/uapi"
_SMALL = paths.USB_LAB / "programs"
# Of the programs for 32 bits, so that no library for these has to be installed.
_WITHOUT_LIBRARY_32 = ("-m32", "-nostdlib", "-ffreestanding", "-fno-pie", "-no-pie", "-fno-stack-protector")
_CRATES = ("usbpipe", "refdevd")


def files():
    """All programs; builds what is missing."""
    own = os.environ.get("USBPIPE_PROGRAMS")
    folders = [Path(own)] if own else [_stable("crates", _crate_key, _build_crates),
                                       _stable("c-programs", _c_key, _build_c)]
    return [program for folder in folders for program in sorted(folder.iterdir())]


def _stable(name, key, build):
    """The directory of what `key()` names, built where it is missing."""
    while True:
        before = key()
        place = paths.kept(f"{name}-{before}", build)
        if key() == before:
            return place
        # Edited while it was being built: that content has another name.
        shutil.rmtree(place, ignore_errors=True)


def _crate_key():
    return paths.digest(paths.files_below(_WORKSPACE, _UAPI), _own_text())


def _c_key():
    folders = [folder for folder in (_UAPI, paths.SELFTESTS, _SMALL) if folder.is_dir()]
    return paths.digest(paths.files_below(*folders), source.select().identity, _own_text())


def _own_text():
    return Path(__file__).read_text()


def _build_crates(place):
    say("building usbpipe and refdevd (once for each change of their sources)")
    packages = [word for crate in _CRATES for word in ("-p", crate)]
    with crates.workspace(paths.REPO) as (folder, environment):
        _run("cargo", "build", "--release", "--locked", "--quiet", "--target", TARGET, *packages,
             cwd=folder, env=environment)
        for crate in _CRATES:
            shutil.copy2(Path(environment["CARGO_TARGET_DIR"]) / TARGET / "release" / crate, place)


def _build_c(place):
    say("building testusb, the selftests and other programs (once for each change of their sources)")
    kernel = source.select().pristine
    _run("cc", "-static", "-O2", "-Wall", "-o", place / "testusb", kernel / "tools/usb/testusb.c", "-lpthread")
    for small in sorted(entry for entry in _SMALL.iterdir() if entry.is_dir()):
        libraries = _WITHOUT_LIBRARY_32 if small.name.endswith("32") else ("-lpthread",)
        _run("cc", "-static", "-O2", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror", "-I", _SMALL,
             "-o", place / small.name, *sorted(small.glob("*.c")), *libraries)
    if paths.SELFTESTS.is_dir():
        _run("make", "--silent", "-C", paths.SELFTESTS, f"KERNEL={kernel}", f"OUTPUT={place}")


def _run(*command, **options):
    try:
        done = subprocess.run([str(word) for word in command], stdout=sys.stderr, check=False,
                              **options)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed", "run scripts/setup first") from None
    if done.returncode:
        raise Failure(f"{command[0]} could not build the guest programs (its messages are above)")
