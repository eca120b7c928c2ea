# SPDX-License-Identifier: GPL-2.0
"""The fast lab: the kernel is a User Mode Linux program.

Its root is the guest tree through hostfs, read-only; the share and the modules
are further hostfs mounts.
"""

import os
import shutil

from lab import tree

# Where the kernel keeps the guest's memory, unless TMPDIR names another place.
_MEMORY_FILES = "/dev/shm"
MEMORY = {"fast": 512, "fast-debug": 1024}
CPUS = 2


class Machine:
    """How a fast guest is started."""

    def __init__(self, lab, kernel, run, options):
        self._lab, self._kernel, self._run, self._options = lab, kernel, run, options

    def command(self, channels, log):
        """The argument list; descriptors are named in it by their numbers."""
        out, err, log = channels.out.fileno(), channels.err.fileno(), log.fileno()
        cpus = self._options.cpus or CPUS
        return [
            self._kernel / "kernel", f"mem={self._memory()}M", f"ncpus={cpus}", "seccomp=on",
            f"uml_dir={self._run.path}", "umid=uml",
            "root=/dev/root", "rootfstype=hostfs", f"rootflags={tree.root()}", "ro", "init=/init",
            f"con0=fd:{out},fd:{out}", f"con1=null,fd:{err}", f"con2=null,fd:{log}",
            "con=null", "ssl=null", "console=tty2",
            "lab_out=/dev/tty0", "lab_err=/dev/tty1",
            f"lab_share={self._run.share}", f"lab_modules={self._kernel / 'lib/modules'}",
            *self._options.kernel_arguments(self._lab),
        ]

    def environment(self):
        """In a container the place for memory files may be small; a disk is slower, but works."""
        if shutil.disk_usage(_MEMORY_FILES).free > self._memory() << 20:
            return dict(os.environ)
        return {**os.environ, "TMPDIR": str(self._run.path)}

    def inherited(self):
        return []

    def _memory(self):
        return self._options.memory or MEMORY[self._lab]

    def attach(self, loop):
        """The reference device runs inside a fast guest: nothing to do outside."""

    def close(self):
        pass
