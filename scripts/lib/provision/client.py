# SPDX-License-Identifier: GPL-2.0
"""Small Rust files compiled as a driver of this checkout would be."""

import contextlib
import os
import re
import shlex
import subprocess

from .clippy import Clippy
from .messages import Failure

_SAVED = re.compile(r"^savedcmd_\S+\.o := (.*)$", re.MULTILINE)
_LINT = re.compile(r"^-[WAD](clippy::|warnings$)")
_OUTPUT = re.compile(r"^(--emit=|-Wrustdoc::)")


class Client:
    """The compiler's command line for a driver, and the place it works in."""

    def __init__(self, out):
        self.out = out
        self.environment, self.arguments = _driver_command(out)

    def rustc(self, source, target, *options):
        """Type-checks a file. The exit status, and all that was said."""
        command = ["rustc", *self.arguments, "-Awarnings", "--emit=metadata", "-o", str(target)]
        return self._run([*command, *options, str(source)])

    def rustdoc(self, source, folder, *options):
        """Documents a file. The exit status, and all that was said."""
        known = [a for a in self.arguments if not a.startswith("--remap-path")]
        command = ["rustdoc", *known, "-Awarnings", "-o", str(folder)]
        return self._run([*command, *options, str(source)])

    def rustdoc_kernel(self, folder, *options):
        """Documents the kernel crate. The exit status, and all that was said."""
        environment, arguments, source = _kernel_command(self.out)
        command = ["rustdoc", *arguments, "-o", str(folder), *options, source]
        return self._run(command, environment)

    def _run(self, command, environment=None):
        environment = {**os.environ, **(environment or self.environment)}
        done = subprocess.run(command, cwd=self.out, env=environment, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, errors="replace")
        return done.returncode, done.stdout


@contextlib.contextmanager
def of_checkout(lab="fast"):
    """A client of this checkout's kernel crate, which stays as it is meanwhile.

    The crate is the one that clippy looks at, so that there is but one to build.
    """
    workspace = Clippy(lab)
    with workspace.held():
        yield Client(workspace.out)


def _driver_command(out):
    """(environment, arguments) without what belongs to one driver alone."""
    for path in sorted(out.glob("drivers/**/.*.o.cmd")):
        saved = _SAVED.search(path.read_text())
        words = shlex.split(saved.group(1)) if saved else []
        if "kernel" in words:
            return _split(words)
    raise Failure(f"no Rust driver was built in {out}")


def _kernel_command(out):
    """(environment, arguments, source) of the kernel crate."""
    words = shlex.split(_SAVED.search((out / "rust/.kernel.o.cmd").read_text()).group(1))
    start = next(i for i, word in enumerate(words) if "=" not in word)
    environment = dict(word.split("=", 1) for word in words[:start])
    source = next(word for word in words if word.endswith("/kernel/lib.rs"))
    dropped = ("--emit=", "-Wclippy", "-Aclippy", "-Dclippy", "-Dwarnings", "--remap-path", "-Wrustdoc")
    arguments = [word for word in words[start + 1:] if word != source and not word.startswith(dropped)]
    return {**environment, "RUSTC_BOOTSTRAP": "1"}, arguments, source


def _split(words):
    start = next(i for i, word in enumerate(words) if "=" not in word)
    environment = dict(word.split("=", 1) for word in words[:start])
    arguments = [w for w in words[start + 1:-1] if not (_LINT.match(w) or _OUTPUT.match(w))]
    place = arguments.index("--out-dir")
    return {**environment, "RUSTC_BOOTSTRAP": "1"}, arguments[:place] + arguments[place + 2:]
