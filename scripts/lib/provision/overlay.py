# SPDX-License-Identifier: GPL-2.0
"""The overlay: which files it brings, and what a tree looks like with them.

Everything is computed in memory first (`plan`), so that a patch that does not
apply is found before a single file of the tree has been touched.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from . import udiff
from .messages import Failure

# What goes into a kernel tree, and the part of it a kernel build can see.
TREE_DIRS = ("drivers", "include", "rust", "samples", "Documentation", "tools")
BUILD_DIRS = ("drivers", "include", "rust", "samples")

SKIP_DIRS = {"target", "__pycache__", ".git"}
SKIP_SUFFIXES = (".o", ".ko", ".mod", ".cmd", ".orig", ".rej", ".swp", "~", ".pyc")


@dataclass
class Entry:
    """One file as the overlay wants it."""

    content: bytes
    mode: int = 0o644

    @property
    def digest(self):
        return hashlib.sha256(self.content).hexdigest()


class Overlay:
    """The overlay found in a checkout (USBPIPE_OVERLAY names another one)."""

    def __init__(self, root=None):
        default = Path(__file__).resolve().parents[3]
        self.root = Path(root or os.environ.get("USBPIPE_OVERLAY") or default)
        self._files = {}
        self._patches = None

    def files(self, dirs=TREE_DIRS):
        """Whole files, as {path in the tree: Entry}.

        Read once: what is hashed is what is applied, even while someone edits.
        """
        for top in dirs:
            if top not in self._files:
                self._files[top] = {path: self._entry(path) for path in sorted(self._walk(top))}
        return {path: entry for top in dirs for path, entry in self._files[top].items()}

    def _walk(self, top):
        for folder, names, files in os.walk(self.root / top):
            names[:] = [n for n in names if n not in SKIP_DIRS]
            for name in files:
                if not name.endswith(SKIP_SUFFIXES):
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def _entry(self, path):
        full = self.root / path
        mode = 0o755 if os.access(full, os.X_OK) else 0o644
        return Entry(full.read_bytes(), mode)

    def patch_names(self):
        series = self.root / "patches" / "series"
        if not series.is_file():
            return []
        lines = (line.partition("#")[0].strip() for line in series.read_text().splitlines())
        return [line for line in lines if line]

    def patches(self):
        """The patches in their order, as [(name, content)]; read once, too."""
        if self._patches is None:
            self._patches = [(name, self._patch_content(name)) for name in self.patch_names()]
        return self._patches

    def _patch_content(self, name):
        path = self.root / "patches" / name
        if not path.is_file():
            raise Failure(f"patches/series names {name}, but there is no such file")
        return path.read_bytes()

    def build_digest(self):
        """A hash of all that a kernel build with this overlay depends on."""
        total = hashlib.sha256()
        for path, entry in self.files(BUILD_DIRS).items():
            total.update(f"{path} {entry.digest}\n".encode())
        for name, content in self.patches():
            total.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
        return total.hexdigest()

    def plan(self, original):
        """{path: Entry} of the tree once applied.

        `original(path)` returns the tree's own Entry for a path, or None.
        """
        wanted = self.files()
        for name, data in self.patches():
            self._patch(name, data, wanted, original)
        return wanted

    @staticmethod
    def _patch(name, data, wanted, original):
        try:
            for patch in udiff.parse(data):
                before = wanted.get(patch.path) or original(patch.path)
                content = udiff.apply_hunks(patch, before.content if before else None)
                wanted[patch.path] = Entry(content, before.mode if before else 0o644)
        except udiff.PatchError as error:
            raise Failure(
                f"patches/{name}: {error}",
                "This tree differs from the kernels the overlay was tested with; nothing was changed in it.",
            ) from None
