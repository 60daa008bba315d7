"""JSON Web Tokens (RFC 7519) as access tokens (RFC 9068): RS256 and ES256, checked against a set of public keys."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

ISSUER = "https://issuer.demo.example"
AUDIENCE = "https://api.demo.example"
LIFETIME = 3600
"""Seconds."""
Header = dict[str, Any]
Claims = dict[str, Any]


@cache
def issuer_keys() -> KeySet:
    """The keys of the demo's issuer: made anew in each process, so that no private key is ever published."""
    return KeySet([RSAKey.generate_key(2048, {"kid": "rsa-1"}), ECKey.generate_key("P-256", {"kid": "ec-1"})])


def private_key() -> str:
    """The issuer's RSA key (PEM), which signs test tokens."""
    return next(key.as_pem(private=True).decode() for key in issuer_keys().keys if isinstance(key, RSAKey))


def issue(user: str, key: str = "rsa-1", **claims: Any) -> str:
    """A valid access token.

    Args:
        user: whose token it is.
        key: id of the key that signs it.
        claims: in addition to the usual ones, or instead of them.
    """
    now = int(time.time())
    given = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user,
        "client_id": "demo-client",
        "iat": now,
        "exp": now + LIFETIME,
        **claims,
    }
    algorithm = "RS256" if key == "rsa-1" else "ES256"
    signer = next(one for one in issuer_keys().keys if one.kid == key)
    header = {"alg": algorithm, "kid": key, "typ": "at+jwt"}
    return jwt.encode(header, given, signer, algorithms=[algorithm])


class Tokens:
    """Who an access token belongs to."""

    algorithms = ("RS256", "ES256")
    leeway = 60
    """Seconds by which the clocks of issuer and API may differ."""

    def user(self, token: str) -> str | None:
        """The name of the user; None for a token that is not valid now, for this API, from its issuer."""
        try:
            found = jwt.decode(token, self.keys(token), algorithms=list(self.algorithms))
            if not self.right_type(found.header):
                return None
            self.check(found.claims)
        except (JoseError, ValueError, TypeError):
            return None
        user = found.claims.get("sub")
        return user if isinstance(user, str) else None

    def keys(self, token: str) -> KeySet:
        """The keys that may have signed it: the issuer's, whatever the token says (RFC 8725 section 3.10)."""
        return issuer_keys()

    def right_type(self, header: Header) -> bool:
        """Whether the token is an access token (RFC 9068 section 4)."""
        return str(header.get("typ", "")).lower() in ("at+jwt", "application/at+jwt")

    def check(self, claims: Claims) -> None:
        """Raise a JoseError unless the claims are valid now (RFC 7519 section 4.1)."""
        jwt.JWTClaimsRegistry(leeway=self.leeway, **self.required()).validate(claims)

    def required(self) -> dict[str, Any]:
        """What is required of each claim (RFC 9068 section 4)."""
        return {
            "iss": {"essential": True, "value": ISSUER},
            "aud": {"essential": True, "value": AUDIENCE},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }

    def published(self) -> dict[str, Any]:
        """The public keys (RFC 7517)."""
        made: dict[str, Any] = json.loads(json.dumps(issuer_keys().as_dict(private=False)))
        return made
