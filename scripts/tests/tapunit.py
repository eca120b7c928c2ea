# SPDX-License-Identifier: GPL-2.0
"""unittest with TAP on standard output, and what the tests here share."""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS / "lib"))
sys.dont_write_bytecode = True

# Where the tests run in the background, an interrupt is ignored, by their children as well.
signal.signal(signal.SIGINT, signal.default_int_handler)


class TapResult(unittest.TestResult):
    """One line a test, as it ends; the docstring is its name."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def _line(self, verdict, test, after="", details=""):
        self.number += 1
        title = test.shortDescription() or str(test)
        print(f"{verdict} {self.number} - {title}{after}", flush=True)
        for line in details.splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("not ok", test, details=self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._line("not ok", test, details=self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print(f"TAP version 13\n1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)


class TestCase(unittest.TestCase):
    """A scratch directory, a cache of its own, and stub programs on PATH."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="usbpipe-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.cache = self.folder / "cache"
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.environment = {**os.environ, "USBPIPE_CACHE": str(self.cache), "LC_ALL": "C", "USBPIPE_RETRIES": "0"}
        for name in ("KERNEL", "RUST_LIB_SRC", "USBPIPE_OVERLAY"):
            self.environment.pop(name, None)
        self.environment["PATH"] = f"{self.bin}:{os.environ['PATH']}"

    def stub(self, name, script):
        """A program on PATH ahead of the real one."""
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def run_command(self, *command, **more):
        environment = {**self.environment, **{k: str(v) for k, v in more.items()}}
        return subprocess.run([str(c) for c in command], env=environment, cwd=self.folder, text=True,
                              capture_output=True, check=False)

    def require_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small disk")

    def small_disk(self, name, kilobytes):
        """A disk that is soon full."""
        self.require_root()
        place = self.folder / name
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(place)], check=True)
        return place


def write(path, content="", mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def snapshot(folder):
    """{relative path: (mode, hash)} of every file."""
    files = (p for p in sorted(Path(folder).rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): (oct(p.stat().st_mode), hashlib.sha256(p.read_bytes()).hexdigest())
            for p in files}


def kernel_makefile(version):
    numbers = version.split("-")[0].split(".") + ["0"]
    extra = f"-{version.split('-')[1]}" if "-" in version else ""
    return (f"# SPDX\nVERSION = {numbers[0]}\nPATCHLEVEL = {numbers[1]}\nSUBLEVEL = {numbers[2]}\n"
            f"EXTRAVERSION ={extra}\n")
