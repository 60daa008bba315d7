"""Judgement of state between requests, on literal inputs."""

from __future__ import annotations

import pytest

from suites.statelessness.judge import (
    Glance,
    Seen,
    Step,
    alternating,
    confusions,
    cookie_kind,
    pair_of,
    unlike,
    varying,
)

pytestmark = pytest.mark.topic(name="statelessness")

OWN, NONE, FOREIGN = Seen(200, True, "GET /o/1 -> 200"), Seen(401, False, ""), Seen(404, False, "")


def step(who: str, alone: Seen, shared: Seen, *before: str) -> Step:
    return Step(who, alone, shared, before)


class TestConnections:
    @pytest.mark.parametrize(
        "one",
        [
            step("client A", OWN, OWN),
            step("no credentials", NONE, NONE, "client A"),
            step("client B", FOREIGN, FOREIGN, "client A", "no credentials"),
            # The first request on a connection shows nothing.
            step("no credentials", NONE, OWN),
            # A busy server says nothing about who asks.
            step("client A", OWN, Seen(429), "client B"),
            step("client A", OWN, Seen(503), "client B"),
        ],
    )
    def test_the_same_answer_is_no_confusion(self, one: Step) -> None:
        assert confusions([one]) == []

    def test_who_is_served_as_another_client_is_a_leak(self) -> None:
        (found,) = confusions([step("client B", FOREIGN, OWN, "client A")])
        assert found.leak
        assert found.what == (
            "client B after client A: GET /o/1 -> 200, with the item of client A; on its own connection 404"
        )

    def test_who_is_let_in_without_data_is_a_leak_too(self) -> None:
        (found,) = confusions([step("no credentials", NONE, Seen(204), "client A")])
        assert found.leak

    def test_who_is_locked_out_is_none(self) -> None:
        (found,) = confusions([step("client A", OWN, NONE, "no credentials")])
        assert not found.leak

    def test_leaks_come_first_and_each_once(self) -> None:
        out, leak = step("client A", OWN, NONE, "client B"), step("client B", FOREIGN, OWN, "client A")
        assert [one.leak for one in confusions([out, leak, leak, out])] == [True, False]


class TestCookies:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("JSESSIONID", "session"),
            ("PHPSESSID", "session"),
            ("connect.sid", "session"),
            ("ASP.NET_SessionId", "session"),
            ("laravel_session", "session"),
            ("auth_token", "session"),
            ("AWSALB", "affinity"),
            ("AWSALBCORS", "affinity"),
            ("BIGipServerpool", "affinity"),
            ("ARRAffinity", "affinity"),
            ("heroku-session-affinity", "affinity"),
            ("__cf_bm", "edge"),
            ("TS01a2b3c4", "edge"),
            ("_ga", "edge"),
            ("XSRF-TOKEN", "other"),
            ("csrftoken", "other"),
            ("locale", "other"),
            ("_side", "other"),
        ],
    )
    def test_kind_by_name(self, name: str, kind: str) -> None:
        assert cookie_kind(name) == kind

    @pytest.mark.parametrize(
        ("line", "pair"),
        [
            ("sid=7c1d; Path=/; HttpOnly", ("sid", "7c1d")),
            ("sid=; Max-Age=0", None),
            ("sid=gone; Max-Age=0", None),
            ("sid=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("malformed", None),
        ],
    )
    def test_what_a_line_sets(self, line: str, pair: tuple[str, str] | None) -> None:
        assert pair_of(line) == pair


class TestReads:
    @pytest.mark.parametrize(
        ("statuses", "varies"), [([200, 200], False), ([200, 401], True), ([200, 503], False)]
    )
    def test_reads_that_vary(self, statuses: list[int], varies: bool) -> None:
        assert varying(statuses) is varies

    @pytest.mark.parametrize(
        ("statuses", "alternates"),
        [
            ([200, 200, 200], False),
            # Shown late, or removed by others.
            ([404, 404, 200], False),
            ([200, 404, 404], False),
            ([200, 404, 200], True),
            ([404, 200, 404], True),
            ([200, 503, 200], False),
        ],
    )
    def test_items_that_come_and_go(self, statuses: list[int], alternates: bool) -> None:
        assert alternating(statuses) is alternates

    def test_a_write_that_went_astray(self) -> None:
        assert Glance("GET /o/1 -> 200", "x", "x").fault("flow 1") is None
        assert Glance("GET /o/1 -> 200", "y", "x", (("flow 2", "y"),)).fault("flow 1") == (
            "the item of flow 1 shows what flow 2 wrote (GET /o/1 -> 200)"
        )
        assert "does not show" in str(Glance("GET /o/1 -> 200", "z", "x", (("flow 2", "y"),)).fault("flow 1"))


class TestPages:
    def test_pages_that_agree(self) -> None:
        assert unlike([["a", "b"], ["c"]], [["a", "b"], ["c"]]) is None

    @pytest.mark.parametrize(
        ("other", "fault"),
        [
            ([["a", "b"]], "it ends after 1 pages, where there are 2"),
            ([["a", "b"], []], "page 2 has the items none, not c"),
            ([["a", "b"], ["a"]], "page 2 has the items a, not c"),
            ([["a", "b"], ["c"], ["d"]], "it has 3 pages, where there are 2"),
        ],
    )
    def test_pages_that_differ(self, other: list[list[str]], fault: str) -> None:
        assert unlike([["a", "b"], ["c"]], other) == fault
