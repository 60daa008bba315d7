"""The ids that a counter gives next: an item without content is the run's own if nothing was there before."""

from __future__ import annotations

import pytest

from harness.client.claims import Claim, ClaimedCollection
from harness.client.marks import Marks
from harness.resource.list_comparison import next_ids


def collection(ids: set[str], made: dict[str, bool]) -> ClaimedCollection:
    found = ClaimedCollection("/comments", ids=set(ids))
    for id, gone in made.items():
        claim = Claim(f"/comments/{id}", f"http://localhost/comments/{id}", id, Marks())
        claim.gone = gone
        found.made.append(claim)
    return found


@pytest.mark.parametrize(
    ("ids", "made", "next"),
    [
        ({"1", "25"}, {"26": False}, {"27"}),
        ({"1", "25"}, {"26": True, "27": True}, {"26", "28"}),
        # Some count from the items that are there.
        (set(), {"1": True, "2": True}, {"1", "3"}),
        (set(), {"3fp8hKvcRH": True}, set()),
        (set(), {}, set()),
    ],
)
def test_after_the_highest_that_was_given_or_is_there(
    ids: set[str], made: dict[str, bool], next: set[str]
) -> None:
    assert next_ids(collection(ids, made)) == next
