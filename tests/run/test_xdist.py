"""A run on four workers gives the same reports as one in a single process, but for order and times."""

from __future__ import annotations

import json
import re
from functools import partial

import pytest
from filelock import FileLock

from harness.reference.server import demo
from harness.report.console import terminal
from harness.report.model import Report
from harness.report.views import VIEWS
from harness.rules.suites import suites_folder
from tests.matrix.once import once
from tests.matrix.running import run

pytestmark = pytest.mark.slow

SUITES = sorted(suites_folder().rglob("test_*.py"))
# Ids of exchanges name the worker, answers carry dates, and routes that are not there are made up at random.
VOLATILE = (
    (r"\b(?:gw\d+|main|s)\.?\d+\b", "ID"),
    (r"\b(?:[0-9a-f]{32}|[0-9a-f]{12})\b", "RANDOM"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00| UTC)?", "WHEN"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "WHEN"),
    # A number begins where none is before it: URLs that are too long have thousands of digits.
    (r"(?<![\d,])\d[\d,]* requests?", "REQUESTS"),
    (r"(?<![\d,.])[\d,.]+ m?s\b", "TIME"),
    (r' (?:time|duration)="[\d.]+"', ""),
    # How often what has a quota is read, and whether it is exhausted once, depends on where its seconds end.
    (r"(/limited` \| [^|]+ \| )\d+( \| \d+ \| )[\d ]+ \| `[\d ]+`", r"\1COUNT\2STATUSES"),
    # What the rules of a process ask once, such as whether ranges are supported, each worker asks once.
    (r"(` \| [^|]+ \| )\d+ \| \d+( \| )", r"\1COUNT\2"),
)


@pytest.fixture(scope="module")
def reports(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Report, Report]:
    """A run without workers and one with four: one of each for all workers of these tests."""
    # Both runs are of one server: ports are in their reports.
    with FileLock(tmp_path_factory.getbasetemp().parent / "read.lock"), demo() as (url, _):
        one, four = (
            once(f"read-{workers}", tmp_path_factory, request, partial(read_by, url, workers))
            for workers in ("0", "4")
        )
    four.run.id = one.run.id
    return one, four


def read_by(url: str, workers: str) -> Report:
    """A run that only reads."""
    return run(url, "--effects", "read", "-n", workers, suites=SUITES)


def settled(text: str) -> str:
    for pattern, word in VOLATILE:
        text = re.sub(pattern, word, text)
    return text


@pytest.mark.parametrize("name", ["junit", "sarif", "markdown", "badge"])
def test_views_are_equal(reports: tuple[Report, Report], name: str) -> None:
    one, four = (settled(VIEWS[name].render(report)) for report in reports)
    assert one == four
    assert one


def test_the_terminal_says_the_same(reports: tuple[Report, Report]) -> None:
    one, four = ([settled(line) for line in terminal.lines(report)] for report in reports)
    assert one == four


def untimed(report: Report) -> Report:
    """A report without requests to what has a quota: how often it is read depends on where its seconds end."""
    timed = {exchange.id for exchange in report.exchanges if "/v1/limited" in exchange.url}
    copy = report.model_copy(deep=True)
    copy.exchanges = [exchange for exchange in copy.exchanges if exchange.id not in timed]
    for finding in copy.findings:
        finding.exchanges = [id for id in finding.exchanges if id not in timed]
        if finding.resource == "limited":
            # How much of the quota was left when its turn came.
            finding.evidence = []
        if finding.rule.startswith("FILE-"):
            # What shows that there are ranges is asked by the first of these rules in each process.
            finding.evidence, finding.exchanges = [], []
        if finding.rule.startswith(("SCH-009", "URL-", "VERS-")):
            # The first of these rules in each process reads the document.
            finding.exchanges = []
    return copy


def test_the_data_is_equal(reports: tuple[Report, Report]) -> None:
    def shown(report: Report) -> list[object]:
        findings = untimed(report).model_dump(mode="json")["findings"]
        return [
            {key: settled(json.dumps(finding[key])) for key in finding if key not in ("duration", "figures")}
            for finding in findings
        ]

    one, four = reports
    assert shown(one) == shown(four)
    assert one.rules == four.rules
    assert one.summary == four.summary
    assert len(one.findings) > 50


def test_the_pages_show_the_same_findings_and_the_archive_the_same_requests(
    reports: tuple[Report, Report],
) -> None:
    pages = [VIEWS["html"].render(report) for report in reports]
    one, four = (sorted(re.findall(r'id="([A-Z]+-\d{3}[^"]*)"', page)) for page in pages)
    assert one == four
    archives = [json.loads(VIEWS["har"].render(untimed(report)))["log"]["entries"] for report in reports]
    one, four = (
        {(e["request"]["method"], settled(e["request"]["url"])) for e in archive} for archive in archives
    )
    assert one == four
