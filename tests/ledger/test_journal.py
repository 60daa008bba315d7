"""The file that a ledger is kept in: what it still has open, and what is no ledger."""

from __future__ import annotations

import json

import pytest

from harness.__main__ import main
from harness.bad_input import BadInput
from harness.client.marks import Marker
from harness.ledger.journal import Open, read


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
            {"wrote": "a.1", "text": None},
            {"wrote": "b.0", "text": "of what is gone"},
            {"make": "a.2", **MAKE},
            {"gone": "b.1"},
            {"kept": "a.2", "why": "busy", "final": False},
        )
        # A machine that went down in the middle of a line.
        + '{"make": "a.3", "to'
    )
    one, other = read(path).open
    assert one == Open(
        "a.1",
        MAKE["told"],
        "http://x/things/1",
        "things",
        Marker(*MAKE["marker"]),
        "default",
        False,
        True,
        texts=frozenset({None}),
    )
    assert (other.number, other.url, other.why) == ("a.2", None, "busy")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not the ledger of a run"),
        ("{}\n", "not the ledger of a run"),
        ("# a list\n- of things\n", "line 1 is not JSON"),
        (lines([1]), "line 2 is not an object"),
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
