"""Keys that can be guessed: they are found from the token alone, and random ones are not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

import pytest

from harness.reference.tokens import issue, issuer_keys
from suites.authorization.tokens import Token, coded, parse
from suites.authorization.weak_keys import candidates, guessed, short_keys

pytestmark = pytest.mark.topic(name="authorization")
CLAIMS = {"sub": "alice", "iss": "https://login.shop.example"}


def signed(key: bytes, algorithm: str = "HS256") -> Token:
    head, body = (coded(json.dumps(one).encode()) for one in ({"alg": algorithm, "typ": "JWT"}, CLAIMS))
    hashed = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
    signature = hmac.digest(key, f"{head}.{body}".encode(), hashed)
    token = parse(f"{head}.{body}.{coded(signature)}")
    assert token is not None
    return token


@pytest.mark.parametrize(
    "key",
    [
        "",
        "secret",
        "changeme",
        "your-256-bit-secret",
        "JWT_SECRET_KEY",
        "mySuperSecretKey".lower(),
        "shop-secret",
    ],
)
def test_a_published_or_usual_key_is_found(key: str) -> None:
    assert guessed(signed(key.encode()), "api.shop.example") == key


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_in_each_algorithm(algorithm: str) -> None:
    assert guessed(signed(b"supersecret", algorithm)) == "supersecret"


def test_some_libraries_take_the_text_for_base64() -> None:
    # The template of a framework has this key as base64 of 48 bytes.
    key = "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970"
    assert guessed(signed(base64.b64decode(key))) == key


def test_a_name_of_the_host_is_guessed() -> None:
    assert guessed(signed(b"Orders_Secret".upper()), "orders.internal") == "ORDERS_SECRET"
    assert guessed(signed(b"orders-secret"), "elsewhere.example") is None


def test_random_keys_and_other_algorithms_are_not() -> None:
    assert guessed(signed(secrets.token_bytes(32)), "localhost") is None
    public = parse(issue("alice"))
    assert public is not None
    assert guessed(public, "localhost") is None


def test_odd_claims_and_signatures_do_no_harm() -> None:
    odd: dict[str, Any] = {"iss": 7, "aud": ["a" * 500, None, "https://[::1"]}
    for aud in ("https://ok.example", ""):
        assert "secret" in set(candidates({"aud": aud, "iss": None}, ""))
    assert guessed(Token({"alg": "HS256"}, {}, ("a", "b", "not base64 \u00e9"))) is None
    assert "secret" in set(candidates(odd, "127.0.0.1"))


def jwk(bits: int, **more: Any) -> dict[str, Any]:
    modulus = (1 << (bits - 1)) + 1
    return {"kty": "RSA", "kid": f"of-{bits}", "n": coded(modulus.to_bytes((bits + 7) // 8, "big")), **more}


def test_rsa_keys_are_measured() -> None:
    assert short_keys([jwk(1024), jwk(2048), jwk(4096)]) == ["the RSA key 'of-1024' has 1024 bits"]
    assert short_keys(issuer_keys().as_dict(private=False)["keys"]) == []


def test_what_is_no_rsa_key_is_left_out() -> None:
    assert (
        short_keys(
            [{}, {"kty": "RSA"}, {"kty": "RSA", "n": 7}, {"kty": "EC", "n": "AQAB"}, {"kty": "RSA", "n": ""}]
        )
        == []
    )
