"""Which reads need a credential, and how they are refused without a valid one."""

from __future__ import annotations

import httpx

from harness.client.client import exchange_of
from harness.http.intermediary import from_edge
from harness.resource.canary import victim_of
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.survey.outcome import Survey


def reads(resource: ResourceUnderTest) -> list[str]:
    """URLs that the resource's own credential reads: of the collection, and of an item."""
    urls = [resource.url] if resource.can("list") else []
    if resource.can("read"):
        try:
            item = victim_of(resource).url
        except Undecided:
            item = None
        urls += [item] if item is not None else []
    return [url for url in urls if resource.client.get(url).is_success]


def wrong_refusal(reply: httpx.Response, survey: Survey, *, sent: bool) -> str | None:
    """Why a refusal for lack of valid credentials has the wrong status, or None (RFC 9110 section 11.4).

    404 hides that the resource exists (section 15.5.4), and a malformed credential may be a bad request
    (RFC 6750 section 3.1).
    """
    exchange = exchange_of(reply)
    if reply.status_code in (401, 404, 407) or (sent and reply.status_code == 400):
        return None
    if from_edge(exchange, survey.exchanges):
        return None
    return exchange.summary()
