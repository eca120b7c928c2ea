# SPDX-License-Identifier: GPL-2.0
"""Reads TAP and KTAP: subtests by indentation, plans, skips and bail-outs."""

import re
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

_RESULT = re.compile(r"^(?P<indent> *)(?P<no>not )?ok\b ?(?P<number>\d+)? ?-? ?(?P<name>[^#]*)(?:#\s*(?P<directive>.*))?$")
_PLAN = re.compile(r"^(?P<indent> *)1\.\.(?P<count>\d+)(?:\s*#\s*SKIP\b\s*(?P<reason>.*))?\s*$", re.IGNORECASE)
_SUBTEST = re.compile(r"^(?P<indent> *)# Subtest: (?P<name>.*)$")
_HEADER = re.compile(r"^(?P<indent> *)K?TAP version \d+")
_BAIL_OUT = re.compile(r"^ *Bail out!\s*(?P<reason>.*)$")


@dataclass
class Case:
    """One test case that has no cases below it."""

    name: str
    outcome: str
    reason: str = ""
    notes: list = field(default_factory=list)


@dataclass
class _Level:
    indent: int
    plan: int = None
    seen: int = 0
    cases: list = field(default_factory=list)


class Parser:
    """Takes a report line by line; `cases()` is what it held."""

    def __init__(self):
        self._levels = [_Level(0)]
        self._notes = []
        self._late = None
        self._bailed = None

    def cases(self):
        while len(self._levels) > 1:
            self._close("unfinished subtest")
        top = self._levels[0]
        _check_plan(top, "the report")
        if self._bailed is not None:
            top.cases.append(Case("bail out", FAILED, self._bailed))
        return top.cases

    def feed(self, line):
        line = line.rstrip("\r\n").expandtabs(4)
        for pattern, take in ((_BAIL_OUT, self._bail_out), (_PLAN, self._plan),
                              (_HEADER, self._deepen), (_SUBTEST, self._deepen), (_RESULT, self._result)):
            match = pattern.match(line)
            if match:
                take(match)
                return
        # KTAP explains a failure before its line, other producers after it.
        notes = self._notes if self._late is None else self._late.notes
        notes.append(line.strip().lstrip("# "))

    def _bail_out(self, match):
        self._bailed = match["reason"]

    def _deepen(self, match):
        """A line that opens a level, or says more about the one that is open."""
        indent = len(match["indent"])
        if indent > self._levels[-1].indent:
            self._levels.append(_Level(indent))

    def _plan(self, match):
        self._deepen(match)
        level = self._levels[-1]
        level.plan = int(match["count"])
        if match["reason"] is not None:
            level.cases.append(Case("everything", SKIPPED, match["reason"]))

    def _result(self, match):
        indent = len(match["indent"])
        self._deepen(match)
        name = match["name"].strip() or f"case {match['number']}"
        while self._levels[-1].indent > indent and len(self._levels) > 1:
            below = self._levels[-1]
            if self._levels[-2].indent <= indent:
                self._finish(name, match, below)
                return
            self._close("unfinished subtest")
        self._add(name, match)

    def _finish(self, name, match, below):
        """The line that sums up the level below it."""
        self._close(name)
        level = self._levels[-1]
        level.seen += 1
        healthy = all(case.outcome != FAILED for case in below.cases)
        if match["no"] and healthy:
            level.cases.append(Case(name, FAILED, "its cases passed", self._take_notes()))
        elif not below.cases:
            level.cases.append(self._case(name, match))

    def _add(self, name, match):
        level = self._levels[-1]
        level.seen += 1
        level.cases.append(self._case(name, match))

    def _case(self, name, match):
        self._late = None
        directive = (match["directive"] or "").strip()
        word, _, reason = directive.partition(" ")
        if word.upper().startswith("SKIP"):
            return _skipped(name, reason.strip())
        case = Case(name, FAILED if match["no"] else PASSED, "", self._take_notes())
        if match["no"] and not case.notes:
            self._late = case
        return case

    def _close(self, name):
        below = self._levels.pop()
        _check_plan(below, name)
        for case in below.cases:
            case.name = f"{name}: {case.name}"
        self._levels[-1].cases += below.cases

    def _take_notes(self):
        notes, self._notes = self._notes, []
        return notes


def _skipped(name, reason):
    if not reason:
        return Case(name, FAILED, "skipped without a reason")
    return Case(name, SKIPPED, reason)


def _check_plan(level, name):
    if level.plan is not None and level.seen < level.plan:
        text = f"{level.seen} of {level.plan} cases were reported"
        level.cases.append(Case(f"plan of {name}", FAILED, text))


def parse(text):
    """The cases of a whole report."""
    parser = Parser()
    for line in text.splitlines():
        parser.feed(line)
    return parser.cases()
