"""Webhooks: how the API is subscribed to, what makes it send an event, and how it signs deliveries."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from harness.profile.values import Json, Model, Path, Pointer

_PLACEHOLDERS = frozenset({"id", "timestamp", "body"})
ITSELF = "subscribe"
"""As a cause: each POST that takes a receiver causes the event for it."""


def _template(value: str) -> str:
    names = set(re.findall(r"\{([^{}]*)\}", value))
    if unknown := sorted(names - _PLACEHOLDERS):
        raise ValueError(f"{{{unknown[0]}}} is not known: use {{id}}, {{timestamp}} and {{body}}")
    if "body" not in names:
        raise ValueError("the content must be signed: put {body} into it")
    return value


def _trigger(value: str) -> str:
    method, _, rest = value.strip().partition(" ")
    sound = bool(rest.strip()) and (method.lower() == "delete" or (method.isupper() and rest.startswith("/")))
    if not (sound or (method and not rest and not method.startswith("/"))):
        raise ValueError(
            f"{value!r} does not say what causes the event: write the name of a resource, of which an item is "
            "created; 'delete NAME'; a request without content, such as 'POST /orders/import'; or 'subscribe', where "
            "the POST that takes a receiver causes the event for it"
        )
    return value.strip()


def _public(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError(f"{value!r} is not an http or https URL, such as https://hooks.example.com")
    return value.rstrip("/")


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8099; port 0 takes a free one")
    return value


class Signature(Model):
    """How a delivery is signed, by a keyed hash over its content."""

    field: str = Field(description="Header field that holds the signature.")
    prefix: str = Field("", description="What is before each signature in it, such as 'sha256='.")
    signed: Annotated[str, AfterValidator(_template)] = Field(
        "{body}", description="What is signed, with {body}, {timestamp} and {id}."
    )
    algorithm: Literal["sha1", "sha256", "sha512"] = Field("sha256", description="Hash of the HMAC.")
    encoding: Literal["hex", "base64"] = Field("hex", description="How the signature is written.")
    timestamp: str | None = Field(
        None, description="Header field of the timestamp; that of the signature when omitted."
    )
    timestamp_prefix: str = Field("", description="What is before the timestamp in its field, such as 't='.")
    id: str | None = Field(None, description="Header field of the id that is signed.")
    secret: Literal["text", "base64"] = Field(
        "text", description="How the secret becomes a key: its bytes, or base64 after a prefix whsec_."
    )


Scheme = Annotated[
    Annotated[Literal["standard", "stripe", "github", "shopify", "slack"], Tag("name")]
    | Annotated[Signature, Tag("table")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "table"),
]


class Webhooks(Model):
    """How the API sends webhooks."""

    subscribe: Path | None = Field(
        None,
        description="Path of the POST that registers a receiver; without it, `receiver` is registered already.",
    )
    body: dict[str, Json] = Field(
        default_factory=dict,
        description="Content of that POST: {url} is the receiver's URL, {event} the event, {secret} a new secret.",
    )
    id: Pointer = Field("/id", description="Location of the id of the subscription in the response.")
    events: dict[str, Annotated[str, AfterValidator(_trigger)]] = Field(
        min_length=1,
        description="What causes an event, by its name: the name of a resource, of which an item is created; "
        "'delete NAME'; 'POST /path'; or 'subscribe', where the POST that takes a receiver causes it. The first one "
        "is subscribed to, a second one must stay away from it.",
    )
    signature: Scheme | None = Field(
        None, description="How deliveries are signed: one of the usual ways by its name, or a table."
    )
    secret: Pointer = Field(
        "/secret", description="Location of the secret in the response to a subscription."
    )
    shared_secret: str | None = Field(
        None, repr=False, description="Secret of all deliveries, where no subscription has its own; ${NAME}."
    )
    listen: Annotated[str, AfterValidator(_address)] = Field(
        "127.0.0.1:0", description="Address and port at which the run listens for deliveries."
    )
    receiver: Annotated[str, AfterValidator(_public)] | None = Field(
        None,
        description="URL at which the target reaches that address, such as a tunnel's; the address itself when "
        "omitted.",
    )
    wait: float = Field(30.0, gt=0, le=600, description="Seconds within which an event is delivered.")
    retry_wait: float = Field(
        60.0, gt=0, le=3600, description="Seconds for which the first two retries are awaited."
    )
    retries: bool | None = Field(
        None,
        description="Whether the API promises to try failed deliveries again; nobody knows when omitted.",
    )
    timeout: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Seconds after which the API gives up on a receiver that does not answer.",
    )
    retry_after: int = Field(
        20, ge=1, le=600, description="Seconds of the Retry-After that a busy receiver sends."
    )
    authority: str | None = Field(
        None,
        description="PEM file with the certificate and the key of an authority that the target trusts: it signs "
        "certificates of receivers, a right one and one of another name.",
    )
    rotate: Path | None = Field(
        None, description="Path of the POST that gives a subscription, {id}, a new secret."
    )
    deliveries: Path | None = Field(
        None, description="Path of the log of the deliveries of a subscription, {id}."
    )

    @model_validator(mode="after")
    def _reachable(self) -> Webhooks:
        if self.subscribe is None and self.listen.endswith(":0"):
            raise ValueError("without `subscribe` give `listen` the port that the API sends to")
        if self.subscribe is not None and "{url}" not in repr(self.body):
            raise ValueError('`body` must hold the receiver\'s URL: { url = "{url}" }')
        if self.receiver is not None and self.listen.endswith(":0"):
            raise ValueError("`receiver` needs a fixed port in `listen`, to which it leads")
        return self
