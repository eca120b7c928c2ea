# SPDX-License-Identifier: GPL-2.0
"""The kernel of a lab: which artefact directory a guest is started from."""

import os
from pathlib import Path

from provision.kernel import Kernel
from provision.messages import Failure


def artefact(lab, given=None):
    """The artefact directory: the given one, else this checkout's, built if need be."""
    chosen = given or os.environ.get("USBPIPE_KERNEL_" + lab.upper().replace("-", "_"))
    place = Path(chosen).resolve() if chosen else Path(Kernel(lab).artefact())
    if not (place / "kernel").is_file():
        raise Failure(f"{place} holds no kernel", "give an artefact directory, or none at all")
    return place
