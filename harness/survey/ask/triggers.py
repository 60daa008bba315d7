"""Errors that the survey provokes on purpose, so that passive rules have something to judge.

Each is a request with one thing wrong with it. Nothing destructive: no DELETE but of the survey's own items, no
method but POST, GET and OPTIONS on a collection.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress

import httpx

from harness.client.client import Client, exchange_of
from harness.payloads.invalid import violations
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.outcome import Survey, Trigger
from harness.target.target import DEFAULT

UNKNOWN_ROUTE = "unknown route"
NO_CREDENTIALS = "no credentials"
ABSENT_ITEM = "absent item"
MALFORMED = "malformed JSON"
INVALID = "invalid body"
UNSUPPORTED = "unsupported media type"
NOT_ALLOWED = "method not allowed"
DUPLICATE = "duplicate unique value"


def provoke(
    subject: ResourceUnderTest | None,
    item: Item | None,
    survey: Survey,
    *,
    first_resource: bool,
    client: Client | None = None,
) -> None:
    """Send the erroneous requests and note which exchange shows which error.

    Args:
        subject: the resource to provoke; None where the target has none.
        item: an item of the survey's own.
        survey: takes the triggers.
        first_resource: False skips what does not depend on the resource.
        client: needed where there is no subject.
    """
    sender = subject.client if subject is not None else client
    assert sender is not None

    def attempt(kind: str, send: Callable[[], httpx.Response]) -> None:
        try:
            reply = send()
        except Undecided:
            return
        name = None if subject is None else subject.name
        survey.triggers.append(Trigger(kind, exchange_of(reply).id, name))

    if first_resource:
        # Below a target URL that is a collection itself, every word is an item.
        base = sender.target.origin if subject is not None and not subject.known.collection else ""
        attempt(UNKNOWN_ROUTE, lambda: sender.get(f"{base}/no-such-route-{uuid.uuid4().hex[:12]}"))
    if subject is None:
        return
    if first_resource and DEFAULT in sender.target.credentials:
        attempt(NO_CREDENTIALS, lambda: sender.under(None).get(subject.url))
    if subject.sample_id is not None and subject.can("read"):
        attempt(ABSENT_ITEM, lambda: sender.get(subject.absent_url()))
    if sender.target.limits.effects < Effect.WRITE or not subject.can("create"):
        return
    attempt(MALFORMED, lambda: subject.post(content=b'{"a":'))
    if subject.known.create_schema is not None and subject.known.body is not None:
        found = violations(subject.known.create_schema, subject.body(), subject.known.representation)
        if found:
            attempt(INVALID, lambda: subject.post(found[0].body))
    if first_resource:
        attempt(
            UNSUPPORTED,
            lambda: subject.post(content=b"plain text", headers={"Content-Type": "text/plain"}),
        )
    if item is not None:
        if "POST" not in subject.documented("item"):
            attempt(NOT_ALLOWED, lambda: sender.post(item.url, json=subject.body()))
            # Whether HEAD works there is what an Allow field may be wrong about.
            with suppress(Undecided):
                sender.head(item.url)
        if subject.can("unique"):
            attempt(DUPLICATE, lambda: subject.post(item.sent))
