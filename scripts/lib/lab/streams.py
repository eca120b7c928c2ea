# SPDX-License-Identifier: GPL-2.0
"""Guests that measure: the program stream in a share, a disk as a source of data, a log of it all."""

import subprocess
import sys
import tempfile
from array import array

from provision.messages import Failure

from lab import paths
from lab.guest import Guest
from lab.options import Options
from lab.rundir import RunDir

# Has tracepoints; else it is the kernel of the real lab.
KERNEL = "real-bench"
FOLDER = paths.USB_LAB / "bench"
LIMIT_S = 900
# What the longest command reads; each word is the number of words before it.
DISK_BYTES = 96 * 1024 * 1024


def compile_stream(program):
    """The guest program, for itself alone and at fixed addresses."""
    sources = sorted((FOLDER / "stream").glob("*.c"))
    warnings = ("-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror")
    done = subprocess.run(["cc", "-static", "-no-pie", "-O2", *warnings, "-I", paths.REPO / "include/uapi",
                           "-o", program, *sources, "-lpthread"], check=False)
    if done.returncode:
        raise Failure("stream could not be compiled (the messages are above)")


def _disk(run):
    file = run.path / "disk"
    with open(file, "wb") as out:
        array("Q", range(DISK_BYTES // 8)).tofile(out)
    return ["-blockdev", f"file,node-name=disk,filename={file},read-only=on",
            "-device", "usb-storage,bus=xhci.0,drive=disk"]


def real(place, run, script, *words, more=()):
    """A guest of the real lab whose instructions are counted; what it wrote."""
    options = Options(limit_s=LIMIT_S, devices=[*_disk(run), *more], counted=True)
    return _execute(Guest("real", place, options, run), script, words)


def fast(place, run, script, *words):
    """A guest of the fast lab; what it wrote."""
    return _execute(Guest("fast", place, Options(limit_s=LIMIT_S), run), script, words)


def begin():
    """A run with the program in its share."""
    run = RunDir()
    try:
        compile_stream(run.share / "stream")
    except BaseException:
        run.remove()
        raise
    run.give(str(FOLDER / "stream.sh"))
    return run


def _execute(guest, script, words):
    name = guest.run.give(str(FOLDER / script))
    with tempfile.TemporaryFile() as out:
        verdict = guest.execute(["sh", name, *words], out=out)
        out.seek(0)
        text = out.read().decode()
    if verdict.status:
        sys.stderr.write(text + (guest.run.path / "machine.log").read_text(errors="replace"))
        for reports in verdict.bad.values():
            sys.stderr.writelines(f"{line}\n" for report in reports for line in report.lines)
        raise Failure(f"the guest ended with status {verdict.status}", "what it wrote is above")
    return text
