# SPDX-License-Identifier: GPL-2.0
"""Configuration fragments: merging them, and checking what came of them."""

import re
from pathlib import Path

from .messages import Failure

ASSIGNMENT = re.compile(r"CONFIG_(\w+)=(.*)")
UNSET = re.compile(r"# CONFIG_(\w+) is not set")

# The fragments of each lab; a later one overrides an earlier one.
FRAGMENTS = {
    "fast": ("common", "fast"),
    "fast-debug": ("common", "fast", "debug", "fast-debug"),
    "real": ("common", "real"),
    "real-debug": ("common", "real", "debug", "real-debug"),
    "real-bench": ("common", "real", "bench"),
}
LABS = tuple(FRAGMENTS)


def parse(text):
    """{symbol: value} of a fragment or a .config; off is 'n'."""
    values = {}
    for line in text.splitlines():
        if match := ASSIGNMENT.match(line):
            values[match[1]] = match[2].strip()
        elif match := UNSET.match(line):
            values[match[1]] = "n"
    return values


def wanted(lab, folder):
    """What the fragments of `lab` in `folder` ask for."""
    values = {}
    for name in FRAGMENTS[lab]:
        values.update(parse((Path(folder) / f"{name}.config").read_text()))
    return values


def as_text(values):
    lines = (f"# CONFIG_{s} is not set" if v == "n" else f"CONFIG_{s}={v}" for s, v in values.items())
    return "".join(f"{line}\n" for line in lines)


def lost(values, config):
    """{symbol: value it has instead} of wanted symbols that did not survive."""
    return {s: config.get(s, "n") for s, v in values.items() if config.get(s, "n") != v}


def require_survival(lab, values, config, explain):
    """Fail, naming the unmet dependency, if a wanted symbol was dropped."""
    missing = lost(values, config)
    if not missing:
        return
    lines = [f"  CONFIG_{s}={values[s]} became {got}: {explain(s, values[s])}" for s, got in missing.items()]
    raise Failure(
        f"the {lab} kernel would lack what its fragments ask for:\n" + "\n".join(lines),
        "Mend tools/testing/usb-lab/*.config: add the dependency, or drop the symbol.",
    )
