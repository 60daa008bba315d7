"""Requests that several rules on HTTP/1.1 messages send, over connections of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from harness import CRITICAL, MUST, control, expect, inconclusive, not_applicable
from harness.client.client import Client, Unanswered, exchange_of
from harness.client.raw import Wire, connection
from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.rules.checks import Undecided
from harness.survey.outcome import Survey

from .judge import BUSY, out_of_step

IN_A_ROW = 10
"""Requests on one connection that show whether responses are in step with them."""


def readable_url(profile: Profile, client: Client) -> str:
    """URL of a readable collection."""
    listed = [resource for resource in profile.resources if resource.missing("list") is None]
    if not listed:
        not_applicable("the profile names no readable collection")
    return client.url(listed[0].collection)


def plain(client: Client, survey: Survey, url: str) -> int | None:
    """The positive control: a well-formed GET over a raw HTTP/1.1 connection succeeds; its status."""
    try:
        with connection(client) as wire:
            sent, _ = wire.ask("GET", url)
    except Undecided:
        if {exchange.http_version for exchange in survey.exchanges if exchange.status} == {"HTTP/2"}:
            not_applicable("the target uses HTTP/2 and does not answer HTTP/1.1")
        raise
    status = sent.status
    control(status is not None and status < 300, f"a GET should succeed: {sent.summary()}")
    if sent.http_version != "HTTP/1.1":
        not_applicable(f"the server answers {sent.http_version}, which RFC 9112 does not cover")
    return status


@contextmanager
def odd(client: Client, what: str) -> Iterator[Wire]:
    """A raw connection for malformed requests; a reset or no response is undecided."""
    try:
        with connection(client) as wire:
            yield wire
    except Undecided as problem:
        inconclusive(f"{what}: {problem}")


def answered(
    client: Client,
    what: str,
    method: str,
    url: str,
    more: Sequence[tuple[str, str]] = (),
    content: bytes = b"",
    without: Collection[str] = (),
) -> Exchange:
    """The exchange of one malformed request on its own connection."""
    with odd(client, what) as wire:
        sent, _ = wire.ask(method, url, more, content, odd=True, without=without)
    if sent.status in BUSY:
        inconclusive(f"{what}: {sent.summary()}")
    return sent


def two_lengths(body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Fields and content whose two lengths end at the same octet, so that no hop is misled."""
    content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return [("Content-Length", str(len(content))), ("Transfer-Encoding", "chunked")], content


def ends(wire: Wire, url: str, what: str, sent: Exchange) -> None:
    """Expect a closed connection: another GET on it is not served."""
    further = wire.serves(url)
    expect(
        further is None,
        "the connection closed after the response",
        f"{what} ({sent.summary()}): another GET on the connection was served: "
        f"{further.summary() if further else ''}",
    )


def served(client: Client, what: str, url: str, **options: Any) -> Exchange:
    """The exchange of a GET that may be refused for its length; undecided without a response."""
    try:
        reply = client.get(url, **options)
    except Unanswered as silent:
        inconclusive(f"{what}: {silent.exchange.summary()}")
    return exchange_of(reply)


def closing(exchange: Exchange) -> bool:
    """Whether a response announces the end of the connection."""
    return "close" in (exchange.field("connection") or "").lower()


def after_an_error(wire: Wire, url: str, absent: str) -> None:
    """Expect the next request to be served after an error, unless its response announces the end."""
    error, _ = wire.ask("GET", absent)
    if error.status is None or error.status < 400 or closing(error):
        return
    following = wire.serves(url)
    expect(
        following,
        "a response to the next request on the connection after an error",
        f"{error.summary()} without Connection: close, then the connection was closed",
    )
    status, said = (following.status, following.summary()) if following else (None, "")
    expect(
        status is not None and status < 300,
        "the same response after an error as before it",
        f"{error.summary()}, then {said}",
    )


def ends_when_asked(client: Client, url: str) -> None:
    """Expect that no request is served after one with Connection: close."""
    with connection(client) as wire:
        asked, _ = wire.ask("GET", url, [("Connection", "close")])
        further = wire.serves(url)
    expect(
        further is None,
        "the connection closed after a request with Connection: close",
        f"{asked.summary()} with Connection: close, and another GET was served: "
        f"{further.summary() if further else ''}",
        level=MUST,
    )


def keeps_in_step(client: Client, url: str, absent: str) -> None:
    """Expect the responses to many requests on one connection to belong to their requests."""
    statuses: list[int | None] = []
    with connection(client) as wire:
        for number in range(IN_A_ROW):
            got = wire.serves((url, absent)[number % 2])
            if got is None or closing(got):
                break
            statuses.append(got.status)
            place = out_of_step(statuses)
            expect(
                place is None,
                "responses in the order of their requests",
                f"request {len(statuses)} on a connection: {got.summary()}, the status of the other requests",
                impact=CRITICAL,
            )
