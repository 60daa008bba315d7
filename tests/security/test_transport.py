"""HSTS, certificates and responses without TLS, on literal ones."""

from __future__ import annotations

import datetime as dt

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from harness.client.without_tls import usual_origin
from harness.http.exchange import Exchange
from harness.rules.verdict import Impact, Level
from suites.security.transport import certificate_flaws, covers, named, plain_flaw, policy_flaw


def answered(*fields: tuple[str, str], status: int = 200) -> Exchange:
    return Exchange("1", "GET", "https://api.example.com/v1", (), None, status, response_fields=fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["max-age=31536000"], None),
        (['MAX-AGE="31536000"; includeSubDomains; preload;'], None),
        ([], (None, None, "no Strict-Transport-Security")),
        (["max-age=1", "max-age=1"], (Level.MUST, None, "2 fields")),
        (["includeSubDomains"], (Level.MUST, None, "max-age is missing")),
        (["max-age=1y"], (Level.MUST, None, "max-age is no number")),
        (["max-age=31536000, includeSubDomains"], (Level.MUST, None, "is no directive")),
        (["max-age=31536000; max-age=0"], (Level.MUST, None, "is there twice")),
        (["max-age=0"], (None, None, "it ends the policy")),
        (["max-age=86400"], (None, Impact.MINOR, "less than 180 days")),
    ],
)
def test_the_policy(values: list[str], expected: tuple[Level | None, Impact | None, str] | None) -> None:
    flaw = policy_flaw(answered(*(("Strict-Transport-Security", one) for one in values)))
    if expected is None:
        assert flaw is None
    else:
        assert flaw is not None
        assert (flaw.level, flaw.impact) == expected[:2]
        assert expected[2] in flaw.text


def test_an_address_has_no_policy() -> None:
    assert named("https://api.example.com:8443/v1")
    assert not named("https://127.0.0.1:8443/v1")
    assert not named("https://[::1]/v1")


JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (answered(status=403), None),
        (answered(status=404), None),
        (answered(("Content-Type", "text/html")), None),
        (answered(JSON), (Level.SHOULD, Impact.CRITICAL)),
        (answered(JSON, status=401), (Level.SHOULD, None)),
        (answered(("Location", "https://api.example.com/v1"), status=301), (Level.SHOULD, Impact.MINOR)),
        (answered(("Location", "http://www.example.com/"), status=302), None),
        (answered(("Strict-Transport-Security", "max-age=1"), status=403), (None, None)),
    ],
)
def test_responses_without_tls(answer: Exchange, expected: tuple[Level | None, Impact | None] | None) -> None:
    flaw = plain_flaw(answer)
    assert (None if flaw is None else (flaw.level, flaw.impact)) == expected


def test_where_an_api_may_be_without_tls() -> None:
    assert usual_origin("https://api.example.com/v1") == "http://api.example.com"
    assert usual_origin("https://[2001:db8::1]:443/v1") == "http://[2001:db8::1]"
    assert usual_origin("https://api.example.com:8443") is None
    assert usual_origin("http://api.example.com") is None


NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("host", "until", "expected"),
    [
        ("api.example.com", 90, []),
        ("api.example.com", 3, [("in 3 days", Level.SHOULD)]),
        ("api.example.com", -1, [("it expired on 2026-11-29", None)]),
        ("192.0.2.1", 90, []),
        ("other.example.com", 90, [("not for other.example.com", None)]),
    ],
)
def test_certificates(host: str, until: int, expected: list[tuple[str, Level | None]]) -> None:
    issued = trustme.CA().issue_cert("api.example.com", "192.0.2.1", not_after=NOW + dt.timedelta(days=until))
    der = load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()).public_bytes(Encoding.DER)
    flaws = certificate_flaws(der, host, NOW)
    assert [(text in flaw.text, flaw.level) for flaw, (text, _) in zip(flaws, expected, strict=True)] == [
        (True, level) for _, level in expected
    ]


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("API.example.com", "api.example.com", True),
        ("*.example.com", "api.example.com", True),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "example.com", False),
        ("2001:db8::1", "2001:DB8:0::1", True),
        ("example.com", "api.example.com", False),
    ],
)
def test_names_of_certificates(name: str, host: str, expected: bool) -> None:
    assert covers(name, host) is expected
