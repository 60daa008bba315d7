"""Each rule on the reference API with one bug in it, and on lawful ones: the rules themselves, in this process."""

from __future__ import annotations

import pytest

from harness.reference.realtime import Realtime
from tests.realtime import bugs, unusual
from tests.realtime.rules import RULES, reference

POLLED = """
[longpoll]
path = "/updates"
trigger = "POST /announcements"
trigger_body = { text = "{mark}" }
timeout = 0.5
cursor = "since"
next = "/next"
"""
BUGS = [
    ("RT-001", bugs.PlainText, "text/plain"),
    ("RT-001", bugs.Fails, "500"),
    ("RT-001", bugs.Latin, "not UTF-8"),
    ("RT-001", bugs.NotFramed, "no blank line"),
    ("RT-001", bugs.BareJson, "a line without a field name"),
    ("RT-002", bugs.FromNow, "write 2, 3, 4 never came"),
    ("RT-002", bugs.Boundary, "write 1 came again"),
    ("RT-002", bugs.UnknownFails, "500"),
    ("RT-002", bugs.Backwards, "for one who returned"),
    ("RT-003", bugs.NoComments, "without any byte"),
    ("RT-003", bugs.Cached, "public, max-age=60"),
    ("RT-003", bugs.Buffers, "did not arrive by then"),
    ("RT-004", bugs.Everyone, "it arrived at a second client"),
    ("RT-004", bugs.OpenToAll, "it arrived at a client without credentials"),
    ("RT-005", bugs.Reorders, "came before"),
    ("RT-005", bugs.Skips, "the last event shows"),
    ("RT-006", bugs.Impatient, "without an event"),
    ("RT-006", bugs.FromNowOn, "3 never came"),
    ("RT-006", bugs.Twice, "came with two polls"),
    ("RT-006", bugs.PollFails, "500"),
    ("RT-006", bugs.HeldTooLong, "without it"),
    ("RT-007", bugs.AnyOrigin, "with Origin: "),
    ("RT-008", bugs.MadeUp, "v1.demo"),
]


@pytest.mark.parametrize(("code", "bug", "shown"), BUGS, ids=lambda one: getattr(one, "__name__", None))
def test_a_bug_is_found(code, bug, shown):
    with reference(bugs.PROFILE, realtime=bug) as api:
        found = api.put(code)
    assert found.ending == "breach", found
    assert shown in found.text


@pytest.mark.parametrize(
    ("ws", "shown"),
    [
        (bugs.EmptyPong, "a Pong with"),
        (bugs.NoClose, "the connection is open"),
        (bugs.Unmasked, "the connection goes on"),
        (bugs.AnyBytes, "goes on"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_a_bug_of_the_protocol_is_found(ws, shown):
    with reference(bugs.PROFILE, ws=ws) as api:
        found = api.put("RT-008")
    assert found.ending == "breach", found
    assert shown in found.text


@pytest.mark.parametrize(
    ("bug", "shown"),
    [(bugs.Everyone, "/updates: it arrived at a second client"), (None, "")],
    ids=["all events reach everybody", "the reference"],
)
def test_what_is_polled_is_private_too(bug, shown):
    profile = f"{POLLED}private = true\n"
    with reference(profile, realtime=bug or Realtime) as api:
        found = api.put("RT-004")
    assert found.ending == ("breach" if bug else "pass"), found
    assert shown in found.text


def test_an_event_before_its_change_is_committed_is_found():
    with reference(bugs.PROFILE, realtime=bugs.BeforeCommit, item=bugs.PublishesEarly) as api:
        found = api.put("RT-005")
    assert found.ending == "breach", found
    assert "GET then showed what was before" in found.text


def test_a_server_that_takes_any_version_is_found():
    with reference(bugs.PROFILE, ws=bugs.AnyVersion) as api:
        found = api.put("RT-007")
    assert found.ending == "breach", found
    assert "-> 101" in found.text


def test_the_reference_keeps_all_rules():
    with reference(bugs.PROFILE, realtime=Realtime) as api:
        found = {code: api.put(code) for code in RULES}
    assert all(one.ending == "pass" for one in found.values()), found
    (drawn,) = found["RT-002"].figures
    got = {
        track.label: [moment.text for moment in track.moments if "write" in moment.text]
        for track in drawn.tracks
    }
    assert got["writes"] == [f"write {number}" for number in range(1, 6)]
    assert got["one who leaves"] == ["event of write 1"]
    assert got["the same, who returns"] == [f"event of write {number}" for number in range(2, 6)]


@pytest.mark.parametrize(
    ("way", "profile", "undecided"),
    [
        pytest.param(unusual.Coalescing, unusual.PROFILE, set(), id="at least once, coalescing"),
        pytest.param(unusual.WithoutIds, unusual.PLAIN, None, id="no ids, ends when idle"),
        pytest.param(unusual.Thin, unusual.PLAIN, {"RT-006"}, id="thin events"),
    ],
)
def test_an_unusual_api_is_not_accused(way, profile, undecided):
    with reference(profile, realtime=way) as api:
        found = {code: api.put(code) for code in RULES}
    for code, one in found.items():
        assert one.ending in ("pass", "not applicable", "inconclusive"), (code, one)
    # Where the stream ends by itself, how much could be decided depends on when.
    assert undecided is None or {code for code, one in found.items() if one.ending != "pass"} == undecided, (
        found
    )


def test_events_that_are_public_by_design_reach_everybody():
    profile = '[[streams]]\npath = "/events"\ntrigger = "documents"\nprivate = false\n'
    with reference(profile, realtime=bugs.Everyone) as api:
        assert api.put("RT-004").ending == "not applicable"
