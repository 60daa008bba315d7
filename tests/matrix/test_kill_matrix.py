"""Every rule passes on a sound API and trips on a defective one: on real sockets, in runs as users start them.

`pytest -m own -k PAGE-016` puts one rule to the reference and to its defects. Without `-m`, a defect is put to its own
rule, and every 18th one to its suite and to a share of the others (`tests/matrix/choice.py`); with `-m whole` each is
put to every rule.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.client.ownership import SAFE
from harness.report.model import Report
from harness.rules.rule import Effect
from harness.rules.verdict import Verdict
from harness.run.estimates import estimates, measured
from tests.matrix.choice import Depth, shared
from tests.matrix.declared import ALL, DECLARED
from tests.matrix.defect import Defect
from tests.matrix.found import defects
from tests.matrix.once import once
from tests.matrix.running import run
from tests.matrix.serving import reference
from tests.matrix.topics import topic_of_rule
from tests.matrix.trials import SUITES, TURN, UNSOUND, check_defect, listed, listing, run_of

DEFECTS = defects()
SHARED = shared(DEFECTS, TURN)
UNDECIDED_ON_THE_REFERENCE = {
    **dict.fromkeys(
        ("SEC-001", "SEC-002", "SEC-003"),
        "it is served without TLS here: tests/security/test_secured.py has it with TLS",
    ),
    "PERF-002": "its lists are short: tests/performance/test_depth.py has a long one",
    "PERF-004": "they are too short for that, too: tests/performance/test_per_item.py has a list of ninety items",
}
"""Rules that cannot be decided on the reference, each with the reason."""

each_defect = pytest.mark.parametrize(
    "defect",
    [
        pytest.param(
            defect,
            id=f"{defect.rule}: {defect.name}",
            marks=pytest.mark.topic(name=topic_of_rule(defect.rule)),
        )
        for defect in DEFECTS
    ],
)
each_rule = pytest.mark.parametrize(
    "code",
    [pytest.param(code, id=code, marks=pytest.mark.topic(name=topic_of_rule(code))) for code in listed()],
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with reference() as url:
        yield url


@pytest.fixture(scope="module")
def sound(url: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Report:
    """A run of all rules on the reference: one for all workers."""
    return once("sound", tmp_path_factory, request, lambda: run(url, *ALL, suites=SUITES, profile=DECLARED))


def decided(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings if finding.verdict.decided}


def assert_same(one: Report, other: Report) -> None:
    """The same verdicts of all rules that neither flood nor put load, except for what a busy machine leaves undecided.

    A race may not overlap, events and deliveries may come late, and other workers may remove items while a list is
    grown.
    """
    growing = ("PAGE-", "STAT-004", "RT-", "HOOK-")
    disturbed = {rule.code for rule in one.rules if rule.effect == "BURST" or rule.code.startswith(growing)}
    # RATE-003 reads what floods have provoked.
    beyond = {"RATE-003"} | {rule.code for rule in one.rules if rule.effect in ("FLOOD", "LOAD")}
    verdicts = [
        {finding.key: finding.verdict for finding in report.findings if finding.rule not in beyond}
        for report in (one, other)
    ]
    assert set(verdicts[0]) == set(verdicts[1])
    differing = {
        key: (verdict, verdicts[1][key])
        for key, verdict in verdicts[0].items()
        if verdict is not verdicts[1][key]
        and not (key[0] in disturbed and Verdict.INCONCLUSIVE in (verdict, verdicts[1][key]))
    }
    assert not differing


@pytest.mark.slow
def test_reference_breaks_no_rule(sound: Report) -> None:
    broken = [finding for finding in sound.findings if finding.verdict in UNSOUND]
    assert not broken, listing(broken)
    assert not sound.leftovers


@pytest.mark.slow
def test_every_rule_is_decided_on_the_reference(url: str, sound: Report) -> None:
    undecided = {rule.code for rule in sound.rules} - decided(sound)
    if undecided - set(UNDECIDED_ON_THE_REFERENCE):
        # On a busy machine a race may not have overlapped.
        undecided -= decided(run_of(sorted(undecided), url, *ALL, profile=DECLARED))
    assert undecided == set(UNDECIDED_ON_THE_REFERENCE), listing(
        finding for finding in sound.findings if finding.rule in undecided
    )


@pytest.mark.slow
def test_estimates_of_requests_are_what_the_reference_took(sound: Report) -> None:
    taken = measured(sound, {code for code, one in listed().items() if one.rule.shared > 1})
    assert set(taken) == set(estimates()), "make estimates"
    # Races and floods are repeated as often as time and overlap ask for.
    steady = {rule.code for rule in sound.rules if rule.effect in ("READ", "WRITE")}
    off = {
        code: (number, estimates()[code])
        for code, number in taken.items()
        if code in steady and abs(number - estimates()[code]) > 10 + estimates()[code] / 2
    }
    assert not off, "make estimates"
    assert sum(taken.values()) <= 2 * sum(estimates().values()), "make estimates"


def test_every_rule_has_a_defect() -> None:
    rules = set(listed())
    proven = {defect.rule for defect in DEFECTS}
    assert not rules - proven, f"no defect shows that these can fail: {', '.join(sorted(rules - proven))}"
    assert not proven - rules, f"defects of rules that are not there: {', '.join(sorted(proven - rules))}"


@pytest.mark.slow
def test_the_reference_is_put_to_every_rule_that_is_shipped(sound: Report) -> None:
    assert {rule.code for rule in sound.rules} == set(listed())


@pytest.mark.slow
def test_workers_started_in_any_folder_reach_the_same_verdicts(url: str, sound: Report) -> None:
    # As users run it: no argument names a suite, all plugins are loaded, and every report is written.
    assert_same(run(url, "-n", "4", "--effects", "burst", profile=DECLARED, formats=None), sound)


@pytest.mark.own
@each_rule
def test_rule_holds_on_the_reference(url: str, code: str) -> None:
    report = run_of([code], url, *ALL, profile=DECLARED)
    broken = [finding for finding in report.findings if finding.verdict in UNSOUND]
    assert not broken, listing(broken)
    if listed()[code].rule.within(Effect.FLOOD) is Effect.READ:
        # It runs beside rules that compare lists: what creates an item under --effects write says so (`rougher`).
        methods = {one.method for one in report.exchanges if one.id not in report.survey}
        assert methods <= SAFE
    if code not in decided(report):
        # On a busy machine a race may not have overlapped.
        report = run_of([code], url, *ALL, profile=DECLARED)
    assert code in {*decided(report), *UNDECIDED_ON_THE_REFERENCE}, listing(report.findings)


@pytest.mark.own
@each_defect
def test_defect_trips_its_rule(defect: Defect) -> None:
    check_defect(defect, Depth.OWN)


@pytest.mark.share
@each_defect
def test_defect_trips_its_rule_alone_of_a_share(defect: Defect) -> None:
    depth = Depth.SHARE if (defect.rule, defect.name) in SHARED else Depth.OWN
    check_defect(defect, depth)


@pytest.mark.whole
@each_defect
def test_defect_trips_its_rule_alone_of_all(defect: Defect) -> None:
    check_defect(defect, Depth.WHOLE)
