"""With a target: options, selection, own rule files, exit codes, workers."""

from __future__ import annotations

import pytest

from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import here, run, write

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]

HEAD = """
from harness import BURST, FLOOD, MUST, SHOULD, WRITE, expect, inconclusive, rule, warn


def described(function):
    function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: mend it.\\n"
    return function


def made(code, level=MUST, **options):
    return lambda function: rule(code, level, refs=["our contract"], **options)(described(function))
"""
PASS = (
    HEAD
    + """
@made("ACME-001", needs="create", effect=WRITE)
def test_pass(resource, client):
    item = resource.create()
    expect(client.get(item.url).is_success, "it", "not it")
"""
)
WARN = (
    HEAD
    + """
@made("ACME-001", SHOULD)
def test_warn(client):
    client.get("/")
    warn("better", "worse")

@made("ACME-002")
def test_inconclusive(client):
    inconclusive("who knows")
"""
)


@pytest.fixture
def api():
    return Crud()


@pytest.fixture
def server(api):
    with servers.http(api) as running:
        yield running
    assert api.items == {}


def test_options_from_the_command_line_before_the_environment_before_ini(tmp_path, server):
    files = {
        "test_own.py": PASS,
        "other.toml": PROFILE,
        "pytest.ini": """
[pytest]
conformance_target_url = http://127.0.0.1:1
conformance_profile = other.toml
conformance_report_dir = from-ini
conformance_max_requests = 111
conformance_rps = 5000
conformance_effects = write
conformance_header =
    X-One: 1
    X-Two: 2
""",
    }
    env = {
        "CONFORMANCE_TARGET_URL": server.url,
        "CONFORMANCE_MAX_REQUESTS": "222",
        "CONFORMANCE_EFFECTS": "burst",
    }
    done = run(tmp_path, "--max-requests", "333", "--report-dir=reports", "test_own.py", files=files, env=env)
    target = done.report["target"]
    assert done.code == 0
    assert not (tmp_path / "from-ini").exists()
    assert (target["url"], target["max_requests"], target["rps"]) == (server.url, 333, 5000)
    assert target["effects"] == "BURST"
    assert (server.seen[0].field("x-one"), server.seen[0].field("x-two")) == ("1", "2")
    assert f"conformance: {server.url}; OpenAPI: none; resources: things" in done.out
    assert "conformance: effects: burst; budget: 333 requests, 5000 per second" in done.out


@pytest.mark.parametrize(
    ("rules", "more", "code"),
    [
        (PASS, (), 0),
        (WARN, (), 0),
        (WARN, ("--fail-on", "should"), 1),
        (WARN, ("--fail-on", "inconclusive"), 1),
        (WARN, ("-k", "test_inconclusive"), 5),
        (PASS, ("--effects", "read"), 5),
        (PASS, ("-k", "nothing-of-this-name"), 5),
        (PASS, ("--fail-on", "shall"), 4),
        (PASS, ("--max-requests", "4"), 5),
    ],
)
def test_exit_codes(pytester, server, rules, more, code):
    files = {"test_own.py": rules, "conformance.toml": PROFILE}
    done = here(pytester, "--target-url", server.url, "test_own.py", *more, files=files)
    assert done.code == code, done.out
    if more == ("--effects", "read"):
        assert set(server.methods) <= {"GET", "HEAD", "OPTIONS"}
        assert done.verdicts == {"ACME-001": "not applicable"}
    if "--max-requests" in more:
        assert len(server.seen) <= 4
        assert done.verdicts["ACME-001"] in ("inconclusive", "not applicable")
    if code == 0 or ("--fail-on" in more and code == 1):
        assert done.report["run"]["exit_code"] == code


def test_rules_are_selected_as_tests_are(pytester, server):
    rules = HEAD + "".join(
        f'\n@made("{suite}-001")\ndef test_{suite.lower()}(client):\n    client.get("/")\n'
        for suite in ("AAA", "BBB", "CCC")
    )
    files = {"test_own.py": rules, "conformance.toml": PROFILE}
    for more, left in (
        (("-m", "rule(suite='BBB')"), {"BBB-001"}),
        (("-k", "AAA-001 or test_bbb"), {"AAA-001", "BBB-001"}),
        (("--deselect", "test_own.py::test_ccc"), {"AAA-001", "BBB-001"}),
    ):
        given = ("--target-url", server.url, "test_own.py", "--strict-markers", *more)
        done = here(pytester, *given, files=files)
        assert (done.code, set(done.verdicts)) == (0, left)
    listed = here(pytester, "--target-url", server.url, "--collect-only", "-q", "--report-dir=none")
    assert "test_put.py::" in listed.out
    assert listed.code == 0
    assert list((pytester.path / "none").iterdir()) == []


def test_a_duplicate_code_is_one_clear_error(tmp_path, server):
    two = (
        HEAD
        + '\n@made("ACME-001")\ndef test_one(client): ...\n\n@made("ACME-001")\ndef test_two(client): ...\n'
    )
    for workers in ("0", "2"):
        files = {"test_own.py": two, "conformance.toml": PROFILE}
        done = run(tmp_path / workers, "--target-url", server.url, "-n", workers, "test_own.py", files=files)
        assert done.code in (1, 2)
        said = "test_own.py::test_two: rule code ACME-001 is taken by test_own.py::test_one; a code is never reused"
        assert done.out.count(said) == 1, done.out
        assert "INTERNALERROR" not in done.out


def test_a_rule_without_its_reasons_is_a_clear_collection_error(pytester, server):
    bad = """
from harness import MUST, rule

@rule("ACME-001", MUST, refs=["x"])
def test_bad():
    'Title'
"""
    files = {"test_own.py": bad, "conformance.toml": PROFILE}
    done = here(pytester, "--target-url", server.url, "test_own.py", files=files)
    assert done.code == 2
    assert "ValueError: rule ACME-001: its docstring has no `Why:` paragraph" in done.out


HOSTILE_INI = """
[pytest]
python_files = check_*.py
python_functions = check_*
python_classes = Check*
testpaths = checks
norecursedirs = suites .* venv site-packages
addopts = --strict-markers --strict-config -ra --import-mode=importlib --doctest-modules -W error
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_shipped_suites_run_whatever_the_users_ini_says(tmp_path, server, workers):
    files = {
        "pytest.ini": HOSTILE_INI,
        "conformance.toml": PROFILE,
        "checks/check_own.py": "def check_own():\n    raise AssertionError\n",
    }
    some = ("--target-url", server.url, "-n", workers, "-k", "METH")
    done = run(tmp_path, *some, files=files, fresh=True)
    assert {"METH-001", "METH-007"} <= set(done.verdicts)
    assert "error" not in done.verdicts.values(), done.out
    assert done.code in (0, 1)


CRASH = (
    PASS
    + """
@made("ACME-002", needs="create", effect=WRITE)
def test_crashes_the_worker(resource, client):
    import os
    resource.create()
    os._exit(3)

@made("ACME-003")
def test_one_more(client):
    client.get("/")
"""
)


def test_a_crashed_worker_costs_its_rule_only(tmp_path, api, server):
    files = {"test_own.py": CRASH, "conformance.toml": PROFILE}
    done = run(tmp_path, "--target-url", server.url, "-n", "2", "test_own.py", files=files)
    assert done.verdicts == {"ACME-001": "pass", "ACME-002": "error", "ACME-003": "pass"}
    assert "crashed" in done.finding("ACME-002")["reason"]
    assert done.code == 1
    # Nor does it leave anything behind.
    assert api.made > 1
    assert api.items == {}
    assert list((tmp_path / "reports").glob("ledger-*")) == []


def test_the_budget_holds_over_workers(tmp_path, api, server):
    many = HEAD + "".join(
        f'\n@made("ACME-{n:03}", needs="create", effect=BURST)\ndef test_{n}(resource, client):\n'
        "    while True:\n        resource.create()\n"
        for n in range(4)
    )
    files = {"test_own.py": many, "conformance.toml": PROFILE}
    done = run(
        tmp_path, "--target-url", server.url, "-n", "2", "--max-requests", "60", "test_own.py", files=files
    )
    assert len(server.seen) <= 60
    assert done.report["target"]["requests"] == len(server.seen)
    assert set(done.verdicts.values()) == {"inconclusive"}
    assert api.items == {}
    assert api.made > 10
    assert done.code == 5


def test_suites_inside_an_environment_below_the_users_project(tmp_path, server):
    """As after `python -m venv .venv` and `pip install` in the folder that pytest is run in."""
    import shutil
    from pathlib import Path

    import harness
    from harness.rules.suites import suites_folder

    packages = tmp_path / ".venv" / "lib" / "python3" / "site-packages"
    source = Path(harness.__file__).parent
    quiet = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, packages / "harness", ignore=quiet)
    shutil.copytree(suites_folder(), packages / "harness" / "suites", dirs_exist_ok=True, ignore=quiet)
    write(
        tmp_path,
        {".venv/pyvenv.cfg": "home = /usr/bin\n", "pytest.ini": "[pytest]\n", "conformance.toml": PROFILE},
    )
    done = run(tmp_path, "--target-url", server.url, "-k", "METH", env={"PYTHONPATH": str(packages)})
    assert "METH-001" in done.verdicts, done.out
