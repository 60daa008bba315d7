"""Values that a patch must not store, and patches that are valid in one half only."""

from __future__ import annotations

import json

from harness.http.content import MISSING
from harness.profile.models import Resource
from harness.profile.resource import Locking
from suites.patch.invalid import (
    KINDS,
    READ_ONLY,
    TEXT,
    Wrong,
    half_wrong,
    read_only,
    refused,
    some_of_each,
    wrongs,
)

SCHEMA = {
    "type": "object",
    "required": ["vessel", "draught"],
    "properties": {
        "vessel": {"type": "string", "maxLength": 5},
        "draught": {"type": "number", "minimum": 0},
        "crew": {"type": ["integer", "string"]},
        "status": {"enum": ["moored", "left"]},
    },
}
BODY = {"vessel": "Ada", "draught": 4.5, "crew": 3, "status": "left"}


def test_a_value_is_found_for_each_constraint() -> None:
    found = wrongs(SCHEMA, BODY, "")
    chosen = some_of_each(found, dict.fromkeys((*KINDS, TEXT), 1))
    assert [(one.kind, one.pointer) for one in chosen] == [
        ("type", "/vessel"),
        ("enum", "/status"),
        ("required", "/vessel"),
        ("range", "/draught"),
        ("length", "/vessel"),
        (TEXT, "/draught"),
    ]
    assert chosen[-1].value == "4.5"
    # A number that may be a text is no violation.
    assert not [one for one in found if one.kind == TEXT and one.pointer == "/crew"]
    assert len(some_of_each(found, {"type": 3})) == 3


def test_read_only_members_keep_their_type_and_the_id_is_left_alone() -> None:
    shown = {"id": "a7", "seq": 4, "created": "2026-01-01", "version": 2, "live": True}
    known = Resource(
        collection="/moorings",
        read_only=["id", "version", "live", "seq", "created", "gone"],
        locking=Locking(version="/version"),
    )
    assert read_only(known, shown) == [
        Wrong(READ_ONLY, "/seq", 5),
        Wrong(READ_ONLY, "/created", "10-10-6202"),
    ]


def test_both_orders_of_members_are_sent() -> None:
    wrong = [
        Wrong("type", "/draught", {}),
        Wrong("type", "/vessel", []),
        Wrong("required", "/data/a", MISSING),
    ]
    patches = [json.dumps(patch) for _, patch, _ in half_wrong("/vessel", "Bob", wrong, operations=False)]
    assert patches == [
        '{"vessel": "Bob", "draught": {}}',
        '{"draught": {}, "vessel": "Bob"}',
        '{"vessel": "Bob", "data": {"a": null}}',
        '{"data": {"a": null}, "vessel": "Bob"}',
    ]
    found = list(half_wrong("/data/b", "Bob", wrong[2:], operations=False))
    assert json.dumps(found[0][1]) == '{"data": {"b": "Bob", "a": null}}'
    assert json.dumps(found[1][1]) == '{"data": {"a": null, "b": "Bob"}}'


def test_operations_are_refused_by_a_value_as_well() -> None:
    wrong = Wrong("type", "/draught", {"unexpected": []})
    found = list(half_wrong("/vessel", "Bob", [wrong], operations=True))
    assert [one for _, _, one in found] == [None, None, wrong]
    assert found[-1][1] == [
        {"op": "replace", "path": "/vessel", "value": "Bob"},
        {"op": "replace", "path": "/draught", "value": {"unexpected": []}},
    ]
    assert refused(Wrong("required", "/draught", MISSING), True) == [{"op": "remove", "path": "/draught"}]
