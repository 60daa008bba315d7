"""Errors that the survey provokes on purpose, so that passive rules have something to judge.

Each is a request with one fault. Nothing destructive: no DELETE except of the survey's own items, and only
POST, GET and OPTIONS on a collection.
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
BAD_PARAMETER = "bad page parameter"
NOT_ACCEPTABLE = "media type that nothing has"


def provoke(
    subject: ResourceUnderTest | None,
    item: Item | None,
    survey: Survey,
    *,
    first_resource: bool,
    root: str = "",
    client: Client | None = None,
) -> None:
    """Send the erroneous requests and note which exchange shows which error.

    Args:
        subject: the resource to provoke errors on; None if the target has none.
        item: an item of the survey.
        survey: takes the triggers.
        first_resource: False skips what does not depend on the resource.
        root: the path of the API, relative to the target URL.
        client: required without a subject.
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
        # If the target URL is a collection, every path below it is an item.
        base = sender.target.origin if subject is not None and not subject.known.collection else root
        attempt(UNKNOWN_ROUTE, lambda: sender.get(f"{base}/no-such-route-{uuid.uuid4().hex[:12]}"))
    if subject is None:
        return
    if first_resource and DEFAULT in sender.target.credentials:
        attempt(NO_CREDENTIALS, lambda: sender.under(None).get(subject.url))
    if subject.sample_id is not None and subject.can("read"):
        attempt(ABSENT_ITEM, lambda: sender.get(subject.absent_url()))
    if sender.target.limits.effects < Effect.WRITE:
        _by_reading(subject, attempt)
    elif subject.can("create"):
        _by_writing(subject, item, attempt, first_resource=first_resource)


_Attempt = Callable[[str, Callable[[], httpx.Response]], None]


def _by_writing(
    subject: ResourceUnderTest, item: Item | None, attempt: _Attempt, *, first_resource: bool
) -> None:
    """Provoke errors by creates, and by requests to an item of the survey."""
    with suppress(Undecided):
        if subject.stores_any():
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
        if "POST" not in subject.documented("item") and not subject.puts:
            attempt(NOT_ALLOWED, lambda: subject.client.post(item.url, json=subject.body()))
            # An Allow field may be wrong about HEAD, and about PUT, which has succeeded before.
            with suppress(Undecided):
                subject.client.head(item.url)
                if subject.can("replace"):
                    item.put(item.put_body())
        if subject.can("unique") and not subject.puts:
            attempt(DUPLICATE, lambda: subject.post(item.sent))


def _by_reading(subject: ResourceUnderTest, attempt: _Attempt) -> None:
    """Provoke errors where only safe methods may be sent."""
    pages = subject.known.pagination
    name = pages and (pages.limit_param or pages.page_param or pages.offset_param)
    if name:
        attempt(BAD_PARAMETER, lambda: subject.client.get(subject.url, params={name: "abc"}))
    attempt(NOT_ACCEPTABLE, lambda: subject.client.get(subject.url, headers={"Accept": "application/x-none"}))
