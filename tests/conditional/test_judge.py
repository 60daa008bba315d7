"""The pure functions behind the rules on validators and conditions, on literal inputs: seen to hold and to break."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.fields import EntityTag, entity_tag, http_date
from harness.profile.models import Capability, State
from suites.conditional.judge import (
    Representation,
    Write,
    changed_for_nothing,
    code_fault,
    conflicts,
    date_before,
    explains_condition,
    foreign_tag,
    neighbours,
    not_modified_faults,
    other_tag,
    shared_by_changes,
    shared_by_codings,
    tag_fault,
    write_fault,
)

pytestmark = pytest.mark.topic(name="conditional")

A, B = EntityTag('"a"'), EntityTag('"b"')


class TestEntityTags:
    @pytest.mark.parametrize(
        ("value", "tag"),
        [
            ('"abc"', EntityTag('"abc"')),
            ('W/"abc"', EntityTag('"abc"', weak=True)),
            ('""', EntityTag('""')),
            (' "a,b" ', EntityTag('"a,b"')),
            ('"27-AWDHG+IokHk40s0b/+eO0"', EntityTag('"27-AWDHG+IokHk40s0b/+eO0"')),
        ],
    )
    def test_well_formed(self, value: str, tag: EntityTag) -> None:
        assert entity_tag(value) == tag
        assert entity_tag(str(tag)) == tag
        assert tag_fault(value) is None

    @pytest.mark.parametrize(
        ("value", "word"),
        [
            ("abc", "quotes"),
            ('w/"abc"', "capital"),
            ('"a b"', "W/"),
            ('"a"b"', "W/"),
            ('"a", "b"', "W/"),
            ("", "quotes"),
            ("'abc'", "quotes"),
        ],
    )
    def test_malformed(self, value: str, word: str) -> None:
        assert entity_tag(value) is None
        assert word in (tag_fault(value) or "")

    def test_absent(self) -> None:
        assert entity_tag(None) is None

    def test_toggled(self) -> None:
        assert str(A.toggled()) == 'W/"a"'
        assert A.toggled().toggled() == A

    @given(st.from_regex(r"[0-9a-zA-Z+/_.:-]{0,40}", fullmatch=True))
    def test_another_tag_is_well_formed_and_another(self, inner: str) -> None:
        other = other_tag(EntityTag(f'"{inner}"', weak=True))
        assert entity_tag(str(other)) == other
        assert not other.weak
        assert other.opaque != f'"{inner}"'

    def test_another_tag_has_the_form_of_the_first(self) -> None:
        assert other_tag(EntityTag('"1795291396589"')).opaque[1:-1].isdigit()


class TestDates:
    @pytest.mark.parametrize(
        "value",
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
    )
    def test_the_three_forms(self, value: str) -> None:
        moment = http_date(value)
        assert moment is not None
        assert moment.timestamp() == 784111777

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "-1",
            "0",
            "1994-11-06T08:49:37Z",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
        ],
    )
    def test_no_dates(self, value: str | None) -> None:
        assert http_date(value) is None

    def test_before(self) -> None:
        assert date_before("Sun, 06 Nov 1994 08:49:37 GMT", 3600) == "Sun, 06 Nov 1994 07:49:37 GMT"
        assert date_before("yesterday", 1) is None


class TestTags:
    def test_other_octets_need_another_tag(self) -> None:
        one, other = Representation(A, b"1"), Representation(A, b"2")
        assert shared_by_changes([one, Representation(B, b"3"), other]) == (one, other)
        assert shared_by_changes([one, replace(other, tag=B)]) is None
        assert shared_by_changes([one, replace(other, octets=b"1")]) is None

    def test_weak_tags_and_none_promise_nothing(self) -> None:
        for tag in (A.toggled(), None):
            assert shared_by_changes([Representation(tag, b"1"), Representation(tag, b"2")]) is None
            assert (
                shared_by_codings([Representation(tag, b"1"), Representation(tag, b"2", coding="gzip")])
                is None
            )

    def test_the_first_tag_again_for_the_first_octets(self) -> None:
        assert (
            shared_by_changes([Representation(A, b"1"), Representation(B, b"2"), Representation(A, b"1")])
            is None
        )

    def test_codings(self) -> None:
        plain, coded = Representation(A, b"1"), Representation(A, b"2", coding="gzip")
        assert shared_by_codings([plain, coded]) == (plain, coded)
        assert shared_by_codings([plain, replace(coded, tag=B)]) is None
        assert shared_by_codings([plain, replace(coded, tag=A.toggled())]) is None
        assert shared_by_codings([coded, replace(coded, coding="br")]) is not None

    def test_stability(self) -> None:
        assert changed_for_nothing([Representation(A, b"1"), Representation(B, b"1")]) is not None
        assert changed_for_nothing([Representation(A, b"1"), Representation(None, b"1")]) is not None
        assert changed_for_nothing([Representation(A, b"1"), Representation(B, b"2")]) is None
        assert changed_for_nothing([Representation(A, b"1"), Representation(A, b"1")]) is None


class TestNotModified:
    FULL = {
        "date": "Sun, 06 Nov 1994 08:49:37 GMT",
        "etag": '"a"',
        "vary": "Accept",
        "cache-control": "no-cache",
        "expires": "0",
        "content-location": "/a",
        "content-type": "application/json",
    }

    def test_all_that_is_owed(self) -> None:
        given = {**self.FULL, "date": "Sun, 06 Nov 1994 08:49:38 GMT", "content-length": "7"}
        del given["content-type"]
        assert not_modified_faults(self.FULL, given, self.FULL, 7) == []

    @pytest.mark.parametrize("name", ["date", "etag", "vary", "cache-control", "expires", "content-location"])
    def test_what_is_missing(self, name: str) -> None:
        given = {key: value for key, value in self.FULL.items() if key != name}
        assert not_modified_faults(self.FULL, given, self.FULL, 7) == [f"no {name}, which the 200 has"]
        assert not_modified_faults(given, given, self.FULL, 7) == []

    @pytest.mark.parametrize(("tag", "faults"), [('"b"', 1), ("none", 1), ('W/"a"', 0)])
    def test_another_tag(self, tag: str, faults: int) -> None:
        assert len(not_modified_faults(self.FULL, {**self.FULL, "etag": tag}, self.FULL, 7)) == faults
        restless = {**self.FULL, "etag": '"c"'}
        assert not_modified_faults(self.FULL, {**self.FULL, "etag": tag}, restless, 7) == []

    @pytest.mark.parametrize(("length", "faults"), [("7", 0), ("0", 1), ("seven", 1)])
    def test_length(self, length: str, faults: int) -> None:
        given = {**self.FULL, "content-length": length}
        assert len(not_modified_faults(self.FULL, given, self.FULL, 7)) == faults


class TestWrites:
    @pytest.mark.parametrize(
        ("status", "performed", "words"),
        [
            (412, False, None),
            (409, False, None),
            (500, False, None),
            (202, False, None),
            (200, True, "it was performed"),
            (204, True, "it was performed"),
            (202, True, "it was performed"),
            (412, True, "performed nevertheless"),
            (500, True, "performed nevertheless"),
            (200, False, "not performed"),
        ],
    )
    def test_effects(self, status: int, performed: bool, words: str | None) -> None:
        fault = write_fault(Write("PUT /a", status, performed))
        assert fault is None if words is None else words in (fault or "")

    def test_codes(self) -> None:
        assert code_fault(Write("PUT", 412, False), (412,)) is None
        assert code_fault(Write("PUT", 409, False), (409, 412)) is None
        assert code_fault(Write("PUT /a -> 409", 409, False), (412,)) == "PUT /a -> 409"

    @pytest.mark.parametrize(
        ("text", "explained"),
        [
            ('{"detail": "Send If-Match with the ETag."}', True),
            ("The header IF-MATCH is missing", True),
            ("if_match required", True),
            ("Provide the current etag.", True),
            ("Use If-Unmodified-Since", True),
            ("Precondition Required", False),
            ("", False),
            ("The values do not match", False),
        ],
    )
    def test_explanations(self, text: str, explained: bool) -> None:
        assert explains_condition(text) is explained


class TestTagsOfWrites:
    OLD, NEW = EntityTag('"1"'), EntityTag('"2"')

    def test_the_tag_of_the_state_before_is_foreign(self) -> None:
        after = Representation(self.NEW, b"b", "GET")
        assert foreign_tag(Representation(self.OLD, b"b", "PUT"), self.OLD, after)
        assert foreign_tag(Representation(self.NEW, b"b", "PUT"), self.OLD, after) is None

    def test_another_tag_counts_only_for_the_same_bytes(self) -> None:
        after = Representation(self.NEW, b"b", "GET")
        third = EntityTag('"3"')
        assert foreign_tag(Representation(third, b"b", "POST"), None, after)
        assert foreign_tag(Representation(third, b'{"data": b}', "POST"), None, after) is None
        assert foreign_tag(Representation(third, b"", "PATCH"), self.OLD, after) is None

    def test_a_coded_response_and_a_weak_spelling_have_their_own(self) -> None:
        after = Representation(self.NEW, b"b", "GET")
        assert foreign_tag(Representation(self.OLD, b"b", "PUT", "gzip"), self.OLD, after) is None
        assert foreign_tag(Representation(self.NEW.toggled(), b"b", "PUT"), self.OLD, after) is None

    def test_neighbours_are_other_tags(self) -> None:
        assert [str(one) for one in neighbours(EntityTag('"abc"'))] == ['"0abc0"', '"ab"']
        assert neighbours(EntityTag('""')) == []


@pytest.mark.parametrize(
    ("state", "because", "asks"),
    [
        (State.DETECTED, "DELETE /docs/1 -> 409 without If-Match", True),
        (State.DETECTED, "DELETE /docs/1 -> 428 without If-Match", False),
        (State.DECLARED, "If-Match is declared as required (`locking.if_match`)", False),
    ],
)
def test_a_conflict_asks_for_a_version_where_no_status_is_declared(
    state: State, because: str, asks: bool
) -> None:
    assert conflicts(Capability(state=state, because=because)) is asks
    assert not conflicts(None)
