"""Short texts that match a simple regular expression: classes, groups, choices and counts. Pure.

Generators of any expression exist, but need a process of their own, and their texts are hard to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.payloads.constraints import matches

_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}|[*+?]")
_CLASSES = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyz", "s": " "}
_LONGEST = 200
_DEEPEST = 10
_ANY = "abcdefghijklmnopqrstuvwxyz"
_PRINTABLE = "".join(chr(code) for code in range(48, 123) if chr(code).isalnum()) + "-_. "


class _Unknown(Exception):
    """The expression has a part that is not read here."""


@dataclass
class _Reader:
    pattern: str
    place: int = 0
    made: int = 0

    def choice(self, depth: int) -> str:
        """The text for the first alternative; the others are skipped."""
        first = self.sequence(depth)
        while self.peek() == "|":
            self.place += 1
            self.sequence(depth)
        return first

    def sequence(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise _Unknown
        text = ""
        while (char := self.peek()) not in ("", "|", ")"):
            start = self.place
            self.place += 1
            if char in "^$":
                continue
            one = self.one(char, depth)
            after = self.place
            least = self.count()
            rest = self.place
            text += one if least else ""
            for _ in range(least - 1):
                # Again, for other characters of the same classes.
                self.place = start + 1
                text += self.one(char, depth)
                if len(text) > _LONGEST or self.place != after:
                    raise _Unknown
            self.place = rest
        return text

    def one(self, char: str, depth: int) -> str:
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.chosen(self.members())
        if char == "\\":
            return self.escaped()
        return self.chosen(_ANY) if char == "." else char

    def group(self, depth: int) -> str:
        if self.pattern.startswith("?:", self.place):
            self.place += 2
        elif self.peek() == "?":
            raise _Unknown
        inner = self.choice(depth + 1)
        if self.peek() != ")":
            raise _Unknown
        self.place += 1
        return inner

    def escaped(self) -> str:
        char = self.peek()
        self.place += 1
        if char in _CLASSES:
            return self.chosen(_CLASSES[char])
        if not char or char.isalnum():
            raise _Unknown
        return char

    def members(self) -> str:
        end = self.pattern.find("]", self.place + 1)
        inside = self.pattern[self.place : end]
        if end < 0 or inside.endswith("\\") or "[" in inside:
            raise _Unknown
        self.place = end + 1
        expression = re.compile(f"[{inside}]")
        found = "".join(char for char in _PRINTABLE if expression.fullmatch(char))
        return found or next((char for char in inside.lstrip("^") if expression.fullmatch(char)), "")

    def chosen(self, among: str) -> str:
        if not among:
            raise _Unknown
        self.made += 1
        return among[self.made * 7 % len(among)]

    def count(self) -> int:
        """How often the last part comes: the least that is allowed, at least once unless nothing is required."""
        match = _COUNT.match(self.pattern, self.place)
        if match is None:
            return 1
        self.place = match.end()
        if self.peek() in ("?", "+"):
            self.place += 1
        if match[1] is None:
            return {"*": 0, "?": 0, "+": 3}[match[0]]
        least = int(match[1])
        # A little more than nothing is easier to recognise.
        return min(max(least, 3), int(match[3])) if match[3] else max(least, 3) if match[2] else least

    def peek(self) -> str:
        return self.pattern[self.place : self.place + 1]


def text(pattern: str) -> str | None:
    """A text that matches; None if the expression is not simple."""
    reader = _Reader(pattern)
    try:
        made = reader.choice(0)
    except (_Unknown, re.error, ValueError):
        return None
    whole = reader.place == len(pattern) and len(made) <= _LONGEST
    return made if whole and matches(pattern, made) else None
