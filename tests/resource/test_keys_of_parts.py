"""Keys of several members, in content and in URLs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING, at, key_parts
from harness.profile.models import Resource
from harness.resource.ids import unlike

KEY = "Order={/Order},Lang='{/Lang}'"


@pytest.mark.parametrize(
    ("value", "id"),
    [
        ({"Order": 7, "Lang": "en"}, "Order=7,Lang='en'"),
        ({"Order": 7, "Lang": "d'un"}, "Order=7,Lang='d''un'"),
        ({"Order": 7}, MISSING),
        ({"Order": True, "Lang": "en"}, MISSING),
        ({"Order": {}, "Lang": "en"}, MISSING),
        ([], MISSING),
        (MISSING, MISSING),
    ],
)
def test_a_key_of_several_members_is_one_text(value: Any, id: Any) -> None:
    assert at(value, KEY) == id


def test_the_parts_of_a_key() -> None:
    assert key_parts(KEY) == ["/Order", "/Lang"]
    assert key_parts("/id") == ["/id"]
    assert key_parts("") == [""]


def test_a_profile_may_have_a_key_of_several_members() -> None:
    assert Resource(collection="/Lines", id=KEY).id == KEY
    for wrong in ("id", "Order={/Order}", "{Order},{No}"):
        with pytest.raises(ValueError, match="key of several members"):
            Resource(collection="/Lines", id=wrong)


@pytest.mark.parametrize(
    ("sample", "kept"), [("Order=7,No=2", "Order=7,No="), ("Order=7,Lang='en'", "Order=7,Lang='")]
)
def test_an_id_of_no_item_differs_in_the_last_part(sample: str, kept: str) -> None:
    other = unlike(sample)
    assert other != sample
    assert other.startswith(kept)
    assert other.count(",") == 1
    assert other.endswith("'") == sample.endswith("'")
