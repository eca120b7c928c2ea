# SPDX-License-Identifier: GPL-2.0
"""Writes a directory as a cpio archive (`newc`), the form of an initramfs.

The same tree gives the same bytes, and no privilege is needed for it.
"""

import os

_END = "TRAILER!!!"


def write(folder, archive):
    with open(archive, "wb") as out:
        number = 0
        for number, path in enumerate(sorted(folder.rglob("*")), 1):
            _entry(out, str(path.relative_to(folder)), number, path.lstat().st_mode, _content(path))
        _entry(out, _END, number + 1, 0, b"")


def _content(path):
    if path.is_symlink():
        return os.readlink(path).encode()
    return path.read_bytes() if path.is_file() else b""


def _entry(out, name, inode, mode, content):
    uid = gid = mtime = major = minor = check = 0
    fields = (inode, mode, uid, gid, 1, mtime, len(content), major, minor, major, minor,
              len(name) + 1, check)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    out.write(_padded(head) + _padded(content))


def _padded(data):
    return data + b"\0" * (-len(data) % 4)
