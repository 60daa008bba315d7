"""What each further item takes, judged on literal latencies; and runs on lists that are served in lawful ways."""

from __future__ import annotations

import json
import math

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Pagination, Resource
from harness.rules.verdict import Verdict
from harness.survey.openapi.queries import QueryParameter
from suites.performance.page_sizes import embeddable, seen_long
from suites.performance.per_item import Size, embedding, even, listed, transfer
from tests.load.samples import BUSY, FROZEN, QUIET
from tests.matrix.declared import AT_ONCE
from tests.matrix.trials import run_of
from tests.performance.embedding_lists import PROFILE, serving


def sizes(*latencies: float, rounds: int = 10, content: int = 8_000) -> list[Size]:
    """Pages of 5, 20 and 80 items, each of which takes the same each time."""
    return [
        Size(items, content * items // 80, (one,) * rounds)
        for items, one in zip((5, 20, 80), latencies, strict=True)
    ]


@pytest.mark.parametrize(
    ("latencies", "holds"),
    [
        ((0.02, 0.02, 0.02), True),
        # 10 ms for each item.
        ((0.06, 0.21, 0.81), False),
        # One query for fifty items: a step.
        ((0.2, 0.2, 0.6), True),
        # As slow for one item as for eighty, nearly.
        ((1.0, 1.05, 1.3), True),
        # Work for each item that nobody notices.
        ((0.01, 0.025, 0.085), True),
    ],
)
def test_a_list(latencies: tuple[float, ...], holds: bool | None) -> None:
    assert listed(sizes(*latencies), QUIET).holds is holds


@pytest.mark.parametrize(
    ("plain", "expanded", "holds"),
    [
        ((0.01, 0.01, 0.012), (0.06, 0.21, 0.81), False),
        # Twice the work for twice the content.
        ((0.05, 0.2, 0.8), (0.1, 0.4, 1.6), True),
        # Each request asks another service, once.
        ((0.01, 0.01, 0.012), (0.4, 0.4, 0.42), True),
        # It is asked for 25 customers at once.
        ((0.01, 0.01, 0.012), (0.06, 0.06, 0.21), True),
        ((0.01, 0.01, 0.012), (0.012, 0.02, 0.05), True),
    ],
)
def test_related_resources(plain: tuple[float, ...], expanded: tuple[float, ...], holds: bool | None) -> None:
    assert embedding(sizes(*plain), sizes(*expanded), QUIET).holds is holds


def test_content_takes_time_of_its_own() -> None:
    # 80 customers of 10 kB each, over a network of 100 ms.
    found = embedding(sizes(0.1, 0.1, 0.1), sizes(0.1, 0.4, 1.2, content=800_000), QUIET)
    assert found.holds
    assert transfer(sizes(0.1, 0.1, 0.1, content=800_000)) > 1.2
    assert math.isclose(transfer(sizes(0.1, 0.1, 0.1, content=0)), 0)


def test_a_pause_of_the_collector_each_second_is_no_growth() -> None:
    paused = [
        Size(
            items,
            100 * items,
            (0.01, 0.01, 0.5, 0.01, 0.3, 0.01, 0.01, 0.4, 0.01, 0.01)[shift:] + (0.01,) * shift,
        )
        for items, shift in ((5, 0), (20, 2), (80, 4))
    ]
    assert listed(paused, QUIET).holds
    assert embedding(sizes(0.01, 0.01, 0.01), paused, QUIET).holds


def test_a_busy_machine_finds_no_fault_unless_it_is_far_beyond() -> None:
    steep = sizes(0.06, 0.21, 0.81)
    plain = sizes(0.01, 0.01, 0.012)
    assert listed(steep, BUSY).holds is None
    assert embedding(plain, steep, BUSY).holds is None
    assert embedding(plain, sizes(0.3, 1.2, 4.8), BUSY).holds is False
    assert embedding(plain, sizes(0.3, 1.2, 4.8), FROZEN).holds is None


def test_growth_is_even_or_by_steps() -> None:
    assert even(sizes(0.05, 0.2, 0.8))
    assert not even(sizes(0.05, 0.05, 0.8))


def test_what_can_be_embedded() -> None:
    known = Resource(name="orders", collection="/orders", item="/orders/{id}")
    listed = QueryParameter("/orders", "expand", "string", values=("customer", "customer.address", "shop"))
    free = QueryParameter("/orders", "expand", "string")
    assert embeddable(known, [listed], {}) == [("expand", "customer"), ("expand", "shop")]
    assert embeddable(known, [free], {"id": "1", "customer_id": "2"}) == [("expand", "customer")]
    assert embeddable(known, [QueryParameter("/users", "expand", "string")], {"customer_id": "2"}) == []
    assert embeddable(known, [QueryParameter("/orders", "q", "string")], {"customer_id": "2"}) == []


@pytest.mark.parametrize(
    ("value", "query", "long"),
    [
        ({"data": [{"id": "1"}] * 20}, "", True),
        ({"data": [{"id": "1"}], "total": 90}, "?limit=1", True),
        ({"data": [{"id": "1"}] * 10}, "", True),
        ({"data": [{"id": "1"}] * 3}, "", False),
        ({"data": [{"id": "1"}] * 10}, "?limit=10", False),
        ({"data": [{"id": "1"}] * 3, "total": 3}, "", False),
        ({"data": [{"id": "1"}] * 10, "total": 12}, "", False),
        (None, "", False),
    ],
)
def test_what_the_survey_saw_of_a_list(value: object, query: str, long: bool) -> None:
    known = Resource(
        name="orders",
        collection="/orders",
        items="/data",
        pagination=Pagination(style="offset", limit_param="limit", offset_param="offset", total="/total"),
    )
    text = "<html>" if value is None else json.dumps(value)
    seen = Exchange(
        "x1", "GET", f"http://api/orders{query}", (), Body(), 200, response_body=Body(text, len(text))
    )
    assert seen_long(known, "http://api/orders", [seen]) is long


def test_fifty_customers_in_one_query_are_no_work_for_each() -> None:
    with serving(lambda items, expanded: 0.15 * math.ceil(items / 50) if expanded else 0.0) as url:
        (found,) = run_of(["PERF-004"], url, "--effects", "read", profile=AT_ONCE + PROFILE).findings
    # A machine that is too busy leaves it undecided.
    assert found.verdict in (Verdict.PASS, Verdict.INCONCLUSIVE), found.reason
    assert "expand=customer" in "".join([*found.evidence, found.reason])


def test_a_short_list_is_not_judged() -> None:
    with serving(lambda items, expanded: 0.02 * items, 12) as url:
        (found,) = run_of(["PERF-004"], url, "--effects", "read", profile=AT_ONCE + PROFILE).findings
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert not found.exchanges
