"""What breaks a rule with minor impact: advice, unless an option or the profile wants more. Causes with workers."""

from __future__ import annotations

import pytest

from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import run

pytestmark = pytest.mark.slow

RULES = '''
from harness import MINOR, MUST, SHOULD, advise, expect, rule


@rule("ACME-001", SHOULD, refs=["our contract"], impact=MINOR)
def test_should(client):
    """Send a thing

    Why: it helps.
    Fix: send it.
    Advice: nobody reads it.
    """
    expect(client.get("/things").status_code == 418, "a teapot", "GET /things -> 200")


@rule("ACME-002", MUST, refs=["our contract"], impact=MINOR)
def test_must(client):
    """Send another thing

    Why: it helps.
    Fix: send it.
    """
    expect(client.get("/things").status_code == 418, "a teapot", "GET /things -> 200")


@rule("ACME-003", MUST, refs=["our contract"])
def test_part(client):
    """Send a third thing

    Why: it helps.
    Fix: send it.
    """
    client.get("/things")
    advise("a teapot", "none")


@rule("ACME-004", MUST, refs=["our contract"], needs="list")
def test_each(resource):
    """Hold for each resource

    Why: it helps.
    Fix: do it.
    """
    resource.client.get(resource.url)
    expect(False, "a teapot", f"GET {resource.known.collection} -> 200")


@rule("ACME-005", MUST, refs=["our contract"])
def test_pass(client):
    """Hold

    Why: it helps.
    Fix: do it.
    """
    expect(client.get("/things").status_code == 200, "200", "no 200")
'''
TWICE = f"""{PROFILE}
[[resources]]
name = "others"
collection = "/things"
"""
MINOR_ONLY = ("-k", "ACME and not 004")


def verdicts(url, folder, *arguments, profile=PROFILE):
    done = run(
        folder,
        *("--target-url", url, "test_own.py", *MINOR_ONLY, *arguments),
        files={"test_own.py": RULES, "conformance.toml": profile},
    )
    return done.verdicts if done.code in (0, 1) else {}, done


@pytest.fixture(scope="module")
def url():
    with servers.http(Crud()) as server:
        yield server.url


def test_advice_fails_no_run(url, tmp_path):
    found, done = verdicts(url, tmp_path, "-v")
    expected = dict.fromkeys(("ACME-001", "ACME-002", "ACME-003"), "advice") | {"ACME-005": "pass"}
    assert (found, done.code) == (expected, 0)
    assert "3 advised" in done.out
    assert "ADVICE of minor impact, in the report: ACME-" in done.out
    assert done.report["summary"]["verified"] == 4


def test_advice_fails_a_run_on_request(url, tmp_path):
    found, done = verdicts(url, tmp_path, "--fail-on", "should,advice")
    assert (found["ACME-001"], done.code) == ("advice", 1)
    assert "3 rules with advice" in done.out


def test_the_profile_may_want_warnings_and_failures(url, tmp_path):
    # Keys of the whole profile precede its tables.
    profile = 'advice = "warn"\nstrict = true\n' + PROFILE
    found, done = verdicts(url, tmp_path, profile=profile)
    assert (found["ACME-001"], found["ACME-002"], found["ACME-003"]) == ("warn", "fail", "warn")
    assert done.code == 1


def test_another_value_is_rejected(url, tmp_path):
    _, done = verdicts(url, tmp_path, profile='advice = "none"\n' + PROFILE)
    assert done.code == 4
    assert "conformance.toml" in done.out
    assert "advice" in done.out


def test_causes_are_the_same_with_workers(url, tmp_path):
    seen = []
    for workers in ("0", "2"):
        folder = tmp_path / workers
        folder.mkdir()
        done = run(
            folder,
            *("--target-url", url, "test_own.py", "-n", workers),
            files={"test_own.py": RULES, "conformance.toml": TWICE},
        )
        seen.append(done.report["causes"])
        assert done.out.count("FAIL ACME-004 [others] (also on things)") == 1
    assert seen[0] == seen[1]
