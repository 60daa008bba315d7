"""Members that only the server sets, by the document, and the values that it lists for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.http.contract import Contract
from harness.http.path_templates import matches
from harness.survey.openapi.unrequested import ServerMember

from .scopes import names_owner

DEEPEST = 4
MOST = 12
_ROLE = re.compile(r"(?:user|account|access)?[-_]?(?:roles?|level)", re.IGNORECASE)
_RIGHT = re.compile(
    r"(?:is|has)?[-_]?(?:admin(?:istrator)?|staff|super[-_]?user|moderator|root)(?:[-_]?access)?|permissions?|privileges?|scopes?"
    r"|(?:account[-_]?)?(?:balance|credits?|credit[-_]?limit)(?:[-_]?cents)?|(?:is|email|kyc)?[-_]?verified",
    re.IGNORECASE,
)


def rights_members(found: Iterable[ServerMember], item: str) -> dict[str, list[Any]]:
    """Locations of roles, rights, balances and owners that no documented request sets, with the listed values.

    Args:
        item: path template of the item.
    """
    return {
        f"/{one.name.replace('~', '~0').replace('/', '~1')}": list(one.values)
        for one in found
        if (one.item == item or matches(one.item, item)) and names_right(one.name)
    }


def names_right(name: str) -> bool:
    """Whether a member is called like what its owner may do, has, or is."""
    return bool(_ROLE.fullmatch(name) or _RIGHT.fullmatch(name)) or names_owner(name)


def usual_rights(name: str) -> tuple[str, ...]:
    """Values to try for a member that is called like a role; none for any other."""
    return ("admin", "owner") if _ROLE.fullmatch(name.rpartition("/")[2]) else ()


def read_only_members(contract: Contract, item: str) -> dict[str, list[Any]]:
    """Locations in a representation that only the server sets, with the values that the schema lists.

    Args:
        item: path template of the item.
    """
    for answer in contract.of("GET", item):
        if not answer.status.startswith("2"):
            continue
        for number in answer.contents.values():
            if number is not None:
                schema = contract.schemas[number]
                found = dict(_marked(schema, schema.get("$defs", {}), "", 0))
                return dict(list(found.items())[:MOST])
    return {}


def _marked(
    schema: Any, definitions: Mapping[str, Any], place: str, depth: int
) -> Iterator[tuple[str, list[Any]]]:
    node = _resolved(schema, definitions)
    parts = [node, *(_resolved(one, definitions) for one in node.get("allOf", []))]
    for part in parts:
        properties = part.get("properties")
        for name, one in properties.items() if isinstance(properties, Mapping) else ():
            inner, where = (
                _resolved(one, definitions),
                f"{place}/{name.replace('~', '~0').replace('/', '~1')}",
            )
            if inner.get("readOnly") is True or (isinstance(one, Mapping) and one.get("readOnly") is True):
                yield where, list(inner.get("enum") or [])
            elif depth < DEEPEST:
                yield from _marked(inner, definitions, where, depth + 1)


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if isinstance(reference, str):
        schema = definitions.get(reference.rpartition("/")[2])
    return schema if isinstance(schema, Mapping) else {}
