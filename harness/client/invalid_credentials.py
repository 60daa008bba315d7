"""Requests without credentials, and with ones that are not valid."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx

from harness.client.client import Client
from harness.target.credentials.resolved import Credential, cookie_pairs

NOBODY = "no credentials"
LONG = 8
"""Characters from which a secret is kept out of the record, and from which a part of it is surely not valid."""
_SHORTENED = "the valid credential without its last characters"
_UNSET = ("null", "undefined")
"""What a page sends that puts a token into a text before it has one."""
_BESIDE = re.compile(r"cookie|origin|referer|.*(csrf|xsrf).*", re.IGNORECASE)
"""Fields that carry cookies or protect them."""


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
    """The field that carries a credential, its scheme with a space (or nothing), and the secret; None without one.

    Cookies are left out, and what protects them: they belong to no scheme, and cannot be sent elsewhere.
    """
    order = sorted(credential.fields.items(), key=lambda one: one[0].lower() != "authorization")
    for name, value in order:
        if _BESIDE.fullmatch(name) or not value:
            continue
        scheme, space, rest = value.partition(" ")
        return (name, scheme + space, rest) if space and rest else (name, "", value)
    return None


def variants(credential: Credential) -> Iterator[Variant]:
    """Credentials that are not valid, in the field and the scheme of a valid one, no credentials first.

    Where cookies are the credential, each of them is not valid.
    """
    yield Variant(NOBODY, {})
    found = carried(credential)
    if found is None:
        yield from _cookies(credential)
        return
    name, scheme, secret = found
    yield Variant("an empty credential", {name: scheme.strip()})
    if scheme:
        other = "Basic" if scheme.strip().lower() != "basic" else "Bearer"
        yield Variant(f"the scheme {other} with the valid credential", {name: f"{other} {secret}"})
    made = _made_up_basic(secret) if scheme.strip().lower() == "basic" else _made_up(secret)
    yield Variant("a made-up credential", {name: scheme + made})
    if len(secret) > LONG:
        yield Variant(_SHORTENED, {name: scheme + _shortened(secret)})
    if scheme.strip().lower() != "basic":
        yield from (Variant(f"the text {text} as the credential", {name: scheme + text}) for text in _UNSET)


def _cookies(credential: Credential) -> Iterator[Variant]:
    """Cookies that are not valid, beside the other fields of a valid credential; none where it has no cookie."""
    field = next((name for name in credential.fields if name.lower() == "cookie"), None)
    pairs = cookie_pairs(credential.fields[field]) if field is not None else []
    if field is None or not pairs:
        return
    others = {name: value for name, value in credential.fields.items() if name != field}

    def each(change: Callable[[str], str]) -> dict[str, str]:
        return {**others, field: "; ".join(f"{name}={change(value)}" for name, value in pairs)}

    yield Variant("an empty credential", each(lambda value: ""))
    yield Variant("a made-up credential", each(_made_up))
    if all(len(value) > LONG for _, value in pairs):
        yield Variant(_SHORTENED, each(_shortened))


def _made_up(secret: str) -> str:
    return secrets.token_urlsafe(len(secret))[: max(16, len(secret))]


def _made_up_basic(secret: str) -> str:
    """Base64 of letters alone: with a colon among them, by chance, it might name a user (RFC 7617 section 2)."""
    return base64.b64encode(secrets.token_hex(len(secret)).encode()[: max(15, len(secret))]).decode()


def _shortened(secret: str) -> str:
    return secret[: -len(secret) // 4]


def keep_out(client: Client, variant: Variant) -> None:
    """Keep what may be valid of such a credential out of the record."""
    for name, value in variant.fields.items():
        texts = [text for _, text in cookie_pairs(value)] if name.lower() == "cookie" else []
        for secret in texts or [value.rpartition(" ")[2]]:
            if len(secret) >= LONG and secret not in _UNSET:
                client.recorder.redactor.learn("INVALID_CREDENTIAL", secret)


def send(client: Client, variant: Variant, method: str, url: str) -> httpx.Response:
    """Send a request with such a credential; what is valid of it is kept out of the record."""
    keep_out(client, variant)
    return client.under(None).request(method, url, headers=variant.fields)
