"""Server errors that no finding reports."""

from __future__ import annotations

from harness.http.exchange import Body, Exchange
from harness.profile.models import Resource
from harness.rules.finding import BreachRecord, Finding
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.server_errors import never_answered, unreported
from harness.survey.suspicion import Suspicion

BASE = "http://h/v1"
ORDERS = [Resource(name="orders", collection="/orders", item="/orders/{id}")]


def exchange(number: int, method: str, path: str, status: int, *fields: tuple[str, str]) -> Exchange:
    return Exchange(
        str(number), method, BASE + path, (), Body(), status, http_version="HTTP/1.1", response_fields=fields
    )


def finding(*exchanges: str, broken: bool) -> Finding:
    breach = BreachRecord(expected="a", observed="b", level=Level.MUST, impact=Impact.MAJOR)
    verdict = Verdict.FAIL if broken else Verdict.INCONCLUSIVE
    return Finding(
        rule="PATCH-001",
        verdict=verdict,
        nodeid="n",
        breaches=[breach] if broken else [],
        exchanges=list(exchanges),
    )


def test_a_crash_that_left_a_rule_undecided_is_a_suspicion() -> None:
    seen = [exchange(1, "PATCH", "/orders/7", 500), exchange(2, "PATCH", "/orders/8", 500)]
    found = unreported(seen, [finding("1", "2", broken=False)], [], ORDERS, BASE)
    assert [(one.resource, one.place, one.exchanges) for one in found] == [
        ("orders", "PATCH /orders/{id}", ("1", "2"))
    ]
    assert "(2 times)" in found[0].text


def test_a_crash_of_which_a_finding_or_a_suspicion_says_the_same_is_none() -> None:
    seen = [exchange(1, "PATCH", "/orders/7", 500), exchange(2, "PATCH", "/orders/8", 500)]
    assert unreported(seen, [finding("2", broken=True)], [], ORDERS, BASE) == []
    assert unreported(seen, [], [Suspicion("odd", ("1",))], ORDERS, BASE) == []


def test_what_is_unavailable_for_a_while_is_none() -> None:
    served = exchange(1, "GET", "/orders", 200)
    assert unreported([served, exchange(2, "GET", "/orders", 503)], [], [], ORDERS, BASE) == []
    never = unreported([served, exchange(2, "POST", "/orders", 503)], [], [], ORDERS, BASE)
    assert [one.place for one in never] == ["POST /orders"]
    assert unreported([exchange(2, "POST", "/orders", 503)], [], [], ORDERS, BASE) == []


def test_maintenance_that_says_when_it_is_over_is_none_unless_it_goes_on() -> None:
    served = exchange(1, "GET", "/orders", 200)
    once = exchange(2, "TRACE", "/orders", 503, ("Retry-After", "1"))
    again = exchange(3, "TRACE", "/orders", 503, ("Retry-After", "1"))
    assert unreported([served, once], [], [], ORDERS, BASE) == []
    assert [one.place for one in unreported([served, once, again], [], [], ORDERS, BASE)] == ["TRACE /orders"]


def test_refusals_are_none() -> None:
    assert unreported([exchange(1, "POST", "/orders", 400)], [], [], ORDERS, BASE) == []


def lost(number: int, method: str, path: str) -> Exchange:
    error = "Server disconnected without sending a response."
    return Exchange(str(number), method, BASE + path, (), Body(), error=error)


def test_a_route_that_never_gave_a_response_is_a_suspicion() -> None:
    seen = [exchange(1, "GET", "/orders", 200), lost(2, "PUT", "/orders/7"), lost(3, "PUT", "/orders/8")]
    found = never_answered(seen, [], ORDERS, BASE)
    assert [(one.resource, one.place, one.exchanges) for one in found] == [
        ("orders", "PUT /orders/{id}", ("2", "3"))
    ]
    assert never_answered(seen, [finding("3", broken=True)], ORDERS, BASE) == []
    assert never_answered([*seen, exchange(4, "PUT", "/orders/9", 200)], [], ORDERS, BASE) == []


def test_a_route_that_hangs_is_a_suspicion_and_a_refused_connection_is_none() -> None:
    late = Exchange("2", "PUT", f"{BASE}/orders/7", (), Body(), error="no response within the timeout")
    assert [one.place for one in never_answered([late], [], ORDERS, BASE)] == ["PUT /orders/{id}"]
    waiting = Exchange(
        "3", "GET", f"{BASE}/orders/7/events", (), Body(), error="no response within the timeout"
    )
    assert never_answered([waiting], [], ORDERS, BASE) == []
    down = Exchange("2", "PUT", f"{BASE}/orders/7", (), Body(), error="[Errno 111] Connection refused")
    assert never_answered([down], [], ORDERS, BASE) == []
