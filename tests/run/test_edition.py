"""Rules of a later edition run and are reported, and do not fail the run."""

from __future__ import annotations

import pytest

from harness.rules.finding import Finding, fails
from harness.rules.rule import FIRST_EDITION, MUST, is_edition, rule
from harness.rules.verdict import Verdict
from harness.run.teststatus import status
from tests.servers import PROFILE, Crud, http
from tests.sessions import here

RULES = '''
from harness import MUST, expect, rule


@rule("ACME-001", MUST, refs=["our contract"])
def test_now(client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    expect(client.get("/things").status_code == 200, "200", "another")


@rule("ACME-002", MUST, refs=["our contract"], edition="2027.03")
def test_later(client):
    """Title

    Why: it breaks.
    Fix: mend it.
    """
    expect(client.get("/things").status_code == 418, "a teapot", "none")
'''


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 1), (("--edition", "2026.12"), 0), (("--edition", "2027.03"), 1)]
)
def test_a_later_edition_does_not_fail_the_run(
    pytester: pytest.Pytester, arguments: tuple[str, ...], code: int
) -> None:
    with http(Crud()) as server:
        files = {"conformance.toml": PROFILE, "test_rules.py": RULES}
        done = here(
            pytester,
            "--target-url",
            server.url,
            "--effects",
            "read",
            *arguments,
            "test_rules.py",
            files=files,
        )
    assert done.code == code, done.out
    found = {one["rule"]: one for one in done.report["findings"]}
    assert found["ACME-002"]["verdict"] == "fail"
    assert found["ACME-002"]["later"] is (arguments == ("--edition", "2026.12"))
    assert not found["ACME-001"]["later"]
    assert done.report["rules"][1]["edition"] == "2027.03"


@pytest.mark.parametrize("value", ["2026", "2026.1", "newest", "2026.11"])
def test_an_edition_that_there_is_not(pytester: pytest.Pytester, value: str) -> None:
    done = here(pytester, "--target-url", "http://127.0.0.1:9", "--edition", value)
    assert done.code == 4
    assert "--edition" in done.out


def test_form_of_editions() -> None:
    assert is_edition(FIRST_EDITION)
    assert not is_edition("2026.12.1")
    with pytest.raises(ValueError, match=r"YYYY\.MM"):
        rule("ACME-001", MUST, refs=["our contract"], edition="12/2026")


def test_an_error_of_the_harness_is_excused_by_no_edition() -> None:
    assert fails(Finding(rule="ACME-001", verdict=Verdict.ERROR, later=True))
    assert not fails(Finding(rule="ACME-001", verdict=Verdict.FAIL, later=True))


def test_how_pytest_shows_it() -> None:
    assert status(Verdict.FAIL, failing=False, later=True)[0] == "later"
    assert status(Verdict.PASS, failing=False, later=True)[0] == "passed"
