"""What a stream shows, on literal inputs."""

from __future__ import annotations

import pytest

from suites.realtime.judge import (
    Replay,
    backwards,
    in_order,
    mentions,
    poll_faults,
    replay,
    silence,
    storable,
    type_faults,
)


@pytest.mark.parametrize(
    ("text", "mark", "shown"),
    [
        ('{"id": "doc_12345"}', "doc_12345", True),
        ('{"data": {"href": "/v1/documents/17"}}', "17", True),
        ('{"order_id": 17}', "17", True),
        ('{"orderId": 17}', "17", True),
        ('{"count": 17}', "17", False),
        ('{"id": 170}', "17", False),
        ('{"paid": 17}', "17", False),
        ('{"id": "doc_123456"}', "doc_12345", False),
        ("created doc_12345", "doc_12345", True),
        ("created doc_123456", "doc_12345", False),
        ("order 17", "17", False),
        ('["message: abc-1- is here"]', "abc-1-", True),
        ('{"id": true}', "True", False),
        ("anything", "", False),
    ],
)
def test_an_event_is_of_an_item_that_it_names(text, mark, shown):
    assert mentions(text, mark) is shown


def test_what_was_missed_comes_once_in_order():
    assert replay("bcd", "a", "abcde", "bcde") == Replay()
    assert replay("bcd", "a", "abcde", "bd").lost == ("c",)
    assert replay("bcd", "a", "abcde", "abcd").repeated == ("a",)
    assert replay("bcd", "a", "abcde", "bccd").repeated == ("c",)
    assert replay("bcd", "a", "abcde", "bdc").disordered == ("b", "d", "c")


def test_the_order_is_that_of_the_client_who_stayed():
    assert replay("bcd", "a", "adcb", "dcb") == Replay()


def test_values_in_events_have_an_order():
    values = ["title one", "title two", "title three"]
    assert in_order(["title one", "nothing", "title three"], values) == [0, 2]
    assert backwards([0, 1, 1, 2]) is None
    assert backwards([0, 2, 1]) == (2, 1)


def test_silence_is_the_longest_time_without_a_byte():
    assert silence(1.0, [2.0, 7.0], 8.0) == 5.0
    assert silence(1.0, [], 4.0) == 3.0


@pytest.mark.parametrize(
    ("content_type", "sound"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=UTF-8", True),
        ('text/event-stream;charset="utf-8"', True),
        ("text/event-stream; charset=iso-8859-1", False),
        ("text/plain", False),
        ("application/json; charset=utf-8", False),
        (None, False),
    ],
)
def test_the_type_of_a_stream(content_type, sound):
    assert (type_faults(content_type) == "") is sound


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        ("no-store", False, False),
        ("no-cache, no-transform", False, False),
        ("private", False, False),
        ("max-age=0", False, False),
        ("public, max-age=60", True, True),
        ("max-age=60", True, True),
        ("public, no-cache", False, False),
        (None, True, False),
        ("no-transform", True, False),
    ],
)
def test_whether_a_cache_may_store_a_stream(value, reason, said):
    assert (bool(storable(value)[0]), storable(value)[1]) == (reason, said)


def test_polls_lose_nothing():
    marks = ["x-1-", "x-2-", "x-3-"]
    assert poll_faults(['["x-1-"]', '["x-2-", "x-3-"]', "[]"], marks) == Replay()
    assert poll_faults(['["x-1-"]', '["x-3-"]'], marks).lost == ("x-2-",)
    assert poll_faults(['["x-1-", "x-2-"]', '["x-2-", "x-3-"]'], marks).repeated == ("x-2-",)
    assert poll_faults(['["x-2-", "x-1-"]', '["x-3-"]'], marks).disordered == ("x-2-", "x-1-", "x-3-")
