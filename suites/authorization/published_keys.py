"""The public keys with which the target checks tokens: given, declared, or where issuers usually publish them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.client.client import Client, exchange_of
from harness.http.content import json_of
from harness.profile.models import Jwt
from harness.rules.checks import Undecided, inconclusive

from .issuer import public_part
from .tokens import Token

Keys = Sequence[Mapping[str, Any]]
USUAL = ("/.well-known/jwks.json", "/jwks.json", "/oauth/jwks", "/certs")
CONFIGURATION = "/.well-known/openid-configuration"
"""Metadata of an issuer, with the URL of its keys (OpenID Connect Discovery 1.0 section 4)."""
METADATA = (CONFIGURATION, "/.well-known/oauth-authorization-server")
FIX = "name its keys in [jwt] (`jwks`: a path on the target, or a file)"


@dataclass(frozen=True)
class PublicKeys:
    """Public keys (RFC 7517), and where they are.

    Attributes:
        where: in words.
        elsewhere: URL on another origin at which the issuer's metadata have them, which is not requested; empty for
            none.
    """

    keys: Keys = ()
    where: str = ""
    elsewhere: str = ""

    @property
    def needed(self) -> str:
        """What would have to be known where there are no keys, for a rule that does not apply without them."""
        if self.elsewhere:
            return f"the public key is known: save {self.elsewhere} to a file and name that in [jwt] (`jwks`)"
        return 'the public key is known: name it in [jwt] (`jwks = "/.well-known/jwks.json"`, or a file)'


def public_keys(client: Client, how: Jwt, token: Token) -> PublicKeys:
    """The public keys with which the target checks tokens, as far as they are published or given.

    Args:
        token: a valid one, whose issuer may be the target itself.

    Raises:
        Undecided: keys that the profile or the issuer's metadata name cannot be fetched.
    """
    given = client.target.private
    if "jwks" in given:
        return PublicKeys(json.loads(given["jwks"])["keys"], str(how.jwks))
    if how.jwks:
        return PublicKeys(declared(client, how.jwks), how.jwks)
    if "jwt_key" in given:
        return PublicKeys([public_part(given["jwt_key"])], "the key in [jwt]")
    origin = client.target.origin
    for path in (*USUAL, *(origin + path for path in USUAL)):
        if (found := key_set(client.under(None).get(path))) is not None:
            return PublicKeys(found, path)
    for path in metadata_of(token, origin):
        value = json_of(client.under(None).get(path))
        uri = value.get("jwks_uri") if isinstance(value, Mapping) else None
        if isinstance(uri, str) and uri.startswith(origin + "/"):
            return PublicKeys(declared(client, uri, f", which {path} names,"), uri)
        if isinstance(uri, str):
            return PublicKeys(elsewhere=uri)
    return PublicKeys()


def declared(client: Client, path: str, named: str = "") -> Keys:
    """The keys at a path that somebody named.

    Args:
        named: who, as words beside the path.

    Raises:
        Undecided: there are none.
    """
    # A path such as /.well-known/jwks.json may be meant below the base URL, or at the origin.
    at_origin = client.target.origin + path
    places = [path] if "://" in path or client.url(path) == at_origin else [path, at_origin]
    seen: list[httpx.Response] = []
    for place in places:
        try:
            seen.append(client.under(None).get(place))
        except Undecided as problem:
            inconclusive(f"jwt.jwks: {path}{named} cannot be fetched ({problem}); {FIX}")
        if (found := key_set(seen[-1])) is not None:
            return found
    summary = exchange_of(seen[0]).summary()
    raise Undecided(f"jwt.jwks: {path}{named} is no JWK set (RFC 7517 section 5): {summary}; {FIX}")


def key_set(reply: httpx.Response) -> Keys | None:
    """The keys of a response that is a JWK set (RFC 7517 section 5); None for any other."""
    value = json_of(reply)
    keys = value.get("keys") if reply.is_success and isinstance(value, Mapping) else None
    return [one for one in keys if isinstance(one, Mapping)] if isinstance(keys, list) else None


def metadata_of(token: Token, origin: str) -> Iterator[str]:
    """Where the issuer's metadata may be, on one origin. Pure."""
    issuer = token.claims.get("iss")
    if (
        isinstance(issuer, str)
        and (issuer + "/").startswith(origin + "/")
        and urlsplit(issuer).path.strip("/")
    ):
        yield issuer.rstrip("/") + CONFIGURATION
    yield from (origin + path for path in METADATA)


def lacks_key(token: Token, keys: Keys) -> str | None:
    """Why no key of a set can be that of a token (RFC 7515 section 4.1.4), or None. Pure.

    A key without an id may be that of any token.
    """
    id = token.header.get("kid")
    if not keys or not isinstance(id, str) or any(not isinstance(one.get("kid"), str) for one in keys):
        return None
    known = [str(one["kid"]) for one in keys]
    if id in known:
        return None
    shown = ", ".join(map(repr, known[:5])) + (", ..." if len(known) > 5 else "")
    return f"no key has the `kid` {id!r} of the token; there are: {shown}"


def check_key(found: PublicKeys, token: Token) -> None:
    """End a rule that holds for the keys that were found, where the token's own is not among them.

    Raises:
        Undecided: it is not.
    """
    why = lacks_key(token, found.keys)
    if why is not None:
        inconclusive(f"jwt.jwks: {found.where}: {why}; give the keys of the issuer that signs this token")
