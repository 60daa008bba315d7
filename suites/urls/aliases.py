"""Aliases in a document: paths that stand for an item that the credential decides. Pure; no I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

_ALIAS = re.compile(r"(.*)/(me|self|current|myself)")


def aliases(documented: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """Paths such as `/users/me`, each with the path of an item, `/users/{}`, where GET is documented for both."""
    found = []
    for path, methods in documented.items():
        match = _ALIAS.fullmatch(path)
        if match is None or "GET" not in methods or "{" in path or not match[1]:
            continue
        for other, theirs in documented.items():
            if re.fullmatch(re.escape(match[1]) + r"/\{[^/{}]*\}", other) and "GET" in theirs:
                found.append((path, f"{match[1]}/{{}}"))
                break
    return found


def differing(one: Any, other: Any) -> list[str]:
    """Names of members that two representations both have, with different values; links are left out."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return []
    names = [name for name in one if name in other and not name.lstrip("_").startswith("links")]
    return [name for name in names if one[name] != other[name]]
