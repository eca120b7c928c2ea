# SPDX-License-Identifier: GPL-2.0
"""The compilers a kernel build uses, and their exact versions."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import cache, versions
from .messages import Failure

RUN_SETUP = "Run scripts/setup; scripts/doctor says what is missing."


@dataclass(frozen=True)
class Toolchain:
    rustc: str
    rust_library: str
    clang: str
    llvm_suffix: str
    bindgen: str
    bindgen_path: str

    def identity(self):
        """What an artefact depends on: versions, never places."""
        return (self.rustc, self.clang, self.bindgen)

    def make_variables(self):
        return [
            f"LLVM={self.llvm_suffix}",
            f"RUST_LIB_SRC={self.rust_library}",
            f"BINDGEN={self.bindgen_path}",
        ]


def find():
    """The tools of this machine; fails with what is missing."""
    conf = versions.load()
    number = find_clang(conf)
    bindgen = cache.root() / "bindgen" / conf["BINDGEN_VERSION"] / "bin" / "bindgen"
    rustc_line, sysroot, clang_line, bindgen_line = first_lines(
        ["rustc", "--version"],
        ["rustc", "--print", "sysroot"],
        [f"clang-{number}", "--version"],
        [str(bindgen), "--version"],
    )
    if rustc_line is None:
        raise Failure("no rustc on this machine", RUN_SETUP)
    if bindgen_line is None:
        raise Failure(f"no bindgen {conf['BINDGEN_VERSION']} in the cache", RUN_SETUP)
    library = rust_library(rustc_line, sysroot)
    return Toolchain(rustc_line, str(library), clang_line, f"-{number}", bindgen_line, str(bindgen))


def first_lines(*commands):
    """The first line each command prints, or None where it does not run.

    All at once: through rustup each question takes a tenth of a second.
    """
    children = [_start(command) for command in commands]
    return [_finish(child) if child else None for child in children]


def _start(command):
    if shutil.which(command[0]) is None:
        return None
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _finish(child):
    printed, _ = child.communicate()
    return printed.splitlines()[0].strip() if child.returncode == 0 and printed else None


def find_clang(conf):
    """The number of the preferred clang that has its lld beside it."""
    for number in conf["CLANG_VERSIONS"].split():
        if shutil.which(f"ld.lld-{number}") and shutil.which(f"clang-{number}"):
            return number
    raise Failure(f"no clang with lld, one of: {conf['CLANG_VERSIONS']}", RUN_SETUP)


def rustc_number(line):
    """1.95.0 of 'rustc 1.95.0 (59807616e 2026-04-14)'."""
    return re.search(r"\d+\.\d+\.\d+", line)[0]


def rust_library(rustc, sysroot):
    """The sources of core and alloc (requirements.sh looks there, too)."""
    number = rustc_number(rustc)
    places = [
        Path(sysroot or "/usr") / "lib/rustlib/src/rust/library",
        cache.root() / "rust-src" / number / "library",
        Path(f"/usr/src/rustc-{number}/library"),
    ]
    override = os.environ.get("RUST_LIB_SRC")
    for place in [Path(override)] if override else places:
        if (place / "core/src/lib.rs").is_file():
            return place
    raise Failure(f"no library sources for {rustc}", RUN_SETUP)
