# SPDX-License-Identifier: GPL-2.0
"""Where everything large lives, shared by every checkout of one user."""

import contextlib
import fcntl
import os
import sys
from pathlib import Path

from .messages import say


def root():
    """The cache directory; USBPIPE_CACHE overrides the usual place."""
    override = os.environ.get("USBPIPE_CACHE")
    if override:
        return Path(override)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "usbpipe"


def keep_bytecode_out_of_the_checkout():
    sys.pycache_prefix = str(root() / "pycache")


@contextlib.contextmanager
def build_lock(lab=None):
    """Hold off others: those of the same lab, or without a lab every build.

    Each lab has a source tree and an output directory of its own, so labs
    need not wait for one another. The descriptors are inheritable on purpose:
    a `make` that outlives a killed parent keeps the lock with it, so nobody
    builds into the same directory meanwhile.
    """
    root().mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        held.enter_context(_locked("build", fcntl.LOCK_SH if lab else fcntl.LOCK_EX))
        if lab:
            held.enter_context(_locked(f"build-{lab}", fcntl.LOCK_EX))
        yield


@contextlib.contextmanager
def _locked(name, how):
    fd = os.open(root() / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        os.set_inheritable(fd, True)
        try:
            fcntl.flock(fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting: another build is running")
            fcntl.flock(fd, how)
        yield
    finally:
        os.close(fd)
