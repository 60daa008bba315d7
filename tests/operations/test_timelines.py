"""The states of an operation as they are drawn, on literal looks."""

from __future__ import annotations

import json

from harness.http.exchange import Body, Exchange
from harness.http.monitors import state_in
from suites.operations.following import Followed, Look, track
from suites.operations.starting import Operation


def look(at: float, value: object, status: int = 200) -> Look:
    text = json.dumps(value)
    exchange = Exchange(
        f"e{at:g}", "GET", "http://h/operations/1", (), Body(), status, response_body=Body(text, 9)
    )
    return Look(at, exchange, state_in(value))


def test_each_state_lasts_until_another_one_is_seen() -> None:
    start = Exchange("s", "POST", "http://h/exports", (), Body(), 202)
    states = ("running", "running", "failed")
    looks = [look(float(at), {"id": "1", "status": state}) for at, state in enumerate(states)]
    seen = Followed(
        Operation("POST /exports", "", "/exports"), start, looks=looks, after=[look(5.0, {}, 404)]
    )
    made = track(seen)
    assert made.label == "POST /exports: 202"
    assert [(one.at, one.end, one.text, one.outcome) for one in made.moments] == [
        (0.0, 2.0, "running", "open"),
        (2.0, 5.0, "failed", "bad"),
        (5.0, 5.0, "404", "bad"),
    ]
