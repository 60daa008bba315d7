"""What arrived, compared with what the document says of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from harness.http.content import is_json
from harness.payloads import constraints
from harness.survey.openapi.hooks import DeclaredEvent, Hooks, plain

from .receiver import Delivery

MOST_SHOWN = 3
_SHOWN = 160


@dataclass(frozen=True)
class Subscribed:
    """What a receiver was subscribed to.

    Attributes:
        event: its name.
        path: of the POST that subscribed it; None where it is registered by hand.
        only: whether the subscription asked for this event, and no other.
    """

    event: str
    path: str | None
    only: bool


def candidates(declared: Hooks, wanted: Subscribed, kind: str | None) -> list[DeclaredEvent]:
    """The declared events that a delivery may be of; none where the document may not be about it.

    Args:
        kind: type of the event, as the delivery has it; None where it has none.
    """
    if kind is not None and (named := declared.contents([kind], None)):
        return named
    if kind is not None and plain(kind) != plain(wanted.event) and not wanted.only:
        return []
    return declared.contents([wanted.event], wanted.path)


def faults(delivery: Delivery, possible: Iterable[DeclaredEvent]) -> list[str] | None:
    """What is wrong with a delivery by each of the schemas that it may have; None where it cannot be judged.

    Returns:
        The faults by the schema that fits best; empty where it matches one.
    """
    if not is_json(delivery.headers.get("content-type", "").partition(";")[0].strip().lower()):
        return None
    try:
        value = json.loads(delivery.content)
    except (ValueError, RecursionError):
        return ["the content is not JSON, which Content-Type says it is"]
    found = [constraints.errors(one.content, value) for one in possible]
    judged = [errors for errors in found if errors is not None]
    if not judged or len(judged) < len(found):
        return None
    best = min(judged, key=len)
    return [f"{one.json_path}: {one.message[:_SHOWN]}" for one in best[:MOST_SHOWN]]
