from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from suites.schema.formats import ambiguous, fault, offsets, styles


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("created_at", "2026-03-04T10:00:00Z"),
        ("createdAt", "2026-03-04T10:00:00.123+05:30"),
        ("created_at", 1772618400),
        ("created_at", None),
        ("updated", "2026-03-04"),
        ("lastModified", "Wed, 04 Mar 2026 10:00:00 GMT"),
        ("what", "looks good"),
        ("format", "2026-03-04T10:00:00"),
        ("opens", "10:00"),
        ("price", 19.99),
        ("price", "0.30000000000000004"),
        ("ratio", 0.30000000000000004),
        ("total", 3),
        ("price", 0.1234567),
    ],
)
def test_what_is_read_in_one_way_or_means_something_else(name: str, value: Any) -> None:
    assert fault(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("created_at", "2026-03-04T10:00:00", "without an offset"),
        ("createdAt", "2026-03-04 10:00:00.123", "without an offset"),
        ("timestamp", "03/04/2026", "exchanged"),
        ("updated_at", "04.03.2026 10:00", "exchanged"),
        ("updated_at", "2026-03-04T10:00:00+0530", "offset is not"),
        ("price", 0.30000000000000004, "artefact"),
        ("unit_price", 4.999999999999999, "artefact"),
    ],
)
def test_what_may_be_read_in_two_ways(name: str, value: Any, what: str) -> None:
    found = fault(name, value)
    assert found is not None
    assert what in found


def test_each_member_is_named_once() -> None:
    found = ambiguous(
        {"data": [{"created_at": "2026-03-04T10:00:00"}, {"created_at": "2026-03-05T10:00:00"}]}
    )
    assert len(found) == 1


def test_one_member_in_two_formats() -> None:
    bodies = [{"created_at": "2026-03-04T10:00:00Z"}, {"data": [{"created_at": 1772618400}]}]
    assert styles(bodies) == {"created_at": "2026-03-04T10:00:00Z and 1772618400"}
    assert styles(bodies[:1]) == {}


NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "seconds"),
    [
        ({"created_at": "2026-03-04T15:30:01Z"}, 19800),
        ({"createdAt": "2026-03-04T05:00:00.250Z"}, -18000),
        ({"created_at": "2026-03-04T15:45:01Z"}, 20700),
        ({"data": {"attributes": {"created": "2026-03-04T11:00:00+00:00"}}}, 3600),
    ],
)
def test_a_time_of_another_zone(created: Any, seconds: int) -> None:
    assert list(offsets(created, {}, NOW).values()) == [seconds]


@pytest.mark.parametrize(
    "created",
    [
        {"created_at": "2026-03-04T10:00:59Z"},
        {"created_at": "2026-03-04T15:30:00+05:30"},
        {"created_at": "2026-03-04T10:07:00Z"},
        # Clocks of two machines, and no zone.
        {"created_at": "2026-03-04T10:15:00Z"},
        {"created_at": "2026-03-04T09:30:00Z"},
        {"created_at": "2026-03-04T12:15:00Z"},
        {"created_at": "2019-03-04T10:00:00Z"},
        {"created_at": "2026-03-05T10:00:00Z"},
        {"expires_at": "2026-03-04T11:00:00Z"},
        {"customer": {"created_at": "2026-03-04T09:00:00Z"}},
        {"created_at": "2026-02-30T10:00:00Z"},
        {"created_at": None},
        ["2026-03-04T11:00:00Z"],
    ],
)
def test_a_time_that_is_another_one_for_another_reason(created: Any) -> None:
    assert not any(offsets(created, {}, NOW).values())


def test_a_time_that_the_client_gave_is_its_own() -> None:
    assert offsets({"created_at": "2026-03-04T11:00:00Z"}, {"created_at": "2026-03-04T11:00:00Z"}, NOW) == {}
