"""The pure functions behind the METH rules, on literal inputs: each is seen to accept and to refuse."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.content import (
    MISSING,
)
from harness.http.exchange import Body, Exchange
from harness.http.fields import TOKEN, methods
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
