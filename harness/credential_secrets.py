"""What is secret in credentials, and the name that stands for it in reports and in written profiles."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

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


def basic_password(value: str) -> str | None:
    """The password in a field's value of the Basic scheme (RFC 7617), or None."""
    found = _SCHEME.fullmatch(value)
    if found is None or found["scheme"].lower() != "basic":
        return None
    try:
        pair = base64.b64decode(found["rest"], validate=True).decode()
    except ValueError:
        return None
    return pair.partition(":")[2] or None


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
