"""Every rule passes on a sound API and trips on a defective one: on real sockets, in runs as users start them.

`make matrix` puts every rule to every defect, which takes the better part of an hour. Other runs put a defect to the
suite of its rule and to a twelfth of the others, another twelfth for each defect.
"""

from __future__ import annotations

import os
import pkgutil
import re
import zlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from harness.catalogue import shipped
from harness.estimates import estimates, measured
from harness.reference import ADMIN, BOB
from harness.reference.server import demo
from harness.report.model import Finding, Report
from harness.suites_folder import suites_folder
from harness.verdict import Verdict
from tests import defects
from tests.defects import Defect
from tests.running import run

DEFECTS: tuple[Defect, ...] = tuple(
    defect
    for module in sorted(found.name for found in pkgutil.iter_modules(defects.__path__))
    for defect in getattr(import_module(f"tests.defects.{module}"), "DEFECTS", ())
)
SUITES = sorted(suites_folder().glob("test_*.py"))
PREFIXES = {suite: set(re.findall(r'"([A-Z]+)-\d{3}"', suite.read_text())) for suite in SUITES}
TRIPPED = {Verdict.FAIL, Verdict.WARN}
UNSOUND = {*TRIPPED, Verdict.WAIVED, Verdict.ERROR}
UNDECIDED_ON_THE_REFERENCE: dict[str, str] = {}
"""Rules that cannot be decided on the reference, each with the reason."""
# The defective servers answer from one database in one process: a poll cannot show anything later.
AT_ONCE = "consistency_window = 0\n"
# What no survey can find: a second client, for how long keys are remembered, and the states of an order.
CLIENTS = f"""
[credentials.other]
headers = {{ Authorization = "Bearer {BOB}" }}
"""
RESOURCES = {
    "contracts": """
[[resources]]
collection = "/contracts"
""",
    "documents": """
[[resources]]
collection = "/documents"
""",
    "orders": """
[[resources]]
collection = "/orders"
transitions = [
    { name = "pay", path = "/orders/{id}/pay", before = "pending", after = "paid" },
    { name = "cancel", path = "/orders/{id}/cancel", before = "pending", after = "cancelled" },
]
""",
    "payments": """
[[resources]]
collection = "/payments"
idempotency = { required = true, retention = 2.4 }
""",
    "products": """
[[resources]]
collection = "/products"
""",
}
# Nobody else uses the reference: it may be sent malformed requests. It never ends an idle connection this soon.
WIRE = """
[wire]
malformed = true
smuggling = true
idle = 0.02
"""
# A credential whose quota nobody else uses.
LIMITS = f"""
[credentials.flood]
headers = {{ Authorization = "Bearer {ADMIN}" }}
[[rate_limits]]
path = "/limited"
credential = "flood"
scope = "credential"
"""
DECLARED = CLIENTS + WIRE + "".join(RESOURCES.values()) + LIMITS
FLOOD = ("--effects", "flood")
# The rules of these suites are told apart by races; the other defects show without, at a fraction of the cost.
WITH_RACES = ("IDEM", "CONC")
WHOLE = os.environ.get("MATRIX") == "whole"
SHARE = 12
# Floods take seconds, and show nothing but the defects of limits; those show without races.
WITH_FLOODS = ("RATE",)
NO_RACES = ("-m", "not rule(effect='BURST')")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with demo() as (url, _):
        yield url


@pytest.fixture(scope="module")
def sound(url: str) -> Report:
    """A run of all rules on the reference."""
    return run(url, *FLOOD, suites=SUITES, profile=DECLARED)


def decided(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings if finding.verdict.decided}


def assert_same(one: Report, other: Report) -> None:
    """The same verdicts, but that a race may not overlap, or a flood be slow, where machines are busy."""
    races = {rule.code for rule in one.rules if rule.effect in ("BURST", "FLOOD")}
    verdicts = [{finding.key: finding.verdict for finding in report.findings} for report in (one, other)]
    assert set(verdicts[0]) == set(verdicts[1])
    differing = {
        key: (verdict, verdicts[1][key])
        for key, verdict in verdicts[0].items()
        if verdict is not verdicts[1][key]
        and not (key[0] in races and Verdict.INCONCLUSIVE in (verdict, verdicts[1][key]))
    }
    assert not differing


def told(findings: list[Finding]) -> str:
    return "\n".join(
        f"{finding.rule} [{finding.resource}] {finding.verdict.value}: {finding.reason}"
        for finding in findings
    )


def test_reference_breaks_no_rule(sound: Report) -> None:
    broken = [finding for finding in sound.findings if finding.verdict in UNSOUND]
    assert not broken, told(broken)
    assert not sound.leftovers


def test_every_rule_is_decided_on_the_reference(url: str, sound: Report) -> None:
    undecided = {rule.code for rule in sound.rules} - decided(sound)
    if undecided != set(UNDECIDED_ON_THE_REFERENCE):
        # On a busy machine a race may not have overlapped.
        undecided -= decided(run(url, *FLOOD, suites=SUITES, profile=DECLARED))
    assert undecided == set(UNDECIDED_ON_THE_REFERENCE), told(
        [finding for finding in sound.findings if finding.rule in undecided]
    )


def test_estimates_of_requests_are_what_the_reference_took(sound: Report) -> None:
    taken = measured(sound, {one.rule.code for one in shipped() if one.rule.shared > 1})
    assert set(taken) == set(estimates())
    # Races and floods are repeated as often as time and overlap ask for.
    steady = {rule.code for rule in sound.rules if rule.effect in ("READ", "WRITE")}
    off = {
        code: (number, estimates()[code])
        for code, number in taken.items()
        if code in steady and abs(number - estimates()[code]) > 10 + estimates()[code] / 2
    }
    assert not off
    assert sum(taken.values()) <= 2 * sum(estimates().values())


def test_every_rule_has_a_defect(sound: Report) -> None:
    rules = {rule.code for rule in sound.rules}
    proven = {defect.rule for defect in DEFECTS}
    assert not rules - proven, f"no defect shows that these can fail: {', '.join(sorted(rules - proven))}"
    assert not proven - rules, f"defects of rules that are not there: {', '.join(sorted(proven - rules))}"


def test_workers_reach_the_same_verdicts(url: str, sound: Report) -> None:
    assert_same(run(url, "-n", "4", *FLOOD, suites=SUITES, profile=DECLARED), sound)


def test_any_folder_and_no_argument_but_the_target_will_do(url: str) -> None:
    arguments = ("--effects", "write")
    chosen = run(url, *arguments, suites=SUITES, profile=DECLARED)
    assert_same(run(url, *arguments, profile=DECLARED), chosen)


def suites_for(defect: Defect) -> list[Path]:
    """The suites of the rules that the defect trips, and a share of the others, or all of them."""
    prefixes = {code.partition("-")[0] for code in (defect.rule, *defect.also, *defect.perhaps)}
    turn = zlib.crc32(defect.name.encode())
    return [
        suite
        for place, suite in enumerate(SUITES)
        if WHOLE or (place + turn) % SHARE == 0 or PREFIXES[suite] & prefixes
    ]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.rule}: {defect.name}")
def test_defect_trips_its_rule_alone(defect: Defect) -> None:
    races = defect.rule.startswith(WITH_RACES)
    floods = defect.rule.startswith(WITH_FLOODS)
    arguments = (*FLOOD, *NO_RACES) if floods else () if races else ("--effects", "write")
    resources = "".join(RESOURCES[name] for name in defect.on)
    profile = (
        AT_ONCE + f"only = {sorted(defect.on)}\n" + CLIENTS + WIRE + resources + (LIMITS if floods else "")
    )
    expected = {defect.rule} | defect.also
    for _ in range(defect.tries if races or floods else 1):
        with defect.serve() as url:
            report = run(url, *arguments, suites=suites_for(defect), profile=profile)
        assert defect.rule in {rule.code for rule in report.rules}, "its rule was not collected"
        found = [finding for finding in report.findings if finding.verdict in TRIPPED]
        crashed = [finding for finding in report.findings if finding.verdict is Verdict.ERROR]
        assert not crashed, told(crashed)
        tripped = {finding.rule for finding in found} - defect.perhaps
        assert tripped <= expected, told(found)
        if tripped == expected:
            return
    assert tripped == expected, told(found)
