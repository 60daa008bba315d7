"""DOC-001: documented reads below an item, such as GET /orders/{id}/history."""

from __future__ import annotations

from harness.client.client import exchange_of
from harness.http.exchange import Exchange
from harness.resource.item import Item
from harness.survey.openapi.promises import safe_paths_below
from harness.survey.outcome import Survey

from .judge import no_route
from .served import refused

MOST = 5


def unserved(item: Item, survey: Survey, unknown: Exchange | None, absent: Exchange | None) -> list[str]:
    """Why some documented reads below an item are surely not served, a sentence each.

    Args:
        unknown: the response for a path that certainly does not exist.
        absent: the response for an absent item. What is below an item may be absent, too, and is then no fault.
    """
    template = item.resource.known.item.rstrip("/")
    paths = [path for path in safe_paths_below(template, survey.documented) if path != template]
    found = []
    for path in paths[:MOST]:
        reply = item.client.get(item.url_of(path))
        answer = exchange_of(reply)
        why = refused(answer) or no_route(answer, unknown, absent)
        if why is not None:
            found.append(why)
    return found
