"""Ctrl-C in the middle of a rule: a report with the rest not run, and nothing left behind on the target."""

from __future__ import annotations

import threading

import pytest

from tests import servers
from tests.servers import PROFILE, Crud
from tests.sessions import interrupted

pytestmark = pytest.mark.slow

RULES = """
import threading
from harness import MUST, WRITE, rule

def described(function):
    function.__doc__ = "Title\\n\\nWhy: it breaks.\\nFix: mend it.\\n"
    return function

@rule("ACME-001", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_first(resource, client):
    client.get(resource.create().url)

@rule("ACME-002", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_interrupted(resource, client):
    resource.create()
    resource.create()
    client.get("/marker")
    threading.Event().wait(60)

@rule("ACME-003", MUST, refs=["x"], needs="create", effect=WRITE)
@described
def test_never_run(resource, client):
    resource.create()
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_ctrl_c(tmp_path, workers):
    reached = threading.Event()
    api = Crud(on_request=lambda seen: reached.set() if seen.path == "/marker" else None)
    with servers.http(api) as server:
        done = interrupted(
            tmp_path,
            *("--target-url", server.url, "-n", workers, "test_own.py"),
            files={"test_own.py": RULES, "conformance.toml": PROFILE},
            when=lambda: reached.wait(100),
        )
        assert reached.is_set(), done.out
    assert api.made >= 3
    assert api.items == {}, done.out
    assert done.code == 2
    assert done.verdicts == {"ACME-001": "pass", "ACME-002": "inconclusive", "ACME-003": "inconclusive"}
    assert done.finding("ACME-003")["reason"] == "not run: the run was interrupted"
    assert done.report["run"]["interrupted"] is True
    assert done.report["leftovers"] == []
    assert "Traceback" not in done.out
