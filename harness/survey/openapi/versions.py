"""Members that carry the version on which a write is based: optimistic locking in the content. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.payloads.constraints import Schema, joined, member
from harness.survey.openapi import shapes

NAMES = (
    *("version", "lock_version", "lockVersion", "row_version", "rowVersion", "revision", "_rev", "_version"),
    *("resourceVersion", "resource_version"),
)
_REFUSED = (400, 409, 412, 422, 428)


def counted(representation: Any, schema: Schema | None, root: str) -> str | None:
    """Location of a whole number that is named like a version, and that the schema of writes has; None without one.

    Args:
        representation: the members of the item.
        schema: of creates.
        root: location of the representation in the schema's values.
    """
    if not isinstance(representation, Mapping) or schema is None:
        return None
    properties: Any = joined(schema, member(schema, root) or {}).get("properties")
    for name in NAMES if isinstance(properties, Mapping) else ():
        part = properties.get(name)
        if not isinstance(part, Mapping) or joined(schema, dict(part)).get("readOnly") is True:
            continue
        if type(representation.get(name)) is int:
            return shapes.token(name)
    return None


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
