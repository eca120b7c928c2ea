# SPDX-License-Identifier: GPL-2.0
"""Where the instructions of a job go, function by function, counted by a plugin of QEMU."""

import subprocess

from provision.messages import Failure

from lab import streams, symbols

_SPINNER = (symbols.PROGRAM, "spin")


def _plugin(run):
    """What makes QEMU count, and where it writes to."""
    library, out = run.path / "profile.so", run.path / "profile"
    done = subprocess.run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, streams.FOLDER / "profile.c"], check=False)
    if done.returncode:
        raise Failure("profile.c could not be compiled (the messages are above)")
    program = symbols.of_program(run.share / "stream")
    begin, end = (program.address(name) for name in ("profile_begins", "profile_ends"))
    return ["-plugin", f"{library},begin={begin:x},end={end:x},out={out}"], out


def measure(place, job):
    """{(module, function): instructions for each transfer}"""
    run = streams.begin()
    try:
        more, out = _plugin(run)
        streams.real(place, run, "profile.sh", job.place, job.word(), more=more)
        if not out.is_file():
            raise Failure("QEMU's plugin has counted nothing")
        known = symbols.merged(symbols.of_program(run.share / "stream"), symbols.of_kernel(run.share / "kallsyms"))
        # The last measurement, which is of three times as many.
        return each(known.totals(out.read_text()), 3 * job.count)
    finally:
        run.remove()


def each(totals, transfers):
    return {key: instructions / transfers for key, instructions in totals.items() if key != _SPINNER}


def more(costs, others):
    """What one job has more of than another; less is negative."""
    return {key: costs.get(key, 0) - others.get(key, 0) for key in {**costs, **others}}


def lines(costs, functions):
    """First by module, then the functions that take most."""
    total = sum(costs.values())
    yield _line(total, total, "in all")
    for module, cost in symbols.by_module(costs):
        yield _line(cost, total, module)
    yield ""
    top = sorted(costs.items(), key=lambda item: -item[1])[:functions]
    names = symbols.readable([name for (_, name), _ in top])
    for ((module, _), cost), name in zip(top, names):
        yield _line(cost, total, f"{module}: {name}")


def _line(cost, total, what):
    return f"{cost:>10.1f} {cost / total:>6.1%}  {what}"
