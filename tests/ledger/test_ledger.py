"""What was created is removed, newest first, within the budget; what cannot be is listed."""

from __future__ import annotations

import json
import signal
import uuid

import pytest

from harness.client.budget import BudgetSpent
from harness.ledger.entries import Entry
from harness.ledger.ledger import Ledger
from harness.profile.models import Capability, Locking, Resource, State
from harness.resource.resource import ResourceUnderTest
from tests import servers
from tests.clients import client_of
from tests.servers import Answer, Crud
from tests.sessions import foreground

LISTED = {"list": Capability(state=State.DETECTED, because="seen")}
THINGS = Resource(collection="/things", body={"name": "ours"}, items="", fresh=["/name"], capabilities=LISTED)


def unsafe(server):
    return [method for method in server.methods if method != "GET"]


def under_test(client, **known):
    return ResourceUnderTest(THINGS.model_copy(update=known), client, Ledger())


def until_spent(act):
    try:
        while True:
            act()
    except BudgetSpent:
        pass


def test_newest_first():
    with servers.http(Crud()) as server, client_of(server.url) as client:
        resource = under_test(client)
        for _ in range(3):
            resource.create()
        resource.ledger.clear()
    assert [seen.path for seen in server.seen if seen.method == "DELETE"] == [
        "/things/3",
        "/things/2",
        "/things/1",
    ]
    assert resource.ledger.entries == resource.ledger.leftovers == []


@pytest.mark.parametrize(("cancelled", "leftovers"), [(True, 0), (False, 1)])
def test_what_was_only_accepted_and_then_cancelled_is_no_leftover(cancelled, leftovers):
    with servers.http(Crud()) as server, client_of(server.url) as client:
        ledger = Ledger()
        plan = ledger.begin(Entry(f"{server.url}/things", client), "POST /things")
        ledger.lose(plan)
        if cancelled:
            ledger.cancelled(plan)
        ledger.clear(last=True)
    assert len(ledger.leftovers) == leftovers


def test_an_item_that_is_seen_all_the_same_is_removed():
    with servers.http(Crud()) as server, client_of(server.url) as client:
        resource = under_test(client)
        url = resource.create().url
        resource.ledger.forget(url)
        plan = resource.ledger.plan(Entry(resource.url, client), THINGS, None, lambda last: [url])
        resource.ledger.lose(plan)
        resource.ledger.cancelled(plan)
    assert resource.ledger.lost == [plan]


def test_what_a_rule_removed_itself_is_forgotten():
    with servers.http(Crud()) as server, client_of(server.url) as client:
        resource = under_test(client)
        resource.create().delete()
        resource.ledger.clear()
    # A second create, before anything else is sent, shows that each makes an item of its own.
    assert unsafe(server) == ["POST", "POST", "DELETE", "DELETE"]


@pytest.mark.parametrize("most", range(2, 12))
@pytest.mark.parametrize("match", [False, True])
def test_never_one_request_more_and_nothing_left_behind(most, match):
    api = Crud(needs_match=match)
    with servers.http(api) as server, client_of(server.url, requests=most) as client:
        resource = under_test(client, locking=Locking(if_match=match))
        until_spent(resource.create)
        until_spent(lambda: client.get("/things"))
        resource.ledger.clear()
    assert len(server.seen) <= most
    assert api.items == {}
    assert resource.ledger.leftovers == []
    # The list is read first; then each create takes two more: a look, and the removal.
    assert api.made == (most - 1) // 3


def test_what_cannot_be_removed_is_listed_and_costs_no_reservation():
    absent = {"delete": Capability(state=State.ABSENT, because="405")}
    with servers.http(Crud(deletes=False)) as server, client_of(server.url, requests=9) as client:
        for known in ({}, {"capabilities": {**LISTED, **absent}}):
            resource = under_test(client, **known)
            resource.create()
            resource.ledger.clear()
            (left,) = resource.ledger.leftovers
            assert left.startswith(f"{server.url}/things/")
        assert unsafe(server) == ["POST", "DELETE", "POST"]
        client.get("/")


def test_a_create_that_does_not_tell_its_id_is_listed():
    with servers.http(lambda seen: Answer(201)) as server, client_of(server.url) as client:
        resource = under_test(client)
        resource.post()
        resource.ledger.clear()
        assert resource.ledger.leftovers == []
        resource.ledger.clear(last=True)
    assert resource.ledger.leftovers == [
        f"POST {server.url}/things: no response says whether it created an item, and the list does not show it"
    ]


def test_a_target_that_dies_leaves_all_of_it_listed():
    api = Crud(dies_after=6)
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client)
        for _ in range(5):
            resource.create()
        resource.ledger.clear()
    assert len(resource.ledger.leftovers) == 5
    # Three unanswered looks, and no more: the target was given up.
    assert server.methods == ["GET", *["POST"] * 5, *["GET"] * 3]


def test_a_refused_create_gives_its_reservation_back():
    api = Crud()
    with servers.http(api) as server, client_of(server.url, requests=8) as client:
        resource = under_test(client)
        for _ in range(4):
            resource.post({"no": "name"})
        assert resource.post().status_code == 201
        resource.ledger.clear()
    assert len(server.seen) == 8
    assert api.items == {}


def test_ctrl_c_takes_effect_when_the_create_is_accounted_for():
    def interrupt(seen):
        if seen.method == "POST":
            signal.raise_signal(signal.SIGINT)

    api = Crud(on_request=interrupt)
    with foreground(), servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client)
        with pytest.raises(KeyboardInterrupt):
            resource.create()
        assert len(resource.ledger.entries) == 1
        resource.ledger.clear()
    assert unsafe(server) == ["POST", "DELETE"]
    assert api.items == {}


def test_a_redirecting_next_link_ends():
    def endless(seen):
        return Answer(
            200, b"[1]", [("Content-Type", "application/json"), ("Link", '</things?p=1>; rel="next"')]
        )

    with servers.http(endless) as server, client_of(server.url) as client:
        members = under_test(client, items="").members()
    assert (members.items, members.complete) == ([1, 1], False)
    assert len(server.seen) == 2


def test_ever_new_next_links_end():
    pages = iter(range(1000))

    def endless(seen):
        number = next(pages)
        link = f'</things?p={number}>; rel="next"'
        listed = json.dumps([{"id": str(number)}]).encode()
        return Answer(200, listed, [("Content-Type", "application/json"), ("Link", link)])

    with servers.http(endless) as server, client_of(server.url) as client:
        assert not under_test(client, items="").members().complete
    assert len(server.seen) == 10


def test_conditions_that_nobody_reported_of_are_met_once_they_are_asked_for():
    api = Crud(needs_match=True)
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client)
        resource.create()
        resource.ledger.clear()
    # The look before it gives the entity tag that the removal needs.
    assert server.methods == ["GET", "POST", "GET", "DELETE"]
    assert api.items == {}
    assert resource.ledger.leftovers == []


@pytest.mark.parametrize("absent", [404, 403])
def test_a_delete_that_fails_after_its_effect_leaves_nothing(absent):
    id = str(uuid.UUID(int=7))
    kept, deleted = {}, []

    def respond(seen):
        if seen.method == "PUT":
            kept[seen.path] = seen.body
        elif seen.method == "DELETE":
            deleted.append(kept.pop(seen.path, None))
            return Answer(500, b"{}")
        if seen.path not in kept:
            return Answer(absent if deleted else 404, b"{}")
        return Answer(200, kept[seen.path], [("Content-Type", "application/json")])

    with servers.http(respond) as server, client_of(server.url) as client:
        resource = under_test(client, create_method="PUT")
        resource.put_new(id, {"name": "ours"})
        resource.ledger.clear()
    assert len(deleted) == 1
    assert resource.ledger.leftovers == []
