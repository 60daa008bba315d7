"""Path templates of documents, such as `/orders/{id}` (OpenAPI, Path Templating). Pure."""

from __future__ import annotations

import re

_NAMED = re.compile(r"\{[^{}]*\}")
_PARAMETER = re.compile(r"\{[^}]*\}")


def shape(template: str) -> str:
    """A template without the names of its parameters, which differ from path to path, and without a last slash."""
    return _NAMED.sub("{}", template.rstrip("/"))


def matches(template: str, path: str) -> bool:
    """Whether a path matches a template (OpenAPI, Paths Object)."""
    parts, words = template.split("/"), path.split("/")
    return len(parts) == len(words) and all(
        part == word or ("{" in part and _stands_for(part, word))
        for part, word in zip(parts, words, strict=True)
    )


def _stands_for(part: str, word: str) -> bool:
    """Whether a segment matches one with parameters; each parameter takes one character or more.

    The text between parameters is searched from left to right: a regular expression with many parameters would
    backtrack exponentially.
    """
    first, *between = _PARAMETER.split(part)
    if not between:
        return False
    last = between.pop()
    if not word.startswith(first) or not word.endswith(last):
        return False
    place, end = len(first), len(word) - len(last)
    for text in between:
        place = word.find(text, place + 1, end)
        if place < 0:
            return False
        place += len(text)
    return place < end
