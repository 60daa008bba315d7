"""Rules of authentication where the credential is a cookie."""

from __future__ import annotations

import httpx
import pytest

from harness.reference.authenticator import PASSWORDS, Authenticator, Principal
from harness.reference.call import Call
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict
from tests.matrix.running import run
from tests.matrix.serving import served
from tests.matrix.trials import select

pytestmark = pytest.mark.topic(name="authorization")
RULES = ("AUTH-001", "AUTH-002", "AUTH-010", "AUTH-011", "AUTH-012", "AUTH-019", "AUTH-020", "STAT-001")


def session(url: str, user: str) -> str:
    body = {"user": user, "password": PASSWORDS[user]}
    return str(httpx.post(f"{url}/sessions", json=body).raise_for_status().json()["token"])


def findings(codes: tuple[str, ...], **policies: type) -> dict[str, Finding]:
    with served(policies) as url:
        profile = (
            f'only = ["orders"]\n[credentials.other]\ncookies = {{ session = "{session(url, "bob")}" }}\n'
        )
        suites, selection = select(codes)
        report = run(
            url,
            "--effects",
            "write",
            *selection,
            suites=suites,
            profile=profile,
            header=f"Cookie: session={session(url, 'alice')}",
        )
    assert not report.leftovers
    return {one.rule: one for one in report.findings}


class AnySession(Authenticator):
    """Takes the user from the cookie, and never looks whether there is such a session."""

    def by_cookie(self, call: Call) -> Principal | None:
        return Principal("alice") if call.policies.cookies.token(call) else None


def test_a_sound_api_passes() -> None:
    found = findings(RULES)
    assert {code: one.verdict for code, one in found.items()} == {
        **dict.fromkeys(RULES, Verdict.PASS),
        "AUTH-010": Verdict.NOT_APPLICABLE,
    }, {code: one.reason for code, one in found.items()}
    assert "a cookie" in found["AUTH-010"].reason


def test_a_made_up_cookie_that_is_accepted_is_found() -> None:
    found = findings(("AUTH-001",), authenticator=AnySession)["AUTH-001"]
    assert found.verdict is Verdict.FAIL
    assert "with a made-up credential" in found.reason
