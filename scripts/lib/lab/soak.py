# SPDX-License-Identifier: GPL-2.0
"""What the misbehaving drivers did in many cycles: which parts of tests are left, and a table of the others.

A part's report is kept under the cache, by the kernel, the test and what that uses in the
guest, and the cycles that it was made with. So a soak goes on where it was stopped.
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


@dataclass(frozen=True)
class Part:
    """Of a test: every so many-th of its crimes, from this one on."""

    test: str
    number: int = 1
    of: int = 1

    @property
    def option(self):
        return f"{self.number}/{self.of}"


@dataclass
class Result:
    """A report of one part of a test, or of several."""

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

    def with_another(self, other):
        return Result(self.name, self.cases + other.cases, self.passed + other.passed,
                      max(self.parting_ms, other.parting_ms), max(self.all_ms, other.all_ms),
                      self.seconds + other.seconds, self.good and other.good)

    def words(self):
        return (self.name, str(self.cases), str(self.passed), f"{self.parting_ms} ms", f"{self.all_ms} ms",
                f"{self.seconds / 60:.0f} min")


class Reports:
    """Those of one kernel, one content of what all tests use, and one number of cycles."""

    def __init__(self, kernel, cycles, root=None):
        used = paths.digest(paths.files_below(paths.USB_LAB / "guest"))
        self.place = (root or cache.root() / "soaks") / f"{Path(kernel).name}-{used}-{cycles}"

    def forget(self):
        shutil.rmtree(self.place, ignore_errors=True)

    def keep(self, part, text):
        """Takes a report in that has come to its end."""
        if Result.of(text):
            self.place.mkdir(parents=True, exist_ok=True)
            self._file(part).write_text(text)

    def result(self, part):
        report = self._file(part)
        return Result.of(report.read_text()) if report.is_file() else None

    def results(self, parts):
        """One for each test of which there is any, in their order."""
        tests = {}
        for part in parts:
            result = self.result(part)
            if result:
                tests[part.test] = tests[part.test].with_another(result) if part.test in tests else result
        return list(tests.values())

    def left(self, parts):
        """Those that have not passed."""
        return [part for part in parts if not ((result := self.result(part)) and result.good)]

    def _file(self, part):
        test = paths.digest([paths.USB_LAB / "tests" / f"{part.test}.sh"])
        return self.place / f"{part.test}-{test}.{part.number}-of-{part.of}.tap"


def table(results):
    rows = [_TITLES, *(result.words() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    for row in rows:
        first, *others = (word.ljust(width) if not column else word.rjust(width)
                          for column, (word, width) in enumerate(zip(row, widths)))
        yield "  ".join([first, *others]).rstrip()
