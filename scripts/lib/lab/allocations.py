# SPDX-License-Identifier: GPL-2.0
"""Who allocates memory while data streams: reads a guest's report and judges it.

A line is: allocations PLACE JOB TRANSFERS HITS SITE. Each job has them for two numbers
of transfers. What is allocated once cancels out in their difference.
"""

import re
from collections import defaultdict

from lab.bench import Job

# The host controller drivers' own, one for each transfer, whoever submits it.
CONTROLLERS = re.compile(r"(dummy|xhci)_\w+( \[\w+\])?$")
# Allocations for a transfer that are none: other processes, or a tick more.
ONE_IN_A_WHILE = 0.005

COUNT = 128

STREAMS = (
    Job("dummy-super", "pipe", "in", 65536, 1), Job("dummy-super", "pipe", "out", 65536, 1),
    Job("dummy-super", "ring", "in", 4096, 32), Job("dummy-super", "ring", "out", 4096, 32),
    Job("xhci-super", "ring", "in", 65536, 8),
)
# It does allocate, and has to be seen to.
CONTROL = Job("dummy-super", "usbfs-copy", "in", 4096, 32)


def jobs():
    return sorted((*STREAMS, CONTROL), key=lambda job: job.place)


class Report:
    """What a guest wrote."""

    def __init__(self, text):
        self._hits = defaultdict(lambda: defaultdict(dict))
        self.complaints = []
        for line in text.splitlines():
            words = line.split(maxsplit=5)
            if len(words) == 6 and words[0] == "allocations":
                self._add(*words[1:])
            else:
                self.complaints.append(line)

    def _add(self, place, word, transfers, hits, site):
        arm, direction, length, depth, _ = word.split(":")
        sites = self._hits[Job(place, arm, direction, int(length), int(depth))]
        found = sites[int(transfers)]
        found[site.strip()] = found.get(site.strip(), 0) + int(hits)

    def each(self, job):
        """{site: allocations for each transfer}, of those that are for each; None if the job did not run."""
        runs = self._hits.get(job, {})
        if len(runs) != 2:
            return None
        few, many = sorted(runs)
        rates = {site: (hits - runs[few].get(site, 0)) / (many - few) for site, hits in runs[many].items()}
        return {site: rate for site, rate in rates.items() if rate >= ONE_IN_A_WHILE}

    def findings(self):
        """What is not as it should be."""
        yield from self.complaints
        for job in STREAMS:
            sites = self.each(job)
            if sites is None:
                yield f"{job}: did not run"
            for site in sorted(sites or ()):
                if not CONTROLLERS.match(site):
                    yield f"{job}: {site} allocates for each transfer"
        if all(CONTROLLERS.match(site) for site in self.each(CONTROL) or ()):
            yield f"{CONTROL}: nobody was seen to allocate, so that nothing is shown"

    def lines(self):
        for job in jobs():
            sites = self.each(job) or {}
            yield f"{str(job):<36}" + (", ".join(f"{rate:.2f} {site}" for site, rate in sorted(sites.items())) or "nothing")
