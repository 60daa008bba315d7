"""Members that are likely to be unique, by their names. Pure."""

from __future__ import annotations

import re
from typing import Any

import jsonpointer

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
    inside = at(body, known.representation)
    if not isinstance(inside, dict):
        return []
    text = str(refusal)

    def rank(name: str) -> tuple[bool, int]:
        often = _OFTEN_UNIQUE.index(name) if name in _OFTEN_UNIQUE else len(_OFTEN_UNIQUE)
        return name not in text, often

    plain = [name for name, value in inside.items() if isinstance(value, str | int) and value is not True]
    return ["/" + jsonpointer.escape(name) for name in sorted(plain, key=rank)]
