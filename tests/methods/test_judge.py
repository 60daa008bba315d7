"""The pure functions behind the METH rules, on literal inputs: each is seen to accept and to refuse."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
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
from harness.http.exchange import Body, Exchange
from harness.http.fields import TOKEN, imf_fixdate, methods, retry_after
from harness.resource.ids import unlike
from harness.survey.openapi.promises import safe_paths_below
from suites.methods.judge import (
    allow_faults,
    altered_by_content,
    assigned_again,
    created_by_reads,
    head_differences,
    kept_after_delete,
    location_without_item,
    moved_by_reads,
    not_in_allow,
    records_access,
    status_fault,
    statuses,
    succeeding,
    write_counters,
)

pytestmark = pytest.mark.topic(name="methods")

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


class TestHead:
    GET = {"content-type": "application/json", "etag": '"1"', "cache-control": "no-cache", "date": "now"}

    def test_same_fields(self) -> None:
        assert head_differences(self.GET, self.GET, self.GET) == ([], [])

    @pytest.mark.parametrize("name", ["content-type", "cache-control", "etag"])
    def test_another_value_is_wrong(self, name: str) -> None:
        wrong, omitted = head_differences(self.GET, {**self.GET, name: "other"}, self.GET)
        assert len(wrong) == 1
        assert name in wrong[0]
        assert "'other'" in wrong[0]
        assert omitted == []

    @pytest.mark.parametrize(
        ("name", "lawful"), [("content-type", False), ("cache-control", False), ("etag", True)]
    )
    def test_omission_is_lawful_for_what_depends_on_the_content(self, name: str, lawful: bool) -> None:
        head = {key: value for key, value in self.GET.items() if key != name}
        wrong, omitted = head_differences(self.GET, head, self.GET)
        assert (len(wrong), len(omitted)) == ((0, 1) if lawful else (1, 0))

    def test_what_moves_between_the_gets_is_not_compared(self) -> None:
        assert head_differences(self.GET, {}, {**self.GET, "etag": '"2"', "content-type": "x/y"})[1] == []
        wrong, _ = head_differences(self.GET, {**self.GET, "etag": '"2"'}, {**self.GET, "etag": '"3"'})
        assert wrong == []

    def test_other_fields_are_free(self) -> None:
        assert head_differences(self.GET, {**self.GET, "date": "later", "vary": "x"}, self.GET) == ([], [])

    def test_fields_of_httpx(self) -> None:
        get, head = httpx.Headers({"Content-Type": "a/b"}), httpx.Headers({"CONTENT-TYPE": "a/b"})
        assert head_differences(get, head, get) == ([], [])


class TestAllow:
    @pytest.mark.parametrize("allow", ["GET", "GET, HEAD", "GET,HEAD , OPTIONS", "", " , ", "get, Post"])
    def test_lists(self, allow: str) -> None:
        assert allow_faults(allow, "POST") == []

    @pytest.mark.parametrize(
        ("allow", "why"),
        [(None, "no Allow"), ("['GET']", "not a list"), ("GET HEAD", "not a list"), ("GET, POST", "refused")],
    )
    def test_faults(self, allow: str | None, why: str) -> None:
        faults = allow_faults(allow, "POST")
        assert len(faults) == 1
        assert why in faults[0]

    def test_methods_are_case_sensitive(self) -> None:
        assert methods("get, GET") == ["get", "GET"]
        assert not_in_allow("get", ["GET"]) == ["GET"]

    @pytest.mark.parametrize(
        ("allow", "missing"),
        [
            ("GET, PUT", []),
            ("GET", ["PUT"]),
            ("", ["GET", "PUT"]),
            (None, ["GET", "PUT"]),
            ("(", ["GET", "PUT"]),
        ],
    )
    def test_working_methods_that_are_not_listed(self, allow: str | None, missing: list[str]) -> None:
        assert not_in_allow(allow, ["PUT", "GET", "GET"]) == missing

    @given(st.lists(st.from_regex(TOKEN, fullmatch=True)))
    def test_any_list_of_tokens_is_read_back(self, tokens: list[str]) -> None:
        tokens = [token.strip("\n") for token in tokens]
        assert methods(" ,".join(tokens)) == tokens

    @given(st.text())
    def test_any_text_is_a_list_or_none(self, text: str) -> None:
        found = methods(text)
        assert found is None or all(TOKEN.match(token) for token in found)


def answered(
    status: int | None,
    method: str = "GET",
    request: tuple[tuple[str, str], ...] = (),
    response: tuple[tuple[str, str], ...] = (),
    size: int = 0,
) -> Exchange:
    content = Body("x" * size, size)
    return Exchange(
        "1", method, "http://h/a", request, Body(), status, response_fields=response, response_body=content
    )


class TestStatuses:
    @pytest.mark.parametrize(
        "exchange",
        [
            answered(None),
            answered(200, size=3),
            answered(205),
            answered(205, "POST"),
            answered(304, "GET", (("If-None-Match", '"1"'),)),
            answered(304, "HEAD", (("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),)),
            answered(407, response=(("Proxy-Authenticate", "Basic"),)),
            answered(426, response=(("upgrade", "HTTP/3.0"),), size=20),
            answered(401),
            answered(405),
        ],
    )
    def test_sound(self, exchange: Exchange) -> None:
        assert status_fault(exchange) is None

    @pytest.mark.parametrize(
        ("exchange", "why"),
        [
            (answered(205, "DELETE", size=3), "205 with 3 bytes of content"),
            (answered(304), "without If-None-Match and If-Modified-Since"),
            (answered(304, "HEAD", (("If-Match", '"1"'),)), "without If-None-Match"),
            (answered(304, "PATCH", (("If-None-Match", '"1"'),)), "304 to PATCH"),
            (answered(407, response=(("WWW-Authenticate", "Basic"),)), "407 without Proxy-Authenticate"),
            (answered(426, response=(("Connection", "upgrade"),)), "426 without Upgrade"),
        ],
    )
    def test_faults(self, exchange: Exchange, why: str) -> None:
        assert why in (status_fault(exchange) or "")

    def test_what_stands_in_front_is_distinguished(self) -> None:
        ours = answered(200, response=(("Server", "api"),))
        theirs = answered(407, response=(("Server", "squid"),))
        found = statuses([ours, theirs, answered(None)])
        assert (found.broken, found.judged) == ((), 1)
        (fault,) = found.edge
        assert "squid" in fault.what

    def test_the_api_s_own_faults(self) -> None:
        found = statuses([answered(200), answered(205, "PUT", size=2)])
        (fault,) = found.broken
        assert (fault.shown_by, fault.example) == ("PUT /a -> 205", "xx")
        assert found.edge == ()


class TestPathsBelow:
    @pytest.mark.parametrize(
        ("template", "path"),
        [
            ("/orders/{id}", "/orders/{id}"),
            ("/orders/{order_id}/", "/orders/{id}/"),
            ("/orders/{orderId}/lines", "/orders/{id}/lines"),
        ],
    )
    def test_below(self, template: str, path: str) -> None:
        assert safe_paths_below("/orders/{id}", {template: ["GET"]}) == [path]

    @pytest.mark.parametrize(
        "template",
        [
            "/orders",
            "/orders/search/{q}",
            "/orders/{id}x",
            "/orders/{id}/lines/{line}",
            "/users/{id}",
            "/{id}",
        ],
    )
    def test_elsewhere(self, template: str) -> None:
        assert safe_paths_below("/orders/{id}", {template: ["GET"]}) == []

    def test_without_get(self) -> None:
        assert safe_paths_below("/orders/{id}", {"/orders/{id}/pay": ["POST"]}) == []


class TestContentInGet:
    MANY = {"data": [1, 2, 3]}

    def test_same(self) -> None:
        assert altered_by_content(self.MANY, self.MANY, self.MANY, (3, 3, 3)) is None

    def test_another_representation(self) -> None:
        other = {"data": [1, 2, 4]}
        assert "/data/2" in (altered_by_content(self.MANY, other, self.MANY, (3, 3, 3)) or "")

    def test_writers_in_between_excuse_a_difference(self) -> None:
        assert altered_by_content(self.MANY, {"data": [1, 2]}, {"data": [1, 2, 3, 4]}, (3, 2, 4)) is None

    def test_writers_in_between_do_not_excuse_a_limit_that_was_obeyed(self) -> None:
        found = altered_by_content(self.MANY, {"data": [1]}, {"data": [1, 2, 3, 4]}, (3, 1, 4))
        assert "1 items" in (found or "")

    def test_a_collection_of_one_cannot_shrink(self) -> None:
        one = {"data": [1]}
        assert altered_by_content(one, one, {"data": [2]}, (1, 1, 1)) is None


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

    @pytest.mark.parametrize("name", ["format", "lat", "seat", "flat", "runtime", "candidate"])
    def test_words_that_end_like_a_timestamp_are_kept(self, name: str) -> None:
        assert normalised({name: 1}) == {name: 1}

    @pytest.mark.parametrize(
        "name",
        [
            *("lock_version", "rowVersion", "resourceVersion", "version_number"),
            *("@odata.etag", "odata.etag", "@etag", "dcterms:modified", "meta.version"),
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


class TestFields:
    @pytest.mark.parametrize(
        "text",
        [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Sun, 06 Nov 1994 08:49:37 GMT ",
        ],
    )
    def test_dates(self, text: str) -> None:
        assert imf_fixdate(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)

    @pytest.mark.parametrize(
        "text", ["", "soon", "0", "1994-11-06T08:49:37Z", "Sun, 99 Nov 1994 08:49:37 GMT"]
    )
    def test_no_dates(self, text: str) -> None:
        assert imf_fixdate(text) is None

    @pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), (" 120 ", 120.0)])
    def test_delays(self, text: str, seconds: float) -> None:
        assert retry_after(text) == seconds

    @pytest.mark.parametrize("text", [None, "", "-1", "1.5", "²", "soon"])
    def test_no_delays(self, text: str | None) -> None:
        assert retry_after(text) is None

    def test_a_date_counts_from_the_server_s_own_clock(self) -> None:
        there = "Sun, 06 Nov 1994 08:49:37 GMT"
        assert retry_after("Sun, 06 Nov 1994 08:50:07 GMT", there) == 30.0
        assert retry_after("Sun, 06 Nov 1994 08:49:07 GMT", there) == 0.0

    def test_a_date_without_the_server_s_clock(self) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=60)
        assert 55 <= (retry_after(format_datetime(soon, usegmt=True)) or 0) <= 60

    @given(st.text())
    def test_any_text_is_a_delay_or_none(self, text: str) -> None:
        found = retry_after(text)
        assert found is None or found >= 0


class TestUnlike:
    @pytest.mark.parametrize(
        ("sample", "form"),
        [
            ("17", r"9\d{8}"),
            ("ord_3f9a2c", r"ord_[0-9a-f]{6}"),
            ("usr-prod-9Z8Y", r"usr-prod-\d[A-Z]\d[A-Z]"),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", r"[0-9A-Z]{26}"),
            ("a", r"aa"),
            ("SKU-000-1", "SKU-999-9"),
            ("INV-0012", "INV-9999"),
        ],
    )
    def test_form(self, sample: str, form: str) -> None:
        other = unlike(sample)
        assert other != sample
        assert re.fullmatch(form, other), other

    @pytest.mark.parametrize("spell", [str.lower, str.upper])
    def test_uuids_stay_uuids(self, spell: Any) -> None:
        sample = spell(str(uuid.uuid4()))
        other = unlike(sample)
        assert spell(str(uuid.UUID(other))) == other != sample

    @given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30))
    def test_another_id_of_the_same_characters(self, sample: str) -> None:
        other = unlike(sample)
        assert other != sample
        if not sample.isdigit():
            assert set(other) <= set(sample)

    @given(st.text(min_size=1, max_size=30))
    def test_any_sample_has_another(self, sample: str) -> None:
        assert unlike(sample) != sample


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


def test_methods_that_succeed_on_one_resource() -> None:
    seen = [
        Exchange(str(number), method, url, (), Body("", 0), status=status)
        for number, (method, url, status) in enumerate(
            [
                ("GET", "/a", 200),
                ("HEAD", "/a", 405),
                ("PUT", "/a", 200),
                ("HEAD", "/b", 200),
                ("GET", "/b", None),
            ]
        )
    ]
    assert succeeding(seen, "/a") == {"GET"}
    assert succeeding(seen, "/b") == {"HEAD"}


class TestWriteCounters:
    def test_a_count_that_was_not_sent(self) -> None:
        states = [{"a": 1, "revisions": n, "meta": {"n": n + 7}} for n in (1, 2, 3)]
        assert write_counters(states, {"a"}) == {"/revisions", "/meta/n"}

    def test_a_version_counts_also_where_clients_send_it(self) -> None:
        states = [{"rowVersion": n, "amount": n, "index": n} for n in (2, 3, 4)]
        assert write_counters(states, {"rowVersion", "amount", "index"}) == {"/rowVersion"}
        assert write_counters([{"version": n} for n in (2, 4, 6)], {"version"}) == set()

    def test_a_counter_of_the_store_may_skip(self) -> None:
        assert write_counters([{"modifiedIndex": n} for n in (4, 9, 11)], ()) == {"/modifiedIndex"}

    @pytest.mark.parametrize(
        "states",
        [
            [{"amount": 1}, {"amount": 2}],
            [{"total": 10}, {"total": 20}],
            [{"entries": [1]}, {"entries": [1, 1]}],
            [{"revisions": 2}, {"revisions": 1}],
            [{"revisions": "1"}, {"revisions": "2"}],
            [{"revisions": 1}, {"revisions": 2}, {"revisions": 2}],
            [{"revisions": True}, {"revisions": 2}],
        ],
    )
    def test_what_is_no_counter(self, states: list[Any]) -> None:
        assert write_counters(states, {"amount"}) == set()


A, B = "0c0684f9-74d8-4a1b-ad95-99a6693300e7", "1D309EB5-E41B-4392-A922-246534112042"
C = "82e2e662-f728-44fa-8248-5e3a0a5d2f34"


@pytest.mark.parametrize(
    ("before", "after", "sent", "where", "minor"),
    [
        ({"trigger": {"id": A}}, {"trigger": {"id": B}}, {"trigger": {"type": "x"}}, "/trigger/id", True),
        # Whatever the client sends as an id is not stored.
        ({"trigger": {"id": A}}, {"trigger": {"id": B}}, {"trigger": {"id": C}}, "/trigger/id", True),
        # It was stored as sent once, or it identifies the item itself.
        ({"trigger": {"id": A}}, {"trigger": {"id": B}}, {"trigger": {"id": A}}, "/trigger/id", False),
        ({"id": A}, {"id": B}, {}, "/id", False),
        # A value that is no id, or that is gone.
        ({"total": {"sum": "1"}}, {"total": {"sum": "2"}}, {}, "/total/sum", False),
        ({"trigger": {"id": A}}, {"trigger": {}}, {}, "/trigger/id", False),
        ({"parts": [{"id": A}]}, {"parts": [{"id": A}, {"id": B}]}, {"parts": [{}]}, "/parts/1", False),
    ],
)
def test_an_id_that_the_server_assigns_to_a_part(before, after, sent, where, minor):
    assert assigned_again(before, after, sent, where) is minor
    inside = ({"data": one} for one in (before, after, sent))
    assert assigned_again(*inside, f"/data{where}", "/data") is minor


@pytest.mark.parametrize(
    ("first", "rested", "after", "by_reads"),
    [
        (1, 1, 4, True),
        (1, 1, 1, False),
        # A clock moves in the pause as well.
        (1, 2, 5, None),
        (MISSING, MISSING, MISSING, None),
        (1, 1, MISSING, None),
    ],
)
def test_what_moves_by_reads_rests_without_them(first, rested, after, by_reads):
    assert moved_by_reads(first, rested, after) is by_reads


@pytest.mark.parametrize(
    ("pointer", "access"),
    [
        ("/views", True),
        ("/viewCount", True),
        ("/last_seen_at", True),
        ("/accessed", True),
        ("/stats/downloads", True),
        ("/lastAccessedAt", True),
        ("/updated_at", False),
        ("/version", False),
        ("/balance", False),
        ("/reviewed_by", False),
    ],
)
def test_records_of_access_are_lawful(pointer, access):
    assert records_access(pointer) is access


def exchanged(method, status, url="http://a/pets/7", location=None):
    fields = () if location is None else (("Location", location),)
    return Exchange("1", method, url, (), Body(), status, response_fields=fields)


MADE = exchanged("POST", 201, "http://a/pets", "/pets/7")


@pytest.mark.parametrize(
    ("exchanges", "documented", "lost"),
    [
        ([MADE, exchanged("GET", 404)], True, True),
        ([MADE, exchanged("GET", 410)], False, True),
        ([MADE, exchanged("GET", 500)], False, True),
        # DOC-001 reports it.
        ([MADE, exchanged("GET", 500)], True, False),
        ([MADE, exchanged("GET", 404), exchanged("GET", 200)], True, False),
        ([MADE, exchanged("GET", 200), exchanged("DELETE", 204), exchanged("GET", 404)], True, False),
        ([MADE, exchanged("GET", 404), exchanged("DELETE", 404), exchanged("GET", 404)], True, True),
        ([MADE], True, False),
        ([exchanged("POST", 201, "http://a/pets"), exchanged("GET", 404)], True, False),
        ([exchanged("POST", 202, "http://a/pets", "/pets/7"), exchanged("GET", 404)], True, False),
        ([MADE, exchanged("GET", 404, "http://a/pets/8")], True, False),
    ],
)
def test_a_201_whose_location_shows_nothing(exchanges, documented, lost):
    resolve = lambda reference, base: f"http://a{reference}"  # noqa: E731
    found = location_without_item(exchanges, "http://a/pets", resolve, documented=documented)
    assert (found is not None) is lost


@pytest.mark.parametrize(
    ("after", "kept"),
    [((200, '{"id": "1"}'), True), ((404, ""), False), ((200, '{"id": "1", "deleted": true}'), False)],
)
def test_an_item_that_stays_after_its_delete(after: tuple[int, str], kept: bool) -> None:
    def sent(method: str, status: int, content: str = "") -> Exchange:
        body = Body(content, len(content))
        return Exchange("1", method, "http://h/v1/a/1", (), Body(), status, response_body=body)

    seen = [sent("GET", 200, '{"id": "1"}'), sent("DELETE", 204), sent("GET", *after)]
    assert bool(kept_after_delete(seen, "http://h/v1/a")) is kept
    assert not kept_after_delete(seen[1:], "http://h/v1/a")
    assert not kept_after_delete(seen, "http://h/v1/b")


def test_items_that_reads_created() -> None:
    a, ab, abc = {"a"}, {"a", "b"}, {"a", "b", "c"}
    assert created_by_reads([(a, ab, ab), (ab, abc, abc)]) == ["b", "c"]
    # One turn without a new item, and it was somebody else.
    assert created_by_reads([(a, ab, ab), (ab, ab, ab)]) == []
    # Others create in the same collection.
    assert created_by_reads([(a, ab, abc), (abc, {*abc, "d"}, {*abc, "d"})]) is None
