"""JSON Web Tokens (RFC 7515, RFC 7519), read and forged by hand. Pure.

Valid tokens are made by a library; no library makes the broken ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

LATE = 600
"""Seconds by which a token is outdated: more than the leeway of "a few minutes" (RFC 7519 section 4.1.4)."""
ASYMMETRIC = ("RS", "PS", "ES", "Ed")


@dataclass(frozen=True)
class Token:
    """A signed JWT in compact form.

    Attributes:
        parts: header, claims and signature, encoded.
    """

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    parts: tuple[str, str, str]

    @property
    def text(self) -> str:
        return ".".join(self.parts)

    @property
    def asymmetric(self) -> bool:
        """Whether its algorithm has a public key."""
        return str(self.header.get("alg", "")).startswith(ASYMMETRIC)


@dataclass(frozen=True)
class Forged:
    """A token that must be refused.

    Attributes:
        name: what is wrong with it.
    """

    name: str
    text: str


def coded(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url; ValueError where it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parse(text: str) -> Token | None:
    """A token that is a JWT; None for any other, such as an opaque one."""
    parts = text.split(".")
    if len(parts) != 3 or not parts[2]:
        return None
    try:
        header, claims = (json.loads(decoded(part)) for part in parts[:2])
    except ValueError:
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict) or not isinstance(header.get("alg"), str):
        return None
    return Token(header, claims, (parts[0], parts[1], parts[2]))


def _part(value: Mapping[str, Any]) -> str:
    return coded(json.dumps(value, separators=(",", ":")).encode())


def broken_signatures(token: Token) -> Iterator[Forged]:
    """The token without signature, or with one that does not fit (RFC 8725 sections 3.1 and 3.2)."""
    header, claims, signature = token.parts
    for algorithm in ("none", "None", "NONE", "nOnE", "NoNe"):
        unsigned = {**token.header, "alg": algorithm}
        yield Forged(f"alg {algorithm!r} and no signature", f"{_part(unsigned)}.{claims}.")
    yield Forged("its signature removed", f"{header}.{claims}.")
    yield Forged("its signature and the dot before it removed", f"{header}.{claims}")
    changed = _part({**token.claims, "sub": f"{token.claims.get('sub', '')}-7c1d"})
    yield Forged("another sub and the signature of the first", f"{header}.{changed}.{signature}")
    yield Forged("one bit of the signature changed", f"{header}.{claims}.{flipped(signature)}")


def flipped(signature: str) -> str:
    """A signature with one bit changed in the middle: the last characters may have bits that mean nothing."""
    data = bytearray(decoded(signature))
    data[len(data) // 2] ^= 1
    return coded(bytes(data))


def hmac_signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: bytes) -> str:
    """A token that is signed with HS256."""
    signed = f"{_part({**header, 'alg': 'HS256'})}.{_part(claims)}"
    return f"{signed}.{coded(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def confused(token: Token, keys: Iterable[Mapping[str, Any]]) -> Iterator[Forged]:
    """The token signed with HS256 and a public key as the secret (RFC 8725 section 3.1)."""
    for key in keys:
        for name, secret in encodings(key):
            yield Forged(
                f"HS256 keyed with the public key {key.get('kid', '')} ({name})",
                hmac_signed(token.header, token.claims, secret),
            )


def encodings(key: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """A public key (JWK) as the texts and bytes that servers keep it in, each with a name."""
    try:
        made = import_key(dict(key))
    except (JoseError, ValueError, TypeError):
        return
    if not isinstance(made, RSAKey | ECKey):
        return
    pem = made.as_pem(private=False)
    yield "PEM", pem
    yield "PEM without the last newline", pem.rstrip(b"\n")
    yield "DER", made.as_der(private=False)
    if isinstance(made.public_key, RSAPublicKey):
        yield "PEM of PKCS #1", made.public_key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        yield "n of the JWK", str(key.get("n")).encode()
    yield "JWK", json.dumps(key).encode()


def late(claims: Mapping[str, Any], now: int) -> Mapping[str, Any]:
    """The claims of a token that has expired."""
    return {**claims, "iat": now - 2 * LATE, "nbf": now - 2 * LATE, "exp": now - LATE}


def early(claims: Mapping[str, Any], now: int) -> Mapping[str, Any]:
    """The claims of a token that is not valid yet."""
    return {**claims, "nbf": now + LATE, "exp": now + 2 * LATE}


def current(claims: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The claims of a token that is valid now; what the sample lacks stays out, except the end."""
    fresh = {name: value for name, value in (("iat", now), ("nbf", now - 1)) if name in claims}
    return {**claims, **fresh, "exp": now + LATE}


def for_others(claims: Mapping[str, Any], *, required: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Claims of tokens that are for another API or from another issuer, each with a name.

    Args:
        required: whether a token must have an audience (RFC 9068 section 4).
    """
    elsewhere = "https://other-api-7c1d.invalid"
    if "aud" in claims:
        yield "the audience of another API", {**claims, "aud": elsewhere}
        yield "a list of audiences without this API", {**claims, "aud": [elsewhere, f"{elsewhere}/v2"]}
        for what, value in lookalikes(claims["aud"]):
            yield f"an audience {what} that of this API", {**claims, "aud": value}
    if required:
        yield "no audience", {name: value for name, value in claims.items() if name != "aud"}
    if "iss" in claims:
        yield "another issuer", {**claims, "iss": "https://other-issuer-7c1d.invalid"}
        for what, value in lookalikes(claims["iss"]):
            yield f"an issuer {what} this one", {**claims, "iss": value}


def lookalikes(value: Any) -> Iterator[tuple[str, str]]:
    """Names that have another one in them, each with how: a comparison that is not of the whole accepts them.

    Args:
        value: the name, or a list that begins with it.
    """
    name = value[0] if isinstance(value, list) and value else value
    if isinstance(name, str) and name:
        yield "that begins with", f"{name}.other-7c1d.invalid"
        yield "that ends with", f"https://other-7c1d.invalid/{name}"


def lifetime(claims: Mapping[str, Any]) -> float | None:
    """Seconds from the issue of a token to its end; None where its claims do not say."""
    values = [claims.get(name) for name in ("iat", "exp")]
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return None
    return float(values[1]) - float(values[0])  # type: ignore[arg-type]
