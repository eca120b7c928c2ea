# SPDX-License-Identifier: GPL-2.0
"""Whether KVM can be trusted here. Only a guest that booted with it says so.

The device node proves nothing: it may be there while a guest hangs in it. The
verdict is kept for a while, for this boot of the machine and this kernel.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

from provision import cache

from lab import process, tree

NODE = Path("/dev/kvm")
TCG = ("-accel", "tcg,thread=multi")
KVM = ("-accel", "kvm")
_PROBE_LIMIT_S = 6
_VALID_S = 7 * 24 * 3600
_GREETING = b"usb-lab: init reached"


def acceleration(kernel):
    """The accelerator for QEMU: KVM where a probe is known to have booted."""
    return KVM if verdict(kernel)["works"] else TCG


def verdict(kernel):
    """What is known about KVM; probes where nothing is."""
    if not os.access(NODE, os.R_OK | os.W_OK):
        return {"works": False, "why": f"{NODE} cannot be opened"}
    file = _cache_file(kernel)
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(file.read_text())
        if time.time() - known["at"] < _VALID_S:
            return known
    return probe(kernel)


def probe(kernel):
    """Boots a guest with KVM, for a few seconds at most, and keeps the verdict."""
    began = time.monotonic()
    works, why = _boot(kernel)
    found = {"works": works, "why": why, "at": time.time(), "took_s": round(time.monotonic() - began, 1)}
    file = _cache_file(kernel)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found))
    return found


def _cache_file(kernel):
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    key = hashlib.sha256(f"{boot}{os.uname().release}{Path(kernel).resolve()}".encode()).hexdigest()[:16]
    return cache.root() / "kvm" / f"{key}.json"


def _boot(kernel):
    guest = process.start(_command(kernel), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = guest.communicate(timeout=_PROBE_LIMIT_S)
    except subprocess.TimeoutExpired:
        return False, f"a guest did not boot within {_PROBE_LIMIT_S} s"
    finally:
        process.stop(guest)
    if _GREETING in output:
        return True, "a guest booted"
    lines = output.decode(errors="replace").splitlines()
    return False, f"a guest ended early: {lines[-1] if lines else 'it said nothing'}"


def _command(kernel):
    return ["qemu-system-x86_64", "-M", "pc", *KVM, "-cpu", "max", "-m", 256, "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
            "-kernel", kernel, "-initrd", tree.archive(tree.root()),
            "-append", "console=ttyS0 panic=-1 loglevel=1 kunit.autorun=0 lab=probe"]
