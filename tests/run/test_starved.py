"""Runs that a bound ends early: how little they verified is the first thing they say, and no reason to be green."""

from __future__ import annotations

import json
import re

import pytest

from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import here, run

pytest_plugins = ["pytester"]

RULES = 40
MANY = """
from harness import MUST, expect, rule


def described(function):
    function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: correct it.\\n"
    return function

""" + "".join(
    f"""
@rule("ACME-{number:03}", MUST, refs=["our contract"])
@described
def test_{number}(client):
    expect(client.get("/things").is_success, "a list", "none")
"""
    for number in range(RULES)
)
FILES = {"test_own.py": MANY, "conformance.toml": PROFILE}
ARGUMENTS = ("--effects", "read", "--report-formats", "all", "test_own.py")


@pytest.mark.parametrize(
    ("decided", "code", "sign", "state"),
    [(RULES, 0, "✅", "good"), (10, 0, "⚠️", "unsure"), (3, 5, "❌", "bad")],
)
def test_a_starved_run_is_not_green(pytester, decided, code, sign, state):
    with servers.http(Crud()) as server:
        whole = here(pytester, "--target-url", server.url, *ARGUMENTS, files=FILES)
        survey = whole.report["target"]["requests"] - RULES
        most = survey + decided
        done = here(pytester, "--target-url", server.url, *ARGUMENTS, "--max-requests", str(most))
    assert done.code == done.report["run"]["exit_code"] == code, done.out
    sentence = "No rule failed."
    if decided < RULES:
        sentence = (
            f"Verified {decided} of {RULES} rules; {RULES - decided} could not be decided: the budget of {most} "
            "requests was spent; raise --max-requests. No verified rule failed."
        )
        assert done.report["shortfall"]["rules"] == RULES - decided
    assert done.report["conclusion"] == sentence
    assert f"{server.url}: {sentence}" in done.out
    written = done.artefacts
    (headline,) = set(re.findall(r'name="headline" value="([^"]*)"', written["junit.xml"]))
    assert headline == sentence
    properties = json.loads(written["conformance.sarif"])["runs"][0]["properties"]
    assert properties["headline"] == sentence
    assert written["conformance.md"].startswith(f"## {sign} {sentence[:12]}")
    assert f'<h1 class="state-{state}"' in written["conformance.html"]
    assert ("undecided" in written["badge.svg"]) is (decided < RULES)


def test_what_is_said_to_cover_a_run_covers_it(tmp_path):
    """The number is real: the same run with so many requests leaves nothing undecided for want of them."""
    files = {"conformance.toml": PROFILE}
    some = ("-k", "METH or ERR", "--effects", "write")
    with servers.http(Crud()) as server:
        first = run(tmp_path, "--target-url", server.url, *some, "--max-requests", "60", files=files)
        (needed,) = re.findall(r"--max-requests (\d+) would cover them", first.report["conclusion"])
        second = run(tmp_path, "--target-url", server.url, *some, "--max-requests", needed)
    assert second.report["shortfall"] is None
    assert not [one for one in second.report["findings"] if "--max-requests" in one["reason"]]
