# SPDX-License-Identifier: GPL-2.0
"""The public items of kernel::usb: what has a documentation comment and can be
reached by a driver.
"""
import re
from pathlib import PurePath

from rustlex import blank, closing, line_of

FILES = ("rust/kernel/usb.rs", "rust/kernel/usb/*.rs")

# In `view!`, the fields of a descriptor are written as "offset => name: type".
_FIELD = re.compile(r"^\s*\d+ => (?P<name>\w+):", re.MULTILINE)
_ITEM = re.compile(r"(?:^|(?<=[;{}\s]))(?P<public>pub\s+)?(?:unsafe\s+|const\s+|async\s+)*"
                   r"(?P<kind>fn|struct|enum|trait|macro_rules!)\s+(?P<name>\w+)")
_CONTAINER = re.compile(r"^[ \t]*(?P<public>pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?"
                        r"(?P<kind>impl\b|trait\b|mod\b|macro_rules!)(?P<rest>[^;{]*)\{", re.MULTILINE)
_EXPORTS = re.compile(r"^pub use self::\{(.*?)^\};|^pub use self::([^{;]*);", re.MULTILINE | re.DOTALL)
_PUBLIC_MODULE = re.compile(r"^pub mod (\w+);", re.MULTILINE)
_PARAMETER = re.compile(r"\s*(?:<[^(]*>)?\(\s*([^,)]*)")


class Item:
    """Something public: where it is, what it is called and in which type."""

    def __init__(self, place, name, owner, has_self, offset):
        self.place, self.name, self.owner, self.has_self = place, name, owner, has_self
        # Of its name, in the source.
        self.offset = offset


def type_of(rest):
    """The type that an impl is of: `<T: X<Y>> a::Name<T>` is Name's."""
    depth, plain = 0, ""
    for letter in rest.replace("->", "  "):
        depth += (letter == "<") - (letter == ">")
        plain += letter if depth == 0 and letter != ">" else " "
    names = re.findall(r"\w+", re.split(r"\bwhere\b", plain)[0])
    return names[-1] if names else ""


class Container:
    """A block that items can be in."""

    def __init__(self, code, match):
        self.kind = match.group("kind")
        self.is_public = (match.group("public") or "").strip() == "pub"
        self.start = match.end() - 1
        self.end = closing(code, self.start)
        rest = match.group("rest")
        self.is_of_trait = self.kind == "impl" and re.search(r"\sfor\s(?!<)", rest) is not None
        names = re.findall(r"\w+", rest)
        self.name = type_of(rest) if self.kind == "impl" else (names or [""])[0]


def containers(code):
    """The blocks of a blanked source that items can be in."""
    return [Container(code, match) for match in _CONTAINER.finditer(code)]


def is_documented(source, offset):
    """Whether a documentation comment is right above the line."""
    lines = source[:source.rfind("\n", 0, offset) + 1].splitlines()
    while lines and re.match(r"\s*(#\[|\)\]|//(?!/))", lines[-1]):
        lines.pop()
    return bool(lines) and lines[-1].lstrip().startswith("///")


def exports(sources):
    """For each folder, the names that its module file shows to drivers."""
    shown = {}
    for name, source in sources.items():
        text = "".join(a or b for a, b in _EXPORTS.findall(blank(source)))
        shown[str(PurePath(name).with_suffix(""))] = (
            set(re.findall(r"\w+", text)), set(_PUBLIC_MODULE.findall(source)))
    return shown


def reachable(name, shown):
    """The names of a file that drivers can reach; None if all that are public."""
    path = PurePath(name)
    names, modules = shown.get(str(path.parent), (None, ()))
    return None if path.stem in modules else names


def is_reached(container, names):
    """Whether drivers can name what is public in an impl or a trait."""
    if container.is_of_trait or (container.kind == "trait" and not container.is_public):
        return False
    return container.kind in ("impl", "trait") and (names is None or container.name in names)


def owner_of(match, inside, names):
    """The type that an item belongs to, "" for none; None if drivers cannot reach it."""
    if not inside:
        return "" if match["public"] and (names is None or match["name"] in names) else None
    container, *others = inside
    is_public = match["public"] or container.kind == "trait"
    return container.name if is_public and not others and is_reached(container, names) else None


def is_method(code, match, inside):
    """Whether it is called with a value rather than by the name of its type."""
    first = _PARAMETER.match(code, match.end())
    has_self = first is not None and re.search(r"\bself\b", first[1]) is not None
    return has_self or any(container.kind == "trait" for container in inside)


def items(name, source, names):
    """The public items of a file."""
    code = blank(source)
    blocks = containers(code)
    for match in _ITEM.finditer(code):
        inside = [c for c in blocks if c.start < match.start() < c.end]
        owner = owner_of(match, inside, names)
        if match["kind"] == "macro_rules!":
            above = source[:match.start()].rstrip().rpartition("\n")[2]
            owner = "" if above == "#[macro_export]" else None
        if owner is not None and is_documented(source, match.start("name")):
            place = name, line_of(source, match.start("name"))
            yield Item(place, match["name"], owner, is_method(code, match, inside), match.start("name"))
    for match in _FIELD.finditer(code):
        view = [found["name"] for found in _ITEM.finditer(code, 0, match.start()) if found["kind"] == "struct"]
        if view:
            place = name, line_of(source, match.start("name"))
            yield Item(place, match["name"], view[-1], True, match.start("name"))


def public_items(sources):
    """Those of all files, whose texts the mapping has by their names."""
    shown = exports(sources)
    return [item for name, source in sources.items()
            for item in items(name, source, reachable(name, shown))]
