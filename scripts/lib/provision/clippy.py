# SPDX-License-Identifier: GPL-2.0
"""The kernel's own clippy over the kernel crate and the overlay's drivers."""

import contextlib
import os

from . import cache
from .workspace import Workspace


class Clippy(Workspace):
    """A workspace of its own: clippy in a lab's would rebuild that lab."""

    def __init__(self, lab):
        # Not WERROR, which is for C as well: upstream's own headers warn there.
        super().__init__(f"{lab}-clippy", lab, extra_make=["CLIPPY=1", "KRUSTFLAGS=-Dwarnings"])

    def check(self):
        """Fails with clippy's findings; quick where nothing changed."""
        if not self._passed():
            with self.held():
                pass

    @contextlib.contextmanager
    def held(self):
        """What was built stays this checkout's meanwhile. Fails as check()."""
        with cache.build_lock(self.name):
            self.read_again()
            if not self._passed():
                tree = self.bring_in()
                self.configure()
                self.make().run("prepare", *self._folders(tree.root))
                self._mark().write_text(self.key())
            yield

    def _mark(self):
        return self.out / "usbpipe-clippy.stamp"

    def _passed(self):
        return self._mark().is_file() and self._mark().read_text() == self.key()

    def _folders(self, root):
        """Where the overlay has Rust code outside the kernel crate."""
        sources = [p for p in self.overlay.files(("drivers", "samples")) if p.endswith(".rs")]
        return sorted({_built_by(root, os.path.dirname(p)) + "/" for p in sources})


def _built_by(root, folder):
    """The directory whose Makefile builds what is in `folder`."""
    while folder and not (root / folder / "Makefile").is_file():
        folder = os.path.dirname(folder)
    return folder
