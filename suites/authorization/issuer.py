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
from harness.profile.models import Jwt, Profile
from harness.resource.canary import creates
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import NotApplicable, Undecided, inconclusive, not_applicable
from harness.target.credentials.command import printed

from .tokens import Token, current, parse

Sign = Callable[[Mapping[str, Any], Mapping[str, Any]], str]
NO_SIGNER = (
    'the run can sign no tokens: give a key of a test issuer in [jwt] (`key_file = "issuer.pem"`, or `mint`)'
)


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
        if parse(fresh) is None:
            inconclusive(f"jwt.{signing(self.how)}: it gives no JWT: it must be signed, in compact form")
        reply = self.send(fresh)
        if not reply.is_success:
            inconclusive(
                f"jwt.{signing(self.how)}: a fresh token that it signs is refused, and that of the credential "
                f"{self.credential!r} is not: {exchange_of(reply).summary()}; is it the key of this issuer?"
            )
        return sign


def jwt_of(client: Client, profile: Profile, resources: Callable[[str], ResourceUnderTest]) -> JwtUnderTest:
    """A valid token, and a request that needs it.

    Raises:
        NotApplicable: no credential is a JWT, or nothing that it reads is protected.
        Undecided: the valid token is refused.
    """
    how = profile.jwt or Jwt()
    name, found = _sample(client, profile)
    refused: list[httpx.Response] = []
    for known in profile.resources:
        resource = resources(known.name)
        if not resource.can("list"):
            continue
        url = resource.url
        made = JwtUnderTest(client, how, name, found[0], found[1], found[2], url, resource)
        valid = client.under(name).get(url)
        refused += [] if valid.is_success else [valid]
        if not valid.is_success or client.under(None).get(url).is_success:
            continue
        made_up = made.send("made-up.7c1d.token")
        if made_up.is_success:
            inconclusive(f"any token is accepted (see AUTH-001): {exchange_of(made_up).summary()}")
        return made
    if refused and all(one.status_code in (401, 403) for one in refused):
        inconclusive(
            f"credentials.{name}: its token is not accepted: {exchange_of(refused[0]).summary()}; get a new one"
        )
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
        inconclusive(no_jwt(client, profile.jwt))
    raise NotApplicable("no credential is a JWT: if one is accepted, name it in [jwt] (`credential`)")


def no_jwt(client: Client, how: Jwt) -> str:
    """Why the credential that [jwt] names cannot be used, and what to do."""
    if how.credential not in client.target.credentials:
        return f"jwt.credential: no credential is called {how.credential!r}: name one whose token is a JWT"
    return (
        f"jwt.credential: the token of the credential {how.credential!r} is no JWT (RFC 7519): name one that is, or "
        "remove [jwt]"
    )


def signing(how: Jwt) -> str:
    """The key of [jwt] by which tokens are signed."""
    return next((name for name in ("mint", "key_file") if getattr(how, name) is not None), "key")


def public_part(text: str) -> Mapping[str, Any]:
    """The public key (JWK) that belongs to a private one, PEM or JWK.

    Raises:
        Undecided: it is none that can be used.
    """
    return _key(text).as_dict(private=False)


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
        raise Undecided(f"jwt.key: it does not sign {header.get('alg')} tokens: {problem}") from None
