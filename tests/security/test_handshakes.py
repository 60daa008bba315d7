"""Connections cost a TLS handshake each: rules share them, except where a fresh one is what is tested."""

from __future__ import annotations

import pytest

from harness.rules.verdict import BROKEN, Verdict
from tests.matrix.declared import ACCESS, AT_ONCE, CLIENTS, RESOURCES, SECURITY
from tests.matrix.running import run
from tests.matrix.trials import SUITES, listing
from tests.security.secured import context, declared, secured

FRESH = {"STAT-001": 12, "STAT-002": 10, "STAT-003": 60, "STAT-004": 14, "SEC-003": 8}
"""Rules that need connections of their own, and how many at most: STAT-003 spreads its flows over 50."""
SHARED = 12
"""For all others of the three suites together, the survey among them."""


def handshakes(selection: str) -> int:
    """Handshakes of a run on one resource of the reference API over TLS; no rule may break."""
    begun = []
    tls = context()
    tls.sni_callback = lambda *given: begun.append(given)
    with secured(tls=tls) as url:
        profile = AT_ONCE + 'only = ["documents"]\n' + CLIENTS + ACCESS + SECURITY + RESOURCES["documents"]
        arguments = ("--effects", "write", "-m", selection)
        found = run(url, *arguments, suites=SUITES, profile=profile + declared(url))
    wrong = [one for one in found.findings if one.verdict in (*BROKEN, Verdict.ERROR)]
    assert not wrong, listing(wrong)
    assert len(found.findings) > 3
    return len(begun)


@pytest.mark.slow
def test_rules_share_connections() -> None:
    suites = "(rule(suite='AUTH') or rule(suite='SEC') or rule(suite='STAT'))"
    without = " and ".join(f"not rule(code='{code}')" for code in FRESH)
    assert handshakes(f"{suites} and {without}") <= SHARED


@pytest.mark.slow
def test_rules_that_test_connections_open_a_bounded_number() -> None:
    selection = " or ".join(f"rule(code='{code}')" for code in FRESH)
    assert handshakes(selection) <= SHARED + sum(FRESH.values())
