# SPDX-License-Identifier: GPL-2.0
"""Where things are: the checkout, the cache, and content-addressed results."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from provision import cache

REPO = Path(__file__).resolve().parents[3]
USB_LAB = REPO / "tools/testing/usb-lab"
SELFTESTS = REPO / "tools/testing/selftests/drivers/usb/usbpipe"

_UNUSED_AFTER = 24 * 3600


def digest(files, *extra):
    """A short hash of the names, modes and contents of `files`, and of `extra`."""
    total = hashlib.sha256()
    for item in extra:
        total.update(f"{item}\0".encode())
    for path in files:
        total.update(f"{path.name}\0{path.stat().st_mode:o}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def files_below(*folders, skip=("target",)):
    """All files of some folders, in a stable order."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_file() and not set(inside) & set(skip):
                yield path


def kept(name, build):
    """The cached directory `name`; where it is missing, `build(DIR)` fills it.

    It is filled beside its place and then renamed, so nobody sees half of it,
    and of two that build at once one wins and both get the same content.
    """
    place = cache.root() / "guest" / name
    if place.is_dir():
        os.utime(place)
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=place.parent))
    try:
        beside.chmod(0o755)
        build(beside)
        with contextlib.suppress(OSError):
            beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    _drop_unused(place.parent)
    return place


def _drop_unused(folder):
    oldest = time.time() - _UNUSED_AFTER
    for place in folder.iterdir():
        with contextlib.suppress(OSError):
            if place.stat().st_mtime < oldest:
                shutil.rmtree(place, ignore_errors=True)
