# SPDX-License-Identifier: GPL-2.0
"""What a transfer costs in Rust and in C: reads a guest's report and judges it.

Lines are: cost ARM LOOP COUNT SHORT LONG, instructions of a run of COUNT transfers and of
one with three times as many; allocations ARM LOOP COUNT HITS SITE, of both of these runs.
"""

import re
import statistics
from collections import Counter, defaultdict

# Each in Rust with the one in C that it is compared with.
PAIRS = {"rust": "c", "rust-anchored": "c-anchored"}
ARMS = (*PAIRS, *PAIRS.values())
LIMIT = 1.02
# What the limit is for. An anchor in Rust does more than the one in C: it counts handlers.
LIMITED = ("rust",)
# The host controller driver's own, one for each transfer, in C as in Rust.
EXPECTED = re.compile(r"xhci_\w+$")
# Allocations for a transfer that are none: other processes, or a tick more.
ONE_IN_A_WHILE = 0.005


class Report:
    """What the guest wrote."""

    def __init__(self, text):
        self._costs = defaultdict(list)
        self._allocations = defaultdict(lambda: defaultdict(Counter))
        for line in text.splitlines():
            kind, *words = line.split()
            if kind == "cost":
                arm, loop, count, short, long = words
                self._costs[loop, arm].append((int(long) - int(short)) / (2 * int(count)))
            elif kind == "allocations":
                arm, loop, transfers, hits, *site = words
                self._allocations[loop, arm][int(transfers)][" ".join(site)] += int(hits)

    def costs(self, loop, arm):
        return self._costs[loop, arm]

    def cost(self, loop, arm):
        """The median over all rounds: instructions per transfer."""
        return statistics.median(self.costs(loop, arm))

    def spread(self, loop, arm):
        costs = self.costs(loop, arm)
        return (max(costs) - min(costs)) / statistics.median(costs)

    def ratio(self, loop, arm):
        """Of an arm in Rust to the one in C that does the same."""
        return self.cost(loop, arm) / self.cost(loop, PAIRS[arm])

    def allocations(self, loop, arm):
        """{call site: allocations per transfer}, without those that are not for each transfer."""
        few, many = sorted(self._allocations[loop, arm].items())
        rates = {site: (hits - few[1][site]) / (many[0] - few[0]) for site, hits in many[1].items()}
        return {site: rate for site, rate in rates.items() if rate >= ONE_IN_A_WHILE}

    def complete(self, loops):
        return all(self._costs[loop, arm] and len(self._allocations[loop, arm]) == 2 for loop in loops for arm in ARMS)


def findings(report, loops, limit=LIMIT):
    """What is too much."""
    for loop in loops:
        for arm, twin in PAIRS.items():
            if arm in LIMITED and report.ratio(loop, arm) > limit:
                yield f"{loop}: {arm} takes {report.ratio(loop, arm):.4f} of {twin}, which is more than {limit}"
            for site in sorted(report.allocations(loop, arm)):
                if not EXPECTED.match(site):
                    yield f"{loop}: {site} allocates for each transfer of {arm}"


def table(report, loops):
    yield f"{'loop':<18} {'arm':<13} {'instructions/URB':>16} {'spread':>7} {'Rust/C':>7}  allocations/URB"
    for loop in loops:
        for arm in ARMS:
            ratio = f"{report.ratio(loop, arm):.4f}" if arm in PAIRS else ""
            sites = ", ".join(f"{each:.2f} {site}" for site, each in sorted(report.allocations(loop, arm).items()))
            yield f"{loop:<18} {arm:<13} {report.cost(loop, arm):>16.1f} {report.spread(loop, arm):>7.2%} {ratio:>7}  {sites}"


def worst(report, loops):
    """The highest ratio of each arm in Rust."""
    return {arm: max(report.ratio(loop, arm) for loop in loops) for arm in PAIRS}
