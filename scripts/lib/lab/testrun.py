# SPDX-License-Identifier: GPL-2.0
"""Runs the parts of `make test`, a few at a time, and counts their cases."""

import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from provision import cache
from provision.messages import Failure, say

from lab import kernel, ktap, paths, process, programs
from lab.loop import Loop

AT_ONCE = 3
GUESTS_AT_ONCE = 2
_NICENESS = 10
_KEPT_RUNS = 10
_SHOWN_NOTES = 15


@dataclass
class Outcome:
    """How a part ended."""

    name: str
    cases: list
    seconds: float
    log: Path

    def count(self, outcome):
        return sum(case.outcome == outcome for case in self.cases)

    def line(self):
        counts = f"{self.count(ktap.PASSED):5} passed {self.count(ktap.FAILED):4} failed"
        return f"{self.name:<12}{counts} {self.count(ktap.SKIPPED):4} skipped {self.seconds:7.1f} s"


class _Running:
    """A part that has been started, with its logs."""

    def __init__(self, part, folder, niceness):
        self.part, self.began = part, time.monotonic()
        self.log, self.errors = folder / f"{part.name}.log", folder / f"{part.name}.err"
        with open(self.log, "wb") as out, open(self.errors, "wb") as err:
            self.process = process.start(["nice", "-n", niceness, *part.command], cwd=paths.REPO,
                                         stdout=out, stderr=err)
        self.end = os.pidfd_open(self.process.pid)

    def outcome(self):
        status = self.process.wait()
        os.close(self.end)
        cases = list(self.part.read(self.log.read_text(errors="replace")))
        explained = any(case.outcome == ktap.FAILED for case in cases)
        if not cases or (status and not explained):
            notes = self.errors.read_text(errors="replace").splitlines()
            cases.append(ktap.Case("the whole part", ktap.FAILED, f"exit status {status}", notes))
        return Outcome(self.part.name, cases, time.monotonic() - self.began, self.log)


class _Ticker:
    """On a terminal, one line that says what is running."""

    def __init__(self):
        self._shown = sys.stderr.isatty()

    def show(self, running):
        if self._shown:
            now = time.monotonic()
            names = ", ".join(f"{one.part.name} {now - one.began:.0f} s" for one in running)
            print(f"\r\033[Krunning: {names}", end="", file=sys.stderr, flush=True)

    def clear(self):
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def logs():
    """A new directory for the logs of one run; the oldest ones go."""
    folder = cache.root() / "test-logs"
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.iterdir())[:-_KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
    place = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    place.mkdir()
    return place


def prepare(parts):
    """Builds what the parts need, with its own progress; Outcomes of what failed."""
    kernels, failed = {}, []
    for name in sorted({part.lab for part in parts if part.lab}):
        try:
            kernels[name] = kernel.artefact(name)
        except Failure as failure:
            case = ktap.Case("the kernel builds", ktap.FAILED, str(failure))
            failed.append(Outcome(name, [case], 0, Path("-")))
    if kernels:
        programs.files()
    ready = [part for part in parts if not part.lab or part.lab in kernels]
    for part in ready:
        if part.lab:
            part.command += ["--kernel", kernels[part.lab]]
    return ready, failed


def run(parts, folder):
    """Runs the parts and says how each ended; their Outcomes."""
    loop, ticker, waiting, running, outcomes = Loop(), _Ticker(), list(parts), [], []

    def finish(one):
        loop.unwatch(one.end)
        running.remove(one)
        outcomes.append(one.outcome())
        ticker.clear()
        print(outcomes[-1].line(), flush=True)

    try:
        while waiting or running:
            for part in _startable(waiting, running):
                waiting.remove(part)
                # The first takes longest: what runs beside it must not hold it up.
                one = _Running(part, folder, 0 if part is parts[0] else _NICENESS)
                running.append(one)
                loop.watch(one.end, lambda one=one: finish(one))
            ticker.show(running)
            loop.step(1)
    finally:
        for one in running:
            process.stop(one.process, gently=True)
        loop.close()
    return outcomes


def _startable(waiting, running):
    """The parts, in their order, that may start beside those that run."""
    room = AT_ONCE - len(running)
    guests = GUESTS_AT_ONCE - sum(bool(one.part.lab) for one in running)
    for part in list(waiting):
        if room and (guests or not part.lab):
            room -= 1
            guests -= bool(part.lab)
            yield part


def summarise(outcomes):
    """Names what failed and what was skipped, then the counts; the exit status."""
    for outcome in outcomes:
        _show(outcome, ktap.SKIPPED, "skipped")
    for outcome in outcomes:
        _show(outcome, ktap.FAILED, "FAILED")
    passed, failed, skipped = (sum(outcome.count(kind) for outcome in outcomes)
                               for kind in (ktap.PASSED, ktap.FAILED, ktap.SKIPPED))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not passed else 0


def _show(outcome, kind, word):
    for case in outcome.cases:
        if case.outcome == kind:
            print(f"{word}: {outcome.name}: {case.name}" + (f": {case.reason}" if case.reason else ""))
            if kind == ktap.FAILED:
                for note in (case.notes or _tail(outcome.log))[-_SHOWN_NOTES:]:
                    print(f"    {note}")
                print(f"    log: {outcome.log}")


def _tail(log):
    return log.read_text(errors="replace").splitlines() if log.is_file() else []


def report_times(outcomes, began):
    slowest = sorted(outcomes, key=lambda outcome: -outcome.seconds)[:3]
    names = ", ".join(f"{outcome.name} {outcome.seconds:.0f} s" for outcome in slowest)
    say(f"took {time.monotonic() - began:.0f} s; slowest: {names}")
