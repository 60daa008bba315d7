"""Signatures of deliveries: how they are read and computed. Pure.

Sources: Standard Webhooks (signature scheme), and the documentation of those who sign in the other usual ways.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.profile.webhooks import Signature

from .judge import MILLISECONDS

PRESETS = {
    "standard": Signature(
        field="webhook-signature",
        prefix="v1,",
        signed="{id}.{timestamp}.{body}",
        encoding="base64",
        timestamp="webhook-timestamp",
        id="webhook-id",
        secret="base64",
    ),
    "stripe": Signature(
        field="Stripe-Signature", prefix="v1=", signed="{timestamp}.{body}", timestamp_prefix="t="
    ),
    "github": Signature(field="X-Hub-Signature-256", prefix="sha256="),
    "shopify": Signature(field="X-Shopify-Hmac-Sha256", encoding="base64"),
    "slack": Signature(
        field="X-Slack-Signature",
        prefix="v0=",
        signed="v0:{timestamp}:{body}",
        timestamp="X-Slack-Request-Timestamp",
    ),
}
USUAL = re.compile(r"(?i)signature|hmac")


@dataclass(frozen=True)
class Signed:
    """What a delivery says of its signature.

    Attributes:
        values: the signatures, as they are written.
        timestamp: as it is written; None without one.
        id: as it is written; None without one.
        missing: what the scheme needs and the delivery lacks; empty if it has everything.
    """

    values: tuple[str, ...]
    timestamp: str | None
    id: str | None
    missing: str


def scheme_of(given: str | Signature) -> Signature:
    """The scheme that a profile names."""
    return PRESETS[given] if isinstance(given, str) else given


def read(scheme: Signature, headers: Mapping[str, str]) -> Signed:
    """The parts of a signature in the header fields of a delivery.

    Args:
        headers: names in any letter case, if the mapping allows it.
    """
    written = headers.get(scheme.field)
    values = () if written is None else _after(scheme.prefix, written, r"[A-Za-z0-9+/_-]+=*")
    timestamp = id = None
    missing = "" if values else f"no signature in {scheme.field}"
    if "{timestamp}" in scheme.signed:
        place = headers.get(scheme.timestamp) if scheme.timestamp else written
        timestamp = next(iter(_after(scheme.timestamp_prefix, place or "", r"[0-9]+")), None)
        missing = missing or ("" if timestamp else f"no timestamp in {scheme.timestamp or scheme.field}")
    if "{id}" in scheme.signed:
        id = headers.get(scheme.id or "")
        missing = missing or ("" if id else f"no id in {scheme.id}")
    return Signed(values, timestamp, id, missing)


def _after(prefix: str, text: str, form: str) -> tuple[str, ...]:
    return tuple(re.findall(rf"(?:^|(?<=[\s,;])){re.escape(prefix)}({form})(?=$|[\s,;])", text))


def seconds(given: str | Signature, timestamp: str) -> float:
    """The instant of a timestamp, in seconds since the epoch.

    Args:
        given: the scheme as the profile names it: one of its own may count milliseconds, the usual ones count seconds.
    """
    value = float(timestamp)
    return value / 1000 if isinstance(given, Signature) and value > MILLISECONDS else value


def key_of(scheme: Signature, secret: str) -> bytes:
    """The key that a secret is.

    Raises:
        ValueError: it is not base64, where the scheme says so.
    """
    if scheme.secret == "text":
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_") + "==", validate=False)
    except binascii.Error as problem:
        raise ValueError(f"the secret is not base64 ({problem})") from None


def expected(scheme: Signature, key: bytes, signed: Signed, content: bytes) -> str:
    """The signature that a delivery should have, as the scheme writes it."""
    parts = {
        "id": (signed.id or "").encode(),
        "timestamp": (signed.timestamp or "").encode(),
        "body": content,
    }
    data = b""
    for text, name in re.findall(r"([^{}]*)(?:\{(\w+)\})?", scheme.signed):
        data += text.encode() + parts.get(name, b"")
    digest = hmac.new(key, data, getattr(hashlib, scheme.algorithm)).digest()
    return digest.hex() if scheme.encoding == "hex" else base64.b64encode(digest).decode()


def verifies(scheme: Signature, key: bytes, headers: Mapping[str, str], content: bytes) -> bool:
    """Whether one of the signatures of a delivery is right for that key and content."""
    signed = read(scheme, headers)
    if signed.missing:
        return False
    right = expected(scheme, key, signed, content)
    if scheme.encoding == "hex":
        return any(hmac.compare_digest(one.lower(), right) for one in signed.values)
    return any(hmac.compare_digest(one.rstrip("="), right.rstrip("=")) for one in signed.values)


def recognised(keys: Sequence[str], headers: Mapping[str, str], content: bytes) -> str | None:
    """The usual way in which a delivery is signed, where a signature verifies with one of some secrets; else None."""
    for name, scheme in PRESETS.items():
        for secret in keys:
            try:
                if verifies(scheme, key_of(scheme, secret), headers, content):
                    return name
            except ValueError:
                continue
    return None


def signature_fields(headers: Mapping[str, str]) -> list[str]:
    """Names of the fields that look like a signature."""
    return [name for name in headers if USUAL.search(name)]


def fresh_secret() -> str:
    """A new secret, as Standard Webhooks writes it; others take it as text."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
