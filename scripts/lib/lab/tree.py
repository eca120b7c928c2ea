# SPDX-License-Identifier: GPL-2.0
"""The files of a guest: one immutable tree, the same for every lab.

The fast lab mounts it as its root, the real lab unpacks it as an initramfs.
"""

import shutil
import subprocess
from pathlib import Path

from provision.messages import Failure

from lab import initramfs, paths, programs

_GUEST = paths.USB_LAB / "guest"
_TESTS = paths.USB_LAB / "tests"
_MOUNT_POINTS = ("dev", "etc", "lab/share", "lib/modules", "proc", "run", "sys", "tmp")
_OTHER_NAMES_OF_BIN = ("sbin", "usr/bin", "usr/sbin")


def root():
    """The directory that holds the tree."""
    built = programs.files()
    key = paths.digest(_sources(), *map(_stamp, (_busybox(), *built)))
    return paths.kept(f"root-{key}", lambda place: _fill(place, built))


def archive(tree):
    """The tree as an initramfs."""
    name = tree.name.replace("root", "initramfs")
    place = paths.kept(name, lambda place: initramfs.write(tree, place / "initramfs"))
    return place / "initramfs"


def _sources():
    yield from paths.files_below(_GUEST, _TESTS)
    yield from (Path(__file__), Path(initramfs.__file__))


def _stamp(file):
    stat = file.stat()
    return f"{file} {stat.st_size} {stat.st_mtime_ns}"


def _busybox():
    found = shutil.which("busybox")
    if not found:
        raise Failure("busybox is not installed", "run scripts/setup first")
    return Path(found)


def _fill(place, built):
    for name in ("bin", "usr", *_MOUNT_POINTS):
        (place / name).mkdir(parents=True)
    for name in _OTHER_NAMES_OF_BIN:
        (place / name).symlink_to("/bin")
    (place / "etc/passwd").write_text("root:x:0:0:root:/tmp:/bin/sh\n")
    _install_busybox(place / "bin")
    shutil.copy2(_GUEST / "init", place / "init")
    shutil.copytree(_GUEST / "bin", place / "lab/bin")
    shutil.copytree(_GUEST / "lib", place / "lab/lib")
    shutil.copytree(_TESTS, place / "lab/tests")
    for program in built:
        shutil.copy2(program, place / "lab/bin")


def _install_busybox(folder):
    busybox = _busybox()
    shutil.copy2(busybox, folder / "busybox")
    listed = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            (folder / applet).symlink_to("busybox")
