# SPDX-License-Identifier: GPL-2.0
"""Running the kernel's make: variables of each lab, progress, errors."""

import contextlib
import os
import re
import signal
import subprocess

from .messages import Failure, Progress, say

# arch/um builds Rust position-independent; modules like that cannot be loaded.
UM_MODULE_FLAGS = "-Crelocation-model=static -Zdirect-access-external-data=yes -Ccode-model=large"

ARCH = {"fast": "um", "real": "x86_64"}
STEP = re.compile(rb"  [A-Z]+ ")
NOISE = re.compile(rb"  [A-Z]+ |make(\[\d+\])?: (Entering|Leaving|\*\*\*)|In file included from ")
ERROR_LINES = 60
INTERRUPTIONS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
MEDDLING = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "KERNEL", "CROSS_COMPILE", "KCFLAGS", "KRUSTFLAGS", "KCPPFLAGS", "W", "C"}


def arch(lab):
    return ARCH[lab.partition("-")[0]]


def lab_flags(lab):
    """Variables that change what is built: part of an artefact's identity."""
    flags = [f"ARCH={arch(lab)}"]
    if arch(lab) == "um":
        flags.append(f"RUSTFLAGS_MODULE={UM_MODULE_FLAGS}")
    return flags


class Make:
    """make for one output directory."""

    def __init__(self, name, tree, out, variables):
        self.name = name
        self.tree = tree
        self.out = out
        self.log = out / "build.log"
        self.command = ["make", "-C", str(tree), f"O={out}", f"-j{len(os.sched_getaffinity(0))}", *variables]

    def run(self, *targets, what=None, total=None):
        """Run `targets`; `total` is about how many steps that will be."""
        self.out.mkdir(parents=True, exist_ok=True)
        progress = Progress(what or f"{self.name} kernel", total)
        with open(self.log, "wb") as log:
            status = self._run(targets, log, progress)
        progress.close("done" if status == 0 else "failed")
        if status != 0:
            self._fail(status)

    def show(self):
        """What the compilers said, with the paths that the checkout has."""
        lines = [line for line in self.log.read_bytes().splitlines() if not NOISE.match(line)]
        for line in lines[-ERROR_LINES:]:
            say(line.decode(errors="replace").replace(f"{self.tree}/", ""))

    def _run(self, targets, log, progress):
        with _signals_held_back() as release:
            child = self._start(targets, release)
            try:
                release()
                for line in child.stdout:
                    log.write(line)
                    if STEP.match(line):
                        progress.step()
                return child.wait()
            except BaseException:
                # Orderly: make deletes the target it was at, and that is all
                # that is lost. The next run goes on from here.
                os.killpg(child.pid, signal.SIGTERM)
                child.wait()
                raise

    def _start(self, targets, before_exec):
        return subprocess.Popen(
            [*self.command, *targets],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,
            close_fds=False,
            preexec_fn=before_exec,
        )

    def _fail(self, status):
        self.show()
        full = b"No space left on device" in self.log.read_bytes()
        hint = "The disk is full: free some, or set USBPIPE_CACHE to another one." if full else f"The log: {self.log}"
        raise Failure(f"the {self.name} kernel did not build (make: {status})", hint)


@contextlib.contextmanager
def _signals_held_back():
    """None arrives between a child's start and the care that is taken of it.

    Gives the function that lets them through again, for parent and child.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)

    def release():
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield release
    finally:
        release()


def _environment():
    """The caller's, without what would change the build behind our back."""
    kept = {k: v for k, v in os.environ.items() if k not in MEDDLING and not k.startswith("KBUILD_")}
    return {**kept, "LC_ALL": "C", "KBUILD_BUILD_USER": "usbpipe", "KBUILD_BUILD_HOST": "lab"}
