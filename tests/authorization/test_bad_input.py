"""What [jwt] and [credentials] name and rules cannot use: one line on the first screen, with the lost rules."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from harness.reference import ALICE
from harness.reference.tokens import issue, private_key
from harness.report.console.terminal import lines
from harness.report.model import Report
from harness.report.words import troubles
from harness.rules.verdict import BROKEN, Verdict
from suites.authorization.published_keys import lacks_key, metadata_of
from suites.authorization.tokens import Token, parse
from tests.authorization.tokens_api import KEYS, Notes
from tests.matrix.declared import AT_ONCE
from tests.matrix.running import run
from tests.matrix.trials import select
from tests.servers import http

pytestmark = pytest.mark.topic(name="authorization")
RULES = (
    "AUTH-001",
    "AUTH-004",
    "AUTH-005",
    "AUTH-006",
    "AUTH-007",
    "AUTH-008",
    "AUTH-011",
    "AUTH-017",
    "AUTH-021",
)
ALL = "AUTH-005, AUTH-006, AUTH-007, AUTH-008, AUTH-017"
FOREIGN = RSAKey.generate_key(2048, {"kid": "rsa-2"})
VALID, AGAIN = issue("alice"), issue("alice", jti="2")
TOKEN = f'[credentials.token]\nbearer = "{VALID}"\n[jwt]\ncredential = "token"\n'
SIGNED = f"{TOKEN}jwks = '/keys'\nkey = '''\n{private_key()}'''\n"
SILENT = f"{TOKEN}jwks = '/keys'\nmint.run = ['{sys.executable}', '-c', 'raise SystemExit(3)']\n"
CHATTY = f"{TOKEN}jwks = '/keys'\nmint.run = ['{sys.executable}', '-c', 'print(\"token\")']\n"
STALE = VALID.rsplit(".", 1)[0] + ".AAAA"
OLD_KEYS = {"keys": [FOREIGN.as_dict(private=False)]}
OIDC = "/.well-known/openid-configuration"


def report(profile: str, pages: dict[str, Any]) -> tuple[Report, str]:
    """A run, and the origin of its target."""
    suites, selection = select(RULES)
    # One that is in the profile is in no option.
    header = "X-None: 1" if "[credentials.default]" in profile else f"Authorization: Bearer {ALICE}"
    with http(Notes({"/keys": KEYS, **pages}).respond) as server:
        arguments = ("--effects", "write", *selection)
        found = run(server.url, *arguments, suites=suites, profile=AT_ONCE + profile, header=header)
        return found, server.url


CASES = {
    "a token that is no JWT": (
        "[jwt]\njwks = '/keys'\n",
        {},
        "jwt.credential: the token of the credential 'default' is no JWT (RFC 7519): name one that "
        "is, or remove [jwt]; "
        f"not decided: {ALL}, AUTH-021.",
    ),
    "a JWKS that is not there": (
        SIGNED.replace("/keys", "/nowhere"),
        {},
        "jwt.jwks: /nowhere is no JWK set (RFC 7517 section 5): GET /nowhere -> 401; name its keys in [jwt] (`jwks`: a "
        "path on the target, or a file); not decided: AUTH-006, AUTH-021.",
    ),
    "a JWKS without the key of the token": (
        SIGNED.replace("/keys", "/old"),
        {"/old": OLD_KEYS},
        "jwt.jwks: /old: no key has the `kid` 'rsa-1' of the token; there are: 'rsa-2'; give the "
        "keys of the issuer that "
        "signs this token; not decided: AUTH-006, AUTH-021.",
    ),
    "a JWKS found without the key of the token": (
        TOKEN,
        {"/.well-known/jwks.json": OLD_KEYS},
        "jwt.jwks: /.well-known/jwks.json: no key has the `kid` 'rsa-1' of the token; there are: "
        "'rsa-2'; give the keys of "
        "the issuer that signs this token; not decided: AUTH-006, AUTH-021.",
    ),
    "metadata that name a JWKS which is not there": (
        TOKEN,
        {OIDC: {"jwks_uri": "{origin}/nowhere"}},
        f"jwt.jwks: {{origin}}/nowhere, which {{origin}}{OIDC} names, is no JWK set (RFC 7517 section 5): GET /nowhere "
        "-> 401; name its keys in [jwt] (`jwks`: a path on the target, or a file); not decided: AUTH-006, AUTH-021.",
    ),
    "a program that fails": (
        SILENT,
        {},
        "jwt.mint: the program ended with exit code 3; run it by hand to see why; not decided: AUTH-007, AUTH-008, "
        "AUTH-017.",
    ),
    "a program that prints no JWT": (
        CHATTY,
        {},
        "jwt.mint: it gives no JWT: it must be signed, in compact form; not decided: AUTH-007, AUTH-008, AUTH-017.",
    ),
    "the key of another issuer": (
        f"{TOKEN}key = '''\n{FOREIGN.as_pem(private=True).decode()}'''\njwks = '/keys'\n",
        {},
        "jwt.key: a fresh token that it signs is refused, and that of the credential 'token' is "
        "not: GET /notes -> 401; is "
        "it the key of this issuer?; not decided: AUTH-007, AUTH-008, AUTH-017.",
    ),
    "a token that is not accepted": (
        SIGNED.replace(VALID, STALE),
        {},
        f"credentials.token: its token is not accepted: GET /notes -> 401; get a new one; not decided: {ALL}.",
    ),
    "two tokens of one client": (
        f'[credentials.default]\nbearer = "{VALID}"\n[credentials.other]\nbearer = "{AGAIN}"\n',
        {"/jwks.json": KEYS},
        "credentials.other: its token has the same `sub` as that of 'default': give one of another "
        "client; not decided: "
        "AUTH-011.",
    ),
    "a second client that is not accepted": (
        '[credentials.other]\nbearer = "demo-token-nobody"\n',
        {},
        "credentials.other: it is not accepted: GET /notes -> 401; not decided: AUTH-011.",
    ),
    "a client with fewer rights that is not accepted": (
        '[credentials.readonly]\nbearer = "demo-token-nobody"\n',
        {},
        "credentials.readonly: it is not accepted: GET /notes -> 401; not decided: AUTH-004.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_line_names_the_key_and_the_rules_that_are_lost(name: str) -> None:
    profile, pages, said = CASES[name]
    found, origin = report(profile, pages)
    assert troubles(found) == [said.replace("{origin}", origin)]
    assert [one.rule for one in found.findings if one.verdict in (*BROKEN, Verdict.ERROR)] == []
    shown = [line for line in lines(found) if line.startswith("WARNING")]
    assert len(shown) == 1
    assert shown[0].endswith(said.rpartition("; ")[2]), "the codes are cut off"
    assert VALID not in "\n".join(lines(found))


def test_metadata_on_another_origin_are_named_and_not_fetched() -> None:
    found, _ = report(TOKEN, {OIDC: {"jwks_uri": "https://issuer.example/keys"}})
    (finding,) = found.of_rule("AUTH-006")
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert "save https://issuer.example/keys to a file" in finding.reason


def test_keys_are_found_by_the_metadata_of_the_issuer() -> None:
    found, _ = report(TOKEN, {OIDC: {"jwks_uri": "{origin}/keys"}})
    assert {one.verdict for code in ("AUTH-006", "AUTH-021") for one in found.of_rule(code)} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("keys", "lacks"),
    [
        ([], False),
        ([{"kid": "rsa-1"}], False),
        ([{"kid": "a"}, {"kid": "rsa-1"}], False),
        ([{"kid": "a"}, {}], False),
        ([{"kid": "a"}, {"kid": "b"}], True),
    ],
)
def test_a_set_lacks_a_key_only_where_all_have_other_ids(keys: list[dict[str, str]], lacks: bool) -> None:
    token = parse(VALID)
    assert token is not None
    assert (lacks_key(token, keys) is not None) is lacks
    assert lacks_key(Token({"alg": "RS256"}, {}, token.parts), keys) is None


def test_metadata_are_looked_for_at_an_issuer_on_the_same_origin_first() -> None:
    token = Token({"alg": "RS256"}, {"iss": "https://a.example/realms/x/"}, ("", "", "s"))
    assert next(iter(metadata_of(token, "https://a.example"))) == f"https://a.example/realms/x{OIDC}"
    assert all("realms" not in place for place in metadata_of(token, "https://b.example"))
    assert all("realms" not in place for place in metadata_of(token, "https://a.exampl"))
