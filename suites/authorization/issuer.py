"""A token of the target under test: the valid sample, where it is accepted, and how further valid ones are signed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from harness.bad_input import BadInput
from harness.client.client import Client, exchange_of
from harness.client.invalid_credentials import carried
from harness.http.content import json_of
from harness.profile.models import Jwt, Profile
from harness.resource.canary import creates
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import NotApplicable, Undecided, control, inconclusive, not_applicable
from harness.target.credentials.command import printed

from .tokens import Token, current, parse

Sign = Callable[[Mapping[str, Any], Mapping[str, Any]], str]
NO_SIGNER = (
    'the run can sign no tokens: give a key of a test issuer in [jwt] (`key_file = "issuer.pem"`, or `mint`)'
)
USUAL = ("/.well-known/jwks.json", "/jwks.json", "/oauth/jwks", "/certs")


@dataclass(frozen=True)
class JwtUnderTest:
    """A valid token and a request that it is needed for.

    Attributes:
        credential: name of the credential that has it.
        field, scheme: header field that carries it, and what comes before it there.
        url: a GET that is accepted with it and refused without.
        resource: whose list that is.
    """

    client: Client
    how: Jwt
    credential: str
    field: str
    scheme: str
    token: Token
    url: str
    resource: ResourceUnderTest

    def send(self, text: str) -> httpx.Response:
        """The request with another token, which no report shows."""
        self.client.recorder.redactor.learn("FORGED_TOKEN", text)
        return self.client.under(None).get(self.url, headers={self.field: self.scheme + text})

    @cached_property
    def guards_creates(self) -> bool:
        """Whether items may be created, and are not without a token."""
        if not creates(self.resource):
            return False
        try:
            return not self.resource.post(headers={self.field: None}).is_success
        except Undecided:
            return False

    def create(self, text: str) -> httpx.Response:
        """A valid create with another token; what it creates is removed."""
        self.client.recorder.redactor.learn("FORGED_TOKEN", text)
        return self.resource.post(headers={self.field: self.scheme + text})

    @cached_property
    def sign(self) -> Sign:
        """Signs header and claims as the target's issuer does; a fresh token of it is accepted.

        Raises:
            NotApplicable: the profile has neither key nor program for that.
            Undecided: its tokens are not accepted.
        """
        sign = signer(self.client, self.how)
        if sign is None:
            not_applicable(NO_SIGNER)
        fresh = sign(self.token.header, current(self.token.claims, int(time.time())))
        reply = self.send(fresh)
        control(
            reply.is_success, f"a token that [jwt] signs should be accepted: {exchange_of(reply).summary()}"
        )
        return sign


def public_keys(client: Client, how: Jwt) -> list[Mapping[str, Any]]:
    """The public keys with which the target checks tokens, as far as they are published or given."""
    given = client.target.private
    if "jwks" in given:
        return list(json.loads(given["jwks"])["keys"])
    if "jwt_key" in given:
        return [_key(given["jwt_key"]).as_dict(private=False)]
    paths = [how.jwks] if how.jwks else [*USUAL, *(client.target.origin + path for path in USUAL)]
    for path in paths:
        reply = client.under(None).get(path)
        value = json_of(reply)
        if reply.is_success and isinstance(value, dict) and isinstance(value.get("keys"), list):
            return [one for one in value["keys"] if isinstance(one, dict)]
        if how.jwks:
            inconclusive(f"jwt.jwks: {exchange_of(reply).summary()} is no JWK set (RFC 7517 section 5)")
    return []


def jwt_of(client: Client, profile: Profile, resources: Callable[[str], ResourceUnderTest]) -> JwtUnderTest:
    """A valid token, and a request that needs it.

    Raises:
        NotApplicable: no credential is a JWT, or nothing that it reads is protected.
        Undecided: the valid token is refused.
    """
    how = profile.jwt or Jwt()
    name, found = _sample(client, profile)
    for known in profile.resources:
        resource = resources(known.name)
        if not resource.can("list"):
            continue
        url = resource.url
        made = JwtUnderTest(client, how, name, found[0], found[1], found[2], url, resource)
        valid = client.under(name).get(url)
        if not valid.is_success or client.under(None).get(url).is_success:
            continue
        made_up = made.send("made-up.7c1d.token")
        if made_up.is_success:
            inconclusive(f"any token is accepted (see AUTH-001): {exchange_of(made_up).summary()}")
        return made
    raise Undecided(f"no list is read with the token of the credential {name!r} and refused without")


def tokens_of(client: Client) -> dict[str, Token]:
    """The credentials that are JWTs, by name; that called `expired` may come from anywhere."""
    found = {}
    for name in sorted(set(client.target.credentials) - {"expired"}):
        field = carried(client.recorder.wallet.carried(name))
        token = parse(field[2]) if field is not None else None
        if token is not None:
            found[name] = token
    return found


def _sample(client: Client, profile: Profile) -> tuple[str, tuple[str, str, Token]]:
    names = [client.credential, *sorted(set(client.target.credentials) - {client.credential, "expired"})]
    if profile.jwt is not None:
        names = [profile.jwt.credential]
    for name in names:
        if name not in client.target.credentials:
            continue
        found = carried(client.recorder.wallet.carried(name))
        token = parse(found[2]) if found is not None else None
        if found is not None and token is not None:
            return name, (found[0], found[1], token)
    if profile.jwt is not None:
        inconclusive(f"the token of the credential {names[0]!r} is no JWT: set `credential` in [jwt]")
    raise NotApplicable("no credential is a JWT: if one is accepted, name it in [jwt] (`credential`)")


def signer(client: Client, how: Jwt) -> Sign | None:
    """What signs tokens as the profile says; None where it does not."""
    given = client.target.private
    if "jwt_key" in given:
        key = _key(given["jwt_key"])
        return lambda header, claims: _signed(key, header, claims)
    if how.mint is None:
        return None
    command, directory = how.mint, Path(given.get("directory", "."))

    def minted(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        asked = json.dumps({"header": header, "claims": claims}).encode()
        try:
            return printed(command, ("the profile", "jwt.mint"), directory, os.environ, asked)
        except BadInput as problem:
            raise Undecided(str(problem)) from None

    return minted


def _key(text: str) -> Key:
    if text.lstrip().startswith("{"):
        return import_key(json.loads(text))
    for kind in ("RSA", "EC", "OKP"):
        try:
            return import_key(text, kind)
        except (JoseError, ValueError, TypeError):
            continue
    raise Undecided("jwt.key: is no key that can be used")


def _signed(key: Key, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    try:
        return jwt.encode(dict(header), dict(claims), key, algorithms=[str(header.get("alg"))])
    except (JoseError, ValueError, TypeError) as problem:
        raise Undecided(f"the key of [jwt] does not sign {header.get('alg')} tokens: {problem}") from None
