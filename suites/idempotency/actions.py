"""Actions of items under an idempotency key, which their documentation says they take."""

from __future__ import annotations

import time
from collections.abc import Sequence

from harness import evidence, expect
from harness.resource.adding import adders
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
