"""Judging the wire on literal statuses, fields and dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.http.exchange import Exchange
from suites.wire.judge import (
    chunked_fault,
    chunks,
    dates,
    folded_fault,
    framing_faults,
    harmless_framing,
    length_beside_coding,
    long_field,
    long_target,
    out_of_step,
    refusal_fault,
    unknown_coding_fault,
)
from tests.errors.sent import exchange

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC).timestamp()


def at_noon(date: str | None, status: int = 200, **fields: str) -> Exchange:
    """An exchange that ended at noon, on a clock that began at the epoch."""
    sent = exchange(status, {}, **({} if date is None else {"date": date}), **fields)
    return replace(sent, started=NOON - 1, ended=NOON)


def test_refusals() -> None:
    assert refusal_fault(400) is None
    assert refusal_fault(200) == "the request was served"
    assert "virtual hosts" in (refusal_fault(421) or "")
    assert refusal_fault(301) == "not 400"
    assert refusal_fault(None) == "not 400"


def test_folds() -> None:
    assert folded_fault(400, 200) is None
    assert folded_fault(200, 200) is None
    assert folded_fault(502, 200) is not None
    assert folded_fault(200, 206) is not None


def test_unknown_transfer_codings() -> None:
    assert unknown_coding_fault(400) is None
    assert unknown_coding_fault(501) is None
    assert "accepted" in (unknown_coding_fault(201) or "")
    assert unknown_coding_fault(411) == "not 400 (or 501)"


def test_framing_of_204() -> None:
    assert framing_faults([("Date", "x"), ("X-Content-Length", "3")]) == []
    assert framing_faults([("content-length", "0")]) == ["content-length: 0"]
    assert framing_faults([("Transfer-Encoding", "chunked")]) == ["Transfer-Encoding: chunked"]


@pytest.mark.parametrize(
    ("faults", "harmless"),
    [
        (["content-length: 0"], True),
        (["Content-Length: 2"], False),
        (["Content-Length: 0", "Transfer-Encoding: chunked"], False),
    ],
)
def test_a_length_of_zero_is_harmless(faults: list[str], harmless: bool) -> None:
    assert harmless_framing(faults) is harmless


@pytest.mark.parametrize(
    ("version", "fields", "sound"),
    [
        ("HTTP/1.1", (("Content-Length", "3"),), True),
        ("HTTP/1.1", (("Transfer-Encoding", "chunked"),), True),
        ("HTTP/1.1", (("transfer-encoding", "chunked"), ("content-length", "3")), False),
        ("HTTP/2", (("transfer-encoding", "chunked"), ("content-length", "3")), True),
    ],
)
def test_a_length_beside_a_transfer_coding(
    version: str, fields: tuple[tuple[str, str], ...], sound: bool
) -> None:
    sent = replace(exchange(200, {}), http_version=version, response_fields=fields)
    fault = length_beside_coding(sent)
    assert (fault is None) is sound
    assert fault is None or fault.example == "Content-Length: 3 and Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("date", "fields"),
    [
        ("Fri, 20 Nov 2026 12:00:00 GMT", {}),
        ("Fri, 20 Nov 2026 11:59:05 GMT", {}),
        ("Fri, 20 Nov 2026 12:00:59 GMT", {}),
        # A cache kept it.
        ("Fri, 20 Nov 2026 11:00:00 GMT", {"age": "3600"}),
    ],
)
def test_good_dates(date: str, fields: dict[str, str]) -> None:
    found = dates([at_noon(date, **fields)], 0.0)
    assert (found.broken, found.skewed, found.judged) == ((), (), 1)


@pytest.mark.parametrize(
    "date",
    [
        None,
        "Friday, 20-Nov-26 12:00:00 GMT",
        "Fri Nov 20 12:00:00 2026",
        "2026-11-20T12:00:00Z",
        "Fri, 20 Nov 2026 12:00:00 +0000",
        "Fri, 20 Nov 2026 12:00:00 GMT, Fri, 20 Nov 2026 12:00:00 GMT",
        "Fri, 31 Feb 2026 12:00:00 GMT",
    ],
)
def test_bad_dates(date: str | None) -> None:
    found = dates([at_noon(date)], 0.0)
    assert len(found.broken) == 1
    assert not found.skewed


@pytest.mark.parametrize("date", ["Fri, 20 Nov 2026 13:00:00 GMT", "Fri, 20 Nov 2026 11:58:00 GMT"])
def test_wrong_clocks(date: str) -> None:
    found = dates([at_noon(date)], 0.0)
    assert not found.broken
    assert len(found.skewed) == 1


def test_the_offset_is_that_of_the_clocks() -> None:
    assert dates([at_noon("Fri, 20 Nov 2026 13:00:00 GMT")], 3600.0).skewed == ()


def test_who_owes_a_date() -> None:
    found = dates([at_noon(None, 500), exchange(None)], 0.0)
    assert (found.broken, found.judged) == ((), 0)
    assert dates([at_noon(None, 204), at_noon(None, 304), at_noon(None, 404)], 0.0).judged == 3


def test_without_a_clock() -> None:
    assert dates([at_noon(None)], 0.0, clock=False).broken == ()
    assert len(dates([at_noon("Fri, 20 Nov 2026 12:00:00 GMT")], 0.0, clock=False).broken) == 1


@pytest.mark.parametrize(
    ("status", "short", "fault", "must"),
    [
        (414, 200, False, False),
        (200, 200, False, False),
        # An API that refuses unknown parameters has read it.
        (400, 400, False, False),
        (400, 200, True, False),
        (431, 200, True, False),
        (500, 200, True, True),
        (502, 200, True, True),
    ],
)
def test_long_targets(status: int, short: int, fault: bool, must: bool) -> None:
    found = long_target(status, short)
    assert (found.fault is not None, found.must) == (fault, must)


@pytest.mark.parametrize(
    ("status", "fault"), [(431, False), (400, False), (413, False), (200, False), (500, True), (404, True)]
)
def test_long_fields(status: int, fault: bool) -> None:
    assert (long_field(status, 200).fault is not None) is fault


@pytest.mark.parametrize(
    ("statuses", "place"),
    [
        ([200, 404, 200, 404, 200, 404], None),
        ([200, 404, 200, 200], 3),
        ([200, 404, 404], 2),
        # A throttled request, a failing one, and URLs that are answered alike.
        ([200, 404, 429, 429, 503], None),
        ([200, 200, 200], None),
        ([200, None, 200, 200], None),
        ([404, 404, 200], None),
        ([200], None),
    ],
)
def test_responses_that_belong_to_another_request(statuses: list[int | None], place: int | None) -> None:
    assert out_of_step(statuses) == place


def test_responses_to_content_in_chunks() -> None:
    assert chunked_fault(201) is None
    # A length may be required, and codings may be missing (RFC 9112 sections 6.1 and 6.3).
    assert [chunked_fault(status) for status in (411, 413, 501)] == [None] * 3
    assert chunked_fault(400) == "refused; with Content-Length the same content is accepted"
    assert str(chunked_fault(500)).startswith("a server error")


def test_content_in_chunks() -> None:
    assert chunks(b"abcde") == b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    assert chunks(b"a") == b"1\r\na\r\n0\r\n\r\n"
    assert chunks(b"") == b"0\r\n\r\n"
