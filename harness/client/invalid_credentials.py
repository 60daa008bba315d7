"""Requests without credentials, and with ones that are not valid."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from harness.client.client import Client
from harness.target.credentials.resolved import Credential

NOBODY = "no credentials"


@dataclass(frozen=True)
class Variant:
    """A way to send no valid credentials.

    Attributes:
        name: in words.
        fields: header fields to send; empty for none.
    """

    name: str
    fields: Mapping[str, str]


def carried(credential: Credential) -> tuple[str, str, str] | None:
    """The field that carries a credential, its scheme with a space (or nothing), and the secret; None without one."""
    order = sorted(credential.fields.items(), key=lambda one: one[0].lower() != "authorization")
    for name, value in order:
        if name.lower() in ("cookie", "origin", "referer") or not value:
            continue
        scheme, space, rest = value.partition(" ")
        return (name, scheme + space, rest) if space and rest else (name, "", value)
    return None


def variants(credential: Credential) -> Iterator[Variant]:
    """Credentials that are not valid, in the field and the scheme of a valid one, no credentials first."""
    yield Variant(NOBODY, {})
    found = carried(credential)
    if found is None:
        return
    name, scheme, secret = found
    yield Variant("an empty credential", {name: scheme.strip()})
    if scheme:
        other = "Basic" if scheme.strip().lower() != "basic" else "Bearer"
        yield Variant(f"the scheme {other} with the valid credential", {name: f"{other} {secret}"})
    made = secrets.token_urlsafe(len(secret))[: max(16, len(secret))]
    yield Variant("a made-up credential", {name: scheme + made})
    if len(secret) > 8:
        yield Variant(
            "the valid credential without its last characters", {name: scheme + secret[: -len(secret) // 4]}
        )


def send(client: Client, variant: Variant, method: str, url: str) -> httpx.Response:
    """Send a request with such a credential; what is valid of it is kept out of the record."""
    for value in variant.fields.values():
        secret = value.rpartition(" ")[2]
        if len(secret) >= 8:
            client.recorder.redactor.learn("INVALID_CREDENTIAL", secret)
    return client.under(None).request(method, url, headers=variant.fields)
