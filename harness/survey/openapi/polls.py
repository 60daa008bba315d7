"""Documented long polling: a GET that says so, with a cursor and a time for which it is held. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, parameters, response_schema
from harness.survey.openapi.schemas import Schemas

_SAYS = re.compile(r"long[-_ ]?poll", re.IGNORECASE)
_HELD = re.compile(r"(timeout|wait|hold|max_?wait|wait_?time)(_?(s|sec|secs|seconds))?", re.IGNORECASE)
_CURSOR = re.compile(
    r"since|cursor|after|from|offset|version|position|marker|last_?(seen|id|event_?id)", re.IGNORECASE
)
_SECONDS = re.compile(r"\b(\d{1,3}) ?(s|sec|seconds)\b")
_NEXT = ("next", "next_cursor", "nextCursor", "cursor", "last_id", "lastId")
SHORT = 2
"""Seconds for which a poll is held where the client may choose."""


@dataclass(frozen=True)
class DocumentedPoll:
    """A documented GET that is held until there is an event.

    Attributes:
        path: relative to the target URL, with the time in its query where the client may choose it.
        timeout: seconds for which it is held.
        cursor: query parameter with the place to continue at.
        next: pointer of the next cursor in responses.
    """

    path: str
    timeout: float
    cursor: str
    next: str


def long_polls(document: Node, found: Iterable[Endpoint]) -> tuple[DocumentedPoll, ...]:
    """The documented long polling that can be used without knowing any value.

    Args:
        document: as `document.parse()` gave it.
        found: its endpoints.
    """
    schemas = Schemas(document, request=False)
    made = []
    for endpoint in found:
        operation = endpoint.operations.get("GET")
        if operation is None or "{" in endpoint.path:
            continue
        text = " ".join(str(operation.get(name) or "") for name in ("operationId", "summary", "description"))
        given = parameters(document, endpoint, operation)
        if not _SAYS.search(text) or any(one.get("required") is True for one in given):
            continue
        queries = [one for one in given if one["in"] == "query"]
        cursor = next((one["name"] for one in queries if _CURSOR.fullmatch(one["name"])), None)
        after = _next(schemas.flat(response_schema(document, operation, ("200",)))["properties"], cursor)
        held = _held(document, queries, text)
        if cursor is not None and after is not None and held is not None:
            query, seconds = held
            made.append(DocumentedPoll(endpoint.path + query, seconds, cursor, after))
    return tuple(made)


def _held(document: Node, queries: list[Node], text: str) -> tuple[str, float] | None:
    """The query by which a poll is held, and for how long, in seconds; None where nothing says."""
    for one in queries:
        schema = resolve(document, one.get("schema")) if "schema" in one else one
        if _HELD.fullmatch(one["name"]) and "milli" not in str(one.get("description") or "").lower():
            low, high = schema.get("minimum"), schema.get("maximum")
            seconds = max(SHORT, low) if isinstance(low, int | float) else SHORT
            seconds = min(seconds, high) if isinstance(high, int | float) and high > 0 else seconds
            return f"?{one['name']}={seconds}", float(seconds)
    said = _SECONDS.search(text)
    return ("", float(said[1])) if said is not None and float(said[1]) > 0 else None


def _next(members: Any, cursor: str | None) -> str | None:
    names = [f"next_{cursor}", *_NEXT, cursor]
    return next((f"/{name}" for name in names if name in members), None)
