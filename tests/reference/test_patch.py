"""PATCH: RFC 5789, RFC 7396, RFC 6902."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harness.reference.patch import Patcher
from harness.reference.reader import JSON_PATCH, MERGE_PATCH
from tests.patch.rfc7396 import APPENDIX_A


def patch(client: httpx.Client, path: str, document: Any) -> httpx.Response:
    kind = JSON_PATCH if isinstance(document, list) else MERGE_PATCH
    return client.patch(path, json=document, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("document", "changed"),
    [
        ({"amount": 5}, {"amount": 5}),
        ({"note": None, "quantity": None}, {"note": None, "quantity": 1}),
        ({"tags": ["z"]}, {"tags": ["z"]}),
        ({"metadata": {"a": "1"}}, {"metadata": {"a": "1"}}),
        ([{"op": "add", "path": "/tags/-", "value": "c"}], {"tags": ["a", "b", "c"]}),
        ([{"op": "add", "path": "/tags/0", "value": "c", "extra": 1}], {"tags": ["c", "a", "b"]}),
        ([{"op": "remove", "path": "/tags/0"}], {"tags": ["b"]}),
        ([{"op": "move", "from": "/tags/0", "path": "/tags/1"}], {"tags": ["b", "a"]}),
        ([{"op": "copy", "from": "/customer", "path": "/tags/-"}], {"tags": ["a", "b", "Ada"]}),
        (
            [
                {"op": "add", "path": "/metadata", "value": {"a/b": "1", "m~n": "2"}},
                {"op": "replace", "path": "/metadata/a~1b", "value": "3"},
                {"op": "remove", "path": "/metadata/m~0n"},
            ],
            {"metadata": {"a/b": "3"}},
        ),
        (
            [
                {"op": "test", "path": "/amount", "value": 100.0},
                {"op": "replace", "path": "/amount", "value": 7},
            ],
            {"amount": 7},
        ),
    ],
)
def test_applied_patches(alice: httpx.Client, order: str, document: Any, changed: dict[str, Any]) -> None:
    before = alice.get(order).json()
    reply = patch(alice, order, document)
    after = alice.get(order)
    assert reply.status_code == 200
    assert reply.json() == after.json()
    assert reply.headers["ETag"] == after.headers["ETag"]
    differing = {
        k: after.json().get(k) for k in {*before, *after.json()} if before.get(k) != after.json().get(k)
    }
    assert {k: v for k, v in differing.items() if k != "updated_at"} == {
        k: v for k, v in changed.items() if before.get(k) != v
    }


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"customer": None}, 422),
        ({"currency": "XXX", "amount": 5}, 422),
        ({"status": "paid"}, 422),
        ({"unknown": 1}, 422),
        ("text", 422),
        (
            [{"op": "replace", "path": "/amount", "value": 5}, {"op": "test", "path": "/amount", "value": 6}],
            409,
        ),
        ([{"op": "replace", "path": "/amount", "value": 5}, {"op": "remove", "path": "/email"}], 409),
        ([{"op": "test", "path": "/amount", "value": "100"}], 409),
        ([{"op": "add", "path": "/tags/3", "value": "x"}], 409),
        ([{"op": "add", "path": "/tags/01", "value": "x"}], 409),
        ([{"op": "replace", "path": "/tags/-", "value": "x"}], 409),
        ([{"op": "add", "path": "/none/deep", "value": "x"}], 409),
        ([{"op": "replace", "path": "", "value": 1}], 422),
        ([{"op": "remove", "path": ""}], 422),
        ([{"op": "spam", "path": "/amount"}], 422),
        ([{"op": "replace", "path": "/status", "value": "paid"}], 422),
        ([{"op": "add", "path": "/amount"}], 400),
        ([{"op": "move", "path": "/amount"}], 400),
        ([{"op": "remove"}], 400),
        ([{"op": "remove", "path": "amount"}], 400),
        ([1], 400),
    ],
)
def test_refused_patches_change_nothing(alice: httpx.Client, order: str, document: Any, status: int) -> None:
    before = alice.get(order)
    reply = patch(alice, order, document)
    assert reply.status_code == status
    assert alice.get(order).content == before.content


def test_json_patch_must_be_an_array_and_well_formed(alice: httpx.Client, order: str) -> None:
    for content in (b"{}", b'[{"op":'):
        assert alice.patch(order, content=content, headers={"Content-Type": JSON_PATCH}).status_code == 400


def test_other_media_types_are_refused(alice: httpx.Client, order: str) -> None:
    reply = alice.patch(order, json={"amount": 5})
    assert reply.status_code == 415
    assert set(reply.headers["Accept-Patch"].split(", ")) == {
        MERGE_PATCH,
        JSON_PATCH,
    }
    assert "Accept-Encoding" not in reply.headers


@pytest.mark.parametrize(("target", "document", "result"), APPENDIX_A)
def test_merge_patch_as_in_appendix_a_of_rfc_7396(target: Any, document: Any, result: Any) -> None:
    assert Patcher().apply(MERGE_PATCH, target, document) == result
