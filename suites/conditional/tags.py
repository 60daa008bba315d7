"""Changes of an item by each method and action, and the entity tags before and after them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import httpx

from harness import applies, evidence, expect, note, warn
from harness.client.budget import BudgetSpent
from harness.client.client import content_of, exchange_of
from harness.http.content import json_of
from harness.http.fields import FRESH, EntityTag, entity_tag
from harness.profile.models import Resource
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.outcome import Survey

from .judge import Representation, foreign_tag, shared_by_changes
from .probes import Guarded, writing

IDENTITY = {"Accept-Encoding": "identity"}
UPDATES = 5
MOST_ACTIONS = 4
A_SECOND = 1.1
Move = tuple[str, str, Any]
"""Method, path template and JSON content of a request that changes an item."""


def seen(reply: httpx.Response) -> Representation:
    """The representation in a response."""
    tag = entity_tag(reply.headers.get("etag"))
    coding = reply.headers.get("content-encoding", "").strip().lower()
    observed = exchange_of(reply).summary() + (f" ({coding})" if coding else "")
    return Representation(
        tag, content_of(reply), f"{observed}, ETag: {tag}, {len(content_of(reply))} bytes", coding
    )


def judge_changes(guarded: Guarded, *, brief: bool) -> EntityTag | None:
    """Change an item several times by one method, and compare the tags; returns the tag if it is weak."""
    replies = [guarded.look(), guarded.look()]
    calm = content_of(replies[0]) == content_of(replies[1])
    tag = entity_tag(replies[0].headers.get("etag"))
    applies(tag is not None, f"{exchange_of(replies[0]).summary()} has a well-formed ETag (see COND-001)")
    assert tag is not None
    # The first value again at the end, as the tag of an earlier state must not return by accident.
    values = guarded.values[:1] if brief else [*guarded.values[: UPDATES - 1], guarded.values[0]]
    for value in values:
        replies.append(guarded.succeed(guarded.needed(), "no condition that fails", value))
    known = [seen(reply) for reply in replies]
    if tag.weak:
        if all(one.tag == tag for one in known):
            # A weak tag may have a resolution of one second.
            time.sleep(A_SECOND)
            last = seen(guarded.succeed(guarded.needed(), "no condition that fails"))
            if last.tag == tag:
                warn(
                    "a weak ETag that changes when a client changes the item",
                    f"{known[0].summary}; later {last.summary}",
                )
        return tag
    judge_tags(guarded.item, replies, calm, f"{guarded.method} of the item")
    return None


def judge_tags(item: Item, replies: Sequence[httpx.Response], calm: bool, change: str) -> None:
    """Break the rule where two of the representations have the same strong tag."""
    known = [seen(reply) for reply in replies]
    found = shared_by_changes(known)
    if found is not None and not calm:
        # The content changes by itself, so only changes by clients are judged.
        note(f"a strong ETag of content that changes by itself: {found[0].summary}; {found[1].summary}")
        contents = [repr(item.normalised(json_of(reply))).encode() for reply in replies]
        found = shared_by_changes(
            [replace(one, octets=new) for one, new in zip(known, contents, strict=True)]
        )
    _expect_none(found, change)


def _expect_none(found: tuple[Representation, Representation] | None, change: str) -> None:
    expect(
        found is None,
        "a different strong ETag for different bytes (or a weak one)",
        ""
        if found is None
        else f"{found[0].summary}; after {change} {found[1].summary}, with different bytes",
    )


def judge_writes(resource: ResourceUnderTest, window: float) -> None:
    """Break the rule where a response to a create, PUT or PATCH has another tag than the item has after it."""
    item = resource.create()
    _same_as_read(item, item.created, None)
    for method in writing(resource, "PUT", "PATCH"):
        try:
            guarded = Guarded(resource, method, window)
            former = guarded.tag
            reply = guarded.write(guarded.next_value(), guarded.needed())
            shows, _ = guarded.settled(window)
        except BudgetSpent:
            raise
        except Undecided as reason:
            evidence(f"not judged: {reason}")
            continue
        if reply.is_success and shows:
            _same_as_read(guarded.item, reply, former)


def _same_as_read(item: Item, reply: httpx.Response, former: EntityTag | None) -> None:
    one, other = (seen(item.get(headers={**IDENTITY, **FRESH})) for _ in range(2))
    if (one.tag, one.octets) != (other.tag, other.octets):
        return
    fault = foreign_tag(seen(reply), former, one)
    expect(
        fault is None,
        "the item's current tag in the response to a write, or none",
        f"{seen(reply).summary}: {fault}; then {one.summary}. A next write with it in If-Match is refused",
    )


def actions_of(resource: ResourceUnderTest, survey: Survey) -> list[Move]:
    """Method, path template and content of what changes an item besides PUT and PATCH.

    These are the transitions that the profile declares, and the documented actions that change only the item.
    """
    known = resource.known
    moves: list[Move] = [(one.method, one.path, one.body) for one in known.transitions]
    declared = {one.path for one in known.transitions}
    for one in survey.promises.actions:
        path = one.of(known.item) if one.mild else None
        if path is not None and path not in declared:
            moves.append((one.method, path, None))
    return moves


def judge_actions(resource: ResourceUnderTest, moves: Sequence[Move]) -> list[EntityTag | None]:
    """Compare the tags of an item before and after each action; returns a weak tag where there is one."""
    weak: list[EntityTag | None] = []
    for move in moves[:MOST_ACTIONS]:
        item = resource.create()
        before = [item.get(headers={**IDENTITY, **FRESH}) for _ in range(2)]
        tag = entity_tag(before[0].headers.get("etag"))
        if tag is None or tag.weak:
            weak.append(tag)
            continue
        done = act(item, move)
        if not done.is_success:
            evidence(f"not judged: {exchange_of(done).summary()}")
            continue
        after = item.get(headers={**IDENTITY, **FRESH})
        if after.status_code == 200:
            calm = content_of(before[0]) == content_of(before[1])
            judge_tags(item, [*before, after], calm, exchange_of(done).summary())
    return weak


def below(resource: ResourceUnderTest, others: Iterable[Resource]) -> list[tuple[str, str]]:
    """Names of the collections below an item in which items can be created, each with the path of that item."""
    pattern = "[^/]+".join(re.escape(part) for part in resource.known.item.split("{id}"))
    found = []
    for other in others:
        above = re.match(rf"{pattern}(?=/)", other.collection)
        if above and other.parent == resource.name and other.missing("create") is None:
            found.append((other.name, above[0]))
    return found


def judge_below(resource: ResourceUnderTest, path: str, child: ResourceUnderTest) -> None:
    """Compare the tags of an item before and after something is created in a collection below it."""
    url = resource.client.url(path)
    before = [resource.client.get(url, headers={**IDENTITY, **FRESH}) for _ in range(2)]
    tag = entity_tag(before[0].headers.get("etag"))
    if tag is None or tag.weak or before[0].status_code != 200:
        evidence(f"not judged: {exchange_of(before[0]).summary()}, ETag: {tag}")
        return
    try:
        made = child.create()
    except BudgetSpent:
        raise
    except Undecided as reason:
        evidence(f"not judged: {reason}")
        return
    after = resource.client.get(url, headers={**IDENTITY, **FRESH})
    if after.status_code == 200 and content_of(before[0]) == content_of(before[1]):
        change = exchange_of(made.created).summary()
        _expect_none(shared_by_changes([seen(reply) for reply in (*before, after)]), change)


def act(item: Item, move: Move) -> httpx.Response:
    """The response to an action of an item, which must be proven to be the run's own."""
    method, path, body = move
    item.prove()
    fields: dict[str, str | None] = (
        {"Content-Type": item.resource.known.media_type} if body is not None else {}
    )
    if item.resource.known.locking.if_match:
        fields["If-Match"] = item.get().headers.get("etag")
    return item.client.request(method, item.url_of(path), json=body, headers=fields)
