"""Several clients on one connection, over HTTP/1.1 and HTTP/2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from harness.client.client import Client, exchange_of
from harness.client.invalid_credentials import keep_out, variants
from harness.client.raw import connection
from harness.http.exchange import Exchange
from harness.rules.checks import Undecided, not_applicable

from .judge import Seen, Step

A, NOBODY, B, BROKEN = "client A", "no credentials", "client B", "a made-up credential"
ORDERS = ((A, NOBODY, B, BROKEN, A), (NOBODY, A, B), (B, A, NOBODY))
"""Who sends a request on one connection, in turn; whoever comes first may be remembered."""


@dataclass(frozen=True)
class Sender:
    """Who sends requests.

    Attributes:
        fields: that a credential which is not valid adds.
    """

    client: Client
    fields: Mapping[str, str] = field(default_factory=dict)

    def get(self, url: str) -> httpx.Response:
        return self.client.get(url, headers=self.fields)


def senders(client: Client, other: str | None) -> dict[str, Sender]:
    """Client A, nobody, a credential that is not valid, and client B if there is one, by name."""
    found = {A: Sender(client), NOBODY: Sender(client.under(None))}
    credential = client.recorder.wallet.carried(client.credential)
    made = next((one for one in variants(credential) if "made-up" in one.name), None)
    if made is not None:
        keep_out(client, made)
        found[BROKEN] = Sender(client.under(None), made.fields)
    if other is not None:
        found[B] = Sender(client.under(other))
    return found


Shows = Callable[[httpx.Response], bool]


def seen(exchange: Exchange, reply: httpx.Response, shows: Shows) -> Seen:
    return Seen(reply.status_code, shows(reply), exchange.summary())


def alone(by: Mapping[str, Sender], url: str, shows: Shows) -> dict[str, Seen]:
    """What each of them is answered on a connection of its own."""
    found = {}
    for who, sender in by.items():
        reply = Sender(sender.client.on_new_connections(), sender.fields).get(url)
        found[who] = seen(exchange_of(reply), reply, shows)
    return found


def over_http1(
    by: Mapping[str, Sender], url: str, usual: Mapping[str, Seen], shows: Shows, order: Sequence[str]
) -> list[Step]:
    """One request of each of them in turn, on as few HTTP/1.1 connections as the server lets them share.

    A server may close a connection after any response. Client A opens the next one.

    Raises:
        NotApplicable: the server closes each connection after one response.
        Undecided: no HTTP/1.1 connection can be used.
    """
    rest, steps = [who for who in order if who in by], []
    while rest:
        before: list[str] = []
        with connection(by[A].client) as wire:
            while rest:
                sender = by[rest[0]]
                wire.client = sender.client
                try:
                    sent, reply = wire.ask("GET", url, list(sender.fields.items()), odd=True)
                except Undecided:
                    if not before:
                        raise
                    break  # The server had closed the connection.
                who = rest.pop(0)
                steps.append(Step(who, usual[who], seen(sent, reply, shows), tuple(before)))
                before.append(who)
                if "close" in (sent.field("connection") or "").lower() or sent.http_version == "HTTP/1.0":
                    break
        if before == [A] and rest:
            not_applicable("the server closes each connection after one response")
        if rest and rest[0] != A:
            rest.insert(0, A)
    return steps


def over_http2(by: Mapping[str, Sender], url: str, usual: Mapping[str, Seen], shows: Shows) -> list[Step]:
    """The same on the one HTTP/2 connection that all requests of a run share; none where HTTP/1.1 is spoken."""
    steps: list[Step] = []
    used: dict[str, list[str]] = {}
    for who in [one for one in (A, NOBODY, B, BROKEN, A, NOBODY) if one in by]:
        reply = by[who].get(url)
        exchange = exchange_of(reply)
        if exchange.http_version != "HTTP/2":
            return []
        before = used.setdefault(exchange.connection.partition("/")[0], [])
        steps.append(Step(who, usual[who], seen(exchange, reply, shows), tuple(before)))
        before.append(who)
    return steps
