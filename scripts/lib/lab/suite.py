# SPDX-License-Identifier: GPL-2.0
"""The guest tests: which there are, how they run, and their report as TAP.

All tests of a lab run in one boot. Where one of them takes the guest down, it
has failed, and the others get a new boot.
"""

import fnmatch
import re
from dataclasses import dataclass, replace
from pathlib import Path

from lab import judge, ktap, paths
from lab.guest import Guest
from lab.rundir import RunDir

TESTS = paths.USB_LAB / "tests"
TEST_LIMIT_S = 600
SOAK_LIMIT_S = 4 * 3600
_LABS = re.compile(r"^# labs:(?P<labs>.*)$", re.MULTILINE)
_NEEDS_PCI_TESTDEV = re.compile(r"^# needs: pci-testdev$", re.MULTILINE)
_LEAKS_DELIBERATELY = re.compile(r"^# leaks: deliberately$", re.MULTILINE)
_PARTS = re.compile(r"^# parts: (?P<parts>\d+)$", re.MULTILINE)
_SHOWN = 30


@dataclass
class Test:
    """One file of tools/testing/usb-lab/tests."""

    name: str
    path: Path
    labs: list
    pci_testdev: bool
    leaks: bool
    # Into how many guests a soak can be cut, see --part.
    parts: int = 1


def select(lab, pattern="*"):
    """The tests of a lab whose names match the pattern, a glob; or else have it in their names."""
    tests = [test for test in map(_read, sorted(TESTS.glob("*.sh"))) if lab in test.labs]
    return _matching(tests, pattern) or _matching(tests, f"*{pattern}*")


def _matching(tests, glob):
    return [test for test in tests if fnmatch.fnmatch(test.name, glob)]


def _read(path):
    head = path.read_text()
    labs, parts = _LABS.search(head), _PARTS.search(head)
    return Test(path.stem, path, labs["labs"].split() if labs else [], bool(_NEEDS_PCI_TESTDEV.search(head)),
                bool(_LEAKS_DELIBERATELY.search(head)), int(parts["parts"]) if parts else 1)


def run(lab, kernel, tests, chosen, report=print):
    """Runs the tests and reports them; 1 where anything failed."""
    report("TAP version 13")
    report(f"1..{len(tests)}")
    failed, number, left = False, 0, list(tests)
    while left:
        outcomes = _boot(lab, kernel, _together(left, chosen.leaks), chosen)
        for test, cases, seconds in outcomes:
            number += 1
            failed |= _report(report, number, test, cases, seconds)
            left.remove(test)
    return int(failed)


def _together(tests, leaks):
    """The tests of one boot: those that leak stay away from a search for leaks."""
    first = tests[0].leaks
    return [test for test in tests if test.leaks == first or not leaks]


def _boot(lab, kernel, tests, chosen):
    """Runs tests in one guest, up to the one that ends it: [(test, cases, seconds)]."""
    chosen = replace(chosen, pci_testdev=any(test.pci_testdev for test in tests),
                     leaks=chosen.leaks and not tests[0].leaks)
    directory = RunDir()
    try:
        argv = ["run-tests", str(_test_limit(chosen)), *(f"/lab/tests/{test.path.name}" for test in tests)]
        guest = Guest(lab, kernel, chosen, directory)
        verdict = guest.execute(argv)
        return list(_outcomes(tests, verdict, directory))
    finally:
        directory.remove()


def _outcomes(tests, verdict, directory):
    parts = {part.name: part for part in verdict.parts}
    for position, test in enumerate(tests):
        part = parts.get(test.name, judge.Part(test.name))
        cases = list(_own_cases(test, directory))
        if position == 0:
            cases += _kernel_log_cases(verdict, judge.BOOT)
        cases += _kernel_log_cases(verdict, test.name)
        last = position == len(tests) - 1
        complete = (directory.share / f"results/{test.name}.status").is_file()
        if last or not complete:
            cases += _kernel_log_cases(verdict, "end") + _end_cases(verdict, directory, complete)
        yield test, cases, part.ended - part.began
        if not complete:
            hopeless = verdict.timed_out or test.name not in parts
            yield from _not_run(tests[position + 1:]) if hopeless else ()
            return


def _not_run(tests):
    for test in tests:
        yield test, [ktap.Case("the test runs", ktap.FAILED, "the guest came to no test after the last one")], 0.0


def _own_cases(test, directory):
    """What the test itself reported; its exit status must agree."""
    results = directory.share / "results"
    tap, status = results / f"{test.name}.tap", results / f"{test.name}.status"
    cases = ktap.parse(tap.read_text(errors="replace")) if tap.is_file() else []
    code = int(status.read_text()) if status.is_file() else None
    unexplained = code and not any(case.outcome == ktap.FAILED for case in cases)
    if unexplained or not cases:
        text = "the test reported no case" if not code else _exit_text(code)
        cases.append(ktap.Case("the test ends well", ktap.FAILED, text, _tail(results / f"{test.name}.err")))
    yield from cases


def _test_limit(chosen):
    """Seconds that one test may take; one that repeats itself as often as asked takes its time."""
    return SOAK_LIMIT_S if chosen.cycles else TEST_LIMIT_S


def _exit_text(code):
    return "time limit reached" if code in (137, 143) else f"exit status {code}"


def _tail(path):
    return path.read_text(errors="replace").splitlines()[-_SHOWN:] if path.is_file() else []


def _kernel_log_cases(verdict, part):
    reports = verdict.bad.get(part, [])
    if reports:
        lines = [line for report in reports for line in report.lines]
        return [ktap.Case(f"kernel log is clean ({part})", ktap.FAILED, reports[0].title, lines)]
    notes = [f"upstream's own: {count} of {name} (see dmesg-baseline)"
             for name, count in verdict.forgiven.get(part, {}).items()]
    return [ktap.Case(f"kernel log is clean ({part})", ktap.PASSED, notes=notes)]


def _end_cases(verdict, directory, complete):
    if complete and not verdict.died and not verdict.timed_out:
        return []
    text = "time limit of the guest reached" if verdict.timed_out else "the guest died"
    lines = directory.kernel_log().splitlines()[-_SHOWN:]
    return [ktap.Case("the guest lives on", ktap.FAILED, text, lines)]


def _report(report, number, test, cases, seconds):
    """One test as a subtest; True where it failed."""
    report(f"    # Subtest: {test.name}")
    for position, case in enumerate(cases, 1):
        for note in case.notes:
            report(f"    # {note}")
        if case.outcome == ktap.FAILED and case.reason:
            report(f"    # {case.reason}")
        skip = f" # SKIP {case.reason}" if case.outcome == ktap.SKIPPED else ""
        verdict = "not ok" if case.outcome == ktap.FAILED else "ok"
        report(f"    {verdict} {position} - {case.name}{skip}")
    report(f"    1..{len(cases)}")
    failed = any(case.outcome == ktap.FAILED for case in cases)
    report(f"{'not ok' if failed else 'ok'} {number} - {test.name} # {seconds:.1f} s")
    return failed


def kunit_report(log):
    """The KTAP lines of a kernel log, and whether they say that something failed."""
    boot = judge.parts(log)[0]
    lines = boot.lines
    starts = [number for number, line in enumerate(lines) if line.startswith("KTAP version")]
    text = "\n".join(lines[starts[0]:]) if starts else "KTAP version 1\nBail out! KUnit did not run"
    cases = ktap.parse(text)
    failed = not cases or any(case.outcome == ktap.FAILED for case in cases)
    return text, failed
