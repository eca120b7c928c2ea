# SPDX-License-Identifier: GPL-2.0
"""The kernel source a lab is built from: the cache's, or KERNEL=DIR's copy."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import cache, versions
from .messages import Failure, say

# Never copied from a tree that someone also builds in.
NOT_SOURCE = ("/.git", "*.o", "*.ko", "*.a", "*.cmd", "*.mod", "*.mod.c", "/.config*", "/include/config",
              "/include/generated", "/arch/*/include/generated", "/vmlinux*", ".tmp_*", "modules.order")


@dataclass(frozen=True)
class Source:
    """A pristine kernel source, known by an identity that never changes."""

    identity: str
    pristine: Path

    @property
    def work(self):
        return cache.root() / "trees" / self.identity

    def tree(self, lab):
        """The tree of one lab: hard links to the pristine files.

        The overlay and the build replace files there, they never write into
        one, so the pristine ones stay what they are.
        """
        tree = self.work / f"src-{lab}"
        if not tree.is_dir():
            say(f"preparing a source tree for {lab}")
            part = self.work / f"src-{lab}.part"
            shutil.rmtree(part, ignore_errors=True)
            part.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(self.pristine, part)
            part.rename(tree)
        return tree


def select():
    """The source to build from: KERNEL=DIR, else the newest tested one."""
    given = os.environ.get("KERNEL")
    return copied(Path(given)) if given else cached()


def cached():
    conf = versions.load()
    found = [p.parent for p in (cache.root() / "linux").glob("*/source") if not p.parent.name.startswith("local-")]
    for series in versions.tested_kernels(conf):
        fitting = [p for p in found if versions.series(p.name) == series]
        if fitting:
            best = max(fitting, key=lambda p: (versions.numbers(p.name), p.name))
            return Source(best.name, best / "source")
    raise Failure("no kernel source in the cache", "Run scripts/setup, or give KERNEL=DIR.")


def copied(given):
    """A copy of the user's tree in the cache, made anew when the tree changes."""
    version = versions.require_tested(given, f"KERNEL={given}")
    place = hashlib.sha256(str(given.resolve()).encode()).hexdigest()[:8]
    identity = f"local-{version}-{place}-{_listing_digest(given)}"
    source = Source(identity, cache.root() / "linux" / identity / "source")
    if not source.pristine.is_dir():
        with cache.build_lock():
            _copy(given, source, f"local-*-{place}-*")
    return source


def _copy(given, source, earlier):
    """The tree as it is now, in the place of earlier copies of it."""
    say(f"copying {given} (it is not modified)")
    for old in [p for folder in ("linux", "trees") for p in (cache.root() / folder).glob(earlier)]:
        shutil.rmtree(old)
    part = source.pristine.with_suffix(".part")
    part.mkdir(parents=True)
    excludes = [f"--exclude={pattern}" for pattern in NOT_SOURCE]
    subprocess.run(["rsync", "-a", *excludes, f"{given}/", f"{part}/"], check=True)
    part.rename(source.pristine)


def _link_or_copy(source, target):
    linked = subprocess.run(["cp", "-al", str(source), str(target)], stderr=subprocess.DEVNULL, check=False)
    if linked.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _listing_digest(given):
    """Names, sizes and times: reading every file would take seconds."""
    total = hashlib.sha256()
    for folder, names, files in os.walk(given):
        names[:] = sorted(n for n in names if n != ".git")
        for name in sorted(files):
            if not name.endswith((".o", ".ko", ".cmd")):
                stat = os.lstat(os.path.join(folder, name))
                relative = os.path.relpath(folder, given)
                total.update(f"{relative}/{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return total.hexdigest()[:12]
