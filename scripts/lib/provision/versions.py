# SPDX-License-Identifier: GPL-2.0
"""The versions this project was tested with (versions.conf), and comparing."""

import re
from pathlib import Path

from .messages import EXIT_UNSUPPORTED, Failure

CONF = Path(__file__).resolve().parent.parent / "versions.conf"
ASSIGNMENT = re.compile(r'([A-Z_]+)="([^"]*)"\s*$')


def load(path=CONF):
    """All KEY="value" lines of `path` as a dictionary."""
    lines = path.read_text().splitlines()
    return dict(m.groups() for m in map(ASSIGNMENT.match, lines) if m)


def tested_kernels(conf=None):
    return (conf or load())["TESTED_KERNELS"].split()


def numbers(version):
    """The leading numbers of a version, for comparing: 7.3.4-1 -> (7, 3, 4)."""
    return tuple(int(n) for n in re.match(r"[\d.]*", version)[0].split(".") if n)


def series(version):
    """The series of a kernel version: 7.3.4 -> 7.3."""
    return ".".join(str(n) for n in numbers(version)[:2])


def is_tested(version, conf=None):
    """Release candidates do not count: they are not of the stable series."""
    return "-rc" not in version and series(version) in tested_kernels(conf)


def of_tree(tree):
    """The version of the kernel tree at `tree`, or None if it is none."""
    makefile = Path(tree) / "Makefile"
    if not makefile.is_file():
        return None
    found = dict(
        re.findall(
            r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)",
            makefile.read_text(errors="replace"),
            re.MULTILINE,
        )
    )
    if not found.get("VERSION") or "PATCHLEVEL" not in found:
        return None
    number = ".".join(filter(None, (found.get(k) for k in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))))
    return number + found.get("EXTRAVERSION", "")


def require_tested(tree, name):
    """The version of the tree, called `name`; fails where it is none, or never tested."""
    version = of_tree(tree)
    if version is None:
        raise Failure(f"{name}: not a kernel source tree (its Makefile names no version)")
    if not is_tested(version):
        raise Failure(
            f"{name}: Linux {version} was never tested with this overlay",
            f"Tested: {', '.join(s + '.x' for s in tested_kernels())} (scripts/lib/versions.conf).",
            EXIT_UNSUPPORTED,
        )
    return version
