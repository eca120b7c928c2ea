# SPDX-License-Identifier: GPL-2.0
"""A kernel tree with the overlay in it and a configured output directory."""

import hashlib

from . import kconfig, kconfig_deps, make, source, toolchain
from .overlay import Overlay
from .tree import Tree

FRAGMENTS = "tools/testing/usb-lab"


class Workspace:
    """Where one build happens: a tree, an O= directory, tools, a configuration.

    `name` keeps it apart from the others; `lab` says whose fragments it uses.
    """

    def __init__(self, name, lab, extra_config=None, extra_make=()):
        self.name = name
        self.lab = lab
        self.overlay = Overlay()
        self.tools = toolchain.find()
        self.source = source.select()
        self.config = {**kconfig.wanted(lab, self.overlay.root / FRAGMENTS), **(extra_config or {})}
        self.flags = [*make.lab_flags(lab), *extra_make]
        self.out = self.source.work / f"out-{name}"

    def key(self):
        """The hash of all that the result depends on."""
        return _digest(
            self.source.identity,
            kconfig.as_text(self.config),
            *self.tools.identity(),
            *self.flags,
            self.overlay.build_digest(),
        )[:16]

    def read_again(self):
        """Take the overlay as it is now: it may have changed while waiting."""
        self.overlay = Overlay()

    def bring_in(self):
        """The tree with the overlay; only what differs is written."""
        tree = Tree(self.source.tree(self.name))
        tree.require_kernel()
        tree.apply(self.overlay, force=True)
        return tree

    def make(self):
        variables = [*self.flags, *self.tools.make_variables()]
        return make.Make(self.name, self.source.tree(self.name), self.out, variables)

    def configure(self):
        """allnoconfig plus our fragments; then look at what survived."""
        stamp, now = self.out / "usbpipe-config.stamp", self._config_digest()
        if stamp.is_file() and stamp.read_text() == now and (self.out / ".config").is_file():
            return
        self.out.mkdir(parents=True, exist_ok=True)
        merged = self.out / "usbpipe.config"
        merged.write_text(kconfig.as_text(self.config))
        runner, what = self.make(), f"{self.name} configuration"
        runner.run(f"KCONFIG_ALLCONFIG={merged}", "allnoconfig", what=what)
        runner.run("olddefconfig", what=what)
        result = kconfig.parse((self.out / ".config").read_text())
        explain = kconfig_deps.Explainer(self.source.tree(self.name), make.arch(self.lab), result)
        kconfig.require_survival(self.name, self.config, result, explain)
        stamp.write_text(now)

    def _config_digest(self):
        kconfigs = [e.digest for p, e in self.overlay.files().items() if "Kconfig" in p]
        patches = [_digest(data.decode(errors="replace")) for _, data in self.overlay.patches()]
        return _digest(kconfig.as_text(self.config), *self.tools.identity(), *kconfigs, *patches)


def _digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
