# SPDX-License-Identifier: GPL-2.0
"""The parts of `make test`: a command each, and how its report is read."""

import re
from dataclasses import dataclass

from lab import ktap, paths, suite
from lab.options import LABS

_CARGO = re.compile(r"^test (?P<name>.+) \.\.\. (?P<word>ok|FAILED|ignored)(?:, (?P<reason>.*))?$")
_TAP = re.compile(r"^(?:K?TAP version \d+|(?:not )?ok \d+)", re.MULTILINE)
_KUNIT_LAB = "fast-debug"
_SCRIPTS = paths.REPO / "scripts"


@dataclass
class Part:
    """One command. `lab` names the kernel that it needs, if any."""

    name: str
    command: list
    read: object
    lab: str = ""


def cargo_cases(text):
    """The cases in the output of `cargo test`."""
    words = {"ok": ktap.PASSED, "FAILED": ktap.FAILED, "ignored": ktap.SKIPPED}
    for match in filter(None, map(_CARGO.match, text.splitlines())):
        case = ktap.Case(match["name"], words[match["word"]], match["reason"] or "")
        if case.outcome == ktap.SKIPPED and not case.reason:
            case = ktap.Case(case.name, ktap.FAILED, "ignored without a reason")
        yield case


def tap_cases(text):
    """The cases of a report in TAP; none where the text is none."""
    return ktap.parse(text) if _TAP.search(text) else []


def everything(pattern=None):
    """All parts, those that take long first; with a pattern, those that can be
    asked for cases by name."""
    parts = [*_labs(pattern), _kunit(pattern), _crates(pattern)]
    if pattern is None:
        parts.append(Part("scripts", [_SCRIPTS / "tests/run"], tap_cases))
        parts.append(Part("checks", [_SCRIPTS / "check/all"], tap_cases))
    return parts


def _kunit(pattern):
    glob = f"*{pattern}*" if pattern else "*"
    return Part("kunit", [_SCRIPTS / "lab", "run", _KUNIT_LAB, "--kunit", glob], tap_cases, _KUNIT_LAB)


def _labs(pattern):
    for lab in reversed(LABS):
        if suite.select(lab, pattern or "*"):
            yield Part(lab, [_SCRIPTS / "lab", "test", lab, "-k", pattern or "*"], tap_cases, lab)


def _crates(pattern):
    command = [_SCRIPTS / "cargo", "test", "--workspace", "--locked", "--no-fail-fast"]
    return Part("crates", [*command, *([pattern] if pattern else [])], lambda text: list(cargo_cases(text)))
