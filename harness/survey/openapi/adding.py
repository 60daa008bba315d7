"""Documented actions that add to a number or an array of an item, such as `POST /customers/{id}/credits`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.survey.openapi.below_item import BelowItem
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, endpoints, examples, parameters, request_content

_ACTION = re.compile(r"(?P<item>.+/\{[^{}]+\})[/:](?P<word>[A-Za-z_-]+)")
_ADDS = re.compile(
    # What stays within the item. Money that comes from elsewhere or goes there, as by `pay` or `refund`, does not.
    r"((increment|decrement|increase|decrease|bump|add|subtract|adjust(ments?)?|restock|top[-_]?ups?|credits?|debits?"
    r"|deposits?|points?)"
    r"([-_]?(stock|quantity|balance|credits?|points?|count(er)?s?|inventory|amount|units?))?"
    r"|(stock|quantity|balance|points|inventory)[-_](adjustments?|increments?|changes?))",
    re.IGNORECASE,
)
_APPENDS = re.compile(r"(add[-_]?)?(line[-_]?items?|lines?|items?|entry|entries|positions?)", re.IGNORECASE)
"""What adds an element to an array of the item, where it is no collection of its own."""
_KEY = re.compile(r"(x-)?idempoten(cy|t)-?(key|id)", re.IGNORECASE)
_ADDED = 3
"""What is added where no example says it: no version counts by that."""


@dataclass(frozen=True)
class Adding(BelowItem):
    """An operation below an item that adds to one of its members.

    Attributes:
        body: JSON content; None for none.
        keyed: whether it documents an idempotency key.
    """

    body: Any = None
    keyed: bool = False


def adding(document: Node, base_path: str) -> tuple[Adding, ...]:
    """The documented actions that by their name add to an item, and whose content is known.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    made = []
    for endpoint in endpoints(document, base_path):
        match = _ACTION.fullmatch(endpoint.path.rstrip("/"))
        operation = endpoint.operations.get("POST")
        if match is None or operation is None:
            continue
        appends = _APPENDS.fullmatch(match["word"]) is not None and "GET" not in endpoint.operations
        if not appends and not _ADDS.fullmatch(match["word"]):
            continue
        fields = parameters(document, endpoint, operation)
        others = (one for one in fields if one["in"] != "path" and not _KEY.fullmatch(one["name"]))
        if any(one.get("required") is True for one in others):
            continue
        known, body = _content(document, endpoint, operation, appends=appends)
        if known and not (appends and body is None):
            made.append(Adding("POST", endpoint.path, match["item"], body, _takes_key(fields)))
    return tuple(made)


def keyed(document: Node, base_path: str) -> tuple[str, ...]:
    """The operations that document an idempotency key, such as `POST /orders/{id}/pay`."""
    return tuple(
        f"{method} {endpoint.path}"
        for endpoint in endpoints(document, base_path)
        for method, operation in endpoint.operations.items()
        if _takes_key(parameters(document, endpoint, operation))
    )


def _takes_key(fields: Iterable[Node]) -> bool:
    return any(one["in"] == "header" and _KEY.fullmatch(one["name"]) for one in fields)


def _content(document: Node, endpoint: Endpoint, operation: Node, *, appends: bool) -> tuple[bool, Any]:
    """Whether valid content is known, and that content; None for none.

    Args:
        appends: whether the content is an element, and not a number to be added.
    """
    content = request_content(document, endpoint, operation)
    if content.schema is None and not content.media:
        return True, None
    if not content.json:
        return False, None
    for value in examples(document, content):
        if isinstance(value, Mapping) and (
            appends or any(type(one) is int and one for one in value.values())
        ):
            return True, dict(value)
    if appends:
        return False, None
    schema = resolve(document, content.schema)
    properties = schema.get("properties")
    required = schema.get("required") or []
    made = {}
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        return False, None
    for name in required:
        member = resolve(document, properties.get(name))
        if member.get("type") not in ("integer", "number"):
            return False, None
        made[name] = _between(_ADDED, member.get("minimum"), member.get("maximum"))
    return bool(made), made or None


def _between(wanted: int, least: Any, most: Any) -> int:
    """The number that is wanted, or the nearest one that the bounds allow."""
    made = max(wanted, least) if type(least) is int else wanted
    return min(made, most) if type(most) is int else made
