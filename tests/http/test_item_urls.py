"""Which id the URL of an item has: on literal URLs."""

from __future__ import annotations

import pytest

from harness.http.item_urls import key_in


@pytest.mark.parametrize(
    ("segment", "id"),
    [
        ("Books(7)", "7"),
        ("Books('a b')", "a b"),
        ("Books(0c0684f9-74d8-4a1b-ad95-99a6693300e7)", "0c0684f9-74d8-4a1b-ad95-99a6693300e7"),
        ("Books(ID=7,Lang='en')", "ID=7,Lang='en'"),
        ("Books(ID=7,Lang='O''Neil, J.')", "ID=7,Lang='O''Neil, J.'"),
        ("Books(ID=7)", None),
        ("Books()", None),
        ("Authors(7)", None),
        ("report(1)", None),
        ("7", None),
    ],
)
def test_the_key_of_an_odata_entity_is_its_id(segment: str, id: str | None) -> None:
    assert key_in(segment, "Books") == id
