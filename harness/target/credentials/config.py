"""Credentials as `conformance.toml` has them: `[credentials.NAME]`.

1. `default` goes with every request; `other` is a second client, of another tenant. `readonly`, `admin` and
   `expired` are the names by which rules may ask for less rights, more rights, and none any more; any other name
   is the user's own, for `[[rate_limits]]` and rules of theirs.
2. One table may hold several parts, such as a client certificate and a token, but Authorization only once.
3. Every text takes `${NAME}` from the environment.
"""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.target.redact import MASK

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class CredentialPart(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_default=False)


def _names(given: dict[str, str]) -> dict[str, str]:
    for name, value in given.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not a name that can be sent")
        if _CONTROL.search(value):
            raise ValueError(f"the value of {name} has a control character; remove it")
    return given


class Basic(CredentialPart):
    """User and password of the Basic scheme (RFC 7617)."""

    user: str = Field(description="User name, without a colon.")
    password: str = Field(repr=False, description="Password.")

    @field_validator("user")
    @classmethod
    def _no_colon(cls, value: str) -> str:
        if ":" in value:
            raise ValueError("a user name cannot have a colon in it (RFC 7617 section 2)")
        return value


class OAuth2(CredentialPart):
    """OAuth 2.0 client credentials (RFC 6749 section 4.4): tokens are fetched, and renewed before they expire."""

    token_url: str = Field(description="Token endpoint; it may be on another origin than the target.")
    client_id: str = Field(description="Client identifier.")
    client_secret: str = Field(repr=False, min_length=1, description="Client secret.")
    scope: str | None = Field(None, description="Scopes to request, separated by spaces.")
    parameters: dict[str, str] = Field(
        default_factory=dict,
        repr=False,
        description="Further parameters of the token request, such as audience.",
    )
    authentication: Literal["basic", "post"] = Field(
        "basic", description="Whether id and secret go in Authorization or in the content of the request."
    )
    lifetime: float | None = Field(
        None, gt=0, description="Lifetime of a token in seconds if the endpoint does not return one."
    )

    @field_validator("token_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            good = False
        if not good or parts.username is not None or parts.fragment:
            raise ValueError("is not an absolute http or https URL without user and fragment")
        return value


class CertificateConfig(CredentialPart):
    """A client certificate for TLS."""

    file: str = Field(description="PEM file with the certificate and its chain.")
    key: str | None = Field(None, description="PEM file with the private key, if `file` does not contain it.")
    password: str | None = Field(None, repr=False, description="Password of the private key.")


class Command(CredentialPart):
    """A program that prints a token. It is run once a run, without a shell."""

    run: list[str] = Field(repr=False, min_length=1, description="Program and arguments.")
    timeout: float = Field(30.0, gt=0, le=600, description="Timeout in seconds.")
    field: str = Field("Authorization", description="Header field for the token.")
    scheme: str = Field("Bearer", description="Prefix of the field value, such as Bearer; may be empty.")

    @field_validator("field")
    @classmethod
    def _sendable(cls, value: str) -> str:
        _names({value: ""})
        return value


class CredentialConfig(CredentialPart):
    """What a request carries to say who sends it."""

    headers: dict[str, str] = Field(
        default_factory=dict,
        repr=False,
        description="Header fields, by name; ${NAME} is read from the environment.",
    )
    bearer: str | None = Field(
        None, repr=False, min_length=1, description="Token of the Bearer scheme (RFC 6750)."
    )
    basic: Basic | None = Field(None, description="User and password of the Basic scheme (RFC 7617).")
    query: dict[str, str] = Field(
        default_factory=dict,
        repr=False,
        description="Query parameters, by name, added to every URL: an API key.",
    )
    cookies: dict[str, str] = Field(default_factory=dict, repr=False, description="Cookies, by name.")
    oauth2: OAuth2 | None = Field(None, description="OAuth 2.0 client credentials (RFC 6749 section 4.4).")
    certificate: CertificateConfig | None = Field(None, description="Client certificate for TLS.")
    command: Command | None = Field(None, description="Program that prints a token.")

    @field_validator("headers")
    @classmethod
    def _fields(cls, given: dict[str, str]) -> dict[str, str]:
        return _names(given)

    @field_validator("cookies")
    @classmethod
    def _cookies(cls, given: dict[str, str]) -> dict[str, str]:
        for name, value in _names(given).items():
            if set(value) & set(' ",;\\'):
                raise ValueError(f"the value of {name} has what no cookie may have (RFC 6265 section 4.1.1)")
        return given

    @field_validator("bearer")
    @classmethod
    def _one_word(cls, given: str | None) -> str | None:
        if given is not None and (_CONTROL.search(given) or " " in given):
            raise ValueError("is not one word: write the token alone, without its scheme")
        return given

    @model_validator(mode="after")
    def _says_something(self) -> CredentialConfig:
        if not self.model_fields_set:
            raise ValueError(f"it is empty; give one of {', '.join(type(self).model_fields)}")
        twice = [name for name, field in self.carriers() if field.lower() == "authorization"]
        if len(twice) > 1:
            raise ValueError(f"{' and '.join(twice)} both give Authorization; keep one")
        if "cookie" in map(str.lower, self.headers) and self.cookies:
            raise ValueError("headers and cookies both give Cookie; keep one")
        return self

    def carriers(self) -> list[tuple[str, str]]:
        """What puts a header field into a request: the key, and the name of the field."""
        found = [(f"headers.{name}", name) for name in self.headers]
        found += [(name, "Authorization") for name in ("bearer", "basic", "oauth2") if getattr(self, name)]
        return found + ([("command", self.command.field)] if self.command else [])

    @property
    def kinds(self) -> list[str]:
        """The keys that are given."""
        return [name for name in type(self).model_fields if getattr(self, name)]

    def masked(self) -> CredentialConfig:
        """The same without any value that may be secret."""
        return CredentialConfig.model_construct(self.model_fields_set, **{**dict(self), **self._masks()})

    def _masks(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            name: dict.fromkeys(getattr(self, name), MASK) for name in ("headers", "query", "cookies")
        }
        made["bearer"] = MASK if self.bearer else None
        secret: dict[str, dict[str, Any]] = {
            "basic": {"user": MASK, "password": MASK},
            "oauth2": {"client_id": MASK, "client_secret": MASK, "parameters": {}},
            "certificate": {"file": MASK, "key": None, "password": None},
            "command": {"run": [MASK]},
        }
        for name, update in secret.items():
            part = getattr(self, name)
            made[name] = None if part is None else part.model_copy(update=update)
        return made
