"""The rules about TLS on the reference API over TLS, and on certificates that end a run unless --insecure is given."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.rules.verdict import Verdict
from tests.matrix.declared import SECURITY
from tests.matrix.trials import listing, run_of
from tests.security.secured import PLAIN, context, declared, secured

CODES = ("SEC-001", "SEC-002", "SEC-003")


@pytest.mark.slow
def test_the_reference_over_tls_breaks_no_rule() -> None:
    with secured() as url:
        profile = 'only = ["documents"]\n' + SECURITY + declared(url)
        report = run_of(CODES, url, "--effects", "read", profile=profile)
    assert {one.rule: one.verdict for one in report.findings} == dict.fromkeys(CODES, Verdict.PASS), listing(
        report.findings
    )


@pytest.mark.slow
def test_a_certificate_that_is_not_valid_is_found_under_insecure() -> None:
    until = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
    with secured(tls=context("old.example", until)) as url:
        profile = f'only = ["documents"]\n[tls]\nplain = "{PLAIN[url]}"\n'
        report = run_of(("SEC-003",), url, "--effects", "read", "--insecure", profile=profile)
    (finding,) = report.findings
    assert finding.verdict is Verdict.FAIL
    assert "it expired on" in finding.reason
