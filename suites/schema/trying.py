"""Creates with valid values at the edges of the schema: many members in one request, then the one that is at fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from harness.http.content import is_json
from harness.payloads.edges import Edge, edges, waves, with_edges
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided, applies, control

MOST_ALONE = 12
"""Members of one group that are tried one by one."""


@dataclass
class Trial:
    """What the trials of one resource have shown.

    Attributes:
        accepted: groups of values that a create accepted, with its item's response.
        refused: single values that were refused, or answered 5xx, with the response.
        together: groups that were answered so, although each of their values is accepted alone.
        cut: why the trials ended early; None where they did not.
    """

    accepted: list[tuple[list[Edge], Item | None]] = field(default_factory=list)
    refused: list[tuple[Edge, httpx.Response]] = field(default_factory=list)
    together: list[tuple[list[Edge], httpx.Response]] = field(default_factory=list)
    cut: str | None = None


def edges_of(resource: ResourceUnderTest) -> tuple[Item, list[Edge]]:
    """An item whose create is the positive control, and the edges of its members.

    Raises:
        NotApplicable: no value can be put at an edge: the content is no JSON, or the schema has no member to change.
    """
    known = resource.known
    applies(is_json(known.media_type), f"creates of {resource.name} are JSON ({known.media_type})")
    resource.parses_content()
    item = resource.create()
    found = edges(known, item.sent, tag_pointer(known, item.sent))
    applies(found, f"the schema of {resource.name} has a member whose value can be at an edge")
    return item, found


def attempt(resource: ResourceUnderTest, chosen: Sequence[Edge]) -> tuple[Item | None, httpx.Response]:
    """Create an item with these values, everything else as in any valid body; the item if one was made."""
    body = with_edges(resource.body(), chosen)
    reply = resource.post(body)
    id = resource.id_in(reply) if reply.is_success else None
    return (None if id is None else Item(resource, id, body, reply)), reply


def trials(
    resource: ResourceUnderTest, found: Sequence[Edge], wrong: Callable[[int], bool], most: int = 10
) -> Trial:
    """Try the edges, as many members at once as there are; where the answer is wrong, each alone.

    Args:
        wrong: whether a status is what is looked for.
        most: groups that are tried.
    """
    made = Trial()
    try:
        for wave in waves(found)[:most]:
            item, reply = attempt(resource, wave)
            if reply.is_success:
                made.accepted.append((wave, item))
            elif wrong(reply.status_code) or len(wave) > 1:
                _alone(resource, wave, reply, wrong, made)
    except Undecided as problem:
        made.cut = str(problem)
        control(made.accepted or made.refused, made.cut)
    return made


def _alone(
    resource: ResourceUnderTest,
    wave: Sequence[Edge],
    together: httpx.Response,
    wrong: Callable[[int], bool],
    made: Trial,
) -> None:
    """Each value of a group alone; the group itself where none of them is at fault."""
    culprits = 0
    for edge in wave[:MOST_ALONE]:
        item, reply = (None, together) if len(wave) == 1 else attempt(resource, [edge])
        if reply.is_success:
            made.accepted.append(([edge], item))
        elif wrong(reply.status_code):
            made.refused.append((edge, reply))
            culprits += 1
    if not culprits and wrong(together.status_code):
        made.together.append((list(wave), together))
