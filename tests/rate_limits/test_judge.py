"""How a target tells a quota, and how it refuses, judged on literal answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.http.exchange import Exchange
from harness.rules.judge_result import Ruling
from harness.survey.openapi.promises import DocumentedAnswer
from suites.rate_limits.explanation import faults_of_429, storable
from suites.rate_limits.judge import (
    advertised,
    consistent,
    in_another_unit,
    lacking,
    no_earlier_than_reset,
    promised_on_429,
    promises_retry_after,
    refusals_consistent,
    refused_with_429,
    tells_when,
    unit_fault,
    without_retry_after,
)
from tests.rate_limits.hits import NOW, exchange, hit, series


def api(_: Exchange) -> None:
    return None


def edge(_: Exchange) -> str:
    return "HTML with Server: cloudflare"


# -- refusals --------------------------------------------------------------------------------------------


def test_429_it_is() -> None:
    assert refused_with_429(series("++++++++++---"), 10, api) == Ruling()
    broken = refused_with_429(series("++++++++++---", refusal=403), 10, api)
    assert broken.breach == (
        "after 10 served requests: GET /limited -> 403, GET /limited -> 403, GET /limited -> 403"
    )


def test_what_is_not_the_quotas_refusal_is_left_open() -> None:
    assert "nothing was refused" in str(refused_with_429(series("+" * 15), 10, api).undecided)
    front = refused_with_429(series("++++++++++---", refusal=503), 10, edge)
    assert "an intermediary refused" in str(front.undecided)
    soon = refused_with_429(series("++---", refusal=503), 10, api)
    assert "may be overload" in str(soon.undecided)
    assert refused_with_429(series("++---", refusal=503), 10, api, used=8).breach is not None


def test_a_refusal_tells_when() -> None:
    assert tells_when([hit(status=429, Retry_After="1"), hit()]) == Ruling()
    assert tells_when([hit(status=429)]).breach is not None
    shown = tells_when([hit(status=429, X_RateLimit_Limit="5", X_RateLimit_Reset="7")])
    assert shown.breach is None
    assert shown.notes


def test_a_reset_is_no_retry_after() -> None:
    reset = {"X_RateLimit_Limit": "5", "X_RateLimit_Reset": "7"}
    assert str(without_retry_after([hit(), hit(status=429, **reset)])).endswith("-> 429")
    assert without_retry_after([hit(status=429, Retry_After="1", **reset), hit(status=429)]) is None
    one = DocumentedAnswer("GET", "/limits/{id}", "429", optional=("retry-after",))
    assert promises_retry_after([one], "/limits/7")
    assert promises_retry_after(
        [replace(one, status="4XX", optional=(), required=("Retry-After",))], "/limits/7"
    )
    for other in (replace(one, method="POST"), replace(one, status="503"), replace(one, optional=("Date",))):
        assert not promises_retry_after([other], "/limits/7")
    assert not promises_retry_after([one], "/limits")


@pytest.mark.parametrize(
    ("after", "state", "early"),
    [
        ("30", '"default";r=0;t=30', False),
        ("29", '"default";r=0;t=30', False),
        ("28", '"default";r=0;t=30', True),
        ("1", '"burst";r=0;t=1, "day";r=900;t=40000', False),
        ("1", '"burst";r=3;t=1, "day";r=0;t=40000', True),
        ("Sat, 21 Nov 2026 12:00:30 GMT", '"default";r=0;t=30', False),
        ("Sat, 21 Nov 2026 12:00:10 GMT", '"default";r=0;t=30', True),
    ],
)
def test_retry_after_and_t(after: str, state: str, early: bool) -> None:
    ruling = no_earlier_than_reset([hit(status=429, Retry_After=after, RateLimit=state)])
    assert ruling.undecided is None
    assert (ruling.breach is not None) is early


def test_retry_after_without_t_is_left_open() -> None:
    assert no_earlier_than_reset([hit(status=429, Retry_After="3", RateLimit='"a";r=0')]).undecided
    assert no_earlier_than_reset([hit(status=429, RateLimit='"a";r=0;t=3')]).undecided


@pytest.mark.parametrize(
    ("series", "only", "broken"),
    [
        ([hit(RateLimit='"a";r=1'), hit(status=429, RateLimit='"a";r=0')], False, False),
        ([hit(RateLimit='"a";r=1'), hit(status=429)], False, True),
        ([hit(RateLimit='"a";r=1'), hit(status=429, X_RateLimit_Limit="5")], False, True),
        ([hit(X_RateLimit_Limit="5"), hit(status=429, X_RateLimit_Limit="5")], False, False),
        ([hit(), hit(status=429)], False, False),
        ([hit(), hit(status=429)], True, True),
        ([hit(), hit(status=429, X_RateLimit_Limit="5")], True, False),
        ([hit(RateLimit='"a";r=1')], False, False),
    ],
)
def test_quota_fields_that_a_429_is_documented_with(series: list[Any], only: bool, broken: bool) -> None:
    assert (lacking(series, ["RateLimit", "RateLimit-Policy"], only=only) is not None) is broken


def test_the_quota_fields_that_a_document_has_for_a_429() -> None:
    names = ("RateLimit", "X-RateLimit-Limit", "Retry-After")
    one = DocumentedAnswer("GET", "/things", "429", (), names, ("RateLimit",))
    wide = DocumentedAnswer("GET", "/things", "4XX", (), ("RateLimit-Policy",))
    assert promised_on_429([one, wide], "/things", older=False) == []
    assert promised_on_429([one, wide], "/things", older=True) == ["X-RateLimit-Limit"]
    assert promised_on_429([wide], "/things", older=False) == ["RateLimit-Policy"]
    assert promised_on_429([wide], "/others", older=False) == []


# -- telling ---------------------------------------------------------------------------------------------


def legacy(at: float, remaining: Any, limit: Any = 10, reset: Any = 60, status: int = 200) -> Any:
    return hit(
        at,
        status,
        X_RateLimit_Limit=str(limit),
        X_RateLimit_Remaining=str(remaining),
        X_RateLimit_Reset=str(reset),
    )


def test_advertised_completely_or_not() -> None:
    assert advertised([legacy(0, 9), legacy(0.01, 8)]) == Ruling()
    assert advertised([hit(X_RateLimit_Limit="10")]).breach is not None
    assert advertised([hit(RateLimit='"a";r=9;t=1')]).breach is not None
    assert advertised([hit(RateLimit='"a";r=9;t=1', RateLimit_Policy='"a";q=10')]) == Ruling()
    assert advertised([hit()]).undecided == "no quota fields"
    assert "in 1 of 2 responses" in str(advertised([legacy(0, 9), hit()]).undecided)
    assert advertised([hit(X_RateLimit_Limit="10", X_RateLimit_Remaining="9")]).notes


def judged(*hits: Any, window: float | None = 60, counted: bool = True, settled: bool = True) -> Ruling:
    return consistent(hits, window, counted=counted, settled=settled)


def test_falling_numbers_are_consistent() -> None:
    assert judged(*(legacy(at / 100, 9 - at) for at in range(6))).breach is None
    epoch = judged(*(legacy(at / 100, 9 - at, reset=NOW + 60) for at in range(6)))
    assert epoch == Ruling(evidence=("reset of X-RateLimit-*: Unix time in seconds",))


@pytest.mark.parametrize(
    ("hits", "says"),
    [
        ([legacy(0, 11)], "remaining 11 exceeds the limit 10"),
        ([legacy(0, 9, reset=NOW - 3600)], "the reset is 3600 s before the response's Date"),
        ([legacy(0, 9, limit="10/1s")], "is no integer"),
        ([legacy(0, 9), legacy(0.1, 8, limit=20)], "the limit changes between requests: 10, 20"),
        ([legacy(0, 4), legacy(0.1, 9)], "remaining rises from 4 to 9 within 0.1 s"),
        ([legacy(at / 100, 9) for at in range(6)], "remaining never falls in 6 requests"),
    ],
)
def test_inconsistent_numbers(hits: list[Any], says: str) -> None:
    assert says in str(judged(*hits).breach)


@pytest.mark.parametrize(
    "hits",
    [
        # A token bucket that gains one in each 100 ms.
        [legacy(at / 10, 9) for at in range(6)],
        [legacy(0, 4), legacy(0.5, 8)],
        # One node of two knows a little less.
        [legacy(0, 900, limit=1000), legacy(0.01, 905, limit=1000)],
        # The clock of the reset is four seconds behind that of Date.
        [legacy(0, 9, reset=NOW - 4)],
        # The window ended in between.
        [legacy(0, 4, reset=1), legacy(0.3, 9, reset=1)],
    ],
)
def test_lawful_numbers(hits: list[Any]) -> None:
    assert judged(*hits, window=1).breach is None


def test_what_a_sliding_log_frees_is_no_rise_where_something_was_used_before() -> None:
    hits = [legacy(0, 4), legacy(0.1, 9)]
    assert judged(*hits).breach is not None
    assert judged(*hits, settled=False).breach is None


def test_remaining_that_stays_is_a_breach_only_where_requests_surely_count() -> None:
    hits = [legacy(at / 100, 9) for at in range(6)]
    assert judged(*hits, counted=False).breach is None
    assert "may not count" in judged(*hits, counted=False).notes[0]


def test_remaining_that_counts_up() -> None:
    rising = [legacy(at / 100, at) for at in range(1, 10)]
    assert "rises by one with each of 9 requests" in str(judged(*rising, settled=False).breach)
    # A few may be what a sliding window frees; and so may steps of different size.
    assert judged(*rising[:5], counted=False, settled=False).breach is None
    uneven = [legacy(at / 100, left) for at, left in enumerate((1, 2, 3, 3, 4, 5, 6, 7, 9))]
    assert judged(*uneven, counted=False, settled=False).breach is None


@pytest.mark.parametrize(
    ("last", "left", "reset", "wrong"),
    [("0", "5", "4", True), ("0", "0", "4", False), ("3", "5", "4", False), ("0", "5", "0", False)],
)
def test_a_refusal_that_shows_a_full_quota(last: str, left: str, reset: str, wrong: bool) -> None:
    fields = {"X_RateLimit_Limit": "5", "X_RateLimit_Reset": reset}
    served = hit(X_RateLimit_Remaining=last, **fields)
    refusal = hit(0.01, status=429, X_RateLimit_Remaining=left, **fields)
    assert (refusals_consistent([served, refusal]).breach is not None) is wrong
    # Another limit than the one in the fields may have refused.
    assert refusals_consistent([hit(), refusal]).breach is None


# -- the body of a refusal -------------------------------------------------------------------------------

PROBLEM = '{"type": "about:blank", "title": "Too many", "status": 429}'
SEEN = [
    exchange(),
    exchange(
        404, body='{"type": "about:blank", "title": "No", "status": 404}', media="application/problem+json"
    ),
]


def faults(refusal: Exchange) -> list[str]:
    return [fault for fault, _ in faults_of_429(refusal, SEEN)]


def test_a_refusal_like_the_other_errors() -> None:
    assert faults(exchange(429, body=PROBLEM, media="application/problem+json")) == []


@pytest.mark.parametrize(
    ("body", "media", "fields", "says"),
    [
        ("", "", {}, "no content"),
        ("<h1>429</h1>", "text/html", {}, "Content-Type is text/html"),
        ('{"error": {"message": "Too many"}}', "application/json", {}, "differs from the API's others"),
        (PROBLEM, "application/json", {"Cache-Control": "public, max-age=60"}, "lets caches store it"),
        (
            '{"type": "https://iana.org/assignments/http-problem-types#quota-exceeded", "title": "Q", "status": 429}',
            "application/problem+json",
            {},
            "without an array of policy names",
        ),
    ],
)
def test_a_refusal_that_explains_nothing_or_is_stored(
    body: str, media: str, fields: dict[str, str], says: str
) -> None:
    assert [says in fault for fault in faults(exchange(429, fields, body, media))] == [True]


@pytest.mark.parametrize(
    ("field", "stored"),
    [
        ("", False),
        ("no-store", False),
        ("private, max-age=60", False),
        ("max-age=0", False),
        ("no-cache", False),
        ("max-age=60", True),
        ('s-maxage="10"', True),
        ("Public", True),
        ("public, no-store", False),
    ],
)
def test_storable(field: str, stored: bool) -> None:
    assert (storable(field) is not None) is stored


@pytest.mark.parametrize(
    ("after", "remaining", "reset", "part"),
    [
        ("4", "0", "4", None),
        ("600", "0", "4", None),
        ("4", "-1", "4", "-1"),
        ("4", "6", "4", "exceeds the limit"),
    ],
)
def test_fields_of_refusals(after: str, remaining: str, reset: str, part: str | None) -> None:
    fields = {"X_RateLimit_Limit": "5", "X_RateLimit_Remaining": remaining, "X_RateLimit_Reset": reset}
    breach = refusals_consistent([hit(), hit(status=429, Retry_After=after, **fields)]).breach
    assert breach is None if part is None else part in str(breach)


@pytest.mark.parametrize(
    ("after", "reset", "wrong"), [("4", "4", False), ("600", "4", False), ("4000", "4", True)]
)
def test_retry_after_in_another_unit(after: str, reset: str, wrong: bool) -> None:
    refused = hit(status=429, Retry_After=after, X_RateLimit_Limit="5", X_RateLimit_Reset=reset)
    assert (in_another_unit([hit(), refused]) is not None) is wrong


def test_retry_after_that_is_the_time_of_the_reset() -> None:
    for resets in ([], [4.0]):
        assert "seconds since 1970" in str(unit_fault(1_796_059_000.0, resets))
    assert "milliseconds" in str(unit_fault(4000.0, [4.0]))
    assert unit_fault(86_400.0, []) is None
    assert unit_fault(None, [4.0]) is None
