# SPDX-License-Identifier: GPL-2.0
"""Unified diffs: parse a patch file, apply it to file contents in memory.

Own, because a tree must stay untouched when any hunk of any patch fails, and
because the failing hunk has to be named. Context must match exactly; only its
line numbers may be off. A hunk that merely resembles the place is refused.
"""

import re
from dataclasses import dataclass, field

HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class PatchError(Exception):
    """A patch file that cannot be read, or a hunk that does not apply."""


@dataclass
class Hunk:
    start: int
    header: str
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)
    last_kind: bytes = b" "


@dataclass
class FilePatch:
    path: str
    creates: bool = False
    hunks: list = field(default_factory=list)


def parse(data):
    """The per-file patches of a patch file given as bytes."""
    files, lines, at = [], _lines(data), 0
    while at < len(lines):
        if lines[at].startswith(b"--- ") and at + 1 < len(lines) and lines[at + 1].startswith(b"+++ "):
            creates = lines[at].split()[1] == b"/dev/null"
            files.append(FilePatch(_path(lines[at], lines[at + 1]), creates))
            at += 2
        elif files and HUNK.match(lines[at]):
            hunk, at = _hunk(lines, at)
            files[-1].hunks.append(hunk)
        else:
            at += 1
    if not files:
        raise PatchError("no file is named in it (it must be a unified diff)")
    return files


def _lines(data):
    """Only a newline ends a line here: sources may hold form feeds and such."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _path(old, new):
    """The path both header lines speak of, without its a/ or b/."""
    name = new[4:].split(b"\t")[0].strip()
    if name == b"/dev/null":
        raise PatchError(f"{old[4:].strip().decode()}: patches must not delete files")
    return name.decode().split("/", 1)[-1]


def _hunk(lines, at):
    match = HUNK.match(lines[at])
    left, right = (int(n) if n is not None else 1 for n in match.group(2, 4))
    hunk = Hunk(int(match.group(1)), lines[at].decode(errors="replace").strip())
    at += 1
    while left > 0 or right > 0 or (at < len(lines) and lines[at].startswith(b"\\")):
        if at >= len(lines):
            raise PatchError(f"{hunk.header}: the patch ends inside this hunk")
        left, right = _hunk_line(hunk, lines[at], left, right)
        at += 1
    return hunk, at


def _hunk_line(hunk, line, left, right):
    kind, rest = line[:1], line[1:]
    if kind == b"\\":
        _strip_newline(hunk)
        return left, right
    hunk.last_kind = kind
    if kind in (b" ", b"\n"):
        rest = rest if kind == b" " else b"\n"
        hunk.old.append(rest)
        hunk.new.append(rest)
        return left - 1, right - 1
    if kind == b"-":
        hunk.old.append(rest)
        return left - 1, right
    if kind == b"+":
        hunk.new.append(rest)
        return left, right - 1
    raise PatchError(f"{hunk.header}: a line starts with {kind.decode(errors='replace')!r}")


def _strip_newline(hunk):
    """'No newline at end of file' speaks of the line just before it."""
    sides = {b"-": [hunk.old], b"+": [hunk.new]}.get(hunk.last_kind, [hunk.old, hunk.new])
    for side in sides:
        side[-1] = side[-1].removesuffix(b"\n")


def apply_hunks(patch, content):
    """`content` (None: no such file) with all hunks of `patch` applied."""
    if patch.creates and content is not None:
        raise PatchError(f"{patch.path}: the patch creates it, but the tree has it already")
    lines = _lines(content or b"")
    offset = 0
    for number, hunk in enumerate(patch.hunks, 1):
        wanted = max(hunk.start - 1, 0) + offset
        at = _locate(lines, hunk.old, wanted)
        if at is None:
            raise PatchError(f"{patch.path}: hunk {number} of {len(patch.hunks)} ({hunk.header}) does not match")
        lines[at:at + len(hunk.old)] = hunk.new
        offset += at - wanted + len(hunk.new) - len(hunk.old)
    return b"".join(lines)


def _locate(lines, old, wanted):
    """Where `old` stands in `lines`, the place nearest to `wanted`."""
    if not old:
        return min(wanted, len(lines))
    last = len(lines) - len(old)
    fits = (at for at in range(last + 1) if lines[at:at + len(old)] == old)
    return min(fits, key=lambda at: abs(at - wanted), default=None)
