"""Members that carry the version on which a write is based: optimistic locking in the content. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.survey.openapi import shapes

NAMES = (
    *("version", "lock_version", "lockVersion", "row_version", "rowVersion", "revision", "_rev", "_version"),
    *("resourceVersion", "resource_version"),
)
_REFUSED = (400, 409, 412, 422, 428)


def named(representation: Any, status: int, refusal: str) -> str | None:
    """Location of the version for which a write was refused; None if the refusal names none.

    Args:
        representation: the members of the item, as a GET showed them.
        status: of the refusal.
        refusal: its content.
    """
    if status not in _REFUSED or not isinstance(representation, Mapping):
        return None
    for name in NAMES:
        value = representation.get(name)
        plain = isinstance(value, str | int) and not isinstance(value, bool)
        if plain and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", refusal):
            return shapes.token(name)
    return None
