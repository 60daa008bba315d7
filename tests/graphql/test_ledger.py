"""Items that mutations create are in the ledger before the response comes, and are removed after any end of the run."""

from __future__ import annotations

import pytest

from harness.__main__ import main
from harness.cleanup.recovery import recover
from harness.client.recorder import Unanswered
from harness.http.content import MISSING
from harness.ledger.journal import Journal, read
from harness.ledger.ledger import Ledger
from harness.ledger.removal_by_calls import still_there
from harness.reference.server import demo
from harness.rules.checks import Undecided
from suites.graphql.endpoint import Endpoint
from suites.graphql.owning import Own, owned
from tests.clients import client_of

AUTHORIZATION = "Authorization: Bearer {}"


@pytest.fixture
def api(tmp_path):
    """URL, token, client and ledger of a run on the reference API."""
    with demo() as (url, token), client_of(url, headers={"Authorization": f"Bearer {token}"}) as client:
        journal = Journal(tmp_path / "ledger-x.jsonl", "main.")
        journal.begin("x", url)
        yield url, token, client, Ledger(journal=journal)


def killed(client, ledger):
    """An item that a run had when it was killed."""
    graphql = Endpoint(client, client.url("/graphql"), "the test")
    context = owned(graphql, ledger)
    own = context.__enter__()
    # Whoever holds a generator may drop it only when it has ended.
    return graphql, own, context


def test_the_end_of_a_rule_removes_its_items_and_strikes_them_out(api, tmp_path):
    _, _, client, ledger = api
    with owned(Endpoint(client, client.url("/graphql"), "the test"), ledger) as own:
        assert [one.url for one in read(tmp_path / "ledger-x.jsonl").open] == [own.name]
        assert own.shown() == own.text
    assert own.shown() is None
    assert not read(tmp_path / "ledger-x.jsonl").open
    assert not ledger.leftovers
    assert client.recorder.budget.committed == client.recorder.budget.sent


def test_a_second_item_is_surely_new_at_once(api, tmp_path):
    _, _, client, ledger = api
    graphql = Endpoint(client, client.url("/graphql"), "the test")
    with owned(graphql, ledger) as first:
        made = len(client.recorder.exchanges)
        with owned(graphql, ledger) as second:
            assert first.id != second.id
            assert all(one.sure for one in read(tmp_path / "ledger-x.jsonl").open)
            assert len(client.recorder.exchanges) == made + 2


def test_an_item_that_is_not_shown_to_be_new_is_left_and_named(api, tmp_path, monkeypatch):
    _, _, client, ledger = api
    graphql = Endpoint(client, client.url("/graphql"), "the test")
    monkeypatch.setattr(Own, "shown", lambda self, endpoint=None: None)
    with pytest.raises(Undecided), owned(graphql, ledger):
        pass
    (name,) = ledger.leftovers
    assert name.startswith(f"{graphql.url}#Note=")
    (entry,) = read(tmp_path / "ledger-x.jsonl").open
    assert "no evidence that the item did not exist before" in entry.why


def test_after_a_kill_the_command_removes_them(api, tmp_path, capsys):
    _, token, client, ledger = api
    _, own, context = killed(client, ledger)
    path = tmp_path / "ledger-x.jsonl"
    assert own.shown() == own.text
    assert main(["cleanup", str(path), "--list"]) == 0
    assert own.name in capsys.readouterr().out
    assert main(["cleanup", str(path), "--header", AUTHORIZATION.format(token)]) == 0
    assert own.shown() is None
    assert not path.exists()
    context.gen.close()


def test_what_another_client_has_put_there_since_is_left(api, tmp_path):
    _, _, client, ledger = api
    graphql, own, context = killed(client, ledger)
    graphql.post(f"mutation {{ {own.change('of somebody else')} }}")
    done = recover(tmp_path / "ledger-x.jsonl", client)
    assert own.shown() == "of somebody else"
    assert not done.left
    context.gen.close()


def test_a_create_without_an_answer_is_named(api, tmp_path, monkeypatch):
    _, _, client, ledger = api
    graphql = Endpoint(client, client.url("/graphql"), "the test")
    assert graphql.schema() is not None

    def lost(body, accept=None):
        raise Unanswered(client.recorder.exchanges[-1])

    monkeypatch.setattr(graphql, "post", lost)
    with pytest.raises(Undecided), owned(graphql, ledger):
        pass
    ledger.clear(last=True)
    (line,) = ledger.leftovers
    assert "mutation create" in line
    assert "no response says whether it created an item" in line


@pytest.mark.parametrize(
    ("status", "value", "found"),
    [
        (200, {"data": {"item": {"text": "of the run t1"}}}, True),
        (200, {"data": {"item": None}}, False),
        (200, {"data": {"item": {"text": "other"}}}, False),
        (200, {"data": None, "errors": [{"message": "not found"}]}, False),
        (200, {"errors": [{"message": "syntax"}]}, None),
        (401, {"data": None}, None),
        (503, {"data": None}, None),
        (200, MISSING, None),
    ],
)
def test_a_look_shows_the_item_nothing_or_neither(status, value, found):
    assert still_there(status, value, "t1") is found
