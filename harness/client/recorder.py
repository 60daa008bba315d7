"""The recorder: every request that leaves becomes an Exchange here, and nothing leaves another way.

1. Budget, pace, allowed effects and ownership (`ownership.py`) are enforced here and nowhere else.
2. Redaction happens here, before an Exchange exists.
3. A target that stops answering, or answers with server errors only, is given up: the rest of the run is
   inconclusive and ends soon (`breaker.py` says when). The run still tries to remove what it created.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from harness.client.breaker import Breaker
from harness.client.budget import Budget, BudgetSpent
from harness.client.credentials_in_use import HeldCredentials
from harness.client.encoding import PLAIN, Encoding
from harness.client.exchange_log import ExchangeLog
from harness.client.lost import Lost, lost
from harness.client.ownership import Ownership
from harness.client.streams import Incoming
from harness.client.transport import EXCHANGE, Deadline, open_transport
from harness.http.content import MISSING, parsed
from harness.http.decoding import MOST_OCTETS, TooMuch, answer, decoded, too_much
from harness.http.event_stream import MEDIA_TYPE as EVENT_STREAM
from harness.http.exchange import Exchange
from harness.http.item_urls import above, key
from harness.payloads import run_token
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.target.credentials.resolved import Certificate, Credential, with_query
from harness.target.redact import Redactor
from harness.target.secrets import is_public
from harness.target.target import DEFAULT, Target

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNSENT = (httpx.LocalProtocolError, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Why a request never left."""
THROTTLED_BEFORE_GIVING_UP = 3


class Unanswered(Undecided):
    """There was no response: connection refused or reset, timeout, or not HTTP.

    Attributes:
        exchange: the request.
        sent: whether it may have reached the target.
        lost: what came instead of a response; None where that is not the target's doing alone.
    """

    def __init__(self, exchange: Exchange, *, sent: bool = True, lost: Lost | None = None) -> None:
        self.exchange = exchange
        self.sent = sent
        self.lost = lost
        super().__init__(f"no answer to {exchange.method} {exchange.url}: {exchange.error}")


class TargetDied(Undecided):
    """The target stopped answering; nothing more is sent to it."""


class NotFollowed(httpx.DecodingError):
    """The response is an event stream, which goes on for ever: `harness.client.open_responses` follows one."""


class Refused(Undecided):
    """The harness itself does not send this request."""


class Recorder(httpx.BaseTransport):
    """A transport that enforces the run's limits and records every exchange.

    Args:
        target: origin and allowed effects.
        budget: the remaining `--max-requests` and the `--rps` pace.
        prefix: prefix of exchange ids; distinct for each worker.
    """

    def __init__(self, target: Target, budget: Budget, prefix: str = "") -> None:
        self.target = target
        self.budget = budget
        held = target.credentials.values()
        self.redactor = Redactor(
            target.secrets,
            {name.lower() for one in held for name in one.carriers if not is_public(name)},
            [value for one in held for value in one.fields.values()],
            [name for one in held for name in (*one.query, *one.cookies)],
        )
        self.wallet = HeldCredentials(target, self.redactor, budget.take, budget.end)
        self.log = ExchangeLog(self.redactor, self.wallet, prefix)
        self.breaker = Breaker(budget)
        self.ownership = Ownership(run_token.current())
        self.encodings: dict[str, Encoding] = {}
        """How bodies are written, by the normal form of the collection's URL; see `encoding()`."""
        self._fresh = False
        self.at_the_end: list[Callable[[], object]] = []
        """What ends connections that are still open when the run is over."""
        self._throttled = 0
        self._deadline = Deadline()
        self._transports: dict[tuple[Certificate | None, bool, bool], httpx.HTTPTransport] = {}
        # httpx leaves out a port that is the scheme's own.
        base = httpx.URL(target.url)
        self._origin = base.raw_scheme, base.raw_host, base.port

    @contextmanager
    def on_new_connections(self) -> Iterator[None]:
        """Send each request on a connection of its own meanwhile, so that none is lost with an idle one."""
        self._fresh = True
        try:
            yield
        finally:
            self._fresh = False

    def encoding(self, url: str) -> Encoding:
        """How the bodies of requests to a collection, or to an item below it, are written."""
        if not self.encodings:
            return PLAIN
        try:
            here = key(url)
        except httpx.InvalidURL:
            return PLAIN
        found = (self.encodings[place].at(here, place) for place in above(here) if place in self.encodings)
        return next(found, PLAIN)

    @property
    def exchanges(self) -> list[Exchange]:
        """All exchanges so far, redacted."""
        return self.log.exchanges

    @exchanges.setter
    def exchanges(self, kept: list[Exchange]) -> None:
        self.log.exchanges = kept

    @property
    def died(self) -> str | None:
        """Why the target was given up, if it was."""
        return self.breaker.open

    @died.setter
    def died(self, why: str) -> None:
        self.breaker.open = why

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        hints: Mapping[str, Any] = request.extensions.get("conformance", {})
        removal = bool(hints.get("removal"))
        self.admit(request.method, request.url, removal=removal)
        self.budget.take(reserved=hints.get("cleanup", False), removal=removal)
        self.about_to_send(request)
        exchange, response, problem = self._exchange(request, hints)
        sent = not isinstance(problem, UNSENT)
        if isinstance(problem, httpx.TimeoutException):
            self.budget.cut_short(f"{exchange.method} {exchange.url}", sent=sent, removal=removal)
        if problem is None or not self._stranger(hints):
            self.breaker.saw(request, exchange, problem, removal=removal)
        if self.breaker.doubts:
            self._ask_again()
        if response is None or problem is not None:
            raise Unanswered(exchange, sent=sent, lost=lost(problem))
        if response.status_code not in (429, 503):
            self._throttled = 0
        unreadable: httpx.DecodingError | None = response.extensions["unreadable"]
        if unreadable is not None:
            raise unreadable
        self.ownership.saw(request.method, str(request.url), response.status_code, lambda: _json(response))
        return response

    def _stranger(self, hints: Mapping[str, Any]) -> bool:
        """Whether a request goes without the client certificate of `default`: a server may hang up on others."""
        usual = self.wallet.certificate(DEFAULT)
        return usual is not None and hints.get("certificate") != usual

    def _ask_again(self) -> None:
        """Send a GET that was fine before, or the plainest: whether the target fails, or only what rules ask of it."""
        known = self.breaker.fine
        try:
            self.budget.take()
        except BudgetSpent:
            # The answer at hand must not be lost over that.
            return
        if known is None:
            timeout = httpx.Timeout(self.target.limits.timeout).as_dict()
            again = httpx.Request("GET", self.target.url, extensions={"timeout": timeout})
        else:
            again = httpx.Request("GET", known.url, headers=known.headers, extensions=known.extensions)
        exchange, _, _ = self._exchange(again, again.extensions.get("conformance", {}))
        self.breaker.asked(exchange)

    def _exchange(
        self, request: httpx.Request, hints: Mapping[str, Any]
    ) -> tuple[Exchange, httpx.Response | None, httpx.TransportError | None]:
        """Send a request and read the whole response; returns the response, or why there is none."""
        content = request.read()
        response: httpx.Response | None = None
        octets, plain, failure, unreadable = b"", b"", None, None
        # Opened before the clock runs: it reads all authorities that are trusted.
        keep = not (self._fresh or hints.get("new_connection"))
        separate = bool(keep and hints.get("separate"))
        transport = self._transport(hints.get("certificate"), keep=keep, separate=separate)
        started = time.monotonic()
        until = started + EXCHANGE * self.target.limits.timeout
        with self._deadline.of(request, self.budget.end(until, removal=bool(hints.get("removal")))):
            try:
                response = transport.handle_request(request)
                if request.method == "GET" and _goes_on(response):
                    response.stream.close()  # type: ignore[union-attr]
                    raise NotFollowed("an event stream, which goes on: it was not followed")
                octets = self._read(response, hints.get("sink"))
                plain = octets if "sink" in hints else decoded(response.headers, octets)
            except httpx.TransportError as problem:
                failure = problem
            except httpx.DecodingError as problem:
                unreadable = problem
        ended = time.monotonic()
        error = None if failure is None else _explained(failure)
        if isinstance(unreadable, TooMuch | NotFollowed):
            error = str(unreadable)
        exchange = self.log.record(request, content, response, octets, error, started, ended, hints)
        if response is not None:
            response = answer(response, plain)
            kept = {"exchange": exchange, "octets": octets, "unreadable": unreadable}
            response.extensions = {**response.extensions, **kept}
        return exchange, response, failure

    def about_to_send(self, request: httpx.Request) -> None:
        """Let the ledger know what a request writes to an item of the run, before it is sent.

        Raises:
            Undecided: the ledger cannot be written.
        """
        if request.method not in SAFE:
            self.ownership.wrote(str(request.url), request.read())

    def close(self) -> None:
        for end in self.at_the_end:
            end()
        for transport in self._transports.values():
            transport.close()

    def sign(self, request: httpx.Request, carried: Credential) -> None:
        """Put into a request what a credential adds beside header fields."""
        hints = request.extensions["conformance"]
        hints["certificate"] = carried.certificate
        if self.wallet.parameters:
            sent, _ = with_query(str(request.url), carried.query, self.wallet.parameters)
            request.url = httpx.URL(sent)

    def _transport(
        self, certificate: Certificate | None, *, keep: bool, separate: bool
    ) -> httpx.HTTPTransport:
        known = certificate, keep, separate
        if known not in self._transports:
            self._transports[known] = open_transport(
                self.target.insecure, self._deadline, certificate, self.target.authority, keep=keep
            )
        return self._transports[known]

    def admit(self, method: str, url: httpx.URL, *, removal: bool = False) -> None:
        """Check that a request may be sent.

        Args:
            removal: whether it removes what the run created, which is tried although the target was given up.

        Raises:
            Undecided: the target was given up, the URL is not on its origin, the method is not among the
                allowed effects, or it would change what is not shown to be the run's own (`ownership.py`).
        """
        why = self.breaker.open
        if why is not None and not (removal and self.breaker.lets_removals_pass):
            raise TargetDied(why)
        if (url.raw_scheme, url.raw_host, url.port) != self._origin:
            raise Refused(f"{url} is not on the target's origin {self.target.origin}: not sent")
        if self.target.limits.effects is Effect.READ and method not in SAFE:
            raise Refused(f"{method} is not sent under --effects read")
        why_not = self.ownership.why_not(method, str(url))
        if why_not is not None:
            raise Refused(why_not)

    def count_throttled(self, exchange: Exchange) -> None:
        """Record that the target refused a request although its Retry-After was obeyed."""
        self._throttled += 1
        if self._throttled >= THROTTLED_BEFORE_GIVING_UP:
            self.died = (
                f"the target rejects all requests: {self._throttled} in a row, although Retry-After was obeyed; "
                f"the last {exchange.summary()}"
            )

    def _read(self, response: httpx.Response, sink: Incoming | None = None) -> bytes:
        """The content as received; the beginning of it where it goes to a sink."""
        found = bytearray()
        try:
            for part in response.stream:  # type: ignore[union-attr]
                if sink is not None:
                    sink.feed(part)
                    found = sink.kept
                else:
                    found += part
                size, most = (len(found), MOST_OCTETS) if sink is None else (sink.size, sink.most)
                if size > most:
                    raise too_much(most)
        finally:
            response.stream.close()  # type: ignore[union-attr]
        return bytes(found)


def _goes_on(response: httpx.Response) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return response.status_code == 200 and kind == EVENT_STREAM


def _json(response: httpx.Response) -> Any:
    """The content as JSON; `MISSING` where it is none."""
    try:
        return parsed(response.read())
    except ValueError:
        return MISSING


def _explained(problem: httpx.TransportError) -> str:
    text = str(problem) or type(problem).__name__
    kinds: dict[type[httpx.TransportError], str] = {
        httpx.ConnectTimeout: "connecting took too long",
        httpx.ReadTimeout: "no response within the timeout",
        httpx.WriteTimeout: "the request could not be written within the timeout",
    }
    kind = kinds.get(type(problem))
    if kind is None:
        return text
    return kind if str(problem) in ("", "timed out") else f"{kind} ({text})"
