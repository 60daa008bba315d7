"""GQL: what another client may read and change."""

from __future__ import annotations

from contextlib import suppress

from harness import (
    CRITICAL,
    MAJOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.rules.checks import NotApplicable, Undecided

from .endpoint import listed, working


@rule(
    "GQL-009",
    MUST,
    refs=["OWASP API1:2023", "RFC 9110 section 15.5.4"],
    effect=WRITE,
    impact=CRITICAL,
)
def test_resolvers_check_whose_item_it_is(client, profile, survey, target, ledger):
    """Check in each resolver whose item it is, and hide internals in the errors of resolvers

    Why: one endpoint serves all types: a check that is missing in one resolver lets any client read, change or remove
        what belongs to others. Errors of resolvers come with 200, and pass the filters for error responses.
    Fix: check the owner where the item is loaded, not at the entrance; mask what is no error of the client.
    Probe: items are read by ids that none has. `default` creates an item; `other` reads it, changes it and removes it
        by its id, also by an alias, and reads it by a query for objects of any type, such as `node`. The item is read
        again by `default`. Where `other` may do everything, items are shared by design. Stack frames, SQL and file
        paths are looked for in the errors of all responses with a status below 400; ERR-011 has the others.
    """
    endpoint = working(client, profile, survey, target)
    provoked(endpoint)
    applies("other" in target.credentials, "the profile names a second client: `other` in [credentials]")
    other = endpoint.under("other")
    from .owning import owned

    with owned(endpoint, ledger) as own:
        sees = own.shown(other) == own.text
        leaked = hidden_yet_shown(endpoint, other, own) if sees else None
        if not sees:
            shown_as_node(endpoint, other, own)
        tried = changes(endpoint, other, own)
        done = [what for what in tried if what.startswith(DONE)]
        if sees and len(done) == len(tried):
            not_applicable("both clients may do everything to each other's items: they are shared by design")
        expect(not done, "no effect of another client's mutation", "; ".join(done))
        # Items that whoever has their id may read are a policy that an API may have.
        what = "null or an error for an item of another client"
        expect(leaked is None, what, leaked, level=SHOULD, impact=MAJOR)
    evidence(f"other could {'read' if sees else 'not read'} {own.plan.type} {own.id}; {'; '.join(tried)}")


def provoked(endpoint):
    """Read items by ids that none has, so that resolvers fail: `passive.py` looks at the errors."""
    from .owning import reading

    with suppress(Undecided, NotApplicable):
        for id in ODD_IDS:
            endpoint.post(reading(endpoint, id))


DONE = "done: "
ODD_IDS = ("'", "-1", "0" * 300)


def changes(endpoint, other, own):
    """What another client tried on an item of the run, and whether it was done."""
    tried = []
    changed = own.text + "-changed"
    change = own.change(changed)
    kind = f"{own.plan.type} {own.id}"
    if change is not None:
        summary = exchange_of(other.post(f"mutation {{ a: {change} }}")).summary()
        done = own.shown() == changed
        tried.append(f"{DONE if done else ''}{own.plan.update[0]} of {kind} under other: {summary}")
    control(own.shown() is not None, "the item can be read by its owner")
    summary = exchange_of(other.post(f"mutation {{ a: {own.removal()} }}")).summary()
    tried.append(f"{DONE if own.shown() is None else ''}{own.plan.remove} of {kind} under other: {summary}")
    return tried


def shown_as_node(endpoint, other, own):
    """Break the rule if the query for objects of any type shows another client what the query of the type hides."""
    if own.shown_as_node(endpoint) != own.text:
        return
    expect(
        own.shown_as_node(other) != own.text,
        "null or an error for an item of another client, by whatever query",
        f"{own.plan.read} hides {own.plan.type} {own.id} of default from other, and node shows it",
    )


def hidden_yet_shown(endpoint, other, own):
    """How another client reads by its id what its list hides, and strangers do not; None where it does not."""
    from .schema import listing

    found = listing(endpoint.schema(), own.plan.type)
    if found is None or own.id not in listed(endpoint, *found) or own.id in listed(other, *found):
        return None
    if own.shown(endpoint.under(None)) == own.text:
        return None
    return (
        f"{own.plan.read} under other shows {own.plan.type} {own.id} of default, which {found[0][0]} hides from other "
        "(unless whoever has the id may read it)"
    )
