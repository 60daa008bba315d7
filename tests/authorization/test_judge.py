"""Judgement of access, on literal inputs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.resource.canary import distinctive, leaked, marked, of_one_item
from suites.authorization.equivalents import detours
from suites.authorization.judge import (
    Asked,
    Policy,
    another,
    ids_count_up,
    is_summary,
    listed_with,
    secret_members,
    shown_among,
    stored,
    unlike,
    wording,
)

pytestmark = pytest.mark.topic(name="authorization")


class TestLeaks:
    @pytest.mark.parametrize(
        ("content", "canaries", "whole", "shown"),
        [
            (
                '{"data": [{"title": "mine"}, {"title": "canary-7c1d"}]}',
                {"canary-7c1d"},
                MISSING,
                "canary-7c1d",
            ),
            (
                '{"data": [{"title": "mine"}], "not_found": ["ord_8"]}',
                {"canary-7c1d", "ord_8"},
                MISSING,
                None,
            ),
            ('{"detail": "There is no ord_8."}', {"ord_8"}, MISSING, None),
            ('[{"n": 1}, {"item": {"n": 2}}]', set(), {"n": 2}, "the same as to client A"),
            ('[{"n": 1}, null]', set(), {"n": 2}, None),
            ("not JSON", set(), {"n": 2}, None),
            ('[{"n": 2}]', set(), MISSING, None),
        ],
    )
    def test_an_item_among_several(
        self, content: str, canaries: set[str], whole: Any, shown: str | None
    ) -> None:
        assert shown_among(content, "ord_8", canaries, whole, []) == shown

    def test_escapes_hide_no_canary(self) -> None:
        assert leaked('{"note": "caf\\u00e9 7c1d"}', {"café 7c1d"}) == "café 7c1d"

    def test_a_canary_within_a_text_is_shown(self) -> None:
        assert leaked('[{"html": "<b>canary-7c1d-0001</b>"}]', {"canary-7c1d-0001"})

    def test_names_of_members_are_no_content(self) -> None:
        assert leaked('{"canary-7c1d-0001": 1}', {"canary-7c1d-0001"}) is None

    def test_content_that_is_no_json_is_searched(self) -> None:
        assert leaked("<p>canary-7c1d-0001</p>", {"canary-7c1d-0001"})

    def test_nothing_is_shown_without_canaries(self) -> None:
        assert leaked('{"a": "b"}', set()) is None

    def test_only_texts_of_the_run_are_canaries(self) -> None:
        assert marked({"a": "note deadbeef0001", "b": "note", "c": {"d": "deadbeef"}}, "deadbeef") == {
            "note deadbeef0001"
        }

    def test_times_and_short_texts_distinguish_nothing(self) -> None:
        value = {"at": "2026-11-29T23:22:19Z", "status": "pending", "id": "ord_eb72516bbb0252d4"}
        assert distinctive(value) == {"ord_eb72516bbb0252d4"}

    @pytest.mark.parametrize(
        ("items", "found"),
        [
            ([{"id": 7}, {"id": 8}], True),
            ([{"id": "8"}], False),
            ([{"order": {"text": "canary-7c1d-0001"}}], True),
            ([], False),
        ],
    )
    def test_an_item_is_found_in_a_list_by_id_or_canary(self, items: list[Any], found: bool) -> None:
        assert listed_with(items, "7", "/id", {"canary-7c1d-0001"}) is found


class TestPolicy:
    @pytest.mark.parametrize(
        ("asked", "policy"),
        [
            (Asked(True, public=True, listed=True), Policy.OWNED),
            (Asked(False), Policy.SHARED),
            (Asked("write", listed=True), Policy.READ_BY_ALL),
            (Asked(public=True, listed=False), Policy.SHARED),
            (Asked(listed=True, item=True), Policy.SHARED),
            (Asked(listed=False, item=True), Policy.SEPARATE),
            (Asked(barred=True), Policy.SEPARATE),
            (Asked(listed=None, item=True), Policy.UNKNOWN),
        ],
    )
    def test_an_item_is_owned_by_declaration_or_where_lists_leave_it_out(
        self, asked: Asked, policy: Policy
    ) -> None:
        assert asked.of_item is policy

    @pytest.mark.parametrize(
        ("asked", "policy"),
        [
            (Asked(listed=True, item=False), Policy.SEPARATE),
            (Asked(listed=True, item=True), Policy.SHARED),
            (Asked(listed=True, item=None), Policy.UNKNOWN),
            (Asked(True, item=True), Policy.OWNED),
        ],
    )
    def test_a_list_is_judged_by_what_the_item_itself_answers(self, asked: Asked, policy: Policy) -> None:
        assert asked.of_list is policy


class TestIds:
    @pytest.mark.parametrize(
        ("ids", "step"),
        [
            (["1", "2", "3", "4"], 1),
            (["10", "20", "30", "40", "50"], 10),
            (["7", "8", "10", "11", "12"], 1),
            (["1041", "1043"], None),
            (["918273645", "102938475", "564738291", "192837465"], None),
            (["ord_1", "ord_2", "ord_3", "ord_4"], None),
            (["1010358906", "735302250", "548091490", "248694373"], None),
        ],
    )
    def test_ids_that_count_up_are_noticed(self, ids: list[str], step: int | None) -> None:
        assert ids_count_up(ids) == step


class TestProtectedMembers:
    def test_a_value_counts_as_set_only_if_it_was_another_before(self) -> None:
        assert stored({"role": "admin"}, "/role", "admin", "user")
        assert not stored({"role": "admin"}, "/role", "admin", "admin")
        assert not stored({}, "/role", "admin", MISSING)

    @pytest.mark.parametrize(
        ("value", "choices", "other"),
        [
            (True, [], False),
            (3, [], 7004),
            (2.5, [], 7004.0),
            ("2026-11-29T23:22:19Z", ["2026-11-28T00:00:00Z"], "2001-02-03T23:22:19Z"),
            ("pending", ["pending", "paid"], "paid"),
            ("pending", [], MISSING),
            ("https://api.example.com/orders/1", [], MISSING),
            ("ord_000111222333", [], "ord_000188777666"),
            (None, [], MISSING),
            ({"a": 1}, [], MISSING),
        ],
    )
    def test_another_value_has_the_same_form(self, value: Any, choices: list[Any], other: Any) -> None:
        assert another(value, choices) == other

    def test_secrets_are_found_by_the_document_or_by_name(self) -> None:
        schema = {
            "properties": {
                "login": {"type": "string"},
                "pin": {"type": "string", "writeOnly": True},
                "user_password": {"type": "string"},
                "password_hint": {"type": "string"},
                "secret": {"type": "string", "readOnly": True},
                "api_key": {"type": "object"},
            }
        }
        assert secret_members(schema, None, "") == ["pin", "user_password"]
        assert secret_members(None, {"data": {"password": "x", "name": "y"}}, "/data") == ["password"]


class TestExistence:
    def error(self, detail: str, request: str) -> dict[str, Any]:
        return {"status": 404, "detail": detail, "request_id": request}

    def test_the_same_words_with_other_ids_are_alike(self) -> None:
        said = [wording(self.error(f"No order {id}.", f"r{id}"), id) for id in ("11", "22", "33")]
        assert unlike(*said) is None

    def test_what_differs_between_absent_items_says_nothing(self) -> None:
        said = [wording(self.error("No order.", request), "x") for request in ("a1", "b2", "c3")]
        assert unlike(*said) is None

    def test_another_detail_tells_them_apart(self) -> None:
        foreign = wording(self.error("Not yours.", "a1"), "x")
        absent, again = (wording(self.error("No order.", one), "x") for one in ("b2", "c3"))
        assert unlike(foreign, absent, again) == (
            "/detail is 'Not yours.' for one that exists, 'No order.' for one that does not"
        )


def test_detours_spell_the_same_path() -> None:
    made = {one.name: one for one in detours("http://a.example/v1/orders/7?x=1", "http://a.example/v1")}
    assert made["two slashes"].url == "http://a.example/v1/orders//7?x=1"
    assert made["a segment with %2e%2e"].url == "http://a.example/v1/orders/x/%2e%2e/7?x=1"
    assert made["the first letter percent-encoded"].url == "http://a.example/v1/orders/%37?x=1"
    assert made["X-Original-URL: /v1/orders/7"].fields == (("X-Original-URL", "/v1/orders/7"),)
    assert all(one.url.startswith("http://a.example/") for one in made.values())


def test_a_text_of_each_body_is_no_canary() -> None:
    sent = {"name": "Such Serious-d8249159cde768", "note": "truth stop d824915935dfde"}
    another = {"name": "Such Serious-d8249159cde768", "note": "truth stop d82491595444ef"}
    assert of_one_item(sent, another, "d8249159") == {"truth stop d824915935dfde"}
    assert of_one_item(sent, sent, "d8249159") == frozenset()


def test_a_summary_lacks_members_of_the_item() -> None:
    assert is_summary({"id": 1, "name": "Ada"}, {"id": 1, "name": "Ada", "mail": "ada@example.com"})
    assert not is_summary({"id": 1, "mail": "x", "more": 1}, {"id": 2, "mail": "y"})
    assert not is_summary([], {"id": 1})


def test_items_below_a_refused_item_are_not_shared_whatever_their_list_shows() -> None:
    open_below = Asked(listed=True, item=True, below=True)
    assert open_below.of_item is open_below.of_list is Policy.BELOW
    assert Asked(public=True, listed=True, below=True).of_item is Policy.SHARED
    assert Asked(declared=False, listed=True, item=True, below=True).of_item is Policy.SHARED
