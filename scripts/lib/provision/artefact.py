# SPDX-License-Identifier: GPL-2.0
"""Immutable results of kernel builds, found by what went into them."""

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from . import cache
from .messages import Failure

KEEP = 12
WRITTEN_BY_KBUILD = ("modules.order", "modules.builtin", "modules.builtin.modinfo")


class Home:
    """The directory of one artefact; whole or not there at all."""

    def __init__(self, lab, key):
        self.lab = lab
        self.key = key
        self.folder = cache.root() / "artefacts"
        self.path = self.folder / f"{lab}-{key}"

    def complete(self):
        return (self.path / "stamp").is_file()

    def mark_latest(self):
        os.utime(self.path)
        link = self.folder / f"latest-{self.lab}"
        if link.is_symlink() and os.readlink(link) == self.path.name:
            return
        part = self.folder / f".latest-{self.lab}.{os.getpid()}"
        part.unlink(missing_ok=True)
        part.symlink_to(self.path.name)
        part.replace(link)

    def fill(self, out, image, stamp):
        """From a finished O= directory."""
        with self._filling() as part:
            part.mkdir(parents=True)
            shutil.copy2(image, part / "kernel")
            shutil.copy2(out / ".config", part / "config")
            shutil.copy2(out / "System.map", part / "System.map")
            release = (out / "include/config/kernel.release").read_text().strip()
            (part / "release").write_text(release + "\n")
            _install_modules(out, part / "lib/modules" / release)
            self._finish(part, release, stamp)

    def fill_from(self, base, modules):
        """From another artefact, with some modules replaced."""
        with self._filling() as part:
            subprocess.run(["cp", "-al", str(base.path), str(part)], check=True)
            release = (part / "release").read_text().strip()
            stamp = json.loads((part / "stamp").read_text())
            for name, built in modules.items():
                _replace(built, part / "lib/modules" / release / "kernel" / name)
            self._finish(part, release, stamp)

    @contextlib.contextmanager
    def _filling(self):
        """A directory beside it that becomes it, or nothing."""
        for stale in self.folder.glob(f"{self.lab}-*.part"):
            if _is_of(stale.stem, self.lab):
                shutil.rmtree(stale, ignore_errors=True)
        part = self.folder / f"{self.path.name}.part"
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            shutil.rmtree(self.path, ignore_errors=True)
            part.rename(self.path)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        prune(self.folder, self.lab)

    def _finish(self, part, release, stamp):
        _depmod(part, release)
        # A new file, since this one may be a hard link to another's.
        (part / "stamp").unlink(missing_ok=True)
        (part / "stamp").write_text(json.dumps({**stamp, "key": self.key}, indent=1) + "\n")


def _depmod(part, release):
    for stale in (part / "lib/modules" / release).glob("modules.*"):
        if stale.name not in WRITTEN_BY_KBUILD:
            stale.unlink()
    done = subprocess.run(["depmod", "-b", str(part), release], capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        raise Failure(f"depmod: {done.stderr.strip() or done.returncode}")


def _install_modules(out, target):
    """What modules_install does, without another 4 s of make."""
    target.mkdir(parents=True)
    objects = (out / "modules.order").read_text().split()
    names = [name.removesuffix(".o") + ".ko" for name in objects]
    for name in names:
        place = target / "kernel" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(out / name, place)
    (target / "modules.order").write_text("".join(f"kernel/{name}\n" for name in names))
    for extra in ("modules.builtin", "modules.builtin.modinfo"):
        shutil.copy2(out / extra, target / extra)


def _replace(built, place):
    """A new file in the place of a hard link: the base keeps its own."""
    part = Path(f"{place}.part")
    shutil.copy2(built, part)
    part.replace(place)


def prune(folder, lab):
    """Keep the artefacts used last; the edit loop makes many."""
    homes = [p for p in folder.glob(f"{lab}-*") if _is_of(p.name, lab)]
    homes.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    for old in homes[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)


def _is_of(name, lab):
    key = name.removeprefix(f"{lab}-")
    return len(key) == 16 and "-" not in key
