"""What a run has created is on disk before it is sent, and is removed after any end of the run, `kill -9` included."""

from __future__ import annotations

import json
import uuid

import pytest

from harness.__main__ import main
from harness.cleanup.recovery import recover
from harness.cleanup.run_ledger import RunLedger
from harness.client.budget import BudgetSpent
from harness.client.marks import Marker
from harness.client.recorder import Unanswered
from harness.ledger.journal import Journal, Open, read
from harness.ledger.ledger import Ledger
from harness.profile.models import Capability, Locking, Pagination, Resource, State
from harness.resource.resource import ResourceUnderTest
from tests import servers
from tests.clients import client_of
from tests.servers import Answer, Crud
from tests.survey.archiving_api import Archiving

HAS = {name: Capability(state=State.DETECTED, because="seen") for name in ("list", "tag", "create", "delete")}
THINGS = Resource(collection="/things", body={"name": "ours"}, items="", change="/name", capabilities=HAS)


class Silent:
    """An API that does what it is asked, and leaves POSTs unanswered once it is told to."""

    def __init__(self, api=None):
        self.api = api or Crud()
        self.silent = False

    def __call__(self, seen):
        answer = self.api(seen)
        return None if self.silent and seen.method == "POST" else answer


def under_test(client, folder, **known):
    journal = Journal(folder / "ledger-x.jsonl", "main.")
    journal.begin("x", client.target.url)
    return ResourceUnderTest(THINGS.model_copy(update=known), client, Ledger(journal=journal))


def test_the_ledger_is_written_before_the_create_is_sent(tmp_path):
    shown = []

    def look(seen):
        if seen.method in ("POST", "PUT"):
            shown.append([(one.shown, one.url, one.marker) for one in read(tmp_path / "ledger-x.jsonl").open])

    with servers.http(Crud(on_request=look)) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        sent = resource.body()
        made = resource.post(sent)
        resource.put_new("of-ours", {"name": "x"})
        one, other = shown
        assert one == [(f"POST {server.url}/things", None, Marker("/name", sent["name"]))]
        assert [url for _, url, _ in other] == [
            f"{server.url}/things/{made.json()['id']}",
            f"{server.url}/things/of-ours",
        ]
        resource.ledger.clear()
        assert recover(tmp_path / "ledger-x.jsonl", client).leftovers == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_created_that_the_ledger_could_not_take(tmp_path):
    with servers.http(Crud()) as server, client_of(server.url, requests=5) as client:
        resource = under_test(client, tmp_path)
        resource.ledger.journal = Journal(tmp_path / "gone" / "ledger-x.jsonl")
        for act in (resource.post, lambda: resource.put_new("a", {})):
            with pytest.raises(Exception, match="the ledger cannot be written"):
                act()
        # What was put aside was given back.
        for _ in range(3):
            client.get("/")
    # What is there already was looked at before: in the list, and at the URL of the PUT.
    assert server.methods == ["GET"] * 5


@pytest.mark.parametrize("filters", [False, True])
def test_a_create_whose_answer_never_came_is_found_by_its_tag(tmp_path, filters):
    api = Silent()
    foreign = {f"x{n}": {"id": f"x{n}", "name": "ours 0123ab"} for n in range(3)}
    api.api.items.update(foreign)
    paging = Pagination(filter_param="name", filter_member="/name") if filters else None
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path, pagination=paging)
        kept = resource.create()
        api.silent = True
        with pytest.raises(Unanswered):
            resource.post()
        assert len(api.api.items) == 3 + 2
        resource.ledger.clear()
        assert api.api.items == foreign
        assert resource.ledger.leftovers == []
        assert recover(tmp_path / "ledger-x.jsonl", client).leftovers == []
    assert [one.path for one in server.seen if one.method == "DELETE"] == ["/things/2", f"/things/{kept.id}"]


def test_a_create_that_took_no_effect_leaves_nothing(tmp_path):
    api = Silent(lambda seen: Answer(200, b"[]", [("Content-Type", "application/json")]))
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        api.silent = True
        with pytest.raises(Unanswered):
            resource.post()
        resource.ledger.clear()
        # It may still be under way: so it is looked for again when the run is over.
        assert len(read(tmp_path / "ledger-x.jsonl").open) == 1
        assert recover(tmp_path / "ledger-x.jsonl", client).leftovers == []
    assert server.methods == ["GET", "POST", "GET", "GET"]
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_reported_is_left_and_listed(tmp_path, capsys):
    api = Silent(Crud(lists=False))
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        api.silent = True
        with pytest.raises(Unanswered):
            resource.post()
        resource.ledger.clear()
        (left,) = recover(tmp_path / "ledger-x.jsonl", client).leftovers
        assert left.startswith(f"POST {server.url}/things: no response says whether")
        assert main(["cleanup", str(tmp_path / "ledger-x.jsonl")]) == 1
        assert f"left: POST {server.url}/things" in capsys.readouterr().out


class Paged:
    """Thousands of items, a page at a time, which can be asked for by name; and no create takes effect."""

    def __init__(self, filters, shows=True):
        self.filters, self.shows = filters, shows

    def __call__(self, seen):
        if seen.method == "POST":
            return None
        query = seen.path.partition("?")[2]
        if self.filters and query.startswith("name="):
            return Answer(200, b"[]", [("Content-Type", "application/json")])
        page = int(query.partition("=")[2] or 1)
        listed = [{"id": str(page), "name": f"somebody's {page}"} if self.shows else {"id": str(page)}]
        link = ("Link", f'</things?page={page + 1}>; rel="next"')
        more = [] if not self.shows else [link]
        return Answer(200, json.dumps(listed).encode(), [("Content-Type", "application/json"), *more])


@pytest.mark.parametrize(
    ("api", "sure"),
    [
        (Paged(filters=True), True),
        # The list goes on and on.
        (Paged(filters=False), False),
        # The list ends, and does not show the member.
        (Paged(filters=False, shows=False), False),
    ],
)
def test_what_a_list_does_not_show_is_gone_only_where_it_would_show_it(tmp_path, api, sure):
    paging = Pagination(filter_param="name", filter_member="/name")
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path, pagination=paging)
        with pytest.raises(Unanswered):
            resource.post()
        left = recover(tmp_path / "ledger-x.jsonl", client).leftovers
    assert (left == []) is sure
    assert len(server.seen) < 50


def test_octets_that_are_no_object_and_were_not_answered_are_not_looked_for(tmp_path):
    with servers.http(lambda seen: None) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        with pytest.raises(Unanswered):
            resource.post(content=b"\xff" * 100)
        assert read(tmp_path / "ledger-x.jsonl").open == []
        with pytest.raises(Unanswered):
            resource.post(content=json.dumps(resource.body()).encode())
        (one,) = read(tmp_path / "ledger-x.jsonl").open
        assert one.marker is not None
    assert server.methods == ["GET", "POST", "POST"]


def test_a_request_that_never_left_is_struck_out(tmp_path):
    with servers.http(Crud()) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
    with client_of("http://127.0.0.1:9") as client:
        resource = under_test(client, tmp_path)
        with pytest.raises(Unanswered):
            resource.post()
        with pytest.raises(Unanswered):
            resource.put_new("a", {})
    assert read(tmp_path / "ledger-x.jsonl").open == []


@pytest.mark.parametrize("match", [False, True])
def test_cleanup_removes_newest_first_and_is_done(tmp_path, capsys, match):
    api = Crud(needs_match=match)
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path, locking=Locking(if_match=match))
        for _ in range(3):
            resource.create()
        del api.items["2"]
        path = tmp_path / "ledger-x.jsonl"
        assert main(["cleanup", str(path), "--list"]) == 0
        assert capsys.readouterr().out.split() == [f"{server.url}/things/{n}" for n in (3, 2, 1)]
        assert "DELETE" not in server.methods
        assert main(["cleanup", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 3 removed or gone, 0 left\n"
    deleted = [one.path for one in server.seen if one.method == "DELETE"]
    # What a look finds gone is done.
    assert deleted == [f"/things/{n}" for n in (3, 1)]
    assert api.items == {}
    assert list(tmp_path.iterdir()) == []


def test_ids_that_others_have_got_meanwhile_are_left_alone_and_reported(tmp_path, capsys):
    """A backup is restored, and other items get the ids of those that the killed run had made."""
    api = Crud()
    path = tmp_path / "ledger-x.jsonl"
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        for _ in range(9):
            resource.create()
        theirs = {str(n): {"id": str(n), "name": f"somebody's {n}"} for n in range(1, 9)}
        api.items = {**theirs, "9": api.items["9"]}
        assert main(["cleanup", str(path)]) == 1
    assert api.items == theirs
    assert [one.path for one in server.seen if one.method == "DELETE"] == ["/things/9"]
    shown = capsys.readouterr().out
    assert (
        f"left: {server.url}/things/8: not removed: the item there now is not the one that the run created"
        in shown
    )
    assert f"{path}: 1 removed or gone, 8 left" in shown


class Drawn(Crud):
    """Ids that are drawn at random."""

    def _answer(self, seen):
        status, value, fields = super()._answer(seen)
        if seen.method == "POST" and status == 201:
            item = self.items.pop(value["id"])
            value = self.items[id] = {**item, "id": (id := uuid.uuid4().hex)}
            fields = [(name, f"/things/{id}" if name == "Location" else text) for name, text in fields]
        return status, value, fields


@pytest.mark.parametrize("body", [{"size": 5}, {"name": "", "size": 5}], ids=["no text", "another text"])
def test_an_item_whose_text_the_killed_run_had_overwritten_is_removed(tmp_path, body):
    """A run is killed between a PUT that leaves a member out and the removal of the item."""
    api, path, written = Drawn(), tmp_path / "ledger-x.jsonl", []
    api.on_request = lambda seen: written.append(path.read_text()) if seen.method == "PUT" else None
    with servers.http(api) as server:
        with client_of(server.url) as client:
            item = under_test(client, tmp_path).create()
            assert item.put(body).is_success
            assert '"wrote"' in written[0]
        with client_of(server.url) as again:
            assert recover(path, again).leftovers == []
    assert api.items == {}


@pytest.mark.parametrize(
    ("api", "change"),
    [
        # Another client may have got a number that is counted up.
        (Crud(), {}),
        # Neither the text of the create nor that of the PUT.
        (Drawn(), {"name": "somebody's"}),
    ],
    ids=["a number for an id", "a text of somebody else"],
)
def test_an_item_without_the_text_of_the_run_stays_where_it_may_be_another_one(tmp_path, api, change):
    path = tmp_path / "ledger-x.jsonl"
    with servers.http(api) as server:
        with client_of(server.url) as client:
            item = under_test(client, tmp_path).create()
            assert item.put({"name": ""}).is_success
            api.items[item.id].update(change)
        with client_of(server.url) as again:
            assert recover(path, again).leftovers == [f"{server.url}/things/{item.id}"]
    assert item.id in api.items
    assert f"/things/{item.id}" not in [one.path for one in server.seen if one.method == "DELETE"]


@pytest.mark.parametrize(
    "more", [{}, {"x": {"id": "x", "name": "of whoever"}}], ids=["nothing new", "one more"]
)
def test_a_create_without_a_text_and_without_an_answer_is_done_where_nothing_is_new(tmp_path, more):
    api = Crud(items={"old": {"id": "old", "name": "there before"}})
    with servers.http(api) as server:
        with client_of(server.url) as client:
            resource = under_test(client, tmp_path)
            resource.create()
            journal = resource.ledger.journal
            journal.make(Open("main.9", "POST /things", None, "things", None, client.credential, False, True))
            api.items.update(more)
        with client_of(server.url) as again:
            left = recover(tmp_path / "ledger-x.jsonl", again).leftovers
    assert len(left) == len(more)
    assert api.items.keys() == {"old", *more}


def test_what_cannot_be_removed_is_reported_and_can_be_tried_again(tmp_path, capsys):
    api = Crud(deletes=False)
    path = tmp_path / "ledger-x.jsonl"
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        resource.create()
        resource.ledger.clear()
        # The target's last word: at the end of the run it is not asked again.
        assert recover(path, client).leftovers == [f"{server.url}/things/1"]
        assert server.methods.count("DELETE") == 1
        assert main(["cleanup", str(path)]) == 1
        out = capsys.readouterr().out
        assert (
            f"left: {server.url}/things/1: DELETE /things/1 -> 405\n{path}: 0 removed or gone, 1 left" in out
        )
        api.deletes = True
        assert main(["cleanup", str(path)]) == 0
    assert api.items == {}


def test_a_second_pass_removes_what_was_in_conflict(tmp_path):
    api, busy = Crud(), [True]

    def respond(seen):
        if seen.method == "DELETE" and busy:
            busy.pop()
            return Answer(409)
        return api(seen)

    with servers.http(respond) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        resource.create()
        resource.ledger.clear()
        assert recover(tmp_path / "ledger-x.jsonl", client).leftovers == []
    assert api.items == {}


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_text("spoilt\n")])
def test_a_ledger_that_somebody_has_spoilt_keeps_nothing_from_being_removed(tmp_path, spoil):
    api = Crud()
    with servers.http(api) as server, client_of(server.url) as client:
        rules, parents = Ledger(), Ledger()
        run_ledger = RunLedger.beside(tmp_path, "x", rules, parents)
        run_ledger.begin(client, "s.", "x")
        for ledger in (rules, parents):
            ResourceUnderTest(THINGS, client, ledger).create()
        spoil(run_ledger.path)
        run_ledger.settle()
    assert api.items == {}
    assert rules.leftovers == []


def test_what_is_still_there_after_its_delete_stays_reported(tmp_path):
    """Asking again would be answered 404, or 204, again: neither means that it is gone."""
    with servers.http(Crud()) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        elsewhere = f"{server.url}/elsewhere/7"
        resource.ledger.leave(elsewhere, client, "it is listed, and DELETE /elsewhere/7 -> 404")
        resource.ledger.clear()
        assert recover(tmp_path / "ledger-x.jsonl", client).leftovers == [elsewhere]
        assert "DELETE" not in server.methods


def test_items_without_delete_are_archived_by_the_command(tmp_path, capsys):
    api = Archiving()
    can = {name: one for name, one in HAS.items() if name != "delete"}
    can["delete"] = Capability(state=State.ABSENT, because="DELETE -> 405")
    notes = {"collection": "/notes", "body": {"title": "ours"}, "change": "/title", "capabilities": can}
    with servers.http(api) as server, client_of(server.url) as client:
        resource = ResourceUnderTest(
            Resource(**notes, archive={"archived": True}), client, under_test(client, tmp_path).ledger
        )
        resource.create()
        resource.create()
        resource.ledger.journal.close()
        assert len(api.staying) == 2
        assert main(["cleanup", str(tmp_path / "ledger-x.jsonl")]) == 0
    assert not api.staying
    assert not api.put_away(api.items["1"])
    assert "2 removed or gone, 0 left" in capsys.readouterr().out


def test_what_a_create_without_an_answer_made_is_looked_for_after_the_time_of_the_run(tmp_path):
    """The end of --max-time cuts off the answer to a create: that it took effect shows only in the list."""
    api = Silent()
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        resource.create()
        api.silent = True
        with pytest.raises(Unanswered):
            resource.post()
        client.recorder.budget.seconds = 0.0
        with pytest.raises(BudgetSpent):
            client.get("/things")
        resource.ledger.clear(last=True)
    assert not api.api.items
    assert resource.ledger.leftovers == []
