"""What is raced: plain descriptions of requests, and httpx's requests made of them before the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from harness.client.client import Client
from harness.client.encoding import with_boundary
from harness.client.recorder import Refused
from harness.rules.checks import Undecided
from harness.rules.rule import Effect

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = "\0own"
"""Stands for the credential of the client that races."""


@dataclass(frozen=True)
class Request:
    """One member of a race.

    Attributes:
        method: any token.
        url: a path below the target URL, or an absolute URL on its origin.
        headers: fields to add or replace; None removes one that the client would send.
        json: content, sent as application/json unless `headers` says otherwise.
        content: content as bytes, instead of `json`.
        credential: name of another credential than the client's own; None for no credential at all.
    """

    method: str
    url: str
    headers: Mapping[str, str | None] = field(default_factory=dict)
    json: Any = None
    content: bytes | str | None = None
    credential: str | None = OWN

    def times(self, count: int) -> list[Request]:
        """As many of the same request: for duplicates and storms."""
        return [self] * count


def prepared(client: Client, request: Request) -> httpx.Request:
    """httpx's request, its content read.

    Raises:
        KeyError: the profile names no such credential.
        Undecided: what it describes is no request that can be sent.
    """
    own = client if request.credential == OWN else client.under(request.credential)
    replaced = {name.lower() for name in request.headers}
    carried = client.recorder.wallet.carried(own.credential)
    fields: dict[str, str | None] = {
        name: value for name, value in carried.fields.items() if name.lower() not in replaced
    }
    fields.update(request.headers)
    content = request.content
    if request.json is not None and content is None:
        content = client.written(request.url, request.json, request.headers)
        if not any(name.lower() == "content-type" for name in fields):
            fields["Content-Type"] = "application/json"
    try:
        built = client.session.build_request(
            request.method,
            client.url(request.url),
            # In UTF-8: the value may be one that the target gave, and httpx takes only ASCII.
            headers=[
                (name.encode(), (with_boundary(value) if name.lower() == "content-type" else value).encode())
                for name, value in fields.items()
                if value is not None
            ],
            content=content,
            extensions={"conformance": {"attempt": 1, "credential": own.credential}},
        )
    except (httpx.InvalidURL, ValueError, TypeError) as problem:
        raise Undecided(f"{request.method} {request.url}: cannot be sent: {problem}") from None
    for name, value in fields.items():
        if value is None:
            built.headers.pop(name, None)
    client.recorder.sign(built, carried)
    built.read()
    return built


def check_effects(client: Client, requests: Sequence[httpx.Request]) -> None:
    """Refuse a race of writes where the run may not send concurrent ones.

    Raises:
        Refused: says which effect would have to be allowed.
    """
    allowed = client.target.limits.effects
    writes = sorted({request.method for request in requests} - SAFE)
    if writes and allowed < Effect.BURST:
        raise Refused(f"{', '.join(writes)} are not raced under --effects {allowed.name.lower()}")
