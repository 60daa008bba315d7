"""Actions of items under an idempotency key, which their documentation says they take."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import httpx

from harness import evidence, expect
from harness.http.path_templates import shape
from harness.profile.models import Transition
from harness.resource.adding import adders
from harness.resource.item import Item
from harness.survey.openapi.adding import Adding

from .probes import Keyed, new_key, summaries


def actions_take_effect_once(keyed: Keyed, documented: Sequence[Adding], window: float) -> None:
    """Break the rule by an action that is repeated under one key, and adds twice."""
    if keyed.how.body is not None:
        return
    declared = [one for one in documented if one.keyed]
    for adder in adders(keyed.resource, declared, keyed.how.field, window):
        key, start, began = new_key(), adder.value, time.monotonic()
        replies = [adder.send(key)]
        first, took = adder.grown(1), time.monotonic() - began
        replies.append(adder.send(key))
        second = adder.grown(1, 2 * took)
        if first != 1:
            evidence(f"{adder.name} was not judged: {first} effects of one request; {summaries(replies)}")
            continue
        expect(
            second == 0,
            f"one effect of two equal requests to {adder.name} under one key, which it is documented to take",
            f"{summaries(replies)}: {adder.place} went from {start} to {adder.value}, by {adder.step} each time, as "
            "under two keys",
            level=keyed.promised,
        )
        evidence(f"{adder.name} adds once under one key: {summaries(replies)}")


def transitions_are_replayed(keyed: Keyed, documented: Collection[str]) -> None:
    """Break the rule by a transition whose retry under its key is refused, as a second transition would be.

    Args:
        documented: methods and paths of the operations that are documented to take a key.
    """
    resource = keyed.resource
    if keyed.how.body is not None:
        return
    for change in resource.known.transitions:
        if shape(f"{change.method} {change.path}") not in {shape(one) for one in documented}:
            continue
        item = resource.create()
        item.prove()
        key = new_key()
        replies = [transition(item, change, keyed.fields(one)) for one in (key, key, new_key())]
        first, again, other = replies
        if not first.is_success or other.is_success:
            evidence(f"{change.name} was not judged: {summaries(replies)}")
            continue
        expect(
            again.is_success or again.status_code != other.status_code,
            f"the result of the first request for a retry of {change.name} under its key, which is documented",
            f"{summaries(replies)}: the retry is refused as a second {change.name} under another key is",
        )
        evidence(f"{change.name}: {summaries(replies)}")


def transition(item: Item, change: Transition, fields: Mapping[str, str | None]) -> httpx.Response:
    """The response to a transition of an item."""
    url = item.url_of(change.path)
    typed = {"Content-Type": "application/json"} if change.body is not None else {}
    # The profile declares that this request acts on the item.
    with item.client.recorder.ownership.granting(change.method, url):
        return item.client.request(change.method, url, json=change.body, headers={**typed, **fields})
