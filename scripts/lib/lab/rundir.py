# SPDX-License-Identifier: GPL-2.0
"""The directory of one run: what host and guest tell each other in files."""

import shlex
import shutil
import tempfile
from pathlib import Path

from provision.messages import Failure

GUEST_DIED = 130


class RunDir:
    """Holds `share/` (the guest's /lab/share), the kernel log and the sockets."""

    def __init__(self):
        # Short on purpose: the paths of sockets in it must stay under 108 bytes.
        self.path = Path(tempfile.mkdtemp(prefix="usb-lab-"))
        self.share = self.path / "share"
        self.log = self.path / "kernel.log"
        self._private = self.share / ".lab"
        self._private.mkdir(parents=True)
        self._status = self._private / "status"
        self._status.write_text(f"{GUEST_DIED}\n")
        self.log.touch()

    def give(self, spec):
        """Copies `FILE[:NAME]` into the share and returns its name there."""
        source, name = _split(spec, exists=lambda path: path.exists())
        if not source.exists():
            raise Failure(f"--give: {source} does not exist")
        target = self.share / (name or source.resolve().name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        return str(target.relative_to(self.share))

    def take(self, spec):
        """Copies `NAME[:DEST]` out of the share."""
        name, _, destination = spec.partition(":")
        source, target = self.share / name, Path(destination or Path(name).name)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copy2(source, target)
        else:
            raise Failure(f"--take: the guest left no {name} in /lab/share")

    def write_job(self, argv, settings):
        """Leaves the command for the guest's init, which sources this file."""
        lines = [f"{name}={shlex.quote(str(value))}" for name, value in settings.items()]
        lines.append("set -- " + " ".join(shlex.quote(str(word)) for word in argv))
        (self._private / "job").write_text("\n".join(lines) + "\n")

    def status(self):
        """The exit status that the guest left; GUEST_DIED where it left none."""
        text = self._status.read_text().strip()
        return int(text) if text.isdigit() else GUEST_DIED

    def kernel_log(self):
        return self.log.read_text(errors="replace")

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def _split(spec, exists):
    """`FILE:NAME`, where a FILE that exists may itself have a colon."""
    whole = Path(spec)
    if exists(whole) or ":" not in spec:
        return whole, ""
    file, _, name = spec.rpartition(":")
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise Failure(f"--give: {name} is not a name inside the share")
    return Path(file), name
