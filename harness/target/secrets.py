"""The secret parts of credentials, and the names that replace them in reports and in written profiles."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.target.credentials.resolved import cookie_pairs

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9_-]*)[ \t]+(?P<rest>\S.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WITH_SCHEME = ("authorization", "proxy-authorization")


def secret_part(header: str, value: str) -> str:
    """What is secret of a field's value: all, or what comes after the scheme (RFC 9110 section 11.4)."""
    found = _SCHEME.fullmatch(value)
    if found is None:
        return value
    known = found["scheme"].lower() in ("bearer", "basic", "token", "apikey", "digest")
    return found["rest"] if known or header.lower() in _WITH_SCHEME else value


_PUBLIC = re.compile(
    r"(?:accept(?:-\w+)?|content-\w+|user-agent|from|host|origin|referer|prefer|cache-control|\w[\w-]*-version)\Z",
    re.I,
)


def is_public(header: str) -> bool:
    """Whether a field carries no credential, whoever sends it: its value is no secret."""
    return _PUBLIC.match(header) is not None


def basic_pair(value: str) -> tuple[str, str] | None:
    """User and password in a field's value of the Basic scheme (RFC 7617), or None."""
    found = _SCHEME.fullmatch(value)
    if found is None or found["scheme"].lower() != "basic":
        return None
    try:
        pair = base64.b64decode(found["rest"], validate=True).decode()
    except ValueError:
        return None
    user, _, password = pair.partition(":")
    return (user, password) if password else None


_PARTS = (
    ("bearer", "Authorization"),
    ("basic.password", "PASSWORD"),
    ("oauth2.client_secret", "CLIENT_SECRET"),
    ("certificate.password", "KEY_PASSWORD"),
)


def _secret_texts(template: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is secret in a credential's table: what it is called, as written, and its value."""
    for table in ("headers", "query", "cookies"):
        for name, value in given.get(table, {}).items():
            yield name, str(template[table][name]), value
    for path, called in _PARTS:
        written: Any = template
        filled: Any = given
        for key in path.split("."):
            written = (written or {}).get(key)
            filled = (filled or {}).get(key)
        if filled is not None:
            yield called, str(written), filled


class Secrets:
    """The secrets of a profile by name.

    Attributes:
        values: secret values by name; a name is one that a shell can export.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] = dict(values or {})

    def learn(
        self, credential: str, header: str, template: str, value: str, environ: Mapping[str, str]
    ) -> None:
        """Take up what is secret in one header field of a credential.

        Args:
            credential: its name, such as `default`.
            template: the value as written, `${NAME}` in it.
            value: the value with the variables replaced.
        """
        if is_public(header) and not _VARIABLE.search(template):
            return
        names = [name for name in _VARIABLE.findall(template) if environ.get(name)]
        for name in names:
            self.values[name] = environ[name]
        literal = _VARIABLE.sub("", secret_part(header, template)).replace("$$", "$")
        if len(re.sub(r"[^A-Za-z0-9]", "", literal)) >= 4 or (not names and literal):
            self.name_of(credential, header, secret_part(header, value))
        self._take_cookies(credential, header, value)

    def learn_parts(
        self,
        credential: str,
        template: Mapping[str, Any],
        given: Mapping[str, Any],
        environ: Mapping[str, str],
    ) -> None:
        """Take up what is secret in a credential's table.

        Args:
            template: as written, `${NAME}` in it.
            given: the same with the variables replaced.
        """
        for place, written, value in _secret_texts(template, given):
            self.learn(credential, place, written, value, environ)
        for text in template.get("command", {}).get("run", []):
            for name in _VARIABLE.findall(str(text)):
                if environ.get(name):
                    self.values[name] = environ[name]

    def take(self, credential: str, fields: Mapping[str, str]) -> None:
        """Take up what is secret in header fields that are no part of a profile."""
        for name, value in fields.items():
            if not is_public(name):
                self.name_of(credential, name, secret_part(name, value))
                self._take_cookies(credential, name, value)

    def _take_cookies(self, credential: str, header: str, value: str) -> None:
        """Take up each cookie of a Cookie field: a target may show one without the others."""
        if header.lower() == "cookie":
            for name, one in cookie_pairs(value):
                self.name_of(credential, f"{header}_{name}", one)

    def name_of(self, credential: str, header: str, secret: str) -> str:
        """The name of a secret, made up from credential and field where it has none yet."""
        for name, value in self.values.items():
            if value == secret:
                return name
        made = re.sub(r"[^A-Z0-9]+", "_", f"{credential}_{header}".upper()).strip("_")
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", made):
            made = f"CREDENTIAL_{made}".rstrip("_")
        name, count = made, 2
        while name in self.values:
            name, count = f"{made}_{count}", count + 1
        self.values[name] = secret
        return name
