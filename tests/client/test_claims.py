"""Whether what is read is the item that a create was answered with, on literal representations."""

from __future__ import annotations

from typing import Any

import pytest

from harness.client.claims import Claim
from harness.client.marks import Marks

ID = "46502438-8d1f-4847-bcf1-a4de19d3a454"
BORN = {"id": ID, "url": "https://www.example.com/", "events": ["order.created"], "secret": "whsec_1"}


def shows(value: Any, id: str = ID, born: Any = BORN) -> bool | None:
    return Claim("place", "url", id, Marks(), "POST /webhooks", born=born).shows(value)


def test_an_item_whose_secret_is_shown_once_is_known_by_all_else() -> None:
    assert shows(BORN) is True
    assert shows({name: value for name, value in BORN.items() if name != "secret"}) is True


@pytest.mark.parametrize(
    "value",
    [
        {**BORN, "events": ["order.deleted"]},
        {**BORN, "owner": "bob"},
        {"id": ID},
        {},
        [],
        None,
    ],
)
def test_what_differs_or_says_nearly_nothing_shows_nothing(value: Any) -> None:
    assert shows(value) is None


@pytest.mark.parametrize("id", ["7", "wh_17", "hook"])
def test_an_id_that_others_may_get_takes_all_members(id: str) -> None:
    born = {**BORN, "id": id}
    assert shows(born, id, born) is True
    assert shows({"id": id, "url": BORN["url"]}, id, born) is None
