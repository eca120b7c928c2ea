# SPDX-License-Identifier: GPL-2.0
"""Reads a guest's kernel log and says what in it is bad.

The log is cut into parts by the markers that the guest writes. A bad message
brings the lines after it along, up to the end of its report. Reports that
upstream's own kernel makes are listed, each with its reason, in
tools/testing/usb-lab/dmesg-baseline.
"""

import configparser
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from lab import paths

BASELINE = paths.USB_LAB / "dmesg-baseline"
BOOT = "boot"

_LINE = re.compile(r"^(?:<\d+>)?\[ *(?P<time>\d+\.\d+)\](?:\[[^]]*\])? ?(?P<text>.*)$")
_MARKER = re.compile(r"^usb-lab: begin (?P<name>\S+)$")
_LEAK = "unreferenced object 0x"
_BAD = re.compile("|".join((
    r"^(?:\W*)WARNING: ", r"\bBUG: ", r"^kernel BUG at ", r"\bOops\b", r"^Kernel panic",
    r"\bKASAN: ", r"\bKFENCE: ", r"\bUBSAN: ", r"\bODEBUG: ", r"\bDMA-API: .*(?:error|leak|device driver)",
    r"^INFO: task .* blocked for more than", r"^INFO: possible (?:recursive|circular|irq)",
    r"^INFO: (?:trying to register|suspicious|inconsistent)", r"self-detected stall", r"detected stalls on",
    r"soft lockup", r"hard LOCKUP", r"\brefcount_t: ", r"list_(?:add|del) corruption",
    r"^rust_kernel: panicked", r"panicked at", r"general protection fault", r"segfault at",
    f"^{_LEAK}",
    r": BOGUS (?:urb|control) ", r": selecting invalid altsetting ", r": bogus endpoint .*\(bad maxpacket ",
    r"kobject: .* tried to init an initialized", r"usercopy: Kernel memory",
)))
_END = re.compile(r"^---\[ end (?:trace|Kernel panic)|^={20,}$|</TASK>")
_LONGEST_REPORT = 80
_CONTEXT = 25


@dataclass
class Report:
    """One bad message with what belongs to it."""

    title: str
    lines: list


@dataclass
class Part:
    """What the kernel said between two markers."""

    name: str
    lines: list = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    def reports(self):
        """The bad messages of this part, upstream's own included."""
        at = 0
        while at < len(self.lines):
            if _BAD.search(self.lines[at]):
                length = _length(self.lines[at:at + _LONGEST_REPORT])
                yield Report(self.lines[at], self.lines[at:at + length])
                at += length
            else:
                at += 1


def _length(lines):
    """How many of these lines belong to the report that begins with the first."""
    for number, line in enumerate(lines[1:], 1):
        if line.startswith(_LEAK):
            return number
        if _END.search(line):
            return number + 1
    return min(len(lines), _CONTEXT)


def parts(log):
    """Cuts a kernel log at its markers; what is before the first is the boot."""
    found = [Part(BOOT)]
    for raw in log.splitlines():
        match = _LINE.match(raw.rstrip())
        text = match["text"] if match else raw.rstrip()
        marker = _MARKER.match(text)
        if match:
            found[-1].ended = float(match["time"])
        if marker:
            found.append(Part(marker["name"], [], found[-1].ended, found[-1].ended))
        else:
            found[-1].lines.append(text)
    return found


class Baseline:
    """Upstream's own bad messages. Each entry forgives at most `count` reports;
    `forgiven` has the number of them by part and entry."""

    def __init__(self, lab, text=None):
        self._left = {}
        self.forgiven = defaultdict(Counter)
        entries = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        entries.read_string(BASELINE.read_text() if text is None else text)
        for name in entries.sections():
            entry = entries[name]
            if lab in entry["labs"].split():
                self._left[name] = [entry, entry.getint("count")]

    def forgives(self, part, report):
        for name, entry in self._left.items():
            if entry[1] and _same(entry[0], part, report):
                entry[1] -= 1
                self.forgiven[part.name][name] += 1
                return True
        return False

    def bad(self, part):
        """The reports of a part that nothing forgives."""
        return [report for report in part.reports() if not self.forgives(part, report)]


def _same(entry, part, report):
    return (re.fullmatch(entry["part"], part.name) and re.fullmatch(entry["title"], report.title)
            and any(re.search(entry["line"], line) for line in report.lines))
