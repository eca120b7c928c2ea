# SPDX-License-Identifier: GPL-2.0
"""Reads what usbtest-cases wrote in guests, tabulates it and judges it.

A line is CONTROLLER SPEED MODULE CASE OUTCOME, or CONTROLLER SPEED MODULE all
OUTCOME for a module of which no case could run.
"""

import errno
from dataclasses import dataclass, field

C, RUST = "usbtest", "usbtest_rust"
MODULES = {C: "C", RUST: "Rust"}
# One number has two names.
ERRNO = errno.errorcode | {errno.EOPNOTSUPP: "EOPNOTSUPP"}
OK = "ok"
MISSING = "missing"

# What each case does, by its number.
CASES = (
    "nothing", "bulk write", "bulk read", "bulk write, varied", "bulk read, varied",
    "bulk write, scattered", "bulk read, scattered", "bulk write, scattered, varied", "bulk read, scattered, varied",
    "chapter 9", "control queue", "unlink a read", "unlink a write", "halt and clear", "control write and read",
    "isochronous write", "isochronous read", "bulk write, odd", "bulk read, odd",
    "bulk write, odd, coherent", "bulk read, odd, coherent", "control write and read, odd",
    "isochronous write, odd", "isochronous read, odd", "unlink from a queue",
    "interrupt write", "interrupt read", "bulk write queue", "bulk read queue", "toggle and clear",
)

# By controller: whether the one in Rust has to pass everything, or what the one
# in C passes; and the cases that are left out.
ALL_PASS = {"vhci": True, "dummy": False, "xhci": False}
LEFT_OUT = {"xhci": {16, 23, 24}}
CONTROLLERS = {"vhci": "vhci_hcd", "dummy": "dummy_hcd, g_zero", "xhci": "xHCI, device outside of the guest"}


@dataclass(frozen=True)
class Place:
    """Where the cases ran."""

    lab: str
    controller: str
    speed: str

    def __str__(self):
        return f"{self.lab}, {self.controller}, {self.speed}"

    def cases(self):
        return [case for case in range(len(CASES)) if case not in LEFT_OUT.get(self.controller, ())]


def read(lab, text):
    """{(place, module): {case: outcome}} of a guest's lines; those that are none are left out."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) != 5 or words[0] not in CONTROLLERS or words[2] not in MODULES:
            continue
        controller, speed, module, case, outcome = words
        place = Place(lab, controller, speed)
        cases = place.cases() if case == "all" else [int(case)]
        found.setdefault((place, module), {}).update({number: name(outcome) for number in cases})
    return found


def name(outcome):
    """An outcome in words: the name of an errno where it is a number."""
    return ERRNO.get(int(outcome), outcome) if outcome.isdigit() else outcome


@dataclass
class Report:
    """The outcomes of all guests, judged over the places that there should be."""

    places: list
    outcomes: dict = field(default_factory=dict)

    def add(self, lab, text):
        self.outcomes.update(read(lab, text))

    def outcome(self, place, module, case):
        return self.outcomes.get((place, module), {}).get(case, MISSING)

    def complaint(self, place, case):
        """How a case ended there in Rust and in C; nothing if it is as it should be."""
        theirs, ours = (self.outcome(place, module, case) for module in (C, RUST))
        if ours == OK:
            return ""
        # An errno of the one in C is an answer; that it could not run is none.
        forgiven = not ALL_PASS[place.controller] and theirs in ERRNO.values() and ours == theirs
        return "" if forgiven else f"{ours} in Rust, {theirs} in C"

    def complaints(self):
        """A line for each case that is not as it should be; one for all where none could run."""
        for place in self.places:
            found = {case: complaint for case in place.cases() if (complaint := self.complaint(place, case))}
            if found.keys() == set(place.cases()) and len(set(found.values())) == 1:
                found = {"all": found.popitem()[1]}
            for case, complaint in found.items():
                yield f"{place}: {f'case {case}, {CASES[case]}' if case in place.cases() else 'all cases'}: {complaint}"

    def good(self):
        """How many cases are as they should be everywhere."""
        bad = {case for place in self.places for case in place.cases() if self.complaint(place, case)}
        return len(CASES) - len(bad)

    def table(self, lab, controller):
        """The lines of one controller's table in one lab."""
        places = [place for place in self.places if (place.lab, place.controller) == (lab, controller)]
        columns = [(place, module) for place in places for module in MODULES]
        yield _line(f"{lab} lab, {CONTROLLERS[controller]}", [place.speed for place, _ in columns])
        yield _line("", [MODULES[module] for _, module in columns])
        for case in places[0].cases():
            cells = [self.outcome(place, module, case) for place, module in columns]
            yield _line(f"{case:2} {CASES[case]}", cells)
        counts = [sum(self.outcome(*column, case) == OK for case in column[0].cases()) for column in columns]
        yield _line("passed", counts)

    def tables(self):
        seen = dict.fromkeys((place.lab, place.controller) for place in self.places)
        return ["\n".join(self.table(*which)) for which in seen]


def _line(title, cells):
    return f"{title:<34}{''.join(f'{cell:>11}' for cell in cells)}".rstrip()
