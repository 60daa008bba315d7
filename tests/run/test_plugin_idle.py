"""Without a target a user's own run is untouched, whatever else is installed."""

from __future__ import annotations

import pytest

from tests.sessions import run

pytestmark = pytest.mark.slow

PLAIN = """
import pytest

@pytest.fixture
def client():
    return "mine"

@pytest.fixture
def resource():
    return "mine, too"

def test_own(client, resource):
    assert (client, resource) == ("mine", "mine, too")
"""
RULE = '''
from harness import MUST, rule

@rule("ACME-001", MUST, refs=["x"], needs="create")
def test_rule(resource, client):
    """Title

    Why: w
    Fix: f
    """
    raise AssertionError
'''
RIVAL = """
def pytest_addoption(parser):
    group = parser.getgroup("rival")
    group.addoption("--timeout", type=int, default=7)
    group.addoption("--profile", action="store_true")
    parser.addoption("--header", default="none")
"""
STRICT = """
[pytest]
addopts = --strict-markers --strict-config -W error
xfail_strict = true
"""


def test_a_users_run_is_untouched(tmp_path):
    done = run(
        tmp_path,
        "-rs",
        files={
            "test_own.py": PLAIN,
            "test_rule.py": RULE,
            "pytest.ini": STRICT,
            "conformance.toml": "broken = [",
        },
        quick=False,
        fresh=True,
    )
    assert done.code == 0
    assert "1 passed, 1 skipped" in done.out
    assert "a conformance rule: runs with --target-url" in done.out
    assert "conformance:" not in done.out
    assert not (tmp_path / "reports").exists()


def test_help_shows_the_options(tmp_path):
    done = run(tmp_path, "--help", fresh=True)
    assert done.code == 0
    group = done.out.partition("conformance of a running HTTP API:")[2].partition("\n\n")[0]
    names = "target-url profile openapi header effects max-requests rps fail-on report-dir flood-budget"
    for name in (*names.split(), "insecure", "timeout"):
        assert f"--{name}" in group
        assert f"conformance_{name.replace('-', '_')} (" in done.out


def test_another_plugins_options_are_left_to_it(tmp_path):
    check = """
def test_options(pytestconfig):
    assert pytestconfig.getoption("--timeout") == 3
    assert pytestconfig.getoption("--profile") is True
    assert pytestconfig.getoption("--header") == "h"
    assert pytestconfig.getoption("--conformance-timeout") == "5"
"""
    given = ("--timeout=3", "--profile", "--header=h", "--conformance-timeout=5")
    # Before ours, by -p; and after ours, in a conftest.py.
    early = run(
        tmp_path / "early", "-p", "rival", *given, files={"rival.py": RIVAL, "test_own.py": check}, fresh=True
    )
    assert "1 passed" in early.out
    late = run(tmp_path / "late", *given, files={"conftest.py": RIVAL, "test_own.py": check}, fresh=True)
    assert "1 passed" in late.out


def test_values_of_our_options_are_no_paths_to_collect(tmp_path):
    files = {
        "pytest.ini": "[pytest]\ntestpaths = checks\n",
        "checks/conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--their-own')\n",
        "checks/test_own.py": "def test_own(pytestconfig):\n    assert pytestconfig.getoption('--their-own') == 'x'\n",
        "reports/conftest.py": "raise RuntimeError('not to be loaded')\n",
    }
    done = run(tmp_path, "--report-dir", "reports", "--their-own=x", files=files, fresh=True)
    assert "1 passed" in done.out
