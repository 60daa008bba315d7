"""What the page says first, and which lines of an exchange it marks: pure functions on literal inputs."""

from __future__ import annotations

import dataclasses

import pytest

from harness.report.decisive import decisive, namings
from harness.report.html import glance
from harness.report.html import page as html
from harness.report.html.durations import ENDS, HEIGHT, WIDTH, durations
from harness.report.html.marking import changed, changed_fields, named, same_request, same_resource
from harness.report.html.view import Anchors, Detail, Evidence, Piece
from harness.rules.finding import BreachRecord, Finding
from harness.rules.sources import source_uri
from harness.rules.verdict import Level, Verdict
from harness.run.baseline import Baseline
from tests.report.sample import URL, build, exchange

FAILING = {Verdict.FAIL, Verdict.ERROR}


def test_what_the_baseline_has_fails_nothing_and_is_not_good() -> None:
    report = build()
    report = report.model_copy(
        update={
            "findings": [one for one in report.findings if one.verdict in (Verdict.PASS, Verdict.WARN)],
            "baseline": Baseline("b1", "2026-11-20T10:00:00Z", URL, {}).record([], FAILING),
        }
    )
    assert glance.answer(report, FAILING) == ("Yes, as far as verified", "good")
    known = build().findings[0].model_copy(update={"known": True})
    assert known.verdict is Verdict.FAIL
    report.findings.append(known)
    assert glance.answer(report, FAILING) == ("As before", "unsure")
    report.findings.append(known.model_copy(update={"known": False}))
    assert glance.answer(report, FAILING) == ("No", "bad")


def test_levels_are_counted_apart_and_sum_up() -> None:
    report = build()
    rows = {row.name: row for row in glance.by_level(report)}
    assert list(rows) == ["MUST", "SHOULD"]
    assert rows["MUST"].tally.counts[Verdict.ERROR] == 1
    assert sum(row.tally.rules for row in rows.values()) == report.summary.rules
    assert sum(row.tally.verified for row in rows.values()) == report.summary.verified


def test_a_bar_is_as_long_as_its_parts() -> None:
    for row in (*glance.by_level(build()), *glance.by_suite(build()), glance.whole(build())):
        ends = [part.x + part.width for part in row.bar]
        assert ends[-1] == pytest.approx(100, abs=0.1)
        assert [part.x for part in row.bar[1:]] == pytest.approx(ends[:-1], abs=0.02)


def test_columns_are_those_that_have_numbers() -> None:
    report = build()
    held = [one for one in report.findings if one.verdict is Verdict.PASS]
    assert Verdict.ERROR in glance.columns(report)
    passed = report.suites["METH"].model_copy(update={"counts": {Verdict.PASS: 2}})
    only = {"findings": held, "summary": passed, "suites": {}}
    assert glance.columns(report.model_copy(update=only)) == [Verdict.PASS]


def test_changes_are_new_known_or_fixed() -> None:
    report = build()
    assert glance.changes(report) is None
    verdicts = {("COND-004", "orders"): Verdict.FAIL, ("METH-001", "orders"): Verdict.FAIL}
    baseline = Baseline("b1", "2026-11-20T10:00:00Z", URL, verdicts)
    findings = [one.model_copy(update={"known": baseline.knows(one)}) for one in report.findings]
    record = baseline.record(findings, FAILING)
    report = report.model_copy(update={"findings": findings, "baseline": record})
    found = glance.changes(report)
    assert found is not None
    assert found.new == [("ERR-002", "orders"), ("ERR-002", "customers")]
    assert found.known == [("COND-004", "orders")]
    assert found.fixed == [("METH-001", "orders")]
    page = html.render(report)
    assert '<a href="#METH-001-orders">METH-001 <bdi>orders</bdi></a>' in page
    # New findings come before those of the baseline, even if those are worse.
    assert page.index('id="ERR-002-customers"') < page.index('id="COND-004-orders"')


FIELDS = (("Date", "now"), ("etag", '"v1"'), ("X-Total-Count", "3"), ("Accept", "*/*"))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('as GET has ETag: "v1"', {1}),
        ("no x-total-count in the answer", {2}),
        ("no X-Total-Count-All", set()),
        ("the date, the etags and what we accept", set()),
        ("Accept was ignored", {3}),
        ("", set()),
    ],
)
def test_fields_that_a_text_names(text: str, places: set[int]) -> None:
    assert named(FIELDS, text) == places


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (["{", '"a": 1,', '"b": 2', "}"], ["{", '"a": 1,', '"b": 3', "}"], {2}),
        (["{", '"a": 1', "}"], ["{", '"a": 1,', '"b": 2', "}"], {2}),
        (["{", '"a": 1', "}"], ["{", '"a": 1', "}"], set()),
        (["x"], ["y"], set()),
        ([], ["y", "z"], set()),
        (["a", "b", "c"], ["a", "a", "b", "c"], {1}),
    ],
)
def test_lines_that_differ(before: list[str], after: list[str], places: set[int]) -> None:
    assert changed(before, after) == places


def test_request_fields_that_differ_leave_out_what_always_does() -> None:
    before = (("Content-Length", "3"), ("If-Match", '"v1"'), ("Accept", "*/*"))
    after = (("content-length", "4"), ("If-Match", '"v2"'), ("accept", "*/*"), ("Prefer", "x"))
    assert changed_fields(before, after) == {1, 3}


def test_what_an_exchange_is_held_against() -> None:
    create = exchange("a", "POST", "/orders", 201, sent="{}", body="{}")
    read = exchange("b", "GET", "/orders/1", 200, body="{}")
    lost = exchange("c", "GET", "/orders/1", 404, body="{}")
    write = exchange("d", "PUT", "/orders/1", 200, body="{}")
    earlier = [(1, create), (2, read), (3, lost)]
    assert same_request(read, earlier) == (3, lost)
    assert same_request(write, earlier) is None
    assert same_resource(write, earlier) == (2, read)
    # What a write did is seen from one GET to the next, not from its own answer.
    assert same_resource(read, [*earlier, (4, write)]) == (2, read)
    assert same_resource(read, [(4, write)]) == (4, write)
    assert same_resource(lost, earlier) is None
    raw = dataclasses.replace(read, raw="GET")
    assert same_request(raw, earlier) is None


def test_the_part_that_decides_is_marked() -> None:
    first = exchange("a", "PUT", "/orders/1", 200, sent='{"n":1,"m":2}', body='{"n":1,"m":2,"k":3}')
    second = dataclasses.replace(
        exchange("b", "PUT", "/orders/1", 200, sent='{"n":1,"m":2}', body='{"n":9,"m":2,"k":3}'),
        request_fields=(*first.request_fields, ("If-Match", '"old"')),
    )
    breach = BreachRecord(
        expected="412", observed="PUT /v1/orders/1 -> 200 with a stale tag", level=Level.MUST
    )
    finding = Finding(rule="COND-004", verdict=Verdict.FAIL, breaches=[breach], exchanges=["a", "b"])
    evidence = Evidence([first, second], Anchors())
    listing = evidence.listing(finding.exchanges, Detail(1_000, marked=True), finding)
    one, other = listing.shown
    assert (one.decisive, one.opened, one.request.marked) == (False, False, frozenset())
    assert (other.decisive, other.opened) == (True, True)
    assert [other.request.lines[place] for place in other.request.marked] == ['If-Match: "old"']
    assert [other.response.lines[place] for place in other.response.marked] == ["HTTP/1.1 200 OK"]
    assert other.response_body is not None
    marked = other.response_body.text
    assert [marked.lines[place] for place in marked.marked] == ['  "n": 9,']
    assert other.marks == "what differs from 1"
    assert evidence.linked(breach.observed, ["a", "b"]) == [
        [Piece("PUT /v1/orders/1 -> 200", True, "x-b"), Piece(" with a stale tag")]
    ]
    assert one.marks == ""
    unmarked = Evidence([first, second], Anchors()).listing(["a", "b"], Detail(1_000), finding)
    assert not unmarked.shown[1].request.marked


def test_what_was_observed_is_a_list_where_each_part_names_an_exchange() -> None:
    evidence = Evidence([exchange("a", "GET", "/x", 200), exchange("b", "GET", "/y", 404)], Anchors())
    assert evidence.linked("GET /v1/x -> 200; GET /v1/y -> 404: no", ["a", "b"]) == [
        [Piece("GET /v1/x -> 200", True, "")],
        [Piece("GET /v1/y -> 404", True, ""), Piece(": no")],
    ]
    assert len(evidence.linked("GET /v1/x -> 200; and more", ["a", "b"])) == 1
    assert evidence.linked("nothing; at all", ["a", "b"]) == [[Piece("nothing; at all")]]
    assert evidence.linked("z" * 9_999, []) == [[Piece("z" * 4_000 + "… (9,999 characters)")]]


def test_durations_are_shown_by_method() -> None:
    made = [
        dataclasses.replace(exchange(str(n), "GET", "/x", 200), started=1.0, ended=1.0 + n / 1000)
        for n in (1, 2, 3, 9_000)
    ]
    made += [exchange("t", "POST", "/x", None, error="timeout"), exchange("p", "PUT", "/x", 200)]
    first, second = durations(made)
    assert (first.method, first.number, round(first.longest)) == ("GET", 4, 9_000)
    assert round(first.median, 3) == 2.5
    assert second.method == "PUT"
    assert first.bars[-1].x == len(ENDS) * WIDTH
    assert max(bar.height for bar in first.bars) == HEIGHT
    assert durations([]) == []


@pytest.mark.parametrize(
    ("ref", "uri"),
    [
        (
            "Internet-Draft draft-ietf-httpapi-ratelimit-headers-11 section 1.1 (no guarantee)",
            "https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11#section-1.1",
        ),
        ("AIP-158", "https://google.aip.dev/158"),
        ("Zalando guideline 160", "https://opensource.zalando.com/restful-api-guidelines/#160"),
        ("javascript:alert(1)", None),
    ],
)
def test_sources_beside_rfcs_that_can_be_read(ref: str, uri: str | None) -> None:
    assert source_uri(ref) == uri


def test_of_equal_requests_the_one_is_meant_whose_field_is_quoted() -> None:
    read = exchange("a", "GET", "/orders/1", 400)
    weak, star, last = (
        dataclasses.replace(read, id=id, request_fields=(("If-None-Match", value),))
        for id, value in (("w", 'W/"1"'), ("s", "*"), ("l", '"9"'))
    )
    text = "GET /v1/orders/1 -> 400 with If-None-Match: *; GET /v1/orders/1 -> 400; none of GET /v1/x -> 200"
    found = namings(text, [read, weak, star, last])
    assert [one.exchange.id for one in found] == ["s", "l"]
    assert [text[one.start : one.end] for one in found] == ["GET /v1/orders/1 -> 400"] * 2
    breach = BreachRecord(expected="304", observed=text, level=Level.MUST)
    finding = Finding(rule="COND-005", verdict=Verdict.FAIL, breaches=[breach])
    assert [one.id for one in decisive(finding, [last, read, weak, star])] == ["s"]
    assert [one.id for one in decisive(finding, [read, weak, star, last])] == ["s", "l"]
    assert namings("nothing", [read]) == []
