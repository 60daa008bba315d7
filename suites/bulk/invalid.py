"""Items that an API refuses when they are sent alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.client.client import exchange_of
from harness.http.content import MISSING, at, last_segment, replaced
from harness.http.exchange import Exchange
from harness.payloads.invalid import Kind, violations
from harness.resource.resource import ResourceUnderTest
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided

FOR_OTHER_REASONS = (401, 402, 403, 407, 408, 429)
"""Statuses by which a batch may be refused whatever is in it."""
KINDS: tuple[Kind, ...] = ("required", "type", "enum", "range")
"""Constraints that are violated, the grossest first."""
BOUNDS: tuple[Kind, ...] = ("range", "length", "enum")
"""Constraints that a check of types and names leaves open."""
_TRIED = 4
"""Items that may be invalid, of which one is refused when it is sent alone."""


@dataclass(frozen=True)
class Invalid:
    """An item that is refused when it is sent alone.

    Attributes:
        make: a fresh one.
        refused: the exchange that refused it.
    """

    make: Callable[[], Any]
    refused: Exchange


def invalid(resource: ResourceUnderTest, kinds: tuple[Kind, ...] = KINDS) -> Invalid:
    """An item that the API refuses when it is sent alone.

    Args:
        kinds: of the constraint that it violates.

    Raises:
        Undecided: none is known.
    """
    tried = []
    for pointer, value in faults(resource) if kinds is KINDS else violating(resource, kinds)[:_TRIED]:

        def make(place: str = pointer, wrong: Any = value) -> Any:
            return replaced(resource.body(), place, wrong)

        body = make()
        reply = resource.post(body)
        tried.append(exchange_of(reply).summary())
        if 400 <= reply.status_code < 500 and reply.status_code not in (404, 405, *FOR_OTHER_REASONS):
            marker = resource.marker(body)
            created = (resource.lost(marker) if marker is not None else None) or []
            if not created:
                return Invalid(make, exchange_of(reply))
            # That such an item is refused and created is no matter of batches.
            tried.append("and it was created")
            for id in filter(None, map(last_segment, created)):
                resource.adopt(id, body=body)
    text = f"no item of {resource.name} is known that is refused when it is sent alone"
    raise Undecided(f"{text}: {'; '.join(tried)}" if tried else text)


def faults(resource: ResourceUnderTest) -> list[tuple[str, Any]]:
    """Where a body may be made invalid, with the value there: a wrong type, or `MISSING` for what is required.

    The member that items are recognised by is the last to go.
    """
    body, known = resource.body(), resource.known
    tag = tag_pointer(known, body)
    found = violating(resource, KINDS)
    inside = at(body, known.representation)
    for name, value in inside.items() if isinstance(inside, dict) else ():
        pointer = f"{known.representation}/{name.replace('~', '~0').replace('/', '~1')}"
        if pointer != tag and not isinstance(value, dict | list):
            found.append((pointer, {"unexpected": ["object"]}))
    found = found[: _TRIED - 1]
    if tag is not None:
        found.append((tag, MISSING))
    # Where members may be anything, an item still is an object.
    whole: list[tuple[str, Any]] = [(known.representation, "unexpected")] if known.representation else []
    return [*found, *whole, ("", ["unexpected"])]


def violating(resource: ResourceUnderTest, kinds: tuple[Kind, ...]) -> list[tuple[str, Any]]:
    """Where a body violates its schema, with the value there, but in the member that items are recognised by."""
    body, known = resource.body(), resource.known
    if known.create_schema is None:
        return []
    some = violations(known.create_schema, body, known.representation)
    fitting = sorted((one for one in some if one.kind in kinds), key=lambda one: kinds.index(one.kind))
    tag = tag_pointer(known, body)
    return [(one.pointer, at(one.body, one.pointer)) for one in fitting if one.pointer != tag]
