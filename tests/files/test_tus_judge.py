"""Judgement of servers of tus on literal responses."""

from __future__ import annotations

import httpx
import pytest

from harness.http.exchange import Body, Exchange
from harness.survey.openapi.promises import DocumentedAnswer
from suites.files.tus_judge import (
    Offer,
    append_faults,
    created_faults,
    difference,
    number,
    offer,
    place,
    resumed_faults,
    status_faults,
)

BASE = "http://127.0.0.1/v1"
STATUS = {
    "Upload-Offset": "70",
    "Upload-Length": "100",
    "Cache-Control": "no-store",
    "Tus-Resumable": "1.0.0",
}


def fields(**changed: str | None) -> httpx.Headers:
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    kept = {name: value for name, value in STATUS.items() if name not in named}
    return httpx.Headers({**kept, **{name: value for name, value in named.items() if value is not None}})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        (" 70 ", 70),
        ("070", None),
        ("-1", None),
        ("7e1", None),
        ("", None),
        (None, None),
        ("٣", None),
    ],
)
def test_numbers_are_whole_and_not_negative(value: str | None, expected: int | None) -> None:
    assert number(value) == expected


def test_the_offer_of_a_server() -> None:
    found = offer(
        httpx.Headers(
            {
                "Tus-Version": "1.0.0,0.2.2",
                "Tus-Extension": "creation, checksum",
                "Tus-Max-Size": "1073741824",
                "Tus-Checksum-Algorithm": "sha1,md5",
            }
        )
    )
    assert found == Offer(("1.0.0", "0.2.2"), ("creation", "checksum"), 1_073_741_824, ("sha1", "md5"))
    assert found.has("checksum")
    assert not found.may_have("termination")


def test_what_a_server_says_nothing_of_may_be_there() -> None:
    found = offer(httpx.Headers({}))
    assert found.may_have("creation")
    assert not found.has("creation")
    assert found.largest is None


@pytest.mark.parametrize(
    "changed",
    [
        {"Upload_Offset": None},
        {"Upload_Offset": "69"},
        {"Upload_Length": None},
        {"Cache_Control": None},
        {"Cache_Control": "no-cache"},
        {"Tus_Resumable": None},
    ],
)
def test_a_status_lacks_something(changed: dict[str, str | None]) -> None:
    assert len(status_faults(fields(**changed), 70, 100)) == 1


def test_a_sound_status() -> None:
    assert not status_faults(fields(Cache_Control="private, No-Store"), 70, 100)


def test_the_offset_after_a_chunk() -> None:
    assert not append_faults(fields(), 70)
    assert append_faults(fields(), 100) == ["Upload-Offset is 70, not 100"]


def test_a_creation_without_location() -> None:
    assert created_faults(201, fields()) == ["no Location"]
    assert not created_faults(201, fields(Location="/files/1"))


@pytest.mark.parametrize(
    ("after", "sound"), [(100, True), (150, True), (200, True), (99, False), (201, False)]
)
def test_an_offset_after_an_interruption(after: int, sound: bool) -> None:
    assert (resumed_faults(100, 200, after) is None) is sound


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (b"abcd", None),
        (b"abXd", "4 bytes instead of 4, different from byte 2 on"),
        (b"ab", "2 bytes instead of 4, different from byte 2 on"),
        (b"abcdd", "5 bytes instead of 4, different from byte 4 on"),
    ],
)
def test_where_contents_differ(got: bytes, expected: str | None) -> None:
    assert difference(b"abcd", got) == expected


def test_the_profile_says_where() -> None:
    found = place("/files", (), {}, (), BASE)
    assert found is not None
    assert found.sure
    assert found.url == f"{BASE}/files"


def test_documented_fields_say_where() -> None:
    answers = [DocumentedAnswer("POST", "/media", "201", optional=("Location", "Tus-Resumable"))]
    found = place(None, answers, {}, (), BASE)
    assert found is not None
    assert found.sure
    assert found.url == f"{BASE}/media"


def test_a_response_with_its_fields_says_where() -> None:
    shown = (("Tus-Version", "1.0.0"),)
    seen = Exchange("1", "OPTIONS", f"{BASE}/media", (), Body(), 204, "", "", shown, Body())
    found = place(None, (), {}, [seen], BASE)
    assert found is not None
    assert found.sure
    assert found.url == f"{BASE}/media"


def test_a_name_is_a_guess() -> None:
    found = place(None, (), {"/orders": ["POST"], "/uploads": ["POST"]}, (), BASE)
    assert found is not None
    assert not found.sure


@pytest.mark.parametrize(
    "documented", [{}, {"/orders": ["POST"]}, {"/files": ["GET"]}, {"/files/{id}": ["POST"]}]
)
def test_no_sign_of_it(documented: dict[str, list[str]]) -> None:
    assert place(None, (), documented, (), BASE) is None
