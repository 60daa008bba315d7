"""CONC: no mixture of two concurrent writes, and no partial result (RFC 5789 section 2)."""

from __future__ import annotations

from itertools import chain, cycle

from harness import BURST, CRITICAL, MUST, SHOULD, applies, control, not_applicable, rule
from harness.client.client import exchange_of
from harness.http.fields import FRESH
from harness.race import Request, race
from harness.race.outcomes import equal, mixture, won
from harness.resource.contested import Contested, changeable_members, others

from .races import decide, repeat_plainly

WRITERS = 6
"""Each followed by two readers: a mixture shows between two writes, and the last one may remain."""
MIXED = 120
"""Rounds of a rule about mixtures, shared by the resources: an API that updates row by row does so in most of them."""
MIXED_LEAST = 25
"""The least of these on each resource."""
VALUES = 4
"""Rounds until values repeat."""
MEMBERS = 4
"""Members that are changed together, the safest first."""


@rule(
    "CONC-008",
    SHOULD,
    refs=["RFC 9110 section 9.3.4"],
    needs="create read replace",
    effect=BURST,
    shared=MIXED / MIXED_LEAST,
)
def test_concurrent_puts_are_not_mixed(resource, profile):
    """Never store a mixture of concurrent PUTs

    Why: half of one writer's state and half of another's is a state that nobody chose: the price of one and the
        currency of the other.
    Fix: write all members in one statement or one transaction, and read them in one too.
    """
    unmixed(resource, profile, patching=False)


@rule(
    "CONC-009",
    MUST,
    refs=["RFC 5789 section 2"],
    needs="create read update",
    effect=BURST,
    impact=CRITICAL,
    shared=MIXED / MIXED_LEAST,
)
def test_patches_are_atomic(resource, profile):
    """Apply PATCH atomically and never expose a partial result

    Why: a reader between two steps sees, and may store, a state that was never intended.
    Fix: apply the whole patch to a copy, then store it in one statement or one transaction.
    """
    unmixed(resource, profile, patching=True)


def unmixed(resource, profile, patching):
    """Let writers set the same members while others read: each read must show the values of one writer."""
    client, item = resource.client, resource.create()
    pointers = changeable_members(resource.known, item.sent, MEMBERS)
    applies(len(pointers) > 1, f"{resource.name} has at least two members that may be changed")
    contested = Contested(item, profile.consistency_window, patching=patching, pointers=pointers)
    if contested.method != ("PATCH" if patching else "PUT"):
        not_applicable(f"the profile names no media type for PATCH of {resource.name}")
    pointers = [p for p in pointers if next(others(resource.known, contested.base, p), None) is not None]
    applies(len(pointers) > 1, f"{resource.name} has at least two members that may be changed")
    contested = Contested(item, profile.consistency_window, patching=patching, pointers=pointers)
    series = [others(resource.known, contested.base, pointer) for pointer in pointers]

    def tuples(count):
        return [[next(values) for values in series] for _ in range(count)]

    now = contested.look()
    trial = tuples(1)[0]
    reply = contested.send(contested.request(trial, etag=now.etag, version=now.version, condition=False))
    control(won(reply.status_code), f"a write should succeed: {exchange_of(reply).summary()}")
    first = contested.settled(lambda value: equal(value, trial[0]))
    shows = [equal(*pair) for pair in zip(contested.all_values(first.reply), trial, strict=True)]
    applies(sum(shows) > 1, "at least two members are shown as written")
    kept = [pointer for pointer, shown_so in zip(pointers, shows, strict=True) if shown_so]
    contested = Contested(item, profile.consistency_window, patching=patching, pointers=kept)
    series = [others(resource.known, contested.base, pointer) for pointer in kept]
    # A round writes values that differ from those of the round before; later rounds may repeat them.
    sets = [tuples(WRITERS) for _ in range(VALUES)]
    turns, written = cycle(sets), [contested.all_values(first.reply), *chain(*sets)]
    expected = "the members in every read as one writer sent them"
    latest = [first]

    def one_round(number):
        now, values = latest[-1], next(turns)
        writes = [
            contested.request(one, etag=now.etag, version=now.version, condition=False) for one in values
        ]
        read = Request("GET", item.url, FRESH)
        some = [one for write in writes for one in (write, read, read)]
        result = race(client, some)
        latest.append(contested.look())
        control(
            any(won(member.status) for member in result.members if member.request.method != "GET"),
            f"one of the writes should succeed: {result.summary()}",
        )
        shown_in = [m.reply for m in result.members if m.request.method == "GET" and m.reply is not None]
        for reply in [*shown_in, latest[-1].reply]:
            if reply.is_success:
                decide(mixture(written, contested.all_values(reply)), expected, result)
        return result

    alike = sum(one.missing("update" if patching else "replace") is None for one in profile.resources)
    count = max(MIXED_LEAST, MIXED // max(alike, 1))
    repeat_plainly(one_round, f"no mixture of {len(kept)} members", count)
