# SPDX-License-Identifier: GPL-2.0
"""A kernel tree with the overlay in it: apply, remove, status.

The tree carries its own record, so that any checkout (or none of the version
that applied it) can take the overlay out again:

  .usbpipe-overlay/manifest.json   each path: its hash, and whether the tree
                                   had a file of its own there
  .usbpipe-overlay/originals/      those files of its own, byte for byte
  .usbpipe-overlay/staged/         new contents on their way in

New contents are staged first and renamed into place afterwards: a full disk
is met before the tree has changed.
"""

import json
import os
import shutil
from pathlib import Path

from . import versions
from .messages import Failure
from .overlay import Entry

RECORD = ".usbpipe-overlay"
FORMAT = 1


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.record = self.root / RECORD
        self.manifest = self._load()

    def _load(self):
        """{path: {"sha256", "original"}} of what is applied now."""
        path = self.record / "manifest.json"
        if not path.is_file():
            return {}
        data = json.loads(path.read_text())
        if data.get("format") != FORMAT:
            raise Failure(f"{path}: written by another version of the overlay", "Remove the overlay with that version.")
        return data["files"]

    def _save(self, manifest):
        self.record.mkdir(exist_ok=True)
        staged = self.record / "manifest.json.part"
        staged.write_text(json.dumps({"format": FORMAT, "files": manifest}, indent=1, sort_keys=True) + "\n")
        staged.replace(self.record / "manifest.json")

    # Looking

    def require_kernel(self):
        """The version of the tree; fails where it is none, or never tested."""
        return versions.require_tested(self.root, self.root)

    def current(self, path):
        return _read(self.root / path)

    def original(self, path):
        """What the tree had at `path` before the overlay came."""
        known = self.manifest.get(path)
        if known is None:
            return self.current(path)
        if not known["original"]:
            return None
        # No kept copy: a removal that was interrupted had put it back already.
        return _read(self.record / "originals" / path) or self.current(path)

    def edited(self):
        """Applied files that someone changed in the tree since.

        A file that is absent, or is the tree's own, was not edited: that is
        how an interrupted apply or remove leaves it.
        """
        return sorted(p for p, known in self.manifest.items() if self._is_edited(p, known["sha256"]))

    def _is_edited(self, path, applied):
        current = self.current(path)
        return current is not None and current.digest != applied and current != self.original(path)

    def differences(self, overlay):
        """Paths where the tree is not as applying `overlay` would leave it."""
        wanted = overlay.plan(self.original)
        stale = set(self.manifest) - set(wanted)
        missing = {p for p, entry in wanted.items() if self.current(p) != entry}
        return sorted(stale | missing | (set(wanted) - set(self.manifest)))

    # Changing

    def apply(self, overlay, force=False):
        """Bring `overlay` in; returns the paths whose content changed."""
        self._refuse_edited(force, "Applying")
        wanted = overlay.plan(self.original)
        changed = [p for p, entry in wanted.items() if self.current(p) != entry]
        gone = [p for p in self.manifest if p not in wanted]
        if not changed and not gone and set(wanted) == set(self.manifest):
            return []
        self._stage({p: wanted[p] for p in changed}, [p for p in wanted if not self._is_kept(p)])
        manifest = {p: {"sha256": e.digest, "original": self.original(p) is not None} for p, e in wanted.items()}
        self._save({**self.manifest, **manifest})
        for path in changed:
            _into_place(self.record / "staged" / path, self.root / path)
        for path in gone:
            self._restore(path)
        self._save(manifest)
        self.manifest = manifest
        shutil.rmtree(self.record / "staged", ignore_errors=True)
        return sorted(changed + gone)

    def _is_kept(self, path):
        """Is the tree's own file at `path` safe, or was there none?"""
        known = self.manifest.get(path)
        return known is not None and (not known["original"] or (self.record / "originals" / path).is_file())

    def _refuse_edited(self, force, doing):
        edited = [] if force else self.edited()
        if edited:
            raise Failure(
                f"{self.root}: changed since the overlay was applied: {', '.join(edited)}",
                f"{doing} would lose that. Save it, or give --force.",
            )

    def _stage(self, entries, newcomers):
        """Everything that needs disk space, before the tree is touched."""
        try:
            for path in newcomers:
                before = self.current(path)
                if before is not None:
                    _write(self.record / "originals" / path, before)
            for path, entry in entries.items():
                _write(self.record / "staged" / path, entry)
        except OSError as error:
            shutil.rmtree(self.record if not self.manifest else self.record / "staged", ignore_errors=True)
            raise Failure(f"{self.root}: {error.strerror} while staging; the tree is as it was") from error

    def remove(self, force=False):
        """Take the overlay out; returns how many paths that were."""
        self._refuse_edited(force, "Removing")
        for path in self.manifest:
            self._restore(path)
        shutil.rmtree(self.record, ignore_errors=True)
        count, self.manifest = len(self.manifest), {}
        return count

    def _restore(self, path):
        """The tree's own file back at `path`, or none where it had none."""
        target, kept = self.root / path, self.record / "originals" / path
        if self.manifest[path]["original"]:
            if kept.is_file():
                _into_place(kept, target)
            return
        target.unlink(missing_ok=True)
        _prune(target.parent, self.root)


def _read(path):
    if not path.is_file():
        return None
    return Entry(path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)


def _write(path, entry):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(entry.content)
    path.chmod(entry.mode)


def _into_place(source, target):
    """Rename, with the time of now: make compares times, not contents."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.utime(source)
    os.replace(source, target)


def _prune(folder, root):
    """Remove directories the overlay had made and that are empty again."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
