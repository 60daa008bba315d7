"""Items of a run in a list: created, listed, told from those of others, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.ledger.ledger import Ledger
from harness.profile.models import Capability, Pagination, Resource, State
from harness.reference import ALICE
from harness.reference.server import demo
from harness.resource.own_list import STEP, Scope, binding, scattered
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Broken, Undecided
from harness.rules.verdict import Level
from suites.pagination.interleaving import Act, Interleaving, wrong
from tests.clients import client_of
from tests.servers import Crud, http

THERE = Capability(state=State.DETECTED, because="a test says so")
ABLE = dict.fromkeys(("list", "create", "read", "replace", "delete"), THERE)


@contextmanager
def things(crud: Crud, **known: Any) -> Iterator[ResourceUnderTest]:
    given = {"collection": "/things", "items": "", "body": {"name": "a thing"}, "capabilities": ABLE, **known}
    with http(crud) as server, client_of(server.url) as client:
        ledger = Ledger()
        yield ResourceUnderTest(Resource.model_validate(given), client, ledger)
        ledger.clear()


@contextmanager
def orders(**pagination: Any) -> Iterator[ResourceUnderTest]:
    """The orders of the reference, in a database of their own."""
    how = {
        "style": "cursor",
        "limit_param": "limit",
        "cursor_param": "cursor",
        "next": "/next_cursor",
        "filter_param": "customer",
        "filter_member": "/customer",
        "sort_param": "sort",
        "sort_member": "/amount",
        **pagination,
    }
    body = {"customer": "Ada", "amount": 5, "currency": "EUR"}
    known = Resource.model_validate(
        {"collection": "/orders", "items": "/data", "body": body, "capabilities": ABLE, "pagination": how}
    )
    with demo() as (url, _), client_of(url, headers={"Authorization": f"Bearer {ALICE}"}) as client:
        yield ResourceUnderTest(known, client, Ledger())


def test_items_of_others_are_distinguished() -> None:
    crud = Crud(items={"x": {"id": "x", "name": "theirs"}})
    with things(crud) as resource:
        scope = Scope(resource, 0)
        ours = scope.fill(3)
        assert scope.settled() == ["x", *ours]
        assert scope.own(["x", *ours]) == ours
        assert scope.others == {"x"}
        scope.trim(1)
        assert list(scope.items) == ours[:1]
    assert list(crud.items) == ["x"]


def test_a_breach_is_none_where_others_came_or_went() -> None:
    crud = Crud(items={"x": {"id": "x", "name": "theirs"}})
    with things(crud) as resource:
        scope = Scope(resource, 0)
        scope.fill(1)
        scope.settled()
        scope.expect(True, "a", "b")
        with pytest.raises(Broken):
            scope.expect(False, "each item once", "one is missing")
        del crud.items["x"]
        with pytest.raises(
            Undecided, match="1 items of other clients appeared or disappeared meanwhile; one is missing"
        ):
            scope.expect(False, "each item once", "one is missing")


def test_a_list_that_never_shows_our_items_decides_nothing() -> None:
    with things(Crud()) as resource:
        scope = Scope(resource, 0)
        scope.fill(2)
        scope.items["ghost"] = scope.items[next(iter(scope.items))]
        with pytest.raises(Undecided, match="1 of the 3 items created are missing from the list"):
            scope.settled()


def test_items_that_cannot_be_removed_are_not_created_by_the_dozen() -> None:
    able = {name: capability for name, capability in ABLE.items() if name != "delete"}
    crud = Crud()
    with things(crud, capabilities=able) as resource:
        with pytest.raises(Undecided, match="cannot be removed"):
            Scope(resource, 0).fill(2)
        assert Scope.populated(resource, 0, 2).items == {}
    assert crud.made == 0


def test_a_long_list_without_filter_decides_nothing() -> None:
    with orders(filter_param=None, max=2) as resource:
        scope = Scope(resource, 0)
        scope.fill(30)
        with pytest.raises(Undecided, match="set `filter_param`"):
            scope.settled()


def test_a_filter_gives_a_list_of_our_own() -> None:
    with orders() as resource:
        one, other = Scope(resource, 0), Scope(resource, 0)
        ours, theirs = one.fill(3), other.fill(2)
        one.beside(1)
        assert one.tag != other.tag
        assert sorted(one.settled()) == sorted(ours)
        assert sorted(other.settled()) == sorted(theirs)
        assert one.alien(other.walk().step()) == other.settled()


def test_a_sorted_list_takes_items_where_they_are_wanted() -> None:
    with orders() as resource:
        scope = Scope(resource, 0, sort=True)
        ids = scope.fill(6)
        assert scope.settled() == ids
        assert scope.values[ids[1]] - scope.values[ids[0]] == STEP
        done = Interleaving(scope, 2).play(
            [
                Act("insert", "before"),
                Act("insert", "after"),
                Act("move", "seen", to="after"),
                Act("size", size=1),
            ]
        )
        assert wrong(done) == []
        before, after = (event.ids[0] for event in done.events if event.kind == "insert")
        order = scope.settled()
        assert order.index(before) < order.index(ids[1]) < order.index(after) < order.index(ids[2])
        assert after in done.seen
        assert before not in done.seen
        # The first item was moved past three others that had not been seen.
        assert order.index(ids[4]) < order.index(ids[0])
        pages = [len(event.ids) for event in done.events if event.kind == "page"]
        assert pages == [2, *[1] * 6]


def test_declared_capabilities_bind() -> None:
    known = {"pages": THERE.model_copy(update={"state": State.DECLARED}), "limit": THERE}
    with things(Crud(), capabilities=known, pagination=Pagination(style="page")) as resource:
        assert binding(resource, "pages") is Level.MUST
        assert binding(resource, "limit") is Level.SHOULD
        assert binding(resource, "totals") is Level.SHOULD


def test_values_in_neither_order() -> None:
    assert scattered(7) == [3, 0, 4, 1, 5, 2, 6]
    for count in range(12):
        assert sorted(scattered(count)) == list(range(count))
