# SPDX-License-Identifier: GPL-2.0
"""The kernel of a lab: which artefact directory a guest is started from."""

import os
import subprocess
from pathlib import Path

from provision.messages import Failure

from lab import paths


def artefact(lab, given=None):
    """The artefact directory: the given one, else what scripts/kernel builds or has."""
    chosen = given or os.environ.get("USBPIPE_KERNEL_" + lab.upper().replace("-", "_"))
    place = Path(chosen).resolve() if chosen else _built(lab)
    if not (place / "kernel").is_file():
        raise Failure(f"{place} holds no kernel", "give an artefact directory, or none at all")
    return place


def _built(lab):
    done = subprocess.run([paths.REPO / "scripts/kernel", lab], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failure(f"scripts/kernel {lab} failed (its messages are above)")
    return Path(done.stdout.splitlines()[-1])
