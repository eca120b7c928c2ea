# SPDX-License-Identifier: GPL-2.0
"""Just enough of Rust's (and C's) lexical structure to check sources by script.

blank() keeps every character's position and line, and overwrites what is no
code: comments, and the insides of strings and character literals.
"""
import re

_TOKEN = re.compile(r"""
    (?P<line>//[^\n]*)
  | (?P<block>/\*)
  | (?P<raw>\b[bc]?r(?P<hashes>\#*)")
  | (?P<string>[bc]?"(?:[^"\\]|\\.)*")
  | (?P<char>b?'(?:[^'\\\n]|\\(?:u\{[0-9a-fA-F_]*\}|x[0-9a-fA-F]{2}|.))')
""", re.VERBOSE | re.DOTALL)
_NESTING = re.compile(r"/\*|\*/")


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def _end_of_block(source, start):
    depth, position = 1, start + 2
    while depth:
        match = _NESTING.search(source, position)
        if not match:
            return len(source)
        depth += 1 if match.group() == "/*" else -1
        position = match.end()
    return position


def _end_of_token(source, match):
    if match.group("block"):
        return _end_of_block(source, match.start())
    if match.group("raw"):
        end = source.find('"' + match.group("hashes"), match.end())
        return len(source) if end < 0 else end + 1 + len(match.group("hashes"))
    return match.end()


def blank(source):
    """The source with everything that is not code replaced by spaces."""
    pieces, position = [], 0
    while True:
        match = _TOKEN.search(source, position)
        if not match:
            return "".join(pieces) + source[position:]
        end = _end_of_token(source, match)
        pieces += source[position:match.start()], _spaces(source[match.start():end])
        position = end


def line_of(text, offset):
    """The number, from 1, of the line that an offset is in."""
    return text.count("\n", 0, offset) + 1


def closing(code, opening):
    """The offset of the brace that closes the one at opening, in blanked code."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(code) - 1


class Function:
    """A function with a body: where it is and what its signature says."""

    def __init__(self, name, name_at, start, body, end, signature):
        self.name, self.name_at = name, name_at
        self.start, self.body, self.end = start, body, end
        self.signature = signature

    def is_callback(self):
        """Called from C."""
        return "extern" in self.signature


_FN = re.compile(r"(?P<signature>(?:\b(?:pub(?:\([^)]*\))?|const|async|unsafe|extern)\s+)*)"
                 r"\bfn\s+(?P<name>\w+)")


def body_of(code, position):
    """Offset of the brace that opens the body, or -1 for a declaration."""
    depth = 0
    for match in re.compile(r"[(){};\[\]]").finditer(code, position):
        token = match.group()
        if token in "([":
            depth += 1
        elif token in ")]":
            depth -= 1
        elif depth == 0:
            return match.start() if token == "{" else -1
    return -1


def functions(code):
    """The functions of a blanked Rust source that have a body."""
    for match in _FN.finditer(code):
        body = body_of(code, match.end())
        if body >= 0:
            yield Function(match.group("name"), match.start("name"), match.start(), body,
                           closing(code, body), match.group("signature"))
