"""Judging responses to requests for ranges, on literal inputs."""

from __future__ import annotations

import hashlib

import pytest

from harness.rules.verdict import Impact, Level
from suites.files.parts import (
    BodyPart,
    ContentRange,
    accepts_bytes,
    body_parts,
    boundary_of,
    content_range,
    counts_bytes,
    unsatisfied,
)
from suites.files.ranges import (
    Answer,
    Whole,
    amplified,
    coded_fault,
    field_fault,
    ignored,
    multiplied,
    resolved,
    several_fault,
    single_fault,
    single_ranges,
    tiny_ranges,
    unsatisfiable_fault,
)

CONTENT = bytes(range(200)) + b"0123456789" * 10


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


WHOLE = Whole(
    len(CONTENT),
    sha(CONTENT),
    lambda window: sha(CONTENT[window[0] : window[1] + 1]),
    {"etag": '"a"', "date": "now", "cache-control": "no-cache"},
)
SAME = {"etag": '"a"', "date": "then", "cache-control": "no-cache"}


def answer(asked: str, content: bytes, named: str | None = None, status: int = 206, **fields: str) -> Answer:
    given = {**fields, **({"content-range": named} if named is not None else {})}
    return Answer(asked, "GET /f -> 206", status, len(content), sha(content), given)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-9/100", ContentRange(0, 9, 100)),
        ("Bytes 5-5/*", ContentRange(5, 5, None)),
        ("bytes 0-9", None),
        ("bytes 9-0/100", None),
        ("bytes 0-100/100", None),
        ("items 0-9/100", None),
        ("bytes */100", None),
        (None, None),
    ],
)
def test_content_range(value: str | None, expected: ContentRange | None) -> None:
    assert content_range(value) == expected


def test_other_forms_of_content_range() -> None:
    assert unsatisfied("bytes */100") == 100
    assert unsatisfied("bytes 0-1/100") is None
    assert counts_bytes(None)
    assert counts_bytes("0-9/100")
    assert not counts_bytes("items 0-9/100")
    assert accepts_bytes("Bytes") is True
    assert accepts_bytes("none") is False
    assert accepts_bytes(None) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=290-", (290, 299)),
        ("bytes=-50", (250, 299)),
        ("bytes=-1000", (0, 299)),
        ("bytes=150-1299", (150, 299)),
        ("bytes=300-", None),
        ("bytes=-0", None),
        ("conformance=0-0", None),
    ],
)
def test_what_a_range_stands_for(asked: str, expected: tuple[int, int] | None) -> None:
    assert resolved(asked, 300) == expected


@pytest.mark.parametrize("size", [1, 2, 99, 100, 201, 5000])
def test_every_range_that_is_asked_for_can_be_satisfied(size: int) -> None:
    assert all(resolved(one, size) is not None for one in single_ranges(size))


@pytest.mark.parametrize("asked", single_ranges(300))
def test_exact_ranges_are_sound(asked: str) -> None:
    found = resolved(asked, 300)
    assert found is not None
    first, last = found
    part = answer(asked, CONTENT[first : last + 1], f"bytes {first}-{last}/300", **SAME)
    assert single_fault(part, WHOLE) is None
    assert field_fault(part, WHOLE) is None


def test_what_a_server_may_do_with_a_range() -> None:
    everything = answer("bytes=0-9", CONTENT, status=200)
    assert ignored(everything, WHOLE)
    assert single_fault(everything, WHOLE) is None
    assert single_fault(answer("bytes=0-99", CONTENT[:50], "bytes 0-49/300"), WHOLE) is None
    assert single_fault(answer("bytes=0-9", CONTENT[:10], "bytes 0-9/*"), WHOLE) is None


@pytest.mark.parametrize(
    ("given", "level", "impact"),
    [
        (answer("bytes=0-9", CONTENT[:9], "bytes 0-9/300"), Level.MUST, Impact.CRITICAL),
        (answer("bytes=0-9", CONTENT[1:11], "bytes 0-9/300"), Level.MUST, Impact.CRITICAL),
        (answer("bytes=0-9", CONTENT[:10]), Level.MUST, Impact.CRITICAL),
        (answer("bytes=0-9", CONTENT[:10], "bytes 0-9/10"), Level.MUST, None),
        (answer("bytes=0-9", CONTENT[:10], status=200), Level.MUST, Impact.CRITICAL),
        (answer("bytes=-50", CONTENT[:51], "bytes 0-50/300"), Level.SHOULD, None),
        (answer("bytes=0-0", CONTENT, "bytes 0-299/300"), Level.SHOULD, None),
        (answer("bytes=0-9", b"", status=500), Level.SHOULD, None),
        (answer("bytes=0-0", b"", status=416), Level.SHOULD, None),
        (
            answer("bytes=0-9", b"", **{"content-type": "multipart/byteranges; boundary=x"}),
            Level.MUST,
            None,
        ),
    ],
)
def test_ranges_that_are_not_exact(given: Answer, level: Level, impact: Impact | None) -> None:
    fault = single_fault(given, WHOLE)
    assert fault is not None
    assert (fault.level, fault.impact) == (level, impact)


def test_a_response_that_ends_early() -> None:
    given = Answer(
        "bytes=300-", "GET /f -> 416", 416, 33, "", {"content-range": "bytes */300"}, problem="cut"
    )
    for judge in (single_fault, unsatisfiable_fault, several_fault):
        fault = judge(given, WHOLE)
        assert fault is not None
        assert (
            fault.observed
            == "GET /f -> 416 for Range: bytes=300-, 33 bytes, and then: cut, Content-Range: bytes */300"
        )


def test_fields_that_a_part_lacks() -> None:
    fault = field_fault(answer("bytes=0-0", b"\0", "bytes 0-0/300", **{**SAME, "etag": '"b"'}), WHOLE)
    assert fault is not None
    assert fault.impact is None
    lacking = {name: value for name, value in SAME.items() if name != "cache-control"}
    fault = field_fault(answer("bytes=0-0", b"\0", "bytes 0-0/300", **lacking), WHOLE)
    assert fault is not None
    assert fault.impact is Impact.MINOR
    assert fault.observed.endswith("without Cache-Control")


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (answer("bytes=300-", b"", "bytes */300", 416), None),
        (answer("bytes=300-", CONTENT, status=200), None),
        (answer("bytes=300-", b"", "items */3", 416), Level.SHOULD),
        (answer("bytes=300-", b"", None, 416), Level.SHOULD),
        (answer("bytes=300-", b"", "bytes */299", 416), Level.SHOULD),
        (answer("bytes=300-", b"", "bytes */300", 206), Level.MUST),
        (answer("bytes=300-", b"", None, 200), Level.MUST),
        (answer("bytes=300-", b"", None, 500), Level.SHOULD),
    ],
)
def test_ranges_behind_the_end(given: Answer, level: Level | None) -> None:
    fault = unsatisfiable_fault(given, WHOLE)
    assert (fault.level if fault else None) is level


def several(*parts: BodyPart, **fields: str) -> Answer:
    kind = {"content-type": "multipart/byteranges; boundary=x"}
    return Answer("bytes=0-9,20-29", "GET /f -> 206", 206, 500, "", {**kind, **fields}, parts)


def part(first: int, last: int, length: int | None = 300, content: bytes | None = None) -> BodyPart:
    own = CONTENT[first : last + 1] if content is None else content
    return BodyPart(ContentRange(first, last, length), len(own), sha(own))


@pytest.mark.parametrize(
    "given",
    [
        several(part(0, 9), part(20, 29)),
        several(part(0, 29)),
        answer("bytes=0-9,20-29", CONTENT[:30], "bytes 0-29/300"),
        answer("bytes=0-9,20-29", CONTENT, status=200),
        answer("bytes=0-9,20-29", b"", status=416),
    ],
)
def test_what_a_server_may_do_with_several_ranges(given: Answer) -> None:
    assert several_fault(given, WHOLE) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (several(part(0, 9), **{"content-range": "bytes 0-9/300"}), "no Content-Range beside"),
        (several(BodyPart(None, 10, "")), "a Content-Range in each part"),
        (several(part(0, 9, content=b"0123456789")), "the 10 bytes"),
        (several(part(0, 9, 10)), "the length of the whole"),
        (answer("bytes=0-9,20-29", CONTENT[:10]), "multipart/byteranges, or one range"),
        (answer("bytes=0-9,20-29", CONTENT[:10], status=200), "the whole representation"),
        (answer("bytes=0-9,20-29", b"", status=500), "206 with the ranges"),
    ],
)
def test_several_ranges_that_are_malformed(given: Answer, expected: str) -> None:
    fault = several_fault(given, WHOLE)
    assert fault is not None
    assert fault.expected.startswith(expected)


def test_amplification() -> None:
    assert amplified(answer("bytes=0-,1-", b"x" * 40 * 300 + b"y" * 10_000), WHOLE, 40)
    assert not amplified(answer("bytes=0-,1-", b"x" * 1000), WHOLE, 40)


GZIP = {"content-encoding": "gzip"}


@pytest.mark.parametrize(
    ("part", "named", "right"),
    [
        (CONTENT[10:30], "bytes 10-29/300", True),
        (CONTENT[10:30], "bytes 10-29/*", True),
        (CONTENT[10:25], "bytes 10-24/300", True),
        (CONTENT[10:30], "bytes 10-29/900", False),
        (b"\x1f\x8b a small file of its own", "bytes 10-29/900", False),
        (b"\x1f\x8b a small file of its own", "bytes 10-29/300", False),
        (CONTENT[10:30], None, False),
    ],
)
def test_a_range_in_a_content_coding_is_one_of_the_coded_representation(
    part: bytes, named: str | None, right: bool
) -> None:
    fields = {**GZIP, **({"content-range": named} if named else {})}
    assert (coded_fault("GET /f -> 206", part, fields, CONTENT, GZIP) is None) == right
    assert coded_fault("GET /f -> 206", part, fields, CONTENT, {}) is None


def test_a_thousand_tiny_ranges() -> None:
    asked = tiny_ranges()
    assert asked.count(",") == 999
    assert asked.startswith("bytes=0-0,2-2,")
    assert len(asked) < 7_000
    assert multiplied(answer(asked, b"x" * 100_000), WHOLE)
    assert not multiplied(answer(asked, b"x" * 60_000), WHOLE)
    assert not multiplied(answer(asked, b"x" * 100_000, status=200), WHOLE)


def test_parts_are_read_byte_for_byte() -> None:
    content = (
        b"preamble\r\n--x\r\nContent-Type: a/b\r\nContent-Range: bytes 0-3/9\r\n\r\n\r\n--\r\n--x\r\n"
        b"content-range: bytes 8-8/9\r\n\r\nZ\r\n--x--\r\n"
    )
    assert boundary_of('multipart/byteranges; boundary="x"') == "x"
    assert boundary_of("application/pdf; boundary=x") is None
    assert body_parts(content, "x") == [
        BodyPart(ContentRange(0, 3, 9), 4, sha(b"\r\n--")),
        BodyPart(ContentRange(8, 8, 9), 1, sha(b"Z")),
    ]
    assert body_parts(content[:-4], "x") is None
