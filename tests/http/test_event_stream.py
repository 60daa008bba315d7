"""The grammar of event streams, whatever the pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.event_stream import MOST_EVENT, Event, EventStream, TooLong


def read(*pieces: bytes) -> list[Event]:
    stream = EventStream()
    return [event for piece in pieces for event in stream.feed(piece)]


def plainly(octets: bytes) -> list[tuple[str, str, str]]:
    """The standard's own steps, over the whole stream (WHATWG HTML section 9.2.6)."""
    text = octets.decode("utf-8", errors="replace").removeprefix("\ufeff")
    *lines, _ = re.split("\r\n|\n|\r", text)
    data, kind, last, found = "", "", "", []
    for line in lines:
        if line == "":
            if data:
                found.append((kind or "message", data.removesuffix("\n"), last))
            data, kind = "", ""
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "data":
                data += value + "\n"
            elif name == "event":
                kind = value
            elif name == "id" and "\0" not in value:
                last = value
    return found


LINES = st.sampled_from(
    (
        *(
            b"data: a",
            b"data:b",
            b"data",
            b"data:  \xc3\xa9",
            b"data: \xe2\x82\xac",
            b"data: a:b",
            b"event: x",
        ),
        *(b"id: 1", b"id", b"id: a\0b", b": comment", b"retry: 5", b"", b"", b"{}", b"\xff", b"unknown: 1"),
    )
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
STREAMS = st.lists(st.tuples(LINES, ENDS).map(b"".join), max_size=20).map(b"".join)


@given(st.booleans(), STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_events_do_not_depend_on_where_the_stream_is_cut(bom, lines, cuts):
    octets = (b"\xef\xbb\xbf" if bom else b"") + lines
    places = sorted({min(cut, len(octets)) for cut in cuts})
    pieces = [octets[start:end] for start, end in zip([0, *places], [*places, len(octets)], strict=True)]
    expected = plainly(octets)
    assert [(one.type, one.data, one.id) for one in read(octets)] == expected
    assert [(one.type, one.data, one.id) for one in read(*pieces)] == expected
    assert [(one.type, one.data, one.id) for one in read(*(bytes([one]) for one in octets))] == expected


@pytest.mark.parametrize(
    ("octets", "events"),
    [
        pytest.param(
            b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")], id="three lines"
        ),
        pytest.param(
            b": test\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [
                ("message", "first event", "1"),
                ("message", "second event", ""),
                ("message", " third event", ""),
            ],
            id="ids",
        ),
        pytest.param(
            b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")], id="empty data"
        ),
        pytest.param(
            b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")], id="a space"
        ),
        pytest.param(
            b"event: add\ndata: 1\n\nid: 7\n\ndata: 2\n\n",
            [("add", "1", ""), ("message", "2", "7")],
            id="id alone",
        ),
        pytest.param(b"data: never ended\n", [], id="no blank line"),
    ],
)
def test_the_examples_of_the_standard(octets, events):
    assert [(one.type, one.data, one.id) for one in read(octets)] == events


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (b"data: \xff\n\n", "not UTF-8"),
        (b"retry: 1.5\n\n", "retry '1.5'"),
        (b"id: a\0b\ndata: 1\n\n", "an id with NUL"),
        (b'{"a": 1}\n\n', "without a field name"),
    ],
)
def test_what_clients_ignore_is_a_fault(octets, fault):
    stream = EventStream()
    stream.feed(octets)
    assert fault in " ".join(stream.faults)


@pytest.mark.parametrize(
    "octets", [b"retry: 10\n\n", b": \xc3\xa9\n", b"other: 1\n\n", b"id:\n\n", b"\xef\xbb\xbfdata: x\n\n"]
)
def test_what_the_standard_allows_is_none(octets):
    stream = EventStream()
    stream.feed(octets)
    assert not stream.faults


@pytest.mark.parametrize("line", [b"data: " + b"x" * 1000 + b"\n", b"x" * 1000], ids=["lines", "one line"])
def test_an_event_without_end_is_given_up(line):
    with pytest.raises(TooLong):
        read(*[line] * (MOST_EVENT // 900))


def test_faults_are_bounded():
    stream = EventStream()
    for number in range(1000):
        stream.feed(f"retry: x{number}\n".encode())
    assert len(stream.faults) == 20
