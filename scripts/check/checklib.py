# SPDX-License-Identifier: GPL-2.0
"""What every check in scripts/check has in common.

A check is a function that takes a Tree and yields Findings. run() turns it
into a program: --help, --root, one line per finding, a count and an exit
status (0 clean, 1 findings, 2 the check could not be made).
"""
import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "scripts" / "lib"))

from provision import cache, source  # the path has to be known first
from provision.messages import Failure

cache.keep_bytecode_out_of_the_checkout()
CLEAN, FOUND, BROKEN = 0, 1, 2


class CannotCheck(Exception):
    """The check itself could not be made: why, and what mends it."""


class Finding:
    """One place that breaks a rule."""

    def __init__(self, path, line, message):
        self.path, self.line, self.message = path, line, message

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {self.message}"


class Tree:
    """The files of a checkout that are, or could be, in its next commit."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.names = sorted(self._git_names() or self._walk_names())
        self.seen = set()
        self.summary = ""

    def _git_names(self):
        if not (self.root / ".git").exists():
            return []
        command = ["git", "-C", str(self.root), "ls-files", "-z",
                   "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        names = os.fsdecode(listing.stdout).split("\0")
        return {name for name in names if (self.root / name).is_file()}

    def _walk_names(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in (".git", "target")]
            for name in names:
                yield str((Path(folder) / name).relative_to(self.root))

    def select(self, *patterns):
        """Names that match one of the shell patterns ('*' crosses '/')."""
        return [name for name in self.names
                if any(fnmatch.fnmatch(name, p) for p in patterns)]

    def text(self, name):
        """The file as text, or None if it is not text; counts as examined."""
        data = (self.root / name).read_bytes()
        self.seen.add(name)
        if b"\0" in data:
            return None
        return data.decode("utf-8", errors="replace")

    def texts(self, *patterns):
        """(name, text) of the text files that match, all for no pattern."""
        for name in self.select(*(patterns or ("*",))):
            text = self.text(name)
            if text is not None:
                yield name, text

    def scripts(self, *interpreters):
        """(name, text) of the files whose first line names an interpreter."""
        for name in self.names:
            with open(self.root / name, "rb") as stream:
                first = stream.readline(80)
            words = first[2:].decode("ascii", "replace").replace("/", " ").split()
            if first.startswith(b"#!") and set(words) & set(interpreters):
                yield name, self.text(name)

    def paths(self, names):
        """Absolute paths for a tool's command line; they count as examined."""
        self.seen.update(names)
        return [str(self.root / name) for name in names]


def tool(name, *alternatives):
    """The path of a program that scripts/setup installs."""
    for candidate in (name, *alternatives):
        found = shutil.which(candidate)
        if found:
            return found
    raise CannotCheck(f"{name} is not installed; run scripts/setup")


def kernel_source():
    """The pristine kernel source that the labs are built from."""
    try:
        return source.select().pristine
    except Failure as reason:
        raise CannotCheck(f"{reason}; run scripts/setup") from reason


def output_of(command, **options):
    """(exit status, combined output) of a program."""
    done = subprocess.run(command, stdout=subprocess.PIPE, errors="replace",
                          stderr=subprocess.STDOUT, check=False, **options)
    return done.returncode, done.stdout


def tool_findings(tree, command, **options):
    """Each line that a tool prints, with paths as the repository has them."""
    status, output = output_of(command, cwd=tree.root, **options)
    lines = [line.replace(f"{tree.root}/", "") for line in output.splitlines() if line.strip()]
    if status and not lines:
        lines = [f"{Path(command[0]).name} ended with status {status}"]
    return lines


def _arguments(description):
    parser = argparse.ArgumentParser(
        description=description,
        epilog="exit status: 0 clean, 1 findings, 2 the check could not be made",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=REPOSITORY,
                        help="checkout to look at (default: this one)")
    return parser.parse_args()


def run(description, check):
    """The program around a check; never returns."""
    options = _arguments(description.strip())
    tree = Tree(options.root)
    try:
        findings = [str(finding) for finding in check(tree)]
    except CannotCheck as reason:
        print(f"cannot check: {reason}")
        sys.exit(BROKEN)
    for finding in findings:
        print(finding)
    print(f"{len(tree.seen)} files, {len(findings)} findings{tree.summary}")
    sys.exit(FOUND if findings else CLEAN)
