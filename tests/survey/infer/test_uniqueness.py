"""Which members may have to be unique, and how the one is found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness import payloads
from harness.profile.models import Resource
from harness.survey.infer.uniqueness import the_one, unique_candidates

BODY = {
    "hull": "PT-77",
    "status": "moored",
    "draught": 4.5,
    "berth_no": 12,
    "owner_id": 3,
    "email": "a@example.com",
    "lit": True,
    "skipper": {"licence": "L-1", "rank_id": 9},
}
SCHEMA = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["moored", "left"]},
        "skipper": {"type": "object", "properties": {"licence": {"type": "string"}}},
    },
}
KNOWN = Resource(collection="/moorings", create_schema=SCHEMA)


def test_candidates_are_ordered_by_the_refusal_and_their_names() -> None:
    assert unique_candidates(BODY, KNOWN, None) == ["/email", "/hull", "/berth_no", "/skipper/licence"]
    assert unique_candidates(BODY, KNOWN, {"detail": "berth_no clashes"})[0] == "/berth_no"


def test_every_candidate_is_varied_and_nothing_else() -> None:
    made = payloads.varied(KNOWN, BODY)
    kept = ("status", "draught", "owner_id", "lit")
    assert {name: made[name] for name in kept} == {name: BODY[name] for name in kept}
    assert all(made[name] != BODY[name] for name in ("hull", "berth_no", "email"))
    assert made["skipper"]["licence"] != "L-1"
    assert made["skipper"]["rank_id"] == 9


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 9, 16])
def test_the_unique_member_is_found_with_few_creates(number: int) -> None:
    members = [f"/m{one}" for one in range(number)]
    for wanted in members:
        tried: list[Sequence[str]] = []

        def accepted(pointers: Sequence[str], wanted: str = wanted) -> bool:
            tried.append(pointers)  # noqa: B023
            return wanted in pointers

        assert the_one(members, accepted) == wanted
        assert len(tried) <= 9


def test_without_a_unique_member_there_is_none() -> None:
    assert the_one([f"/m{one}" for one in range(9)], lambda pointers: False) is None
    assert the_one([], lambda pointers: True) is None


def test_two_members_that_must_both_change_are_not_taken_for_one() -> None:
    members = [f"/m{one}" for one in range(8)]
    assert the_one(members, lambda pointers: {"/m4", "/m6"} <= set(pointers)) is None
