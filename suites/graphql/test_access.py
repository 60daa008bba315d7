"""GQL: what another client may read and change."""

from __future__ import annotations

from harness import CRITICAL, MUST, WRITE, applies, control, evidence, expect, not_applicable, rule
from harness.client.client import exchange_of

from .endpoint import owned, working


@rule(
    "GQL-009",
    MUST,
    refs=["OWASP API1:2023", "RFC 9110 section 15.5.4"],
    effect=WRITE,
    impact=CRITICAL,
)
def test_resolvers_check_whose_item_it_is(client, profile, survey, target):
    """Check in each resolver whose item it is

    Why: one endpoint serves all types: a check that is missing in one resolver lets any client read, change or remove
        what belongs to others.
    Fix: check the owner where the item is loaded, not at the entrance.
    Probe: `default` creates an item; `other` reads it, changes it and removes it by its id, also by an alias. The item
        is read again by `default`. Where `other` may do everything, items are shared by design.
    """
    applies("other" in target.credentials, "the profile names a second client: `other` in [credentials]")
    endpoint = working(client, profile, survey, target)
    other = endpoint.under("other")
    with owned(endpoint) as own:
        sees = own.shown(other) == own.text
        tried = {}
        changed = own.text + "-changed"
        change = own.change(changed)
        if change is not None:
            reply = other.post(f"mutation {{ a: {change} }}")
            tried["changed"] = own.shown() == changed, exchange_of(reply).summary()
        before = own.shown()
        control(before is not None, "the item can be read by its owner")
        reply = other.post(f"mutation {{ a: {own.removal()} }}")
        tried["removed"] = own.shown() is None, exchange_of(reply).summary()
        allowed = {what for what, (done, _) in tried.items() if done}
        if sees and len(allowed) == len(tried):
            not_applicable("both clients may do everything to each other's items: they are shared by design")
        for what in allowed:
            expect(
                False,
                "no effect of another client's mutation",
                f"{tried[what][1]} under other: {own.plan.type} {own.id} of default was {what}",
            )
        shared = "read" if sees else "neither read"
    evidence(
        f"other could {shared} nor change {own.plan.type} {own.id}"
        if not sees
        else f"other could only {shared}"
    )
