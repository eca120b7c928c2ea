# SPDX-License-Identifier: GPL-2.0
"""What the misbehaving drivers did in many cycles: which tests are left, and a table of the others.

A test's report is kept under the cache, in a directory for the kernel, the tests and the
cycles that it was made with. So a soak goes on where it was stopped.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from provision import cache

from lab import ktap, paths

_VERDICT = re.compile(r"^(?P<not>not )?ok 1 - (?P<name>[\w-]+) # (?P<seconds>[\d.]+) s$", re.MULTILINE)
_SLOWEST = re.compile(r"slowest of \d+: parting (?P<parting>\d+) ms, all of it (?P<all>\d+) ms")
_TITLES = ("test", "cases", "passed", "slowest parting", "with the wait for the lock", "took")


@dataclass
class Result:
    """A report of one test."""

    name: str
    cases: int
    passed: int
    parting_ms: int
    all_ms: int
    seconds: float
    good: bool

    @classmethod
    def of(cls, text):
        """None where the test has not come to its end."""
        verdict = _VERDICT.search(text)
        if not verdict:
            return None
        outcomes = [case.outcome for case in ktap.parse(text)]
        times = [(int(found["parting"]), int(found["all"])) for found in _SLOWEST.finditer(text)] or [(0, 0)]
        return cls(verdict["name"], len(outcomes), outcomes.count(ktap.PASSED), max(parting for parting, _ in times),
                   max(total for _, total in times), float(verdict["seconds"]), not verdict["not"])

    def words(self):
        return (self.name, str(self.cases), str(self.passed), f"{self.parting_ms} ms", f"{self.all_ms} ms",
                f"{self.seconds / 60:.0f} min")


class Reports:
    """Those of one kernel, one content of the tests, and one number of cycles."""

    def __init__(self, kernel, cycles, root=None):
        tests = paths.digest(paths.files_below(paths.USB_LAB / "tests", paths.USB_LAB / "guest"))
        self.place = (root or cache.root() / "soaks") / f"{Path(kernel).name}-{tests}-{cycles}"

    def forget(self):
        shutil.rmtree(self.place, ignore_errors=True)

    def keep(self, name, text):
        """Takes a report in that has come to its end."""
        if Result.of(text):
            self.place.mkdir(parents=True, exist_ok=True)
            (self.place / f"{name}.tap").write_text(text)

    def result(self, name):
        report = self.place / f"{name}.tap"
        return Result.of(report.read_text()) if report.is_file() else None

    def left(self, names):
        """Those that have not passed."""
        return [name for name in names if not (self.result(name) or Result(name, 0, 0, 0, 0, 0, False)).good]


def table(results):
    rows = [_TITLES, *(result.words() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    for row in rows:
        first, *others = (word.ljust(width) if not column else word.rjust(width)
                          for column, (word, width) in enumerate(zip(row, widths)))
        yield "  ".join([first, *others]).rstrip()
