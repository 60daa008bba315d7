"""Limits that a profile declares, in a run."""

from __future__ import annotations

import pytest

from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import here

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("key", ['credential = "nobody"', "tiers = { nobody = 5 }"])
def test_an_unknown_credential_is_reported_before_anything_floods(
    pytester: pytest.Pytester, key: str
) -> None:
    profile = f'{PROFILE}\n[[rate_limits]]\npath = "/limited"\n{key}\n'
    with servers.http(Crud()) as server:
        done = here(pytester, "--target-url", server.url, files={"conformance.toml": profile})
    assert done.code == 4
    assert "rate_limits[0]: no credential is called 'nobody'; there are: none" in done.out
    assert not any("/limited" in seen.path for seen in server.seen)


OWN = '''
from harness import MUST, rule

@rule("ACME-001", MUST, refs=["our contract"])
def test_own(quota):
    """Keep promises

    Why: it breaks.
    Fix: mend it.
    """
    assert quota.known.path == "/things"
'''


def test_a_rule_of_the_user_runs_once_for_each_limit(pytester: pytest.Pytester) -> None:
    profile = f'{PROFILE}\n[[rate_limits]]\npath = "/things"\n'
    with servers.http(Crud()) as server:
        files = {"conformance.toml": profile, "test_own.py": OWN}
        done = here(pytester, "--target-url", server.url, "test_own.py", files=files)
    assert done.finding("ACME-001")["resource"] == "things"
    assert done.verdicts == {"ACME-001": "pass"}


def test_without_a_limit_the_rule_says_so(pytester: pytest.Pytester) -> None:
    with servers.http(Crud()) as server:
        files = {"conformance.toml": PROFILE, "test_own.py": OWN}
        done = here(pytester, "--target-url", server.url, "test_own.py", files=files)
    assert done.verdicts == {"ACME-001": "not applicable"}
    assert (
        done.finding("ACME-001")["reason"]
        == "no rate limit is documented, seen in a response, or declared in the profile ([[rate_limits]])"
    )
