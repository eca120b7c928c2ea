# SPDX-License-Identifier: GPL-2.0
"""Why a symbol is off: what it depends on, and which part of that is not met.

Reads the Kconfig files just well enough for that: definitions, `depends on`,
and the `if`, `menu` and `choice` blocks around them. Only used for an error
message, after the kernel's own tools have decided.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

KEYWORD = re.compile(r"\s*(config|menuconfig|if|endif|menu|endmenu|choice|endchoice|source|depends on|"
                     r"bool|tristate|def_bool|def_tristate|int|hex|string|prompt)(?=\s|$)\s*(.*)")
OPENING, CLOSING = ("if", "menu", "choice"), ("endif", "endmenu", "endchoice")
TYPES = ("bool", "tristate", "def_bool", "def_tristate", "int", "hex", "string", "prompt")
TOKEN = re.compile(r'\$\([^()]*\)|"[^"]*"|&&|\|\||!=|<=|>=|[!()=<>]|[\w.-]+')

NAME = re.compile(r"(?!0x|\d+$)[A-Z0-9]\w+")


@dataclass
class Definition:
    """One `config` block with everything that must hold for it."""

    place: str
    conditions: list = field(default_factory=list)
    prompt: bool = False


class Reader:
    """Collects {symbol: [Definition]} from a Kconfig file and what it sources."""

    def __init__(self, tree, arch):
        self.tree = Path(tree)
        self.arch = arch
        self.srcarch = "x86" if arch == "x86_64" else arch
        self.found = {}
        self.blocks = []
        self.read("Kconfig")

    def read(self, name):
        path = self.tree / name
        if not path.is_file():
            return
        text = re.sub(r"\\\n\s*", " ", path.read_text(errors="replace"))
        text = text.replace("$(SRCARCH)", self.srcarch).replace("$(ARCH)", self.arch)
        current = None
        for line in _without_help(text.expandtabs().splitlines()):
            match = KEYWORD.match(line)
            if match is not None:
                current = self._keyword(match[1], match[2].split(" #")[0].strip(), current, name)

    def _keyword(self, word, rest, current, name):
        if word in ("config", "menuconfig"):
            current = Definition(name, [c for block in self.blocks for c in block.conditions])
            self.found.setdefault(rest, []).append(current)
        elif word in OPENING:
            current = Definition(name, [rest] if word == "if" else [])
            self.blocks.append(current)
        elif word in CLOSING:
            self.blocks.pop()
            current = None
        elif word == "source":
            self._source(rest)
        elif current is not None and word == "depends on":
            current.conditions.append(rest)
        elif current is not None and word in TYPES and '"' in rest:
            current.prompt = True
            if " if " in rest:
                current.conditions.append(rest.rpartition(" if ")[2])
        return current

    def _source(self, rest):
        self.read(rest.strip('"').replace("$(HEADER_ARCH)", "x86"))


def _without_help(lines):
    """Help texts left out: they run until a line that is indented less."""
    indent = None
    for line in lines:
        if not line.strip():
            continue
        column = len(line) - len(line.lstrip())
        if indent == 0:
            indent = column
        if indent is not None and column >= indent:
            continue
        indent = 0 if line.strip() == "help" else None
        yield line


class Value:
    """An expression over the symbols of a configuration."""

    ORDER = {"n": 0, "m": 1, "y": 2}

    def __init__(self, text, config):
        self.tokens = TOKEN.findall(text)
        self.config = config
        self.at = 0

    def holds(self):
        return self._or() > 0

    def _or(self):
        value = self._and()
        while self._take("||"):
            value = max(value, self._and())
        return value

    def _and(self):
        value = self._not()
        while self._take("&&"):
            value = min(value, self._not())
        return value

    def _not(self):
        if self._take("!"):
            return 2 - self._not()
        if self._take("("):
            value = self._or()
            self._take(")")
            return value
        return self._comparison()

    def _comparison(self):
        left = self._word()
        for sign in ("=", "!=", "<=", ">=", "<", ">"):
            if self._take(sign):
                return 2 if _compare(left, sign, self._word()) else 0
        return self.ORDER.get(left, 0)

    def _word(self):
        token = self.tokens[self.at] if self.at < len(self.tokens) else "n"
        self.at += 1
        if token in self.ORDER or not NAME.fullmatch(token):
            return token.strip('"')
        return self.config.get(token, "n").strip('"')

    def _take(self, token):
        if self.at < len(self.tokens) and self.tokens[self.at] == token:
            self.at += 1
            return True
        return False


def _compare(left, sign, right):
    if sign in ("=", "!="):
        return (left == right) == (sign == "=")
    numbers = [int(n, 0) if re.fullmatch(r"0x[0-9a-fA-F]+|\d+", n) else 0 for n in (left, right)]
    result = (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    return {"<=": result <= 0, ">=": result >= 0, "<": result < 0, ">": result > 0}[sign]


def conjuncts(text):
    """The top-level && parts of an expression."""
    parts, depth, current = [], 0, []
    for token in TOKEN.findall(text):
        depth += (token == "(") - (token == ")")
        if token == "&&" and depth == 0:
            parts.append(" ".join(current))
            current = []
        else:
            current.append(token)
    return [*parts, " ".join(current)]


class Explainer:
    """explain(symbol, wanted value) -> one sentence."""

    def __init__(self, tree, arch, config):
        self.tree, self.arch, self.config = tree, arch, config
        self.reader = None

    def __call__(self, symbol, wanted):
        self.reader = self.reader or Reader(self.tree, self.arch)
        definitions = self.reader.found.get(symbol)
        if not definitions:
            return f"no Kconfig file of this kernel defines it for ARCH={self.arch}"
        unmet = [self._unmet(d) for d in definitions]
        if all(unmet):
            return " or ".join(f"{d.place} wants {', '.join(u)}" for d, u in zip(definitions, unmet))
        if not any(d.prompt for d in definitions):
            return f"{definitions[0].place} lets nobody choose it; it is only selected by others"
        return f"its dependencies in {definitions[0].place} are met, but another choice or select decides its value"

    def _unmet(self, definition):
        parts = [part for condition in definition.conditions for part in conjuncts(condition)]
        return [self._with_values(part) for part in parts if not Value(part, self.config).holds()]

    def _with_values(self, part):
        names = dict.fromkeys(n for n in TOKEN.findall(part) if NAME.fullmatch(n))
        values = ", ".join(f"{n}={self.config.get(n, 'n')}" for n in names)
        return f"{part} ({values})"
