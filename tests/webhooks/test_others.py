"""Events of another client, on literal deliveries."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from harness.target.credentials.resolved import Credential
from suites.webhooks.others import name_of_other, tells
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


def held(**values: str) -> SimpleNamespace:
    fields = {name: Credential({"Authorization": value}) for name, value in values.items()}
    return SimpleNamespace(credentials=fields)


@pytest.mark.parametrize(
    ("target", "own", "name"),
    [
        (held(default="a", other="b"), "default", "other"),
        (held(default="a", other="b"), "other", "default"),
        (held(default="a", other="a"), "default", None),
        (held(default="a"), "default", None),
        (held(), None, None),
    ],
)
def test_the_other_client_is_one_with_another_credential(target, own, name):
    assert name_of_other(target, own) == name
