"""Forged tokens: a sound verifier refuses each, a careless one falls for it."""

from __future__ import annotations

import json

import pytest
from joserfc.jwk import ECKey, RSAKey

from harness.reference.tokens import Tokens, issue, issuer_keys
from suites.authorization.tokens import (
    Token,
    broken_signatures,
    coded,
    confused,
    current,
    decoded,
    early,
    encodings,
    flipped,
    for_others,
    late,
    lifetime,
    parse,
)

pytestmark = pytest.mark.topic(name="authorization")


def token() -> Token:
    found = parse(issue("alice"))
    assert found is not None
    return found


def test_the_reference_takes_the_sample_and_no_forgery() -> None:
    sample, tokens = token(), Tokens()
    assert tokens.user(sample.text) == "alice"
    keys = issuer_keys().as_dict(private=False)["keys"]
    forged = [*broken_signatures(sample), *confused(sample, keys)]
    assert len(forged) > 12
    assert [one.name for one in forged if tokens.user(one.text) is not None] == []


@pytest.mark.parametrize("text", ["", "abc", "a.b.c", "e30.e30.", "e30.e30.x", "demo-token-alice", "..."])
def test_what_is_no_jwt_is_opaque(text: str) -> None:
    assert parse(text) is None


def test_a_flipped_bit_changes_the_signature_and_nothing_of_its_form() -> None:
    signature = token().parts[2]
    other = flipped(signature)
    assert other != signature
    assert len(other) == len(signature)
    assert sum(bin(a ^ b).count("1") for a, b in zip(decoded(signature), decoded(other), strict=True)) == 1


def test_unsigned_tokens_say_none_in_each_spelling() -> None:
    texts = {one.name: one.text for one in broken_signatures(token())}
    spelt = [json.loads(decoded(text.split(".")[0]))["alg"] for text in list(texts.values())[:5]]
    assert spelt == ["none", "None", "NONE", "nOnE", "NoNe"]
    assert all(text.endswith(".") for text in list(texts.values())[:6])


def test_a_public_key_is_tried_as_servers_keep_it() -> None:
    rsa = RSAKey.generate_key(2048).as_dict(private=False)
    ec = ECKey.generate_key("P-256").as_dict(private=False)
    assert [name for name, _ in encodings(rsa)] == [
        "PEM",
        "PEM without the last newline",
        "DER",
        "PEM of PKCS #1",
        "n of the JWK",
        "JWK",
    ]
    assert [name for name, _ in encodings(ec)] == ["PEM", "PEM without the last newline", "DER", "JWK"]
    assert list(encodings({"kty": "weird"})) == []


def test_times_lie_beyond_any_leeway() -> None:
    claims, now = {"sub": "a", "iat": 1, "exp": 2}, 1_000_000
    assert now - late(claims, now)["exp"] >= 600
    assert early(claims, now)["nbf"] - now >= 600
    assert current(claims, now) == {"sub": "a", "iat": now, "exp": now + 600}


def test_audience_and_issuer_change_one_at_a_time() -> None:
    claims = {"aud": "api", "iss": "us", "sub": "a"}
    made = dict(for_others(claims, required=True))
    assert list(made) == [
        "the audience of another API",
        "a list of audiences without this API",
        "an audience that begins with that of this API",
        "an audience that ends with that of this API",
        "no audience",
        "another issuer",
        "an issuer that begins with this one",
        "an issuer that ends with this one",
    ]
    assert all(sum(claims.get(name) != one.get(name) for name in claims) == 1 for one in made.values())
    assert dict(for_others({"sub": "a"}, required=False)) == {}


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [({"iat": 10, "exp": 70}, 60.0), ({"exp": 70}, None), ({"iat": True, "exp": 70}, None), ({}, None)],
)
def test_lifetime(claims: dict[str, object], seconds: float | None) -> None:
    assert lifetime(claims) == seconds


def test_base64url_has_no_padding() -> None:
    assert coded(b"\xff\xfe") == "__4"
    assert decoded("__4") == b"\xff\xfe"
