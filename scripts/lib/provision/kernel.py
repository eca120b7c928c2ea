# SPDX-License-Identifier: GPL-2.0
"""Building the kernel of a lab, only as much of it as changed."""

import json
import os

from . import artefact, cache, make
from .workspace import Workspace

QUICK_SUFFIXES = (".rs", ".c", ".h")
IRRELEVANT = ("Documentation/", "tools/")

# Roughly how many steps a first build has, to say how far it is.
FIRST_BUILD_STEPS = {"fast": 1240, "fast-debug": 1290, "real": 1910, "real-debug": 1960, "real-bench": 1950}


class Kernel(Workspace):
    """The kernel of one lab as this checkout would have it."""

    def __init__(self, lab):
        super().__init__(lab, lab)

    def home(self):
        return artefact.Home(self.lab, self.key())

    def artefact(self, module=None):
        """The artefact directory, building what is missing of it."""
        home = self.home()
        if not home.complete():
            with cache.build_lock(self.name):
                self.read_again()
                home = self.home()
                if not home.complete():
                    self._build(home, module)
        home.mark_latest()
        return home.path

    def _build(self, home, module):
        tree = self.bring_in()
        files = {p: known["sha256"] for p, known in tree.manifest.items() if not p.startswith(IRRELEVANT)}
        state = State(self.out / "usbpipe-state.json")
        base = artefact.Home(self.lab, state.key) if state.key else None
        if module and base and base.complete() and state.allows_only(module, files):
            self._build_module(home, base, module)
        else:
            state.clear()
            self._build_all(home)
        state.save(home.key, files)

    def _build_module(self, home, base, module):
        runner = self.make()
        runner.run(module, what=module)
        runner.show()
        home.fill_from(base, {module: self.out / module})

    def _build_all(self, home):
        total = None if (self.out / "vmlinux").exists() else FIRST_BUILD_STEPS[self.lab]
        self.configure()
        image = "linux" if make.arch(self.lab) == "um" else "arch/x86/boot/bzImage"
        self.make().run(os.path.basename(image), "modules", total=total)
        home.fill(self.out, self.out / image, {"source": self.source.identity, "tools": self.tools.identity()})


class State:
    """What an O= directory holds: which artefact, of which files."""

    def __init__(self, path):
        self.path = path
        data = json.loads(path.read_text()) if path.is_file() else {}
        self.key = data.get("key")
        self.files = data.get("files", {})

    def allows_only(self, module, files):
        """Did nothing but sources beside `module` change since?"""
        folder = os.path.dirname(module) + "/"
        changed = {p for p in set(files) | set(self.files) if files.get(p) != self.files.get(p)}
        return all(p.startswith(folder) and p.endswith(QUICK_SUFFIXES) for p in changed)

    def clear(self):
        """A build that is cut short must not be taken for a whole one."""
        self.path.unlink(missing_ok=True)

    def save(self, key, files):
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps({"key": key, "files": files}))
        part.replace(self.path)
