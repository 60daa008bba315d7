"""WWW-Authenticate, on literal inputs (RFC 9110 section 11.6.1)."""

from __future__ import annotations

import pytest

from suites.authorization.challenges import bearer, faults, misused, parse

pytestmark = pytest.mark.topic(name="authorization")


@pytest.mark.parametrize(
    "field",
    [
        "Basic",
        'Basic realm="simple"',
        'Basic realm="simple", charset="UTF-8"',
        # RFC 9110 section 11.6.1
        'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
        "Negotiate",
        "Negotiate, NTLM",
        "NTLM TlRMTVNTUAACAAAA==",
        'Bearer realm="a, b", error="invalid_token"',
        'Bearer realm="a" , Basic realm="b"',
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/x"',
        ', Basic realm="a"',
        'Bearer realm = "a"',
    ],
)
def test_lawful_challenges(field: str) -> None:
    assert faults(field) == []


@pytest.mark.parametrize(
    ("field", "fault"),
    [
        (None, "no WWW-Authenticate field"),
        ("", "an empty WWW-Authenticate field"),
        ("Bearer realm=demo", "realm=demo of bearer is not a quoted string"),
        ('Basic realm="a", realm="b"', "basic has the parameter realm twice"),
        ('Bearer realm="a', "is no parameter"),
        ("{}", "no scheme"),
    ],
)
def test_faulty_challenges(field: str | None, fault: str) -> None:
    assert any(fault in one for one in faults(field))


def test_several_challenges_are_kept_apart() -> None:
    found = parse('Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"')
    assert [one.scheme for one in found] == ["newauth", "basic"]
    assert found[0].value("title") == 'Login to "apps"'
    assert found[0].value("type") == "1"


@pytest.mark.parametrize(
    ("field", "status", "sent", "fault"),
    [
        ('Bearer realm="a"', 401, False, None),
        ('Bearer realm="a", error="invalid_token"', 401, True, None),
        ('Bearer error="insufficient_scope"', 403, True, None),
        (
            'Bearer error="invalid_token"',
            401,
            False,
            "error=invalid_token for a request without any credentials",
        ),
        (
            'Bearer error="insufficient_scope"',
            401,
            True,
            "error=insufficient_scope with 401, where it belongs to 403",
        ),
        ('Bearer error="invalid_token"', 403, True, None),
        ('Bearer error="use_dpop_nonce"', 401, True, None),
    ],
)
def test_error_codes(field: str, status: int, sent: bool, fault: str | None) -> None:
    challenge = bearer(field)
    assert challenge is not None
    assert misused(challenge, status, sent=sent) == fault
