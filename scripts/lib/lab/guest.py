# SPDX-License-Identifier: GPL-2.0
"""One guest from start to power-off, with its channels and its verdict."""

import os
import shutil
import socket
import sys
import time
from dataclasses import dataclass

from lab import fast, judge, process, real
from lab.loop import Loop
from lab.rundir import GUEST_DIED, RunDir

OK, DMESG_BAD, TIME_LIMIT = 0, 123, 124
_ESCAPE = b"\x1d"
_CHUNK = 1 << 16


@dataclass
class Verdict:
    """How a run ended: `program` is the status that the guest's program left,
    `stopped` says that somebody at the keyboard ended the guest. `forgiven`
    counts, by part, the bad messages that are upstream's own."""

    program: int
    timed_out: bool
    stopped: bool
    parts: list
    bad: dict
    forgiven: dict

    @property
    def died(self):
        return self.program == GUEST_DIED and not self.timed_out and not self.stopped

    @property
    def status(self):
        if self.timed_out:
            return TIME_LIMIT
        return self.program or (DMESG_BAD if self.bad else OK)


class _Channels:
    """The guest's ends of its two consoles."""

    def __init__(self):
        self.host_out, self.out = socket.socketpair()
        self.host_err, self.err = socket.socketpair()

    def close(self):
        for end in (self.host_out, self.out, self.host_err, self.err):
            end.close()


class Guest:
    """Runs a program in a lab. `RunDir` may be filled before and read afterwards."""

    def __init__(self, lab, kernel, chosen, run=None):
        self.lab, self.kernel, self.options = lab, kernel, chosen
        self.run = run or RunDir()
        self._loop = Loop()
        self._stopped = False

    def execute(self, argv, out=None, err=None, keyboard=None):
        """Runs the program; what it writes goes to `out` and `err` (binary files).

        With a `keyboard` (a descriptor) the program is in the foreground of a
        terminal and gets what is typed.
        """
        out, err = out or sys.stdout.buffer, err or sys.stderr.buffer
        self.run.write_job(argv, self._settings(out, err, keyboard is not None))
        timed_out = self._serve(out, err, keyboard)
        parts = judge.parts(self.run.kernel_log())
        baseline = judge.Baseline(self.lab)
        bad = {part.name: found for part in parts if (found := baseline.bad(part))}
        return Verdict(self.run.status(), timed_out, self._stopped, parts, bad, baseline.forgiven)

    def _settings(self, out, err, interactive):
        columns, rows = shutil.get_terminal_size()
        return {
            "job_out_tty": _yes(interactive or out.isatty()), "job_err_tty": _yes(interactive or err.isatty()),
            "job_interactive": _yes(interactive), "job_columns": columns, "job_rows": rows,
            "job_term": os.environ.get("TERM", "linux"), "job_leaks": _yes(self.options.leaks),
            "job_modules": " ".join(self.options.modules),
        }

    def _serve(self, out, err, keyboard):
        """Starts the guest and serves it until it ends; True where time ran out."""
        channels = _Channels()
        machine_type = real.Machine if self.lab.startswith("real") else fast.Machine
        machine = machine_type(self.lab, self.kernel, self.run, self.options)
        guest = None
        try:
            guest = self._start(machine, channels)
            return not self._pump(guest, channels, machine, (out, err), keyboard)
        finally:
            if guest:
                process.stop(guest)
            machine.close()
            channels.close()
            self._loop.close()

    def _start(self, machine, channels):
        with open(self.run.log, "ab") as log, open(self.run.path / "machine.log", "ab") as own:
            argv = machine.command(channels, log)
            inherited = (channels.out.fileno(), channels.err.fileno(), log.fileno(), *machine.inherited())
            return process.start(argv, stdout=own, stderr=own, pass_fds=inherited,
                                 env=machine.environment())

    def _pump(self, guest, channels, machine, sinks, keyboard):
        channels.out.close()
        channels.err.close()
        machine.attach(self._loop)
        alive = {guest.pid}
        ended = os.pidfd_open(guest.pid)
        self._loop.watch(ended, lambda: (alive.clear(), self._loop.unwatch(ended)))
        for end, sink in zip((channels.host_out, channels.host_err), sinks):
            self._loop.watch(end, lambda end=end, sink=sink: self._copy(end, sink))
        if keyboard is not None:
            self._loop.watch(keyboard, lambda: self._type(keyboard, channels.host_out, alive))
        limit = self.options.limit_s
        try:
            finished = self._loop.run(lambda: not alive, time.monotonic() + limit if limit else None)
            while self._loop.step(0):
                pass  # What the guest wrote last may still have been on its way.
            return finished
        finally:
            os.close(ended)

    def _copy(self, end, sink):
        try:
            data = end.recv(_CHUNK)
        except ConnectionResetError:
            data = b""
        if data:
            sink.write(data)
            sink.flush()
        else:
            self._loop.unwatch(end)

    def _type(self, keyboard, end, alive):
        """Passes on what is typed; the escape character ends the guest."""
        data = os.read(keyboard, _CHUNK)
        if not data:
            self._loop.unwatch(keyboard)
        elif _ESCAPE in data:
            self._stopped = True
            alive.clear()
        else:
            end.sendall(data)


def _yes(condition):
    return "yes" if condition else "no"
