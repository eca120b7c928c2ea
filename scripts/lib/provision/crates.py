# SPDX-License-Identifier: GPL-2.0
"""One place where the crates of tools/usb are built, for every checkout.

Cargo tells by file times what is up to date, and names what it builds by paths
relative to the workspace: two checkouts that share a target directory are one
to it, and the later one would be given what was built of the other. So the
sources are brought, by content, to one directory in the cache and built there.
"""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

from . import cache

_FOLDERS = ("tools/usb", "include/uapi")
_SKIPPED = {"target", "__pycache__"}


@contextlib.contextmanager
def workspace(root):
    """(folder of the workspace, environment for cargo), until the block ends."""
    cache.root().mkdir(parents=True, exist_ok=True)
    with open(cache.root() / "cargo.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = cache.root() / "crates"
        for folder in _FOLDERS:
            _bring(Path(root) / folder, place / folder)
        yield place / "tools/usb", {**os.environ, "CARGO_TARGET_DIR": str(cache.root() / "cargo")}


def _bring(source, target):
    """Makes target's files those of source; touches only what differs."""
    wanted = set(_files(source))
    for name in set(_files(target)) - wanted:
        (target / name).unlink()
    for name in wanted:
        content, copy = (source / name).read_bytes(), target / name
        if not copy.is_file() or copy.read_bytes() != content:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
            shutil.copymode(source / name, copy)


def _files(top):
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name not in _SKIPPED]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), top)
