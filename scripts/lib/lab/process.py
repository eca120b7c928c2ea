# SPDX-License-Identifier: GPL-2.0
"""Programs on the host that must never outlive the runner."""

import contextlib
import os
import signal
import subprocess

_PATIENCE_S = 5


def start(argv, **options):
    """Starts a program in a process group of its own.

    It dies with the runner, even where that is killed and cannot clean up.
    """
    guarded = ["setpriv", "--pdeathsig", "KILL", "--", *map(str, argv)]
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(guarded, start_new_session=True, **options)


def stop(process, gently=False):
    """Ends a program and all that it started, and waits until they are gone."""
    if gently and process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
