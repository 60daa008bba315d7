"""Text that a target sent, made safe to show: nothing in it may hide text or control a terminal.

1. Control characters and characters that reorder text are shown as their numbers, never emitted.
2. JSON is indented without being parsed: numbers, escapes and repeated members stay as they were sent.
"""

from __future__ import annotations

import re

# Controls but tab and line feed, marks that reorder or hide text, halves of surrogate pairs, tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s"{}\[\],:]+', re.S)
_CLOSES = re.compile(r"\s*[}\]]")
_COMMAND = re.compile(r"^([^\S\n]*)::", re.M)
DEEPEST = 24
"""Levels after which JSON is indented no further."""


def visible(text: str) -> str:
    """The text with every character that would not be seen shown as its number, such as `⟨U+001B⟩`.

    Tabs and ends of lines stay; a CR LF becomes a LF.
    """
    return _HIDDEN.sub(_symbol, text.replace("\r\n", "\n"))


def hides(text: str) -> bool:
    """Whether `visible()` would change the text."""
    return _HIDDEN.search(text) is not None


def xml_safe(text: str) -> str:
    """The text without the characters that XML 1.0 forbids (section 2.2); halves of surrogate pairs are replaced."""
    return _NOT_XML.sub("", encodable(text))


def encodable(text: str) -> str:
    """The text with halves of surrogate pairs, which UTF-8 cannot hold, replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def one_line(text: str, width: int) -> str:
    """The text on one line of at most `width` characters, safe for a terminal."""
    line = " ".join(visible(text).split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def bounded(text: str, most: int) -> str:
    """The text, or its beginning with its true length."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def inert(text: str) -> str:
    """The text without what a GitHub runner takes for a command to it.

    A runner obeys a line of a log that begins with `::`, and `##[` anywhere in one.
    """
    return _COMMAND.sub(r"\1: :", text).replace("##[", "## [")


def indented(text: str) -> str:
    """JSON, or the beginning of it, one member a line; any other text unchanged.

    Only white space between tokens changes. A text that would grow beyond four times its length (deep
    nesting) is left alone.
    """
    if not text.lstrip().startswith(("{", "[")):
        return text
    out: list[str] = []
    depth, room = 0, 4 * len(text) + 1000
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token in "{[":
            depth += 1
            piece = token if _CLOSES.match(text, found.end()) else token + _break(depth)
        elif token in "}]":
            depth = max(depth - 1, 0)
            piece = token if out and out[-1] in ("{", "[") else _break(depth) + token
        elif token == ",":
            piece = token + _break(depth)
        else:
            piece = ": " if token == ":" else token
        out.append(piece)
        room -= len(piece)
        if room < 0:
            return text
    return "".join(out)


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 rule`, `2 rules`, `1,234 bytes`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _break(depth: int) -> str:
    return "\n" + "  " * min(depth, DEEPEST)


def _symbol(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\u27e8U+{code:04X}\u27e9"
