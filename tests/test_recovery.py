"""What a run has created is on disk before it is sent, and is removed after any end of the run, `kill -9` included."""

from __future__ import annotations

import json
import signal
import threading

import pytest

from harness.__main__ import main
from harness.bad_input import BadInput
from harness.journal import Journal, Marker, Open, read
from harness.ledger import Ledger
from harness.profile import Capability, Locking, Pagination, Resource, State
from harness.recorder import Unanswered
from harness.recovery import recover
from harness.resource import ResourceUnderTest
from tests import servers
from tests.clients import client_of
from tests.servers import PROFILE, Answer, Crud
from tests.sessions import interrupted

HAS = {name: Capability(state=State.DETECTED, because="seen") for name in ("list", "tag", "create", "delete")}
THINGS = Resource(collection="/things", body={"name": "ours"}, items="", change="/name", capabilities=HAS)
SECRET = "a-token-that-nobody-must-see"


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
    told = []

    def look(seen):
        if seen.method in ("POST", "PUT"):
            told.append([(one.told, one.url, one.marker) for one in read(tmp_path / "ledger-x.jsonl").open])

    with servers.http(Crud(on_request=look)) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        sent = resource.body()
        made = resource.post(sent)
        resource.put_new("of-ours", {"name": "x"})
        one, other = told
        assert one == [(f"POST {server.url}/things", None, Marker("/name", sent["name"]))]
        assert [url for _, url, _ in other] == [
            f"{server.url}/things/{made.json()['id']}",
            f"{server.url}/things/of-ours",
        ]
        resource.ledger.clear()
        assert recover(tmp_path / "ledger-x.jsonl", client).leftovers == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_created_that_the_ledger_could_not_take(tmp_path):
    with servers.http(Crud()) as server, client_of(server.url, requests=3) as client:
        resource = under_test(client, tmp_path)
        resource.ledger.journal = Journal(tmp_path / "gone" / "ledger-x.jsonl")
        for act in (resource.post, lambda: resource.put_new("a", {})):
            with pytest.raises(Exception, match="the ledger cannot be written"):
                act()
        # What was put aside was given back.
        for _ in range(3):
            client.get("/")
    assert server.methods == ["GET"] * 3


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
    assert server.methods == ["POST", "GET", "GET"]
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_told_is_left_and_listed(tmp_path, capsys):
    api = Silent(Crud(lists=False))
    with servers.http(api) as server, client_of(server.url) as client:
        resource = under_test(client, tmp_path)
        api.silent = True
        with pytest.raises(Unanswered):
            resource.post()
        resource.ledger.clear()
        (left,) = recover(tmp_path / "ledger-x.jsonl", client).leftovers
        assert left.startswith(f"POST {server.url}/things: no answer told whether")
        assert main(["cleanup", str(tmp_path / "ledger-x.jsonl")]) == 1
        assert f"left: POST {server.url}/things" in capsys.readouterr().out


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
    assert deleted == [f"/things/{n}" for n in (3, 2, 1)]
    assert api.items == {}
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_told_and_can_be_tried_again(tmp_path, capsys):
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


# -- the file ------------------------------------------------------------------------------------------------


def lines(*more):
    return (
        "\n".join(json.dumps(line) for line in ({"ledger": 1, "run": "r", "target": "http://x"}, *more))
        + "\n"
    )


MAKE = {
    "told": "POST http://x/things",
    "url": None,
    "resource": "things",
    "marker": ["/name", "ours 123abc"],
    "credential": "default",
    "if_match": False,
    "removable": True,
}


def test_what_is_open(tmp_path):
    path = tmp_path / "ledger-x.jsonl"
    path.write_text(
        lines(
            {"make": "a.1", **MAKE},
            {"make": "b.1", **MAKE},
            {"made": "a.1", "url": "http://x/things/1"},
            {"make": "a.2", **MAKE},
            {"gone": "b.1"},
            {"kept": "a.2", "why": "busy", "final": False},
        )
        # A machine that went down in the middle of a line.
        + '{"make": "a.3", "to'
    )
    one, other = read(path).open
    assert one == Open(
        "a.1", MAKE["told"], "http://x/things/1", "things", Marker(*MAKE["marker"]), "default", False, True
    )
    assert (other.number, other.url, other.why) == ("a.2", None, "busy")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no ledger of a run"),
        ("{}\n", "no ledger of a run"),
        ("# a list\n- of things\n", "line 1 is not JSON"),
        (lines([1]), "line 2 is no object"),
        (lines({"make": "a.1"}), "cannot be read"),
        (lines({"made": "a.1", "url": "x"}), "cannot be read"),
    ],
)
def test_what_is_no_ledger(tmp_path, capsys, text, said):
    path = tmp_path / "ledger-x.jsonl"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        read(path)
    assert main(["cleanup", str(path)]) == 4
    assert said in capsys.readouterr().err


def test_a_credential_that_is_not_given_is_asked_for(tmp_path, capsys):
    path = tmp_path / "ledger-x.jsonl"
    path.write_text(lines({"make": "a.1", **MAKE, "credential": "other"}))
    assert main(["cleanup", str(path)]) == 4
    assert "the credential 'other' is needed" in capsys.readouterr().err


# -- whole runs ----------------------------------------------------------------------------------------------

RULES = '''
import threading
from harness import MUST, WRITE, rule

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
def test_interrupted(resource, client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    resource.create()
    resource.create()
    client.get("/marker")
    resource.create()
'''


class Stalls:
    """Creates what the POST after /marker asks for, and does not answer it until the test is over."""

    def __init__(self):
        self.api = Crud()
        self.armed = False
        self.reached, self.over = threading.Event(), threading.Event()

    def __call__(self, seen):
        answer = self.api(seen)
        if self.armed and seen.method == "POST":
            self.armed = False
            self.reached.set()
            self.over.wait(100)
        self.armed = self.armed or seen.path == "/marker"
        return answer


def ended(tmp_path, number, workers):
    """A run that is ended by a signal in the middle of a create; what it has left, and its ledgers."""
    stalls = Stalls()
    with servers.http(stalls) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "--header", f"Authorization: Bearer {SECRET}"),
            *("--timeout", "1", "test_own.py"),
            files={"test_own.py": RULES, "conformance.toml": PROFILE},
            when=lambda: stalls.reached.wait(100),
            number=number,
        )
        assert stalls.reached.is_set(), done.out
        left = dict(stalls.api.items)
        stalls.over.set()
        yield done, left, sorted((tmp_path / "reports").glob("ledger-*.jsonl"))
        yield stalls.api.items, [one for one in server.seen if one.method == "DELETE"]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_kill_9_leaves_a_list_and_cleanup_removes_what_is_on_it(tmp_path, monkeypatch, capsys, workers):
    run = ended(tmp_path, signal.SIGKILL, workers)
    done, left, ledgers = next(run)
    assert done.code == -signal.SIGKILL
    assert len(left) == 3
    (path,) = ledgers
    assert SECRET not in path.read_text()
    assert [one.url is None for one in read(path).open] == [False, False, True]
    monkeypatch.chdir(tmp_path)
    assert main(["cleanup", str(path), "--header", f"Authorization: Bearer {SECRET}"]) == 0
    items, deletions = next(run)
    assert items == {}
    assert deletions[-1].field("authorization") == f"Bearer {SECRET}"
    assert not path.exists()
    assert "3 removed or gone, 0 left" in capsys.readouterr().out


UNANSWERED = '''
import threading
from harness import MUST, WRITE, rule

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
def test_interrupted(resource, client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    resource.create()
    client.get("/marker")
    try:
        resource.create()
    except Exception:
        threading.Event().wait(60)
'''


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_leaves_nothing_not_even_what_no_answer_told_of(tmp_path, workers):
    api, reached = Silent(), threading.Event()

    def respond(seen):
        answer = api(seen)
        if api.silent and seen.method == "POST":
            reached.set()
        api.silent = seen.path == "/marker"
        return answer

    with servers.http(respond) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "test_own.py"),
            files={"test_own.py": UNANSWERED, "conformance.toml": PROFILE},
            when=lambda: reached.wait(100),
            alone=True,
        )
        assert reached.is_set(), done.out
    assert api.api.made >= 2
    assert api.api.items == {}, done.out
    assert done.code == 2, done.out
    assert done.report["leftovers"] == []
    assert list((tmp_path / "reports").glob("ledger-*")) == []
