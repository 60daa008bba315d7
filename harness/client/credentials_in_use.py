"""The credentials of a run in one process, with tokens that are good."""

from __future__ import annotations

import difflib
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.bad_input import BadInput
from harness.client.oauth2 import NoToken, fetch
from harness.rules.checks import Undecided
from harness.target.credentials.command import printed
from harness.target.credentials.expiry import expiry
from harness.target.credentials.resolved import Certificate, Credential, Token
from harness.target.redact import SHORTEST, Redactor
from harness.target.target import DEFAULT, Target

EARLY = 1.0
"""Seconds before the end of a JWT at which a new one is printed."""
NAMES = (DEFAULT, "other", "readonly", "admin", "expired")
"""Names that rules may ask for."""


class HeldCredentials:
    """Says what requests carry under each name, and fetches and renews access tokens.

    Args:
        target: whose credentials these are.
        redactor: learns every token before it is sent.
        spend: called before a token is fetched from the target's own origin, which counts as a request to it.
        end: given an instant of the monotonic clock, an earlier one at which the time of the run is over, or the same.
    """

    def __init__(
        self,
        target: Target,
        redactor: Redactor,
        spend: Callable[[], None],
        end: Callable[[float], float] = lambda instant: instant,
    ) -> None:
        self._target, self._redactor, self._spend, self._end = target, redactor, spend, end
        self._held = dict(target.credentials)
        self._lock = threading.Lock()
        self._accepted: set[str] = set()
        self.parameters = frozenset(name for held in self._held.values() for name in held.query)
        for name, held in self._held.items():
            if held.token is not None:
                redactor.learn(token_name(name), held.token.value)

    @property
    def held(self) -> Mapping[str, Credential]:
        """The credentials with their tokens, for the workers of the run."""
        return dict(self._held)

    def query(self, name: str) -> Mapping[str, str]:
        """The parameters that a credential adds to the query."""
        held = self._held.get(name)
        return {} if held is None else held.query

    def certificate(self, name: str) -> Certificate | None:
        """The client certificate of a credential."""
        held = self._held.get(name)
        return None if held is None else held.certificate

    def open(self) -> None:
        """Fetch all tokens that have not been fetched.

        Raises:
            BadInput: one cannot be had.
        """
        for name, held in self._held.items():
            if held.grant is not None and held.token is None:
                file, key = held.grant.where
                try:
                    self._renew(name, held)
                except NoToken as problem:
                    what = f"{key}: the token endpoint {held.grant.token_url} {problem}"
                    fix = "check token_url, client_id and client_secret"
                    raise BadInput(file, self._redactor.text(what), fix) from None
                except Undecided as problem:
                    raise BadInput(file, f"{key}: no token was fetched: {problem}") from None

    def carried(self, name: str) -> Credential:
        """What a request carries under a name; nothing where there is no such credential.

        Raises:
            Undecided: its token has expired, and there is no new one.
        """
        held = self._held.get(name)
        if held is None:
            return Credential()
        if held.program is not None:
            return self._printed(name, held)
        if held.grant is None:
            return held
        with self._lock:
            held = self._held[name]
            if held.token is None or (held.token.until is not None and time.monotonic() >= held.token.until):
                try:
                    self._renew(name, held)
                except NoToken as problem:
                    assert held.grant is not None
                    what = f"no new token for the credential {name!r}: {held.grant.token_url} {problem}"
                    raise Undecided(self._redactor.text(what)) from None
            held = self._held[name]
        assert held.token is not None
        return replace(held, fields={**held.fields, "Authorization": f"Bearer {held.token.value}"})

    def answered(self, name: str, carried: Credential, status: int) -> bool:
        """Record what became of an access token; whether there is a newer one to try after a 401.

        A token that the target took before and now refuses has expired or was revoked, whatever its lifetime was said
        to be (RFC 6750 section 3.1: `invalid_token`). One that it never took is no use fetching again.

        Args:
            carried: what the request carried.
            status: of the response.
        """
        value = _renewable(carried)
        if value is None:
            return False
        if status != 401:
            self._accepted.add(value)
            return False
        with self._lock:
            held = self._held[name]
            if _renewable(held) not in (None, value):
                return True
            if value not in self._accepted:
                return False
            # Once for a token: a target that goes on refusing must not be asked for one after the other.
            self._accepted.discard(value)
            try:
                if held.program is not None:
                    return self._run(name, held)
                self._renew(name, held)
            except (NoToken, Undecided, BadInput):
                return False
            return True

    def _printed(self, name: str, held: Credential) -> Credential:
        """The credential with a token that a program prints, which is run again shortly before a JWT expires."""
        with self._lock:
            held = self._held[name]
            until = expiry(held)
            if until is not None and time.time() >= until - EARLY:
                try:
                    self._run(name, held)
                except BadInput as problem:
                    raise Undecided(f"credentials.{name}: its token has expired; {problem}") from None
            return self._held[name]

    def _run(self, name: str, held: Credential) -> bool:
        """Run a credential's program; whether it prints another token than before."""
        program = held.program
        assert program is not None
        token = printed(program, program.where, Path(program.directory), os.environ)
        self._redactor.learn(token_name(name), token)
        self._held[name] = replace(held, fields={**held.fields, **program.carried(token)})
        return self._held[name].fields != held.fields

    def _renew(self, name: str, held: Credential) -> None:
        assert held.grant is not None
        if _origin(held.grant.token_url) == _origin(self._target.url):
            self._spend()
        timeout = self._target.limits.timeout
        token: Token = fetch(
            held.grant,
            insecure=self._target.insecure,
            timeout=timeout,
            end=self._end,
            authority=self._target.authority,
        )
        self._redactor.learn(token_name(name), token.value)
        self._held[name] = replace(held, token=token)


def token_name(credential: str) -> str:
    """The replacement for a credential's access token in reports, for every token of the run."""
    word = "".join(char if char.isascii() and char.isalnum() else "_" for char in credential).upper()
    return f"{word}_ACCESS_TOKEN" if word[:1].isalpha() else f"CREDENTIAL_{word}_ACCESS_TOKEN"


def _renewable(credential: Credential) -> str | None:
    """The token of a credential that a program prints or a grant gives, as it is known; None without one."""
    if credential.program is not None:
        return credential.fields[credential.program.field]
    return None if credential.grant is None or credential.token is None else credential.token.value


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def remarks(target: Target) -> list[str]:
    """What a user must know before the run, one line each: token endpoints of other origins, what is not used."""
    lines = []
    for name, value in sorted(target.secrets.items()):
        if 0 < len(value) < SHORTEST:
            lines.append(
                f"the secret {name} has fewer than {SHORTEST} characters: reports redact it only in fields, "
                "parameters and members with the name used in the credential"
            )
    for name, held in sorted(target.credentials.items()):
        near = difflib.get_close_matches(name, set(NAMES) - set(target.credentials), n=1, cutoff=0.8)
        if near and name not in NAMES:
            lines.append(f"no shipped rule uses a credential called {name!r}; did you mean {near[0]!r}?")
        if held.certificate is not None and not target.url.startswith("https:"):
            lines.append(
                f"the client certificate of the credential {name!r} is not used: the target is not https"
            )
        if held.grant is not None and _origin(held.grant.token_url) != _origin(target.url):
            parts = urlsplit(held.grant.token_url)
            clear = "" if parts.scheme == "https" else ", unencrypted"
            where = f"{parts.scheme}://{parts.netloc}{parts.path}"
            lines.append(f"tokens for the credential {name!r} come from {where}, another origin{clear}")
    return lines
