"""JSON content: read, compared, changed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.content import (
    MISSING,
    at,
    differences,
    id_text,
    is_json,
    json_of,
    last_segment,
    media_type,
    member_names,
    normalised,
    replaced,
    shown,
)

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


class TestReading:
    @pytest.mark.parametrize(
        ("content", "value"),
        [
            (b"null", None),
            (b'{"a":1}', {"a": 1}),
            (b"[]", []),
            (b"", MISSING),
            (b"<p>", MISSING),
            (b"\xff", MISSING),
        ],
    )
    def test_json(self, content: bytes, value: Any) -> None:
        assert json_of(httpx.Response(200, content=content)) == value

    def test_deep_json_is_no_json(self) -> None:
        assert json_of(httpx.Response(200, content=b"[" * 100_000)) is MISSING

    @pytest.mark.parametrize(
        ("field", "media", "json_"),
        [
            ("Application/JSON; charset=utf-8", "application/json", True),
            ("application/problem+json", "application/problem+json", True),
            ("text/html", "text/html", False),
            ("application/jsonp", "application/jsonp", False),
            ("", "", False),
        ],
    )
    def test_media_type(self, field: str, media: str, json_: bool) -> None:
        assert media_type(httpx.Response(200, headers={"Content-Type": field})) == media
        assert is_json(media) is json_

    def test_pointers(self) -> None:
        value = {"a": {"b/c": [1, None]}, "": 2}
        assert at(value, "") == value
        assert at(value, "/a/b~1c/1") is None
        assert at(value, "/") == 2
        assert at(value, "/a/x") is MISSING
        assert at(value, "/a/b~1c/7") is MISSING
        assert at(MISSING, "/a") is MISSING

    @pytest.mark.parametrize(("value", "id"), [("x", "x"), (7, "7"), (0, "0")])
    def test_ids(self, value: Any, id: str) -> None:
        assert id_text(value) == id

    @pytest.mark.parametrize("value", [None, True, "", [], {}, 1.5, MISSING])
    def test_no_ids(self, value: Any) -> None:
        assert id_text(value) is None

    @pytest.mark.parametrize(
        ("url", "segment"),
        [
            ("https://h/v1/orders/7?x=1", "7"),
            ("/orders/a%2Fb/", "a/b"),
            ("https://h", None),
            ("https://h/", None),
        ],
    )
    def test_last_segment(self, url: str, segment: str | None) -> None:
        assert last_segment(url) == segment

    def test_member_names(self) -> None:
        assert member_names({"a": [{"b": 1}], "c": {"d": {}}}) == {"a", "b", "c", "d"}
        assert member_names("text") == set()

    def test_shown(self) -> None:
        assert shown({"é": 1}) == '{"é": 1}'
        assert shown(MISSING) == "nothing"
        assert len(shown("x" * 500)) == 120


class TestNormalised:
    @pytest.mark.parametrize(
        "name",
        [
            *(
                "updated_at",
                "updatedAt",
                "lastModified",
                "modified",
                "version",
                "etag",
                "_rev",
                "last_seen",
                "views",
            ),
            *(
                "view_count",
                "last_accessed_at",
                "date_modified",
                "requestId",
                "_links",
                "expires_at",
                "timestamp",
            ),
        ],
    )
    def test_what_servers_change_by_themselves_is_left_out(self, name: str) -> None:
        assert normalised({"a": {name: 1, "b": 2}}) == {"a": {"b": 2}}

    @pytest.mark.parametrize(
        "name", ["status", "id", "name", "tags", "quantity", "count", "balance", "state", "category"]
    )
    def test_what_means_something_is_kept(self, name: str) -> None:
        assert normalised({name: 1}) == {name: 1}

    @pytest.mark.parametrize("name", ["format", "lat", "seat", "flat", "runtime", "candidate", "blast_used"])
    def test_words_that_end_like_a_timestamp_are_kept(self, name: str) -> None:
        assert normalised({name: 1}) == {name: 1}

    @pytest.mark.parametrize(
        "name",
        [
            *("lock_version", "rowVersion", "resourceVersion", "version_number"),
            *("@odata.etag", "odata.etag", "@etag", "dcterms:modified", "meta.version"),
            *("pulp_last_updated", "record_last_modified", "orderLastChanged"),
        ],
    )
    def test_version_counters_are_left_out(self, name: str) -> None:
        assert normalised({name: 1}) == {}

    def test_volatile_elements(self) -> None:
        one, other = {"images": ["a?sig=1", "b"]}, {"images": ["a?sig=2", "b"]}
        assert normalised(one, volatile=["/images/0"]) == normalised(other, volatile=["/images/0"])

    def test_what_the_client_sent_is_kept(self) -> None:
        assert normalised({"version": 1, "due_date": 2}, sent=["due_date"]) == {"due_date": 2}

    def test_volatile_locations(self) -> None:
        value = {"a": {"x/y": 1, "z": 2}, "x/y": 3}
        assert normalised(value, volatile=["/a/x~1y"]) == {"a": {"z": 2}, "x/y": 3}

    @given(JSON)
    def test_is_stable(self, value: Any) -> None:
        once = normalised(value)
        assert normalised(once) == once
        assert normalised(value, sent=member_names(value)) == value


class TestDifferences:
    @pytest.mark.parametrize(
        ("one", "other", "where"),
        [
            ({"a": 1}, {"a": 2}, ["/a"]),
            ({"a": 1}, {}, ["/a"]),
            ({}, {"a": None}, ["/a"]),
            ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ["/a/1/b"]),
            ([1], [1, 2], ["/"]),
            ({"a": [1]}, {"a": []}, ["/a"]),
            (1, True, ["/"]),
            ("1", 1, ["/"]),
            ({"a/b": 1, "c~d": 1}, {}, ["/a~1b", "/c~0d"]),
        ],
    )
    def test_found(self, one: Any, other: Any, where: list[str]) -> None:
        assert differences(one, other) == where

    @pytest.mark.parametrize(
        ("one", "other"), [(1, 1.0), ({"a": 1}, {"a": 1}), (None, None), (MISSING, MISSING)]
    )
    def test_none(self, one: Any, other: Any) -> None:
        assert differences(one, other) == []

    @given(JSON, JSON)
    def test_symmetric_and_faithful(self, one: Any, other: Any) -> None:
        assert differences(one, one) == []
        assert differences(one, other) == differences(other, one)
        if not differences(one, other):
            assert one == other

    @given(JSON, JSON)
    def test_locations_are_where_the_values_differ(self, one: Any, other: Any) -> None:
        for where in differences(one, other):
            place = "" if where == "/" and not (isinstance(one, dict) and isinstance(other, dict)) else where
            assert differences(at(one, place), at(other, place)) != []


class TestReplaced:
    def test_values(self) -> None:
        body = {"a": {"b": 1, "c": [1, {"d": 2}]}}
        assert replaced(body, "/a/b", 9) == {"a": {"b": 9, "c": [1, {"d": 2}]}}
        assert replaced(body, "/a/c/1/d", 9) == {"a": {"b": 1, "c": [1, {"d": 9}]}}
        assert replaced(body, "", 9) == 9

    def test_the_original_stays(self) -> None:
        body = {"a": {"b": [1]}}
        replaced(body, "/a/b/0", 2)
        replaced(body, "/a/b", MISSING)
        assert body == {"a": {"b": [1]}}

    def test_removal(self) -> None:
        assert replaced({"a": {"b": 1, "c": 2}}, "/a/b", MISSING) == {"a": {"c": 2}}
        assert replaced({"a": 1}, "/b", MISSING) == {"a": 1}

    def test_new_members(self) -> None:
        assert replaced({}, "/a/b", 1) == {"a": {"b": 1}}
        assert replaced({"x": 1}, "/a~1b", None) == {"x": 1, "a/b": None}

    @given(st.dictionaries(st.text(max_size=6), JSON, max_size=4), st.text(max_size=6), JSON)
    def test_what_was_put_is_there(self, body: dict[str, Any], name: str, value: Any) -> None:
        pointer = "/" + jsonpointer.escape(name)
        before = json.dumps(body)
        made = replaced(body, pointer, value)
        assert at(made, pointer) == value
        assert {key: inner for key, inner in made.items() if key != name} == {
            key: inner for key, inner in body.items() if key != name
        }
        assert at(replaced(made, pointer, MISSING), pointer) is MISSING
        assert json.dumps(body) == before
