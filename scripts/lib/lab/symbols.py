# SPDX-License-Identifier: GPL-2.0
"""Which function an address is in, of the kernel of a guest or of a program in it."""

import bisect
import re
import shutil
import subprocess
from collections import Counter

PROGRAM, KERNEL = "the program", "the kernel"
_FUNCTIONS = "tTwW"
# Which build of a crate it is.
_HASH = re.compile(r"\[[0-9a-f]{16}\]")


class Symbols:
    """Functions, each from its address to the next one's."""

    def __init__(self, entries):
        self._entries = sorted(entries)
        self._addresses = [address for address, _, _ in self._entries]

    def address(self, name):
        return next(address for address, _, known in self._entries if known == name)

    def find(self, address):
        """(module, function)"""
        at = bisect.bisect_right(self._addresses, address) - 1
        return self._entries[at][1:] if at >= 0 else ("?", "?")

    def totals(self, profile):
        """{(module, function): instructions} of lines of ADDRESS INSTRUCTIONS."""
        found = Counter()
        for line in profile.splitlines():
            address, instructions = line.split()
            found[self.find(int(address, 16))] += int(instructions)
        return found


def merged(*parts):
    return Symbols(entry for part in parts for entry in part._entries)


def parse(text, module):
    """Lines of ADDRESS KIND NAME [MODULE], as kallsyms and nm write them."""
    entries = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1] in _FUNCTIONS:
            entries.append((int(words[0], 16), words[3].strip("[]") if len(words) > 3 else module, words[2]))
    return Symbols(entries)


def of_program(program):
    done = subprocess.run(["nm", program], capture_output=True, text=True, check=True)
    return parse(done.stdout, PROGRAM)


def of_kernel(kallsyms):
    return parse(kallsyms.read_text(), KERNEL)


def by_module(costs):
    """[(module, cost)], the highest first."""
    found = Counter()
    for (module, _), cost in costs.items():
        found[module] += cost
    return found.most_common()


def readable(names):
    """Rust's names as they are in the source, where there is a program that knows."""
    if not shutil.which("c++filt"):
        return names
    done = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    return [_HASH.sub("", name) for name in done.stdout.splitlines()]
