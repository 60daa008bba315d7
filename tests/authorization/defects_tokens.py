"""Defects of JSON Web Tokens: for each rule at least one bug that real teams ship."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.request
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey, import_key
from joserfc.jws import JWSRegistry

from harness.reference.authenticator import SAFE, Authenticator, Principal
from harness.reference.call import Call
from harness.reference.tokens import AUDIENCE, Claims, Header, Tokens, issue, issuer_keys
from suites.authorization.tokens import hmac_signed
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


def part(text: str) -> dict[str, Any]:
    read = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read if isinstance(read, dict) else {}


class Lenient(Tokens):
    """Checks claims after a look at the token of its own."""

    def user(self, token: str) -> str | None:
        try:
            header, claims = part(token.split(".")[0]), part(token.split(".")[1])
            if self.trusts(token, header):
                self.check(claims)
                return str(claims["sub"])
        except (ValueError, KeyError, JoseError, OSError):
            return None
        return super().user(token)

    def trusts(self, token: str, header: Header) -> bool:
        raise NotImplementedError


class NoneAllowed(Lenient):
    """`alg` of the token decides, and none means that nothing is checked."""

    def trusts(self, token: str, header: Header) -> bool:
        return str(header.get("alg")).lower() == "none"


class DecodedOnly(Lenient):
    """`jwt.decode()` of a library that does not verify."""

    def trusts(self, token: str, header: Header) -> bool:
        return (
            header.get("alg") in ("RS256", "ES256")
            and header.get("kid") in ("rsa-1", "ec-1")
            and not ({"crit"} & set(header))
            and self.right_type(header)
        )


def signed_with(token: str, secret: bytes) -> bool:
    body, _, signature = token.rpartition(".")
    made = base64.urlsafe_b64encode(hmac.digest(secret, body.encode(), hashlib.sha256)).rstrip(b"=").decode()
    return hmac.compare_digest(made, signature)


class AlgFromHeader(Lenient):
    """One `verify(token, key)` for all algorithms, with the public key in PEM."""

    def trusts(self, token: str, header: Header) -> bool:
        keys = [key.as_pem(private=False) for key in issuer_keys().keys if isinstance(key, RSAKey)]
        return header.get("alg") == "HS256" and any(signed_with(token, key) for key in keys)


class NeverExpires(Tokens):
    """`verify_exp` was switched off for a test."""

    def check(self, claims: Claims) -> None:
        super().check({**claims, "exp": 2**31, "nbf": 0, "iat": 0})


class ExpiresForReaders(Authenticator):
    """The library checks `exp` for GET; writes go through a gateway that only verifies the signature."""

    def by_jwt(self, call: Call, token: str) -> Principal | None:
        found = super().by_jwt(call, token)
        if found is not None or call.method in SAFE or token.count(".") != 2:
            return found
        user = NeverExpires().user(token)
        return None if user is None else Principal(user)


class IgnoresNbf(Tokens):
    """Only `exp` is checked."""

    def check(self, claims: Claims) -> None:
        super().check({name: value for name, value in claims.items() if name != "nbf"})


class AnyAudience(Tokens):
    """The audience is not configured."""

    def required(self) -> dict[str, Any]:
        return {name: what for name, what in super().required().items() if name != "aud"}


class AudienceWithin(Tokens):
    """`if AUDIENCE in token["aud"]`, where `aud` may be a text."""

    def check(self, claims: Claims) -> None:
        audience = claims.get("aud")
        within = isinstance(audience, str) and AUDIENCE in audience
        super().check({**claims, "aud": AUDIENCE} if within else claims)


class AnyIssuer(Tokens):
    """The issuer is not configured."""

    def required(self) -> dict[str, Any]:
        return {name: what for name, what in super().required().items() if name != "iss"}


class AnyLength(JWSRegistry):
    """Reads headers that hold a key."""

    max_header_length = 4096


class KeyOfTheToken(Tokens):
    """The key in the header of the token is taken."""

    def keys(self, token: str) -> KeySet:
        key = part(token.split(".")[0]).get("jwk")
        return KeySet([import_key(key)]) if key else super().keys(token)

    def user(self, token: str) -> str | None:
        try:
            header = part(token.split(".")[0])
        except ValueError:
            return None
        if "jwk" not in header:
            return super().user(token)
        try:
            found = jwt.decode(token, self.keys(token), registry=AnyLength(algorithms=["RS256"]))
            self.check(found.claims)
        except (JoseError, ValueError):
            return None
        return str(found.claims["sub"])


class FetchesJku(Tokens):
    """The key set is fetched from where the token says, and then not found good."""

    def keys(self, token: str) -> KeySet:
        where = part(token.split(".")[0]).get("jku")
        if isinstance(where, str) and where.startswith("http://127.0.0.1:"):
            with urllib.request.urlopen(where, timeout=2) as answer:
                answer.read()
        return super().keys(token)


class KeyFile(Lenient):
    """`kid` is the name of a file with the key."""

    def trusts(self, token: str, header: Header) -> bool:
        empty = str(header.get("kid")).endswith("/dev/null")
        return header.get("alg") == "HS256" and empty and signed_with(token, b"")


class AnyType(Tokens):
    """Whatever the issuer has signed is good."""

    def right_type(self, header: Header) -> bool:
        return True


class SecretOfTheTemplate(Lenient):
    """Tokens of an older kind are accepted beside the new ones; their key came with the template."""

    def trusts(self, token: str, header: Header) -> bool:
        return header.get("alg") == "HS256" and signed_with(token, TEMPLATE)


TEMPLATE = b"your-secret-key"


def older_token() -> str:
    """What the owner has for such an API: one more credential."""
    token = hmac_signed({"alg": "HS256", "typ": "at+jwt"}, claims_of(issue("alice")), TEMPLATE)
    return f'[credentials.older]\nbearer = "{token}"\n'


def claims_of(token: str) -> Claims:
    return part(token.split(".")[1])


ON = ("orders",)
DEFECTS: tuple[Defect, ...] = (
    defect("AUTH-005", "alg none is accepted", on=ON, tokens=NoneAllowed),
    defect("AUTH-005", "tokens are decoded and not verified", on=ON, tokens=DecodedOnly),
    defect("AUTH-006", "the public key is a secret for HS256", on=ON, tokens=AlgFromHeader),
    defect("AUTH-007", "exp is not checked", on=ON, tokens=NeverExpires),
    defect("AUTH-007", "exp is not checked for writes", on=ON, authenticator=ExpiresForReaders),
    defect("AUTH-007", "nbf is not checked", on=ON, tokens=IgnoresNbf),
    defect("AUTH-008", "any audience", on=ON, tokens=AnyAudience),
    defect("AUTH-008", "an audience is searched for the API's", on=ON, tokens=AudienceWithin),
    defect("AUTH-008", "any issuer", on=ON, tokens=AnyIssuer),
    defect("AUTH-017", "the token brings its key", on=ON, tokens=KeyOfTheToken),
    defect("AUTH-017", "jku is fetched", on=ON, tokens=FetchesJku),
    defect("AUTH-017", "kid names a file", on=ON, tokens=KeyFile),
    defect("AUTH-018", "any type of token", on=ON, tokens=AnyType),
    replace(
        defect("AUTH-021", "the key is that of the template", on=ON, tokens=SecretOfTheTemplate),
        profile=lambda url: older_token(),
    ),
)
