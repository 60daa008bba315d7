"""Two OpenAPI documents compared: what breaks the clients of the old one. Pure.

Names of changes are those of oasdiff where it has the same check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operation_index import Operation, operations_of, sunset_of
from harness.survey.openapi.operations import response_schema, response_types
from harness.survey.openapi.schema_changes import Comparison

REMOVALS = frozenset(
    {
        "api-removed-without-deprecation",
        "api-path-removed-without-deprecation",
        "api-removed-before-sunset",
        "api-path-removed-before-sunset",
        "sunset-deleted",
        "api-sunset-date-changed-too-small",
    }
)
"""What breaks a promise about the end of an operation."""


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        kind: its name, such as `response-required-property-removed`.
        operation: method and path in the old document; the first where several share a schema.
        text: what changed, in words.
        breaks: whether it breaks clients; if not, it breaks those that read or send strictly.
    """

    kind: str
    operation: str
    text: str
    breaks: bool = True

    def __str__(self) -> str:
        return f"{self.operation}: {self.text} ({self.kind})"


def changes(old: Node, new: Node, today: date) -> list[Change]:
    """What breaks clients from one document to another, breaking changes first.

    Args:
        today: what is removed after its declared sunset is no change.
    """
    before, after = _aligned(old, new)
    requests, responses = Comparison(old, new, request=True), Comparison(old, new, request=False)
    found: list[Change] = []
    paths = {path for _, path in after}
    for key, one in before.items():
        if key not in after:
            found += _removed(one, key[1] in paths, today)
            continue
        there = after[key]
        found += _sunset(one, there)
        found += _security(one, there)
        found += _parameters(requests, one, there)
        found += _request(requests, one, there)
        found += _responses(responses, one, there)
    return sorted(dict.fromkeys(found), key=lambda one: not one.breaks)


def major(document: Node) -> str:
    """The major version of a document: the first number of `info.version`; empty where it has none."""
    info = document.get("info")
    match = re.search(r"\d+", str(info.get("version", ""))) if isinstance(info, dict) else None
    return match[0] if match else ""


Index = dict[tuple[str, str], Operation]


def _aligned(old: Node, new: Node) -> tuple[Index, Index]:
    """Both documents' operations, paths with that of the server where more of them match so."""
    bare = operations_of(old), operations_of(new)
    full = operations_of(old, prefixed=True), operations_of(new, prefixed=True)
    return full if len(full[0].keys() & full[1].keys()) > len(bare[0].keys() & bare[1].keys()) else bare


def _removed(one: Operation, path_remains: bool, today: date) -> Iterator[Change]:
    end = sunset_of(one.node)
    word = "api" if path_remains else "api-path"
    if not one.deprecated:
        yield Change(f"{word}-removed-without-deprecation", one.name, "removed, and never deprecated")
    elif end is not None and today < end:
        yield Change(f"{word}-removed-before-sunset", one.name, f"removed before its sunset, {end}")


def _sunset(one: Operation, there: Operation) -> Iterator[Change]:
    old, new = sunset_of(one.node), sunset_of(there.node)
    if old is not None and new is not None and new < old:
        yield Change("api-sunset-date-changed-too-small", one.name, f"sunset was {old}, and is {new}")


def _security(one: Operation, there: Operation) -> Iterator[Change]:
    lost = [way for way in one.security if not any(needed <= way for needed in there.security)]
    if lost and frozenset() in one.security:
        yield Change("api-security-added", one.name, "requires a credential now")
    elif lost:
        shown = ", ".join(sorted(lost[0]))
        yield Change("api-security-component-removed", one.name, f"{shown} is no longer enough")


def _parameters(requests: Comparison, one: Operation, there: Operation) -> Iterator[Change]:
    for (place, name), before in one.parameters.items():
        label = f"{place} parameter {before['name']}"
        after = there.parameters.get((place, name))
        if after is None:
            if before.get("deprecated") is not True and place != "path":
                yield Change("request-parameter-removed", one.name, f"{label} removed", breaks=False)
            continue
        if after.get("required") is True and before.get("required") is not True and place != "path":
            yield Change("request-parameter-became-required", one.name, f"{label} is required now")
        for change in requests.changes(_schema(before), _schema(after)):
            text = f"{label}{f' {change.where}' if change.where else ''}: {change.text}"
            yield Change(f"request-parameter-{change.kind}", one.name, text, change.breaks)
    for (place, name), after in there.parameters.items():
        required = after.get("required") is True and "default" not in _schema(after)
        if required and place != "path" and (place, name) not in one.parameters:
            text = f"{place} parameter {after['name']} is new and required"
            yield Change("new-required-request-parameter", one.name, text)


def _schema(parameter: Node) -> Node:
    """The schema of a parameter; the parameter itself in Swagger 2.0."""
    found = parameter.get("schema")
    if isinstance(found, dict):
        return found
    return parameter if "type" in parameter else {}


def _request(requests: Comparison, one: Operation, there: Operation) -> Iterator[Change]:
    old, new = one.body, there.body
    compared = old.others if old.schema is not None and new.others else ()
    gone = [kind for kind in compared if not _taken(kind, new.others)]
    for kind in gone:
        yield Change("request-body-media-type-removed", one.name, f"{kind} is no longer accepted")
    needed = resolve(requests.new, there.node.get("requestBody")).get("required") is True
    if needed and resolve(requests.old, one.node.get("requestBody")).get("required") is not True:
        kind = "request-body-became-required" if old.others else "request-body-added-required"
        yield Change(kind, one.name, "request content is required now")
    if old.schema is None or new.schema is None or (old.json, new.json) == (True, False):
        return
    for change in requests.changes(old.schema, new.schema):
        kind = "new-required-request-property" if change.kind == "new-required-property" else ""
        yield Change(
            kind
            or f"request-{_subject(change.where)}-{change.kind}".replace("-property-property", "-property"),
            one.name,
            f"request {change.where or 'content'}: {change.text}",
            change.breaks,
        )


def _responses(responses: Comparison, one: Operation, there: Operation) -> Iterator[Change]:
    for status in one.responses:
        if not status.startswith("2"):
            continue
        now = next((code for code in (status, "2XX", "2xx", "default") if code in there.responses), None)
        if now is None:
            yield Change("response-success-status-removed", one.name, f"{status} is no longer documented")
            continue
        old = response_types(responses.old, one.node, (status,))
        new = response_types(responses.new, there.node, (now,))
        for kind in old:
            if new and not _taken(kind, new):
                yield Change("response-media-type-removed", one.name, f"{kind} is no longer in {status}")
        schemas: tuple[Any, Any] = (
            response_schema(responses.old, one.node, (status,)),
            response_schema(responses.new, there.node, (now,)),
        )
        if schemas[0] is None or schemas[1] is None:
            continue
        for change in responses.changes(*schemas):
            subject = "" if "property-removed" in change.kind else f"{_subject(change.where)}-"
            text = f"{status} {change.where or 'content'}: {change.text}"
            yield Change(f"response-{subject}{change.kind}", one.name, text, change.breaks)


def _subject(where: str) -> str:
    return "property" if where else "body"


def _taken(kind: str, kinds: tuple[str, ...]) -> bool:
    return kind in kinds or "*/*" in kinds or f"{kind.partition('/')[0]}/*" in kinds
