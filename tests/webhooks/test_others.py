"""Events of another client, on literal deliveries."""

from __future__ import annotations

import pytest

from suites.webhooks.others import tells
from tests.webhooks.test_judge import delivery

ID = "5f0c9a7e-1b"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"data": {"id": ID}}, ID),
        ({"data": {"href": f"/v1/orders/{ID}/"}}, ID),
        ({"data": {"name": "harness-x1 of client B"}}, "harness-x1 of client B"),
        ({"data": {"id": f"{ID}2"}}, None),
        ({"data": {"href": f"/v1/orders/{ID}/lines"}}, None),
        ([], None),
    ],
)
def test_an_event_tells_of_an_item_by_a_whole_text_or_the_end_of_a_path(content, found):
    assert tells(delivery(content), {ID, "harness-x1 of client B"}) == found


def test_content_that_is_no_json_tells_of_an_item_anywhere_in_it():
    one = delivery()
    one.content = f"<event><id>{ID}</id></event>".encode()
    assert tells(one, {ID}) == ID
