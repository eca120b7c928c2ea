# SPDX-License-Identifier: GPL-2.0
"""Which names of the USB core's API each C file of the kernel source uses.

It is read as text: without comments and strings, but with what is #ifdefed
out. A function or macro counts where it is called, a flag where it is named, a
field of a driver where it is initialised. The core itself, host controllers and
gadgets are left out.
"""
import re

_FOLDERS = ("drivers", "sound")
_NOT_DRIVERS = re.compile(r"drivers/usb/(core|host|gadget)/")
_NOISE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_TABLE = re.compile(r"\bstruct\s+(usb_driver|usb_class_driver|usb_device_driver)\s+\w+\s*=\s*\{"
                    r"(.*?)\n\s*\}\s*;", re.DOTALL)
_ENTRY = re.compile(r"(?<![\w.>)\]])\.(\w+)(?:\.\w+)*\s*=[^=]")
_DRIVER = re.compile(r"\bstruct\s+usb_driver\s+\w+\s*=\s*\{")
# Files of these are built on a framework, which talks to the USB core for them.
_FRAMEWORK_FOLDER = re.compile(r"/(gspca|dvb-usb-v2|rt2x00|mt76|line6)/")
_FRAMEWORK_CALL = re.compile(r"\b(usbnet_\w+|rtl8152_get_version)\b")


class Names:
    """The names that are looked for, by how each shows itself."""

    def __init__(self, kinds):
        """`kinds` says what each name is, as rust-coverage.csv does."""
        self.called = {n for n, kind in kinds.items() if kind in ("function", "inline", "macro", "alias")}
        self.named = {n for n, kind in kinds.items() if kind == "urb-flag"}
        self.initialised = {n for n, kind in kinds.items() if kind == "driver-field"}
        self.accessed = {n.partition("->")[2]: n for n, kind in kinds.items() if kind == "struct-field" and "->" in n}
        names = self.called | self.named | set(self.accessed)
        # A few beginnings are found much faster than many names.
        begins = "|".join(sorted({name[:3] for name in names})) or "$^"
        self.word = re.compile(rf"\b((?:{begins})\w*)\b(\s*\()?")

    def used_in(self, text):
        used = set()
        for word, call in self.word.findall(text):
            if word in self.accessed:
                used.add(self.accessed[word])
            elif word in self.named or (call and word in self.called):
                used.add(word)
        for table, body in _TABLE.findall(text):
            entries = (f"{table}.{field}" for field in _ENTRY.findall(body))
            used.update(entry for entry in entries if entry in self.initialised)
        return used


class File:
    """A C file: what it uses, and what it is."""

    def __init__(self, text, names):
        self.uses = names.used_in(text)
        self.is_driver = bool(_DRIVER.search(text))
        self.calls_framework = bool(_FRAMEWORK_CALL.search(text))


def read(source, kinds, drivers_only):
    """{name: File} of the C files that may have to do with USB, or of the drivers."""
    names = Names(kinds)
    sign = re.compile(rb"struct\s+usb_driver\b" if drivers_only else rb"usb|[uU][rR][bB]")
    files = {}
    for path in (path for folder in _FOLDERS for path in sorted((source / folder).rglob("*.c"))):
        name = str(path.relative_to(source))
        data = path.read_bytes()
        if sign.search(data) and not _NOT_DRIVERS.match(name):
            files[name] = File(_NOISE.sub(_nothing, data.decode(errors="replace")), names)
    return files


def _nothing(match):
    return " " if match.group().startswith("/") else '""'


def standalone(files):
    """The drivers that are not built on a framework."""
    return {name: file for name, file in files.items()
            if file.is_driver and not file.calls_framework and not _FRAMEWORK_FOLDER.search(name)}
