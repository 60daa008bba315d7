"""Members that are likely to be unique, by their names. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import jsonpointer

from harness import payloads
from harness.http.content import at
from harness.profile.models import Resource

_OFTEN_UNIQUE = (
    "sku",
    "email",
    "slug",
    "code",
    "username",
    "user_name",
    "userName",
    "login",
    "name",
    "key",
    "title",
)

ALONE = 3
"""Members that are tried one by one."""


def often_unique(body: Any, known: Resource) -> list[str]:
    """Pointers of the texts whose names suggest that they must be unique, or identify an item."""
    inside = at(body, known.representation)
    return [
        "/" + jsonpointer.escape(name)
        for name, value in (inside.items() if isinstance(inside, dict) else ())
        if isinstance(value, str)
        and (name in _OFTEN_UNIQUE or re.search(r"(_key|Key|_name|Name|_code|Code)$", name))
    ]


def unique_candidates(body: Any, known: Resource, refusal: Any) -> list[str]:
    """Members that may have to be unique, likeliest first, by their pointers in the representation.

    Args:
        body: the create body that was accepted once and then refused.
        known: has the location of its members.
        refusal: JSON of the response; a member that it names is likelier than any other.
    """
    text = str(refusal)

    def rank(pointer: str) -> tuple[bool, int]:
        name = jsonpointer.unescape(pointer.rsplit("/", 1)[-1])
        often = _OFTEN_UNIQUE.index(name) if name in _OFTEN_UNIQUE else len(_OFTEN_UNIQUE)
        return name not in text, often

    return sorted(payloads.variable(known, body), key=rank)


def the_one(candidates: Sequence[str], accepted: Callable[[Sequence[str]], bool]) -> str | None:
    """The member of which another value makes a refused create accepted; None if there is none.

    The likeliest are tried alone; the others all together, and then by halves.

    Args:
        candidates: likeliest first.
        accepted: creates an item with other values of some members, and returns whether that was accepted.
    """
    for pointer in candidates[:ALONE]:
        if accepted([pointer]):
            return pointer
    rest, sure = list(candidates[ALONE:]), False
    if not rest or not accepted(rest):
        return None
    while len(rest) > 1:
        half = len(rest) // 2
        sure = accepted(rest[:half])
        rest = rest[:half] if sure else rest[half:]
    # Two members together may have to be unique, or the refusals may have another cause.
    return rest[0] if sure or accepted(rest) else None
