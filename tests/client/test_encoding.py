"""How bodies are written: without the envelope of responses, as forms, as multipart."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import pytest

from harness.client.encoding import BOUNDARY, Encoding, form, multipart, with_boundary


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({"data": {"name": "x"}}, {"name": "x"}),
        ({"name": "x"}, {"name": "x"}),
        ({"data": None}, None),
        (
            [{"op": "replace", "path": "/data/name", "value": 1}],
            [{"op": "replace", "path": "/name", "value": 1}],
        ),
        ([1, "x"], [1, "x"]),
        ("text", "text"),
    ],
)
def test_an_envelope_that_only_responses_have_is_not_sent(value: Any, sent: Any) -> None:
    assert Encoding("/data").sent(value) == sent
    assert Encoding().sent(value) == value


def test_forms_have_nested_names_in_brackets() -> None:
    body = {"name": "A & B", "card": {"number": 42, "valid": True}, "items": [{"id": None}, "é"]}
    assert parse_qsl(form(body).decode(), keep_blank_values=True) == [
        ("name", "A & B"),
        ("card[number]", "42"),
        ("card[valid]", "true"),
        ("items[0][id]", ""),
        ("items[1]", "é"),
    ]


def test_elements_of_an_array_under_one_name() -> None:
    body = {"to": ["a", "b"], "tags[]": ["x", "y"], "other": ["z"]}
    assert parse_qsl(form(body, frozenset({"to", "tags[]"})).decode()) == [
        ("to", "a"),
        ("to", "b"),
        ("tags[]", "x"),
        ("tags[]", "y"),
        ("other[0]", "z"),
    ]


def test_multipart() -> None:
    content = multipart({"To": "+1202", "Media": "hello", 'a"b\r\n': {"c": 1}}, frozenset({"Media"}))
    head = f"Content-Type: {with_boundary('multipart/form-data')}\r\n\r\n".encode()
    parts = message_from_bytes(head + content).get_payload()
    assert isinstance(parts, list)
    messages = [part for part in parts if isinstance(part, Message)]
    shown = [(part["Content-Disposition"], part.get_payload()) for part in messages]
    assert shown == [
        ('form-data; name="To"', "+1202"),
        ('form-data; name="Media"; filename="Media.bin"', "hello"),
        ('form-data; name="a%22b%0D%0A[c]"', "1"),
    ]
    assert BOUNDARY in with_boundary("multipart/form-data")
    assert with_boundary("application/json") == "application/json"


@pytest.mark.parametrize("media", ["application/json", "application/merge-patch+json", ""])
def test_other_media_types_are_json(media: str) -> None:
    assert Encoding().content({"a": 1}, media) is None
    assert Encoding().content([1], "application/x-www-form-urlencoded") is None


def test_members_are_sent_in_the_envelope_of_requests() -> None:
    deeper = Encoding(bare="/data/attributes", within="/data")
    assert deeper.sent({"data": {"attributes": {"title": "a"}}}) == {"data": {"title": "a"}}
    assert deeper.sent([{"op": "replace", "path": "/data/attributes/title", "value": "b"}]) == [
        {"op": "replace", "path": "/data/title", "value": "b"}
    ]


PLACE = "http://h/books"


@pytest.mark.parametrize(
    ("below", "id", "value", "sent"),
    [
        ("/a%2Cb", "a,b", {"data": {"attributes": {}}}, {"type": "books", "id": "a,b", "attributes": {}}),
        ("/7", "7", {"data": {"id": "8", "attributes": {}}}, {"type": "books", "id": "8", "attributes": {}}),
        (
            "/7",
            "7",
            {"data": {"type": "x", "relationships": {}}},
            {"type": "x", "id": "7", "relationships": {}},
        ),
        ("/7", "7", {"data": {"title": "x"}}, {"title": "x"}),
        ("", "", {"data": {"attributes": {}}}, {"attributes": {}}),
        ("/7/relationships", "", {"data": {"attributes": {}}}, {"attributes": {}}),
    ],
)
def test_updates_of_json_api_name_the_item(below: str, id: str, value: Any, sent: Any) -> None:
    encoding = Encoding(kind="books").at(PLACE + below, PLACE)
    assert encoding.id == id
    assert encoding.sent(value) == {"data": sent}


def test_updates_without_resource_objects_stay_as_they_are() -> None:
    encoding = Encoding(kind="books").at(PLACE + "/7", PLACE)
    assert encoding.sent({"data": [1]}) == {"data": [1]}
    assert encoding.sent([{"op": "add"}]) == [{"op": "add"}]
    assert Encoding("/data").at(PLACE + "/7", PLACE).id == ""
