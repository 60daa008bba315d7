from __future__ import annotations

from typing import Any

import pytest

from harness.http.contract import Contract, OperationAnswer
from harness.http.exchange import Exchange
from harness.profile.models import Capability, Profile, Resource, State
from harness.report.formats import junit, markdown
from harness.report.html.page import render as html
from harness.report.model import CoveredRecord, Report, ShortfallRecord
from harness.report.operations import coverage, finder, path_of, unseen, worst_first
from harness.report.words import headline, operations
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict
from harness.run.finish import exit_code
from harness.survey.outcome import Survey, Unsurveyed
from tests.report.sample import URL, build

BOTH = {"/orders": ["GET", "POST"], "/orders/{id}": ["GET", "DELETE"]}


def exchange(id: str, method: str, path: str, status: int) -> Exchange:
    return Exchange(
        id=id, method=method, url=URL + path, request_fields=(), request_body=build_body(), status=status
    )


def build_body() -> Any:
    from harness.http.exchange import Body

    return Body()


def report(*exchanges: Exchange, effects: str = "WRITE", **more: Any) -> Report:
    sample = build()
    target = sample.target.model_copy(update={"effects": effects})
    finding = Finding(rule="METH-001", verdict=Verdict.PASS, exchanges=[one.id for one in exchanges[:1]])
    update = {"target": target, "exchanges": list(exchanges), "findings": [finding], "survey": [], **more}
    return sample.model_copy(update=update)


def survey(documented: dict[str, list[str]] | None = None, **more: Any) -> Survey:
    profile = more.pop("profile", Profile(resources=[Resource(collection="/orders", capabilities=ABLE)]))
    return Survey(profile=profile, documented=BOTH if documented is None else documented, **more)


ABLE = {
    name: Capability(state=State.DETECTED, because="seen") for name in ("list", "create", "read", "delete")
}


def row(found: Any, method: str, path: str) -> Any:
    return next(one for one in found.operations if (one.method, one.path) == (method, path))


def test_what_was_answered_is_covered() -> None:
    given = report(exchange("1", "GET", "/orders?page=2", 200), exchange("2", "GET", "/orders/7", 404))
    found = coverage(given, survey())
    assert found is not None
    assert (found.covered, found.percent, found.documented) == (1, 25.0, True)
    listed = row(found, "GET", "/orders")
    assert (listed.exchanges, listed.statuses, listed.rules, listed.suites) == (
        1,
        [200],
        ["METH-001"],
        ["METH"],
    )
    read = row(found, "GET", "/orders/{id}")
    assert (read.covered, read.because) == (False, "only answered with 404")


def test_exchanges_of_the_survey_count_and_are_of_no_suite() -> None:
    given = report(exchange("1", "GET", "/orders", 200), findings=[], survey=["1"])
    found = row(coverage(given, survey()), "GET", "/orders")
    assert (found.rules, found.suites, found.covered) == (["survey"], [], True)


def test_a_refused_credential_covers_nothing() -> None:
    given = report(exchange("1", "GET", "/orders", 401))
    found = row(coverage(given, survey()), "GET", "/orders")
    assert (found.covered, found.unlock) == (False, "--credential NAME=env:TOKEN")


def test_writes_of_a_run_that_reads() -> None:
    found = coverage(report(effects="READ"), survey())
    assert row(found, "POST", "/orders").unlock == "--effects write"
    assert row(found, "GET", "/orders").unlock == ""


def test_a_create_without_a_body() -> None:
    able = {**ABLE, "create": Capability(state=State.REFUSED, because="refused with 422")}
    profile = Profile(resources=[Resource(collection="/orders", capabilities=able)])
    found = coverage(report(), survey(profile=profile))
    assert "--body" in row(found, "POST", "/orders").unlock
    assert "--body" in row(found, "DELETE", "/orders/{id}").unlock


def test_what_was_not_surveyed() -> None:
    other = Unsurveyed("items", "/items", "GET", "the budget of the survey was spent")
    documented = {"/items": ["GET"], "/items/{id}": ["GET"]}
    found = coverage(report(), survey(documented, unsurveyed=[other]))
    assert {one.unlock for one in found.operations} == {"--resources items"}  # type: ignore[union-attr]


def test_the_budget() -> None:
    short = ShortfallRecord(rules=3, bound="max-requests", limit=10, needed=500)
    found = coverage(report(shortfall=short), survey({"/orders": ["GET"]}))
    assert row(found, "GET", "/orders").unlock == "--max-requests 500"


def test_an_action_and_another_collection() -> None:
    documented = {"/orders/{id}/pay": ["POST"], "/items": ["GET"], "/about": ["PUT"]}
    found = coverage(report(), survey(documented))
    assert "transitions" in row(found, "POST", "/orders/{id}/pay").unlock
    assert row(found, "GET", "/items").unlock == "--resource /items"
    assert row(found, "PUT", "/about").unlock == ""


@pytest.mark.parametrize(
    ("documented", "unlock"),
    [
        ({"/admin/version": ["GET"]}, ""),
        ({"/admin/status": ["GET"]}, ""),
        ({"/me": ["GET", "PATCH"]}, ""),
        ({"/countries": ["GET"]}, "--resource /countries"),
        ({"/staff": ["GET", "POST"]}, "--resource /staff"),
        ({"/staff": ["GET"], "/staff/{id}": ["GET"]}, "--resource /staff"),
    ],
)
def test_a_read_alone_is_no_collection_to_test(documented: dict[str, list[str]], unlock: str) -> None:
    found = coverage(report(), survey(documented))
    assert row(found, "GET", next(iter(documented))).unlock == unlock


def test_a_search_beside_a_collection_is_no_resource() -> None:
    found = coverage(report(), survey({"/orders": ["GET", "POST"], "/orders/search": ["POST"]}))
    one = row(found, "POST", "/orders/search")
    assert "neither a create nor a search" in one.because
    assert one.unlock == ""


def test_errors_alone_are_told() -> None:
    given = report(exchange("1", "GET", "/orders", 200), exchange("2", "POST", "/orders", 422))
    found = coverage(given, survey({"/orders": ["GET", "POST"]}))
    assert [row(found, method, "/orders").because for method in ("GET", "POST")] == [
        "",
        "answered with errors only",
    ]
    assert row(found, "POST", "/orders").covered


def test_the_worst_come_first() -> None:
    def made(path: str, covered: bool, statuses: list[int], unseen: list[str]) -> CoveredRecord:
        return CoveredRecord(method="GET", path=path, covered=covered, statuses=statuses, unseen=unseen)

    rows = [
        made("/seen", True, [200], []),
        made("/partly", True, [200], ["404", "409"]),
        made("/failing", True, [400], []),
        made("/untouched", False, [], ["200"]),
    ]
    assert [one.path for one in worst_first(rows)] == ["/untouched", "/failing", "/partly", "/seen"]


def test_without_a_document_the_operations_are_those_that_were_found() -> None:
    found = coverage(report(exchange("1", "GET", "/orders", 200)), survey({}))
    assert found is not None
    assert not found.documented
    assert [f"{one.method} {one.path}" for one in found.operations] == [
        "GET /orders",
        "POST /orders",
        "DELETE /orders/{id}",
        "GET /orders/{id}",
    ]
    assert coverage(report(), survey({}, profile=Profile())) is None


def test_statuses_that_were_not_seen() -> None:
    answers = tuple(OperationAnswer("GET", "/orders", status) for status in ("200", "404", "5XX"))
    given = report(exchange("1", "GET", "/orders", 200))
    found = coverage(given, survey(contract=Contract(answers)))
    assert row(found, "GET", "/orders").unseen == ["404", "5XX"]


@pytest.mark.parametrize(
    ("documented", "statuses", "missing"),
    [
        (["200", "default"], [200], ["default"]),
        (["200", "default"], [200, 404], []),
        (["200", "4XX"], [404], ["200"]),
        (["404", "4XX"], [404], ["4XX"]),
        ([], [200], []),
    ],
)
def test_unseen(documented: list[str], statuses: list[int], missing: list[str]) -> None:
    assert unseen(documented, statuses) == missing


def test_literal_templates_win() -> None:
    template = finder({"/orders/{id}", "/orders/mine", "/orders", "/"})
    assert template("/orders/mine") == "/orders/mine"
    assert template("/orders/7") == "/orders/{id}"
    assert template("/orders/") == "/orders"
    assert template("") == "/"
    assert template("/other") is None


def test_paths_outside_the_target() -> None:
    assert path_of(exchange("1", "GET", "/orders#x", 200), URL) == "/orders"
    assert path_of(exchange("1", "GET", "0/orders", 200), URL) is None


def test_too_little_coverage_fails_the_run() -> None:
    given = report(exchange("1", "GET", "/orders", 200))
    given.coverage = coverage(given, survey())
    assert exit_code(given, []) == exit_code(report(exchange("1", "GET", "/orders", 200)), [])
    given.run.fail_under_coverage = 50
    assert exit_code(given, []) == 1
    assert headline(given).state == "bad"
    assert "Operation coverage is 25 %, below --fail-under-coverage 50" in headline(given).sentence
    given.run.fail_under_coverage = 25
    assert not given.uncovered


def test_every_format_shows_it() -> None:
    given = report(exchange("1", "GET", "/orders", 200))
    given.coverage = coverage(given, survey())
    given.run.fail_under_coverage = 50
    assert operations(given) == "1 of 4 documented operations covered (25 %)"
    assert "`DELETE /orders/{id}`" in markdown.render(given)
    assert 'id="coverage"' in html(given)
    assert "DELETE /orders/{id}" in junit.render(given)
