"""Session cookies that each response replaces, while earlier ones stay valid for a while: nothing is wrong."""

from __future__ import annotations

import pytest

from harness.rules.verdict import BROKEN, Verdict
from tests.authorization.tokens_api import Notes
from tests.matrix.declared import AT_ONCE
from tests.matrix.running import run
from tests.matrix.trials import listing, select
from tests.servers import http

pytestmark = pytest.mark.topic(name="authorization")
RULES = (
    "AUTH-001",
    "AUTH-002",
    "AUTH-011",
    "AUTH-012",
    "AUTH-019",
    "AUTH-020",
    "STAT-001",
    "STAT-003",
    "STAT-004",
)
SESSIONS = {"3f6c0d5b7a9e41c2": "alice", "9b1d7e4408a25f36": "bob"}


def test_sessions_that_rotate_break_no_rule() -> None:
    alice, bob = SESSIONS
    suites, selection = select(RULES)
    profile = AT_ONCE + f'[credentials.other]\ncookies = {{ session = "{bob}" }}\n'
    with http(Notes(sessions=SESSIONS).respond) as server:
        arguments = ("--effects", "write", *selection)
        found = run(server.url, *arguments, suites=suites, profile=profile, header=f"Cookie: session={alice}")
    wrong = [one for one in found.findings if one.verdict in (*BROKEN, Verdict.ERROR)]
    assert not wrong, listing(wrong)
    passed = {one.rule for one in found.findings if one.verdict is Verdict.PASS}
    assert passed >= {"AUTH-001", "AUTH-011", "AUTH-012", "AUTH-020", "STAT-001"}, listing(found.findings)
