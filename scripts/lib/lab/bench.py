# SPDX-License-Identifier: GPL-2.0
"""What scripts/bench/usbpipe measures, and what it makes of a guest's report.

A job is a way to move data (an arm) through a device at a place, with transfers
of one length and so many in flight. It moves COUNT transfers and then three times
as many: what one costs is the difference, divided by the difference in transfers,
so that neither beginning nor end count.
"""

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field

KIB = 1024
PLACES = {
    "dummy-super": "dummy_hcd and g_zero, SuperSpeed",
    "dummy-high": "dummy_hcd and g_zero, high speed",
    "xhci-super": "QEMU's xHCI and disk, SuperSpeed",
}
# Those whose controller the fast lab has too.
EVERYWHERE = ("dummy-super", "dummy-high")
ARMS = {
    "ring": "usbpipe, ring",
    "ring-blind": "usbpipe, ring, data not looked at",
    "pipe": "usbpipe, read() and write()",
    "skeleton": "usb-skeleton, read() and write()",
    "usbfs-copy": "usbfs, asynchronous, copied",
    "usbfs-map": "usbfs, asynchronous, mapped",
    "usbtest": "usbtest, cases 27 and 28",
    "checksum": "looking at the data alone",
}


@dataclass(frozen=True)
class Job:
    """What is moved, where and how."""

    place: str
    arm: str
    direction: str
    length: int
    depth: int

    @property
    def count(self):
        """Transfers of the short run: enough for 0.1 %, and not for minutes."""
        if self.arm == "skeleton":
            return 4 if self.direction == "in" else 512
        if self.arm == "checksum":
            return 16384
        if self.place == "xhci-super":
            return 512
        return {512: 8192, 4 * KIB: 4096, 256 * KIB: 128}.get(self.length, 512)

    def word(self, count=0):
        """As the guest's script takes it."""
        return f"{self.arm}:{self.direction}:{self.length}:{self.depth}:{count or self.count}"

    def __str__(self):
        return f"{self.place} {self.arm}:{self.direction}:{self.length}:{self.depth}"


@dataclass(frozen=True)
class Cost:
    """What a transfer took in one round."""

    length: int
    nanoseconds: float
    instructions: float

    @property
    def speed(self):
        """In MB/s."""
        return self.length / self.nanoseconds * 1000

    @property
    def busy(self):
        """The part of the time that the CPU was not idle."""
        return self.instructions / self.nanoseconds


def consumed(bare, look):
    """The cost of a transfer whose data nobody saw, had somebody looked at it: in time
    that the CPU was idle first."""
    busy = bare.instructions + look.instructions
    return Cost(bare.length, max(bare.nanoseconds, busy), busy)


@dataclass(frozen=True)
class Row:
    """A ratio with its bar. `theirs` may have to be given what `look` takes as well."""

    name: str
    case: str
    bar: float
    ours: Job
    theirs: Job
    look: Job = None
    # MB/s, ours over theirs; or instructions for a transfer, theirs over ours.
    speed: bool = True
    # A loop in C and looking at its data: what ours could be at best.
    loop: tuple = ()

    def jobs(self):
        return [job for job in (self.ours, self.theirs, self.look, *self.loop) if job]

    def ratio(self, ours, theirs):
        return ours.speed / theirs.speed if self.speed else theirs.instructions / ours.instructions


def _ring_and_usbtest(length):
    def job(arm, direction):
        return Job("dummy-super", arm, direction, length, 32)

    size = f"{length // KIB} KiB"
    yield Row("P1", f"read, {size}", 0.95, job("ring", "in"), job("usbtest", "in"), job("checksum", "in"))
    yield Row("P1", f"write, {size}", 0.95, job("ring", "out"), job("usbtest", "out"))


def _instructions(name, bar, their_arm, place, length, depth):
    size = f"{length // KIB} KiB" if length >= KIB else f"{length} B"
    ours, theirs = (Job(place, arm, "in", length, depth) for arm in ("ring", their_arm))
    case = f"{place.partition('-')[0]}, {size}, {depth} in flight"
    loop = [Job(place, arm, "in", length, depth) for arm in ("usbtest", "checksum")] if place in EVERYWHERE else []
    return Row(name, case, bar, ours, theirs, speed=False, loop=tuple(loop))


ROWS = (
    *_ring_and_usbtest(64 * KIB), *_ring_and_usbtest(4 * KIB),
    Row("P3", "read", 150, Job("dummy-super", "pipe", "in", 256 * KIB, 1), Job("dummy-super", "skeleton", "in", 256 * KIB, 1)),
    # No more than 3584 bytes go into one write() of usb-skeleton.
    Row("P3", "write", 10, Job("dummy-super", "pipe", "out", 256 * KIB, 1), Job("dummy-super", "skeleton", "out", 3584, 1)),
    _instructions("P4", 2.8, "usbfs-copy", "xhci-super", 64 * KIB, 8),
    _instructions("P4", 2.8, "usbfs-copy", "xhci-super", 64 * KIB, 32),
    _instructions("P4", 2.2, "usbfs-copy", "dummy-super", 4 * KIB, 32),
    _instructions("P5", 2.5, "usbfs-map", "dummy-high", 512, 32),
    _instructions("P5", 1.8, "usbfs-map", "dummy-super", 4 * KIB, 32),
)

# Measured beside, to explain the others.
OTHERS = (
    Job("dummy-super", "ring-blind", "in", 64 * KIB, 32), Job("dummy-super", "ring-blind", "in", 4 * KIB, 32),
    Job("dummy-super", "usbfs-copy", "in", 64 * KIB, 32), Job("dummy-super", "usbfs-map", "in", 64 * KIB, 32),
    Job("dummy-high", "usbfs-copy", "in", 512, 32),
    Job("xhci-super", "usbfs-map", "in", 64 * KIB, 8), Job("xhci-super", "usbfs-map", "in", 64 * KIB, 32),
)


def jobs_of(rows, others=()):
    """All of them, each once, by place."""
    every = dict.fromkeys([job for row in rows for job in row.jobs()] + list(others))
    return sorted(every, key=lambda job: list(PLACES).index(job.place))


def words(jobs, count=0):
    """Places and jobs, as the guest's scripts take them."""
    place = None
    for job in jobs:
        if job.place != place:
            place = job.place
            yield place
        yield job.word(count)


@dataclass
class Report:
    """What a guest wrote: the costs of each round, and what went wrong."""

    costs: dict = field(default_factory=lambda: defaultdict(list))
    complaints: list = field(default_factory=list)

    @classmethod
    def read(cls, text):
        report = cls()
        for line in text.splitlines():
            kind, *rest = line.split()
            if kind == "cost" and len(rest) == 6:
                report._add(*rest)
            else:
                report.complaints.append(line)
        return report

    def _add(self, place, word, *numbers):
        arm, direction, length, depth, count = word.split(":")
        job = Job(place, arm, direction, int(length), int(depth))
        short_time, short_instructions, time, instructions = map(int, numbers)
        between = 2 * int(count)
        self.costs[job].append(Cost(job.length, (time - short_time) / between, (instructions - short_instructions) / between))

    def ratios(self, row):
        """One for each round."""
        theirs = self.costs[row.theirs]
        if row.look:
            theirs = [consumed(*pair) for pair in zip(theirs, self.costs[row.look])]
        return [row.ratio(*pair) for pair in zip(self.costs[row.ours], theirs)]

    def best(self, row):
        """The ratio in the middle that the loop in C would have; None where there is no such loop."""
        loop = [consumed(*pair) for pair in zip(*(self.costs[job] for job in row.loop))]
        ratios = [row.ratio(*pair) for pair in zip(loop, self.costs[row.theirs])]
        return statistics.median(ratios) if ratios else None

    def verdict(self, row):
        return Verdict(row, self.ratios(row), self.best(row))


@dataclass(frozen=True)
class Verdict:
    """A row with its ratios, if there are any."""

    row: Row
    ratios: list
    best: float = None

    @property
    def value(self):
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def met(self):
        return bool(self.ratios) and self.value >= self.row.bar

    def __str__(self):
        # Rounded down: what is short looks short.
        value = f"{math.floor(self.value * 100) / 100:.2f}" if self.ratios else "-"
        return f"{self.row.name} {value} >= {self.row.bar:g} {'met' if self.met else 'short'}  {self.row.case}"


def spread(values):
    """How far they are apart, as a part of the one in the middle."""
    return (max(values) - min(values)) / statistics.median(values)


_HEADING = ("", "", "bytes", "depth", "MB/s", "spread", "instructions", "spread", "busy")
_WIDTHS = (36, 6, 8, 6, 10, 8, 14, 8, 6)


def _line(cells):
    first, *others = (f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS))
    return f"{first.strip():<{_WIDTHS[0]}}{''.join(others)}".rstrip()


def table(report, place, jobs):
    """The lines of what was measured at a place."""
    yield PLACES[place]
    yield _line(_HEADING)
    for job in jobs:
        costs = report.costs[job]
        if job.place == place and costs:
            yield _line((ARMS[job.arm], job.direction, job.length, job.depth, *_cells(job, costs)))


def _cells(job, costs):
    """What says something: QEMU's disk answers in the machine's own time, and nobody counts
    instructions in the fast lab."""
    timed, counted = job.place in EVERYWHERE, any(cost.instructions for cost in costs)
    yield from _value([cost.speed for cost in costs], 1) if timed else ("", "")
    yield from _value([cost.instructions for cost in costs], 0) if counted else ("", "")
    if timed and counted:
        yield f"{statistics.median(cost.busy for cost in costs):.0%}"


def _value(values, digits):
    return f"{statistics.median(values):.{digits}f}", f"{spread(values):.1%}"


def ratio_table(verdicts):
    yield f"{'':<4}{'':<36}{'ratio':>8}{'least':>8}{'most':>8}{'bar':>7}{'C loop':>8}"
    for verdict in verdicts:
        row, ratios = verdict.row, verdict.ratios
        numbers = "".join(f"{number:>8.3f}" for number in (verdict.value, min(ratios), max(ratios))) if ratios else f"{'-':>24}"
        best = f"{verdict.best:>8.3f}" if verdict.best else ""
        yield f"{row.name:<4}{row.case:<36}{numbers}{row.bar:>7g}{best}"


def as_data(report, verdicts, jobs):
    """The same for programs."""
    return {
        "rows": [{"name": each.row.name, "case": each.row.case, "unit": "MB/s" if each.row.speed else "instructions",
                  "ours": str(each.row.ours), "theirs": str(each.row.theirs), "ratio": each.value, "rounds": each.ratios,
                  "bar": each.row.bar, "met": each.met, "c_loop": each.best} for each in verdicts],
        "jobs": {str(job): [{"mb_per_s": cost.speed, "instructions": cost.instructions} for cost in report.costs[job]]
                 for job in jobs},
        "complaints": report.complaints,
    }
