"""CONC: creates at the same time that have nothing to do with each other (RFC 9110 sections 9.3.3 and 15.3.2)."""

from __future__ import annotations

import math
from itertools import combinations

from harness import (
    BURST,
    CRITICAL,
    MUST,
    SHOULD,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of
from harness.http.fields import FRESH
from harness.race import Request
from harness.race.outcomes import equal, won
from harness.resource.contested import statuses
from harness.resource.item import Item
from harness.resource.own_list import Scope
from harness.resource.raced_creates import race_creates
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided

from .judge import ABSENT, Created, own_items
from .races import decide, pictured, repeat_plainly

ROUNDS = 3
TOGETHER = 12
"""Creates in a round."""
SMALL = 3
"""Items on a page: each edge between pages may fall among items of one instant."""


@rule(
    "CONC-013",
    MUST,
    refs=["RFC 9110 section 9.3.3", "RFC 9110 section 15.3.2"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_concurrent_creates_have_items_of_their_own(resource, profile):
    """Give each of several concurrent creates an item of its own, and list all of them

    Why: two customers who order in the same moment get one order number. One order is lost, or each customer reads the
        order of the other.
    Fix: let the database assign the id (a sequence, an identity column, a UUID); never count rows, or take the greatest
        id plus one. Order lists, and the cursors of their pages, by a unique key: a time is not unique.
    Probe: sends 12 creates with different content together, three times. Each id that is returned must be returned
        once, and its item must show the content that was sent. Then reads the list in small pages, which must show each
        of the items once. A list that loses items that were created one after the other, too, is left to PAGE-004.
    """
    resource.by_post()
    if resource.staying:
        inconclusive(
            f"items of {resource.name} stay ({resource.staying}), and the rule creates {ROUNDS * TOGETHER}"
        )
    sample = resource.create()
    place = tag_pointer(resource.known, sample.sent) if resource.can("tag") else None
    if place is None:
        not_applicable("no member is known that takes a text by which the items can be told from each other")
    control(
        equal(at(json_of(sample.get()), place), at(sample.sent, place)),
        f"{place} of an item should be shown as it was sent: {exchange_of(sample.get()).summary()}",
    )
    made = {}

    def one_round(number):
        bodies = [resource.body() for _ in range(TOGETHER)]
        if any(equal(at(one, place), at(other, place)) for one, other in combinations(bodies, 2)):
            inconclusive("the bodies of the creates do not differ")
        requests = [
            Request("POST", resource.create_url, resource.fields_for_create(), json=body) for body in bodies
        ]
        result = pictured(race_creates(resource, requests, place))
        creates = [
            looked_at(resource, profile.consistency_window, place, body, member)
            for body, member in zip(bodies, result.members, strict=True)
        ]
        decide(own_items(creates), "an item for each create, with its content", result)
        failed = statuses(result).count(500)
        expect(
            not failed,
            "no server error for valid creates",
            f"{failed} of {len(bodies)} concurrent creates were answered 500, and creates one after the other succeed; "
            f"{result.summary()}",
            level=SHOULD,
        )
        made.update(
            {
                one.id: Item(resource, one.id, body, member.reply)
                for one, body, member in zip(creates, bodies, result.members, strict=True)
                if one.id is not None and one.read == 200
            }
        )
        return result

    repeat_plainly(one_round, "an item for each create", ROUNDS)
    if resource.can("list") and resource.can("pages") and resource.can("limit"):
        listed_once(resource, profile.consistency_window, {sample.id: sample, **made})


def looked_at(resource, window, place, body, member):
    """What became of one create."""
    text, reply = at(body, place), member.reply
    id = resource.id_in(reply) if reply is not None and won(reply.status_code) else None
    if id is None:
        return Created(text, member.status)
    url = resource.item_url(id)
    eventually(lambda: resource.client.get(url, headers=FRESH).status_code not in ABSENT, window)
    read = resource.client.get(url, headers=FRESH)
    stored = at(json_of(read), place) if read.is_success else MISSING
    return Created(text, member.status, id, read.status_code, stored)


def listed_once(resource, window, items):
    """Judge a traversal in small pages; where other clients write as well, or the list is long, it proves nothing."""
    try:
        scope, walk = traversed(resource, window, items)
        missed, again = unlisted(walk, items)
        if missed or again:
            later = {item.id: item for item in (resource.create() for _ in range(TOGETHER))}
            if any(unlisted(traversed(resource, window, later)[1], later)):
                evidence(
                    "the list was not judged: it loses items that were created one after the other, too (PAGE-004)"
                )
                return
            scope.items.update(later)
    except Undecided as why:
        evidence(f"the list was not judged: {why}")
        return
    scope.expect(
        not missed and not again,
        "each item once in a traversal",
        f"of {len(items)} items, most of them created at the same time, {len(missed)} are missed and {len(again)} "
        f"repeated in pages of {SMALL}, from {walk.pages[0].summary} on; larger pages show all of them, and small ones "
        f"show {TOGETHER} items that were created one after the other",
    )


def traversed(resource, window, items):
    """The list with these items, and a traversal of it in small pages, which ends where it should have.

    Raises:
        Undecided: the list is too long, or lacks an item.
    """
    scope = Scope(resource, window, alone=False)
    scope.items.update(items)
    population = len(scope.settled())
    walk = scope.walk(max(SMALL, scope.how.min or 1))
    while not walk.over and len(walk.pages) < math.ceil(1.5 * population) + 3:
        walk.step()
    return scope, walk


def unlisted(walk, items):
    """Ids of the items that a traversal has missed, and of those that it has shown more than once."""
    return [id for id in items if id not in walk.ids], [id for id in items if walk.ids.count(id) > 1]
