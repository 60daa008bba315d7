"""What deliveries show, on literal ones."""

from __future__ import annotations

import hmac
import json
from types import MappingProxyType

import pytest
from starlette.datastructures import Headers

from suites.webhooks.changing import merge_patch, places
from suites.webhooks.internal import spellings
from suites.webhooks.judge import (
    envelope_faults,
    event_id,
    event_time,
    event_type,
    gaps,
    is_of,
    retried,
    runs_backwards,
    shrinking,
    timeline,
    track,
)
from suites.webhooks.pausing import switch
from suites.webhooks.receiver import OK, Answer, Delivery
from suites.webhooks.setting import filled
from suites.webhooks.signatures import recognised
from suites.webhooks.test_deliveries import listed
from suites.webhooks.trial import alike

STANDARD = {"id": "evt_1", "type": "order.paid", "timestamp": "2026-05-01T10:00:00Z", "data": {"id": 1}}


def delivery(content=STANDARD, fields=MappingProxyType({}), at=0.0, answer=OK, ended=None):
    return Delivery(at, at, "POST", Headers(fields), json.dumps(content).encode(), answer, ended)


def test_an_envelope_as_the_specification_has_it_is_without_fault():
    one = delivery()
    assert (event_id(one), event_type(one)) == ("evt_1", "order.paid")
    assert event_time(one) == "2026-05-01T10:00:00Z"
    assert envelope_faults(one) == []


def test_fields_may_say_what_the_content_does_not():
    fields = {"X-GitHub-Delivery": "72d3162e", "X-GitHub-Event": "push", "webhook-timestamp": "1614265330"}
    assert envelope_faults(delivery({"ref": "main"}, fields)) == []


def test_seconds_since_the_epoch_are_a_time_and_a_small_number_is_none():
    assert event_time(delivery({"created": 1614265330})) == "1614265330"
    assert event_time(delivery({"created": 12})) is None
    assert event_time(delivery({"time": "yesterday"})) is None


@pytest.mark.parametrize("content", [{}, [1], "text", None])
def test_what_says_nothing_lacks_everything(content):
    assert len(envelope_faults(delivery(content))) == 3


def test_types_are_compared_without_their_spelling():
    assert is_of(delivery({"event": "OrderPaid"}), "order.paid")
    assert not is_of(delivery({"event": "order.created"}), "order.paid")
    assert not is_of(delivery({}), "order.paid")


def test_delays_that_shrink_beyond_jitter_are_found():
    assert gaps([delivery(at=0), delivery(at=1), delivery(at=3)]) == [1, 2]
    assert shrinking([1.0, 2.0]) is None
    assert shrinking([1.0, 1.0]) is None
    assert shrinking([2.0, 0.6]) is None
    assert shrinking([4.0, 0.2]) == (4.0, 0.2)
    assert shrinking([0.1, 0.01]) is None


def test_the_timeline_shows_each_attempt():
    held = delivery(at=2.0, answer=Answer(None), ended=2.75)
    assert timeline("slow", [held, delivery(at=3.0)], 1.0) == (
        "slow: +1.00 s no answer, given up after 0.75 s; +2.00 s 204"
    )
    assert timeline("gone", [], 0) == "gone: nothing arrived"


def test_events_of_other_clients_are_left_out():
    other = delivery({"id": "evt_9"})
    again = delivery({"id": "evt_1", "attempt": 2})
    first = delivery()
    assert alike([first, other, again]) == [first, again]
    assert alike([]) == []


def test_placeholders_are_replaced_wherever_they_are():
    body = {"config": {"url": "{url}"}, "events": ["{event}", 1]}
    texts = {"url": "http://h/1", "event": "a.b", "secret": "s"}
    assert filled(body, texts) == {"config": {"url": "http://h/1"}, "events": ["a.b", 1]}


def test_internal_spellings_all_lead_to_this_machine():
    assert spellings("http://127.0.0.1:80")[:2] == ["http://localhost:80", "http://localhost.:80"]
    assert all("169.254" not in one and "//10." not in one for one in spellings("https://hooks.example"))


@pytest.mark.parametrize(
    ("value", "entries"),
    [([1, 2], [1, 2]), ({"items": [1], "total": 1}, [1]), ({"a": [], "b": []}, None), ("x", None)],
)
def test_a_log_is_a_list_however_it_is_wrapped(value, entries):
    assert listed(value) == entries


@pytest.mark.parametrize(
    ("attempts", "until", "found"),
    [
        ([delivery(at=0, ended=1), delivery(at=2)], 2.0, True),
        ([delivery(at=0, ended=1)], 4.0, False),
        ([delivery(at=0, ended=1)], 3.9, None),
        ([delivery(at=0)], 99.0, None),
        ([], 99.0, None),
    ],
)
def test_a_retry_is_missed_only_after_the_time_that_is_declared(attempts, until, found):
    assert retried(attempts, 3.0, until) is found


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("2026-05-01T10:00:05Z", "2026-05-01T10:00:00Z", True),
        ("2026-05-01T10:00:01Z", "2026-05-01T10:00:00Z", False),
        ("2026-05-01T10:00:05Z", "2026-05-01T12:00:06+02:00", False),
        ("2026-05-01T10:00:05", "2026-05-01T10:00:00", False),
        (1614265330, 1614265320, True),
        (1614265330000, 1614265329500, False),
        ("yesterday", 1614265320, False),
    ],
)
def test_times_that_run_backwards_are_found(first, second, wrong):
    found = runs_backwards(delivery({"time": first}), delivery({"time": second}))
    assert (found is not None) is wrong


def test_places_of_placeholders_and_merge_patches_of_them():
    body = {"config": {"url": "{url}"}, "events": ["{event}"], "all": ["{event}", "x"]}
    assert list(places(body, "{url}")) == ["/config/url"]
    assert list(places(body, "{event}")) == ["/events"]
    assert merge_patch("/config/url", "u") == {"config": {"url": "u"}}


@pytest.mark.parametrize(
    ("shown", "words", "found"),
    [
        ({"id": 1, "active": True}, (), ("/active", False)),
        ({"is_enabled": True}, (), ("/is_enabled", False)),
        ({"disabled": False}, (), ("/disabled", True)),
        ({"active": False}, (), None),
        ({"disabled": True}, (), None),
        ({"status": "active"}, ("active", "paused"), ("/status", "paused")),
        ({"status": "active"}, (), None),
        ({"status": "sent"}, ("active", "paused"), None),
        ({"interactive": True}, (), None),
        ([1], (), None),
    ],
)
def test_a_subscription_shows_how_it_is_switched_off(shown, words, found):
    assert switch(shown, words) == found


def test_a_usual_signature_is_recognised_only_where_it_verifies():
    fields = {"X-Hub-Signature-256": "sha256=" + hmac.new(b"key", b"{}", "sha256").hexdigest()}
    assert recognised(["other", "key"], fields, b"{}") == "github"
    assert recognised(["other"], fields, b"{}") is None
    assert recognised(["key"], {}, b"{}") is None


def test_attempts_are_drawn_with_what_they_got():
    held = delivery(at=2.0, answer=Answer(None), ended=2.5)
    dropped = delivery(at=2.6, answer=Answer(None, resets=True), ended=2.6)
    made = track("slow", [held, dropped, delivery(at=3.0)], 1.0)
    assert [(one.at, one.end, one.text, one.outcome) for one in made.moments] == [
        (1.0, 1.5, "no answer", "bad"),
        (1.6, None, "reset", "bad"),
        (2.0, None, "204", "good"),
    ]
