"""What the API promises to browsers: the origins that may use it, session cookies, and TLS."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from harness.profile.values import Json, Model, Path


def _origin(value: str) -> str:
    """An origin as browsers send it (RFC 6454 section 6.1), or `*`.

    Raises:
        ValueError: it is none.
    """
    if value == "*":
        return value
    try:
        parts = urlsplit(value)
        sound = bool(parts.scheme and parts.hostname) and value == f"{parts.scheme}://{parts.netloc}"
        usual = {"http": 80, "https": 443}.get(parts.scheme) if sound else None
        sound = sound and "@" not in value and value == value.lower() and (parts.port or 0) != usual
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(
            f"{value!r} is not an origin as browsers send it: write scheme, host and a port that is not the "
            "scheme's own, in lower case and without a path, such as https://app.example.com"
        )
    return value


def _plain(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{value!r} is not an http origin, such as http://api.example.com")
    return value.rstrip("/")


Origin = Annotated[str, AfterValidator(_origin)]


class Cors(Model):
    """Which pages may use the API from a browser."""

    allowed_origins: list[Origin] = Field(
        description='Origins whose pages may read responses, such as https://app.example.com; ["*"] for all, and an '
        "empty list for none."
    )


class SessionCookie(Model):
    """The cookie by which the API recognises a client."""

    names: list[str] = Field(
        default_factory=list, description="Names of session cookies; recognised by their names when omitted."
    )
    login: Path | None = Field(
        None, description="Path of a POST whose response sets the cookie, such as /sessions."
    )
    login_body: dict[str, Json] = Field(
        default_factory=dict, repr=False, description="JSON content of that request."
    )


class Tls(Model):
    """The certificate of the target, and its port without TLS."""

    authority: str | None = Field(
        None, description="PEM file with the private authorities that sign the target's certificate."
    )
    plain: Annotated[str, AfterValidator(_plain)] | None = Field(
        None,
        description="Origin of the same API without TLS, such as http://api.example.com:8080; port 80 of the host when "
        "omitted and the target's port is 443.",
    )
