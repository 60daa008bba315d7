"""The pure functions behind the rules on caching, on literal inputs: each is seen to hold and to break."""

from __future__ import annotations

import pytest

from harness.rules.verdict import Level
from suites.conditional.caching import (
    Control,
    Directive,
    cacheability_faults,
    control_faults,
    directives,
    licence,
    lifetime,
    reusable,
    staleness,
    vary,
)

pytestmark = pytest.mark.topic(name="conditional")

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
LATER = "Sun, 06 Nov 1994 08:50:37 GMT"
MUST, SHOULD = Level.MUST, Level.SHOULD


class TestDirectives:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            ("", []),
            ("no-store", [Directive("no-store")]),
            ("Private, MAX-AGE=60", [Directive("private"), Directive("max-age", "60")]),
            (" , no-cache ,, ", [Directive("no-cache")]),
            ('private="a, b"', [Directive("private", "a, b", quoted=True)]),
            ('ext="a\\"b,c", no-cache', [Directive("ext", 'a\\"b,c', quoted=True), Directive("no-cache")]),
            ("max-age=-1", [Directive("max-age", "-1")]),
            ("max-age=\t60", None),
            ("private; max-age=60", None),
            ("max-age: 60", None),
            ("max age=60", None),
            ("max-age=", None),
            ('private="a', None),
            ('a"b', None),
            ("no-cache no-store", None),
        ],
    )
    def test_lists(self, value: str, found: list[Directive] | None) -> None:
        assert directives(value) == found

    def test_control(self) -> None:
        control = Control('no-cache="x", max-age=60, max-age=70, s-maxage=soon, private')
        assert not control.says("no-cache")
        assert control.says("private")
        assert control.seconds("max-age") == 60
        assert control.seconds("s-maxage") is None
        assert Control(None).given == Control("a b").given == []


class TestFaults:
    @pytest.mark.parametrize(
        "value",
        [
            "no-store",
            "no-store, max-age=0",
            "private, no-cache",
            "public, max-age=31536000, immutable",
            "no-cache, max-age=60",
            "max-age=0, must-revalidate, no-store",
            'private="set-cookie", max-age=60',
            "max-age=60, s-maxage=600, stale-while-revalidate=30",
            "ext=1, public",
        ],
    )
    def test_sound(self, value: str) -> None:
        assert control_faults(value) == []

    @pytest.mark.parametrize(
        ("value", "level", "word"),
        [
            ("private; max-age=60", MUST, "list"),
            ('max-age="60"', MUST, "quotes"),
            ('s-maxage="60"', MUST, "quotes"),
            ("max-age", SHOULD, "seconds"),
            ("max-age=-1", SHOULD, "seconds"),
            ("max-age=1.5", SHOULD, "seconds"),
            ("no-store, max-age=60", SHOULD, "no-store contradicts max-age=60"),
            ("public, private", SHOULD, "public contradicts private"),
            ("private, s-maxage=60", SHOULD, "private contradicts"),
            ("max-age=0, max-age=60", SHOULD, "max-age=0 contradicts max-age=60"),
        ],
    )
    def test_faulty(self, value: str, level: Level, word: str) -> None:
        (fault,) = control_faults(value)
        assert fault.level is level
        assert word in fault.text

    def test_nothing_said(self) -> None:
        (fault,) = cacheability_faults({"date": DATE})
        assert fault.level is SHOULD
        assert cacheability_faults({"expires": "-1"}) == []

    @pytest.mark.parametrize(
        ("modified", "date", "faults"),
        [
            (DATE, LATER, 0),
            (DATE, DATE, 0),
            (LATER, DATE, 1),
            ("Sun, 06 Nov 1994 08:49:41 GMT", DATE, 0),
            ("1994-11-06T08:49:37Z", DATE, 1),
            (LATER, "now", 0),
        ],
    )
    def test_last_modified(self, modified: str, date: str, faults: int) -> None:
        found = cacheability_faults({"cache-control": "no-cache", "last-modified": modified, "date": date})
        assert [fault.level for fault in found] == [MUST] * faults


class TestLifetime:
    @pytest.mark.parametrize(
        ("fields", "seconds"),
        [
            ({}, None),
            ({"cache-control": "private"}, None),
            ({"cache-control": "max-age=60"}, 60),
            ({"cache-control": "max-age=60", "expires": "0"}, 60),
            ({"cache-control": "max-age=60, no-cache"}, 0),
            ({"cache-control": "no-store"}, 0),
            ({"expires": LATER, "date": DATE}, 60),
            ({"expires": DATE, "date": LATER}, 0),
            ({"expires": "0", "date": DATE}, 0),
            ({"cache-control": "max-age=60, s-maxage=600"}, 60),
        ],
    )
    def test_private(self, fields: dict[str, str], seconds: float | None) -> None:
        assert lifetime(fields) == seconds

    def test_shared(self) -> None:
        assert lifetime({"cache-control": "max-age=60, s-maxage=600"}, shared=True) == 600
        assert lifetime({"cache-control": "max-age=60"}, shared=True) == 60

    def test_vary(self) -> None:
        assert vary({"vary": "Accept, ,ORIGIN"}) == {"accept", "origin"}
        assert vary({}) == set()


class TestLicence:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            "max-age=60",
            "private, max-age=60",
            "no-store",
            "no-cache",
            "no-cache, must-revalidate",
            "public, no-cache",
            "public, max-age=0",
            "public, max-age=60, s-maxage=0",
            "max-age=0, must-revalidate",
            "private, max-age=60, must-revalidate",
        ],
    )
    def test_none(self, value: str | None) -> None:
        fields = {} if value is None else {"cache-control": value}
        assert licence(fields, {"authorization"}) is None

    @pytest.mark.parametrize(
        ("value", "by"),
        [
            ("public, max-age=60", "public"),
            ("public", "public"),
            ("s-maxage=60", "s-maxage=60"),
            ("max-age=60, must-revalidate", "must-revalidate"),
            ("must-revalidate", "must-revalidate"),
        ],
    )
    def test_given(self, value: str, by: str) -> None:
        fields = {"cache-control": value}
        assert licence(fields, {"authorization"}) == by
        apart = licence({**fields, "vary": "Authorization"}, {"authorization"})
        assert apart == ("public" if by == "public" else None)
        assert licence({**fields, "vary": "*"}, {"authorization"}) is None

    def test_other_credentials_are_not_protected(self) -> None:
        assert licence({"cache-control": "max-age=60"}, {"x-api-key"}) is not None
        assert licence({"cache-control": "max-age=60", "vary": "X-API-Key"}, {"x-api-key"}) is None
        assert licence({"cache-control": "private, max-age=60"}, {"x-api-key"}) is None
        assert licence({}, {"x-api-key"}) is None


class TestReuse:
    @pytest.mark.parametrize(
        ("one", "other", "may"),
        [
            ({"cache-control": "max-age=60"}, {}, True),
            ({"cache-control": "private, max-age=60"}, {}, True),
            ({"cache-control": "no-store"}, {}, False),
            ({"last-modified": DATE}, {}, True),
            ({"cache-control": "no-cache", "etag": '"a"'}, {"etag": '"a-gzip"'}, False),
            ({"cache-control": "no-cache", "etag": '"a"'}, {"etag": 'W/"a"'}, True),
            ({"cache-control": "no-cache", "last-modified": DATE}, {"last-modified": DATE}, True),
            ({"cache-control": "no-cache", "last-modified": DATE}, {"last-modified": LATER}, False),
            ({"cache-control": "no-cache"}, {}, False),
            ({}, {}, False),
        ],
    )
    def test_without_vary(self, one: dict[str, str], other: dict[str, str], may: bool) -> None:
        assert reusable(one, other) is may


class TestStaleness:
    def test_a_cache_inside(self) -> None:
        assert staleness({}, {}) is None
        assert staleness({"cache-control": "no-cache"}, {}) is None

    def test_declared(self) -> None:
        assert "60 s" in (staleness({"cache-control": "max-age=60"}, {}) or "")

    def test_a_cache_that_the_write_may_not_have_passed(self) -> None:
        assert "Age: 5" in (staleness({"age": "5"}, {}) or "")
        assert "cdn" in (staleness({"age": "5", "via": "1.1 cdn"}, {"via": "1.1 other"}) or "")

    def test_a_cache_that_the_write_passed(self) -> None:
        read = {"age": "5", "via": "1.1 cdn", "cache-control": "max-age=60"}
        assert staleness(read, {"via": "1.1 cdn"}) is None
