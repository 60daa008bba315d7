"""The judgement of all exchanges at the end of a run: on literal exchanges, and with findings of each kind."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.http.contract import Contract, OperationAnswer
from harness.http.exchange import Body, Exchange, Fields
from harness.profile.models import Profile, Waiver
from harness.report.assemble import Collected, Gathered
from harness.report.model import RuleRecord
from harness.rules.catalogue import codes, judges
from harness.rules.finding import BreachRecord, Finding
from harness.rules.passive import record
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.passive import settle

BASE = "http://h/v1"
DATE = ("Date", "Sun, 29 Nov 2026 12:00:00 GMT")


def exchange(
    number: int,
    status: int,
    *fields: tuple[str, str],
    method: str = "GET",
    path: str = "/orders",
    asked: Fields = (),
) -> Exchange:
    return Exchange(
        str(number),
        method,
        BASE + path,
        asked,
        Body(),
        status,
        http_version="HTTP/1.1",
        response_fields=fields,
        started=float(number),
        ended=number + 0.5,
    )


def faults(code: str, *exchanges: Exchange) -> list[str]:
    found = record(exchanges, BASE)
    return [
        f"{one.shown_by}: {one.what}"
        for judge in judges()
        if judge.code == code
        for one in judge.faults(found)
    ]


@pytest.mark.parametrize(
    ("code", "one", "word"),
    [
        ("RATE-009", exchange(1, 429, ("X-RateLimit-Remaining", "-1")), "negative"),
        (
            "RATE-009",
            exchange(1, 201, ("X-RateLimit-Limit", "5"), ("X-RateLimit-Remaining", "6"), method="POST"),
            "exceeds",
        ),
        ("RATE-007", exchange(1, 200, ("RateLimit", "default;r")), "Integer"),
        ("RATE-003", exchange(1, 503, ("Retry-After", "0.5")), "fraction"),
        (
            "RATE-003",
            exchange(1, 429, ("Retry-After", "4000"), ("X-RateLimit-Limit", "9"), ("X-RateLimit-Reset", "4")),
            "milliseconds",
        ),
        (
            "WIRE-004",
            exchange(1, 204, ("Content-Length", "0"), method="DELETE"),
            "204 with Content-Length: 0",
        ),
        ("WIRE-005", exchange(1, 404), "no Date"),
        (
            "WIRE-008",
            exchange(1, 200, ("Content-Length", "9"), ("Transfer-Encoding", "chunked")),
            "together",
        ),
        ("METH-015", exchange(1, 405, method="PUT"), "no Allow"),
        ("METH-020", exchange(1, 304, method="PUT"), "304 to PUT"),
        ("COND-015", exchange(1, 200, ("Cache-Control", "max-age=60; private")), "not a list"),
        (
            "COND-017",
            exchange(
                1, 200, ("Content-Encoding", "gzip"), ("ETag", '"a"'), asked=(("Accept-Encoding", "gzip"),)
            ),
            "Vary: None",
        ),
    ],
)
def test_a_fault_in_any_exchange_is_noticed(code: str, one: Exchange, word: str) -> None:
    found = faults(code, one)
    assert word in "; ".join(found)


def test_every_judge_belongs_to_a_rule() -> None:
    assert {judge.code for judge in judges()} <= codes()


def test_sound_exchanges_have_no_fault() -> None:
    own = [
        exchange(
            1,
            200,
            DATE,
            ("X-RateLimit-Limit", "5"),
            ("X-RateLimit-Remaining", "0"),
            ("Cache-Control", "no-store"),
        ),
        exchange(2, 204, DATE, method="DELETE"),
        exchange(3, 405, DATE, ("Allow", "GET"), method="PUT"),
        exchange(4, 429, DATE, ("Retry-After", "4"), ("X-RateLimit-Limit", "5"), ("X-RateLimit-Reset", "4")),
    ]
    found = record(own, BASE, clock=True)
    broken = {judge.code: list(judge.faults(found)) for judge in judges()}
    # The clock of these exchanges is not that of this machine.
    assert {code for code, wrong in broken.items() if wrong} <= {"WIRE-005"}


def test_a_method_that_worked_before_and_after_belongs_into_allow() -> None:
    refused = exchange(2, 405, ("Allow", "GET"), method="PUT")
    posts = [exchange(number, 201, method="POST") for number in (1, 3)]
    assert faults("METH-015", refused, *posts) == [
        "PUT /v1/orders -> 405: Allow: GET lacks POST, which succeeds for this URL"
    ]
    # Once is not enough: methods may depend on the state (RFC 9110 section 10.2.1).
    assert faults("METH-015", refused, posts[0]) == []
    assert faults("METH-015", refused, posts[1]) == []


def test_a_documented_method_that_works_next_belongs_into_allow() -> None:
    def advised(*exchanges: Exchange) -> list[str]:
        found = record(
            exchanges, BASE, contract=Contract((OperationAnswer("DELETE", "/orders/{id}", "204"),))
        )
        return [fault.what for judge in judges() if judge.code == "METH-015" for fault in judge.faults(found)]

    refused = exchange(2, 405, ("Allow", "GET"), method="PUT", path="/orders/7")
    removed = exchange(4, 204, method="DELETE", path="/orders/7")
    assert advised(refused, removed) == ["Allow: GET lacks DELETE, which is documented and succeeds next"]
    assert advised(refused, exchange(3, 400, method="PATCH", path="/orders/7"), removed)
    # Another write may have changed the state.
    for path in ("/orders/7", "/orders/7/reopen"):
        assert advised(refused, exchange(3, 200, method="POST", path=path), removed) == []
    # What is not documented, and what worked before, says nothing.
    assert advised(refused, exchange(4, 200, method="PATCH", path="/orders/7")) == []
    assert advised(exchange(1, 204, method="DELETE", path="/orders/7"), refused) == []
    assert advised(exchange(2, 405, ("Allow", "GET, DELETE"), method="PUT", path="/orders/7"), removed) == []


@pytest.mark.parametrize(
    "other",
    [
        Exchange("1", "GET", "http://h/v1/orders", (), Body(), None, error="reset"),
        Exchange("1", "GET", "http://h/other", (), Body(), 405),
        Exchange("1", "GET", "http://h/v1/openapi.json", (), Body(), 405),
        Exchange("1", "GET", "http://h/v1/orders", (), Body(), 405, raw="GET /v1/orders"),
        Exchange("1", "GET", "http://h/v1/orders", (), Body(), 502),
    ],
)
def test_what_says_nothing_about_the_api_is_left_out(other: Exchange) -> None:
    assert record([other], BASE).exchanges == ()


def gathered(
    verdict: Verdict | None, *exchanges: Exchange, breaches: int = 0, impact: Impact = Impact.MAJOR
) -> Gathered:
    rule = RuleRecord(
        code="RATE-009",
        suite="RATE",
        level=Level.SHOULD,
        impact=impact,
        title="t",
        why="w",
        fix="f",
        refs=["r"],
        effect="READ",
    )
    made = Gathered([Collected("node", rule, None)], exchanges={one.id: one for one in exchanges})
    if verdict is not None:
        breach = BreachRecord(expected="e", observed="o", level=Level.SHOULD)
        made.findings["node"] = Finding(
            rule="RATE-009", verdict=verdict, reason="before", breaches=[breach] * breaches, nodeid="node"
        )
    return made


NEGATIVE = exchange(7, 429, ("X-RateLimit-Remaining", "-1"))


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE, None])
def test_a_fault_is_reported_whatever_the_rule_found(verdict: Verdict | None) -> None:
    run = gathered(verdict, NEGATIVE)
    settle(run, Profile(), BASE, lambda text: text.replace("orders", "[redacted]"))
    found = run.findings["node"]
    assert found.verdict is Verdict.WARN
    assert "negative" in found.reason
    assert "[redacted]" in found.reason
    assert found.exchanges == ["7"]


def test_a_finding_with_a_breach_stays() -> None:
    run = gathered(Verdict.WARN, NEGATIVE, breaches=1)
    settle(run, Profile(), BASE, str)
    assert run.findings["node"].reason == "before"


def test_advice_hides_nothing_that_is_graver() -> None:
    run = gathered(Verdict.ADVICE, NEGATIVE, breaches=1)
    settle(run, Profile(), BASE, str)
    found = run.findings["node"]
    assert found.verdict is Verdict.WARN
    # What was found before is kept, too.
    assert len(found.breaches) == 2

    small = gathered(Verdict.ADVICE, NEGATIVE, breaches=1, impact=Impact.MINOR)
    settle(small, Profile(), BASE, str)
    assert small.findings["node"].reason == "before"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [(Profile(), Verdict.ADVICE), (Profile(advice="warn"), Verdict.WARN)],
)
def test_a_fault_of_minor_impact_is_advice(profile: Profile, expected: Verdict) -> None:
    run = gathered(Verdict.PASS, NEGATIVE, impact=Impact.MINOR)
    settle(run, profile, BASE, str)
    assert run.findings["node"].verdict is expected


def test_a_waiver_covers_it() -> None:
    waiver = Waiver(rule="RATE-009", reason="known", owner="Ada", until=dt.date(2999, 1, 1))
    run = gathered(Verdict.PASS, NEGATIVE)
    settle(run, Profile(waivers=[waiver]), BASE, str)
    assert run.findings["node"].verdict is Verdict.WAIVED


def test_without_a_fault_nothing_changes() -> None:
    run = gathered(Verdict.PASS, exchange(1, 200, DATE))
    settle(run, Profile(), BASE, str)
    assert run.findings["node"].verdict is Verdict.PASS
