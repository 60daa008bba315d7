"""Credentials as requests carry them: fields, parameters of the query, a client certificate, a grant for tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_plus


@dataclass(frozen=True)
class Certificate:
    """A client certificate for TLS.

    Attributes:
        file: path of the PEM file with the chain; with the private key, where `key` is None.
        key: path of the PEM file with the private key.
        password: of the private key.
        shown: options that give it to curl, paths as they were written.
    """

    file: str
    key: str | None = None
    password: str | None = field(default=None, repr=False)
    shown: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Token:
    """An access token.

    Attributes:
        value: as it is in Authorization.
        until: instant on the monotonic clock, which the processes of a machine share, from which on a new one is to
            be fetched; None where it is good for ever.
    """

    value: str = field(repr=False)
    until: float | None = None


@dataclass(frozen=True)
class Grant:
    """What is needed to fetch access tokens (RFC 6749 section 4.4). See `harness.target.credentials.config.OAuth2`.

    Attributes:
        where: file and key that it comes from, for messages.
    """

    token_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    scope: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    authentication: str = "basic"
    lifetime: float | None = None
    where: tuple[str, str] = ("", "")


@dataclass(frozen=True, repr=False)
class Program:
    """The program that prints a credential's token, to run again when the token has expired.

    Attributes:
        run: program and arguments.
        timeout: in seconds.
        field, scheme: the header field that carries the token, and what comes before it there.
        where: file and key that it comes from, for messages.
        directory: where it is run.
    """

    run: Sequence[str]
    timeout: float = 30.0
    field: str = "Authorization"
    scheme: str = "Bearer"
    where: tuple[str, str] = ("", "")
    directory: str = "."

    def carried(self, token: str) -> dict[str, str]:
        """The header field with a token."""
        return {self.field: f"{self.scheme} {token}".strip()}


@dataclass(frozen=True)
class Credential:
    """What a request carries under one name.

    Attributes:
        fields: header fields by name.
        query: parameters by name, added to the query of every URL.
        certificate: for TLS.
        grant: how its access token is fetched; that goes into Authorization.
        token: the access token, once it has been fetched.
        program: what has printed the token among the fields.
    """

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificate: Certificate | None = None
    grant: Grant | None = None
    token: Token | None = None
    program: Program | None = field(default=None, repr=False, compare=False)

    @property
    def carriers(self) -> list[str]:
        """Names of the header fields that it puts into a request."""
        return [*self.fields, *(["Authorization"] if self.grant else [])]

    @property
    def cookies(self) -> list[str]:
        """Names of the cookies that it puts into a request."""
        given = [value for name, value in self.fields.items() if name.lower() == "cookie"]
        return [name for value in given for name, _ in cookie_pairs(value)]


def cookie_pairs(value: str) -> list[tuple[str, str]]:
    """Names and values of the cookies in a Cookie field's value (RFC 6265 section 4.2.1)."""
    pairs = (pair.strip().partition("=") for pair in value.split(";"))
    return [(name, text.strip('"')) for name, equals, text in pairs if equals and text]


def with_query(url: str, query: Mapping[str, str], foreign: Collection[str]) -> tuple[str, str]:
    """A URL with the parameters of a credential, and without.

    What is in the query already stays as it is, byte by byte, except parameters that credentials own: a
    target may have put them into a link.

    Args:
        url: absolute.
        query: the credential's parameters.
        foreign: names of the parameters of all credentials.
    """
    if not foreign:
        return url, url
    before, hash_, fragment = url.partition("#")
    base, mark, given = before.partition("?")
    pairs = given.split("&") if mark else []
    kept = [pair for pair in pairs if unquote_plus(pair.partition("=")[0]) not in foreign]

    def made(parts: list[str]) -> str:
        return base + (f"?{'&'.join(parts)}" if parts else "") + hash_ + fragment

    plain = url if kept == pairs else made(kept)
    own = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items()]
    return made([*filter(None, kept), *own]) if own else plain, plain
