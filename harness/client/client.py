"""The client that rules use: httpx, without redirects, cookies or proxies that would hide what the target does."""

from __future__ import annotations

import json as json_text
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

import httpx

from harness import __version__
from harness.client.encoding import with_boundary
from harness.client.recorder import Recorder, Unanswered
from harness.client.streams import Incoming
from harness.http.exchange import Exchange
from harness.http.fields import retry_after
from harness.rules.checks import Undecided
from harness.target.target import DEFAULT, Target

ACCEPT = "application/json, application/problem+json, */*;q=0.5"
USER_AGENT = f"pytest-rest-conformance/{__version__}"
LONGEST_WAIT = 30.0
ATTEMPTS = 3
BUSY = (409, 423)
"""Refusals of a write that may pass, where the response says when: an item is being created, or locked."""
LONGEST_BUSY = 5.0
"""Seconds that are waited for an item."""
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
UNAVAILABLE = 503


class Throttled(Undecided):
    """The target kept answering 429 or 503 although its Retry-After was obeyed.

    Attributes:
        exchange: the last of these responses.
    """

    def __init__(self, text: str, exchange: Exchange) -> None:
        super().__init__(text)
        self.exchange = exchange


class Unreadable(Undecided):
    """An answer came, and it cannot be read."""


class _NoCookies(httpx.Cookies):
    """No cookie is taken from any response, nor are its fields parsed for one: there may be thousands of them."""

    def extract_cookies(self, response: httpx.Response) -> None:
        pass


class _Session(httpx.Client):
    """A cookie that the target sets must not leak from one rule's exchange into the next one's."""

    _none = _NoCookies()

    @property
    def cookies(self) -> httpx.Cookies:
        return self._none

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        raise AttributeError("this client keeps no cookies")


@dataclass(frozen=True)
class Client:
    """Sends requests to the target under one credential, and obeys Retry-After.

    Paths are relative to the target URL; absolute URLs must be on the target's origin. Responses are
    `httpx.Response`; `exchange_of()` gives the Exchange that stays as evidence.

    Raises:
        harness.rules.checks.Undecided: from every request that gets no usable answer: unanswered, throttled
            beyond patience, over budget, to another origin, or beyond the allowed effects.
    """

    target: Target
    recorder: Recorder
    session: httpx.Client
    credential: str = DEFAULT
    new_connections: bool = False
    failures: bool = False
    separate: bool = False

    @classmethod
    def open(cls, target: Target, recorder: Recorder) -> Client:
        """A client under the default credential.

        Raises:
            harness.bad_input.BadInput: a credential's access token cannot be had.
        """
        recorder.wallet.open()
        session = _Session(
            transport=recorder,
            timeout=target.limits.timeout,
            follow_redirects=False,
            trust_env=False,
            headers={
                "Accept": ACCEPT,
                # Bytes are compared and counted; a rule that is about codings asks for them itself.
                "Accept-Encoding": "identity",
                "User-Agent": USER_AGENT,
            },
        )
        return cls(target, recorder, session)

    def close(self) -> None:
        self.session.close()

    def under(self, credential: str | None) -> Client:
        """The same client under another named credential, or under none.

        Raises:
            KeyError: the profile names no such credential.
        """
        if credential is not None and credential not in self.target.credentials:
            raise KeyError(credential)
        return replace(self, credential=credential or "")

    def on_new_connections(self) -> Client:
        """The same client, which opens a connection of its own for each request and looks the host's name up again."""
        return replace(self, new_connections=True)

    def apart(self) -> Client:
        """The same client, on connections that carry no other requests than those of such clients.

        For requests without valid credentials: a server may remember who sent a valid one on a connection.
        """
        return replace(self, separate=True)

    def showing_failures(self) -> Client:
        """The same client, which returns a 503 without Retry-After once the repeat was answered so, too.

        Such a response does not say that it will pass: an operation that is always answered so is broken.
        """
        return replace(self, failures=True)

    @property
    def accept(self) -> str:
        """The Accept of requests that name none of their own."""
        return str(self.session.headers["Accept"])

    def accept_also(self, kinds: Iterable[str]) -> None:
        """Let all requests, under every credential, accept further media types, besides JSON and before anything."""
        usual, _, anything = ACCEPT.rpartition(", ")
        self.session.headers["Accept"] = ", ".join([usual, *dict.fromkeys(kinds), anything])

    def url(self, path: str) -> str:
        """The absolute URL of a path below the target URL, or of a URL that is absolute already."""
        return path if "://" in path else self.target.url + path

    def resolve(self, reference: str, base: str) -> str:
        """A URI reference that a response gave, resolved (RFC 3986 section 5) against the request's URL.

        Raises:
            Undecided: it is not a URI reference.
        """
        try:
            return urljoin(self.url(base), reference)
        except ValueError as problem:
            raise Undecided(f"{reference!r} is not a URI reference: {problem}") from None

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str | None] | None = None,
        json: Any = None,
        content: bytes | str | None = None,
        params: Mapping[str, Any] | None = None,
        obey_throttling: bool = True,
        cleanup: bool = False,
        removal: bool = False,
        sink: Incoming | None = None,
    ) -> httpx.Response:
        """Send a request.

        Args:
            method: any token; it need not be registered.
            url: a path below the target URL, or an absolute URL.
            headers: fields to add or replace; None removes one that the client would send.
            json: content, sent as application/json unless `headers` says otherwise.
            content: content as bytes, instead of `json`.
            params: query parameters to add.
            obey_throttling: on 429 and 503, wait as Retry-After says and repeat; three attempts at most. A write is
                repeated once after 409 and 423 whose Retry-After is short.
            cleanup: use the request that was reserved for a removal.
            removal: an additional request for a removal; it is sent even after the end of the run.
            sink: takes the content of the response as received; the response itself then has only its beginning.
        """
        typed = json is not None and content is None
        if typed:
            content = self.written(url, json, headers or {})
        removing = cleanup or removal
        for attempt in range(1, ATTEMPTS + 1):
            # Read again for each attempt: a token may have been renewed meanwhile.
            carried = self.recorder.wallet.carried(self.credential)
            fields = _merged(carried.fields, headers or {})
            if typed and not any(name.lower() == "content-type" for name in fields):
                fields["Content-Type"] = "application/json"
            hints: dict[str, Any] = {
                "attempt": attempt,
                "credential": self.credential,
                "new_connection": self.new_connections,
                "separate": self.separate,
                # The reserve is for one request, not for its repeats.
                "cleanup": cleanup and attempt == 1,
                "removal": removing,
            }
            if sink is not None:
                sink.restart()
                hints["sink"] = sink
            request = self._built(method, url, fields, content, params, hints)
            self.recorder.sign(request, carried)
            try:
                reply = self.session.send(request)
            except (httpx.DecodingError, httpx.TooManyRedirects, httpx.RemoteProtocolError) as problem:
                raise Unreadable(f"{method} {self.url(url)}: {problem}") from problem
            status = reply.status_code
            name = "Authorization" if carried.program is None else carried.program.field
            signed = fields.get(name) == carried.fields.get(name)
            if (
                signed
                and self.recorder.wallet.answered(self.credential, carried, status)
                and attempt < ATTEMPTS
            ):
                continue
            throttled = obey_throttling and status in (429, 503)
            wait = self._wait_asked_for(reply, attempt) if throttled else _busy_for(method, reply, attempt)
            if not throttled and (wait is None or not obey_throttling):
                return reply
            if wait is None:
                if self.failures and status == UNAVAILABLE and "retry-after" not in reply.headers:
                    return reply
                break
            self.recorder.budget.check_time(wait, removal=removing)
            time.sleep(wait)
        last = exchange_of(reply)
        self.recorder.count_throttled(last)
        raise Throttled(f"{last.summary()}, still after {attempt} attempts", last)

    def written(self, url: str, body: Any, headers: Mapping[str, str | None]) -> bytes:
        """A body as it is sent to a URL: JSON or a form, without an envelope that only responses have.

        Raises:
            Undecided: it cannot be sent as JSON.
        """
        named = (value or "" for name, value in headers.items() if name.lower() == "content-type")
        how = self.recorder.encoding(self.url(url))
        sent = how.sent(body)
        content = how.content(sent, next(named, "").lower())
        return _json(sent) if content is None else content

    def _built(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str | None],
        content: bytes | str | None,
        params: Mapping[str, Any] | None,
        hints: Mapping[str, Any],
    ) -> httpx.Request:
        """httpx's request.

        Raises:
            Undecided: it cannot be sent.
        """
        try:
            request = self.session.build_request(
                method,
                self.url(url),
                # In UTF-8: the value may come from the target, and httpx accepts only ASCII text.
                headers=[
                    (
                        name.encode(),
                        (with_boundary(value) if name.lower() == "content-type" else value).encode(),
                    )
                    for name, value in fields.items()
                    if value is not None
                ],
                content=content,
                params=params,
                extensions={"conformance": dict(hints)},
            )
        except (httpx.InvalidURL, UnicodeError) as problem:
            raise Undecided(f"{method} {url}: cannot be sent: {problem}") from None
        for name, value in fields.items():
            if value is None:
                request.headers.pop(name, None)
        return request

    def _wait_asked_for(self, reply: httpx.Response, attempt: int) -> float | None:
        """Seconds to wait after a 429 or 503; None where the request is not repeated.

        Raises:
            Throttled: the target asks for a longer wait than a rule waits.
        """
        wait = retry_after(reply.headers.get("retry-after"), reply.headers.get("date"))
        if attempt == ATTEMPTS or (wait is None and attempt == 2):
            return None
        wait = 1.0 if wait is None else wait
        if wait > LONGEST_WAIT:
            self.recorder.count_throttled(exchange_of(reply))
            raise Throttled(
                f"{exchange_of(reply).summary()} and asks to wait {math.ceil(wait)} s, longer than "
                f"the {LONGEST_WAIT:.0f} s that a rule waits",
                exchange_of(reply),
            )
        return wait

    def may_change(self, method: str, url: str) -> None:
        """Declare that a rule of your own may send one method to one URL, for the rest of the run.

        Items made by `resource.create()` need no such declaration, nor do safe methods and POST to a collection
        under test. Whatever else a rule changes is not removed after the run: the rule restores it.

        Args:
            method: such as "PUT".
            url: a path below the target URL, or an absolute URL. Its query does not matter.
        """
        try:
            self.recorder.ownership.grant(method, self.url(url))
        except httpx.InvalidURL as problem:
            raise Undecided(f"{method} {url}: cannot be sent: {problem}") from None

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> httpx.Response:
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> httpx.Response:
        return self.request("OPTIONS", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> httpx.Response:
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> httpx.Response:
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)


def _busy_for(method: str, reply: httpx.Response, attempt: int) -> float | None:
    """Seconds after which a write that was refused for the state of its item is repeated; None where it is not."""
    if method in _SAFE or reply.status_code not in BUSY or attempt > 1:
        return None
    wait = retry_after(reply.headers.get("retry-after"), reply.headers.get("date"))
    return wait if wait is not None and wait <= LONGEST_BUSY else None


def _merged(given: Mapping[str, str], more: Mapping[str, str | None]) -> dict[str, str | None]:
    """Header fields of which the latter replace the former, whatever the case of their names."""
    replaced = {name.lower() for name in more}
    return {**{name: value for name, value in given.items() if name.lower() not in replaced}, **more}


def _json(value: Any) -> bytes:
    """JSON as content; unpaired surrogates, which UTF-8 cannot encode, are escaped.

    Raises:
        Undecided: the value is no JSON.
    """
    try:
        try:
            return json_text.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        except UnicodeEncodeError:
            return json_text.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, RecursionError) as problem:
        raise Undecided(f"cannot be sent as JSON: {problem}") from None


def exchange_of(reply: httpx.Response) -> Exchange:
    """The Exchange that was recorded of a response."""
    exchange: Exchange = reply.extensions["exchange"]
    return exchange


def content_of(reply: httpx.Response) -> bytes:
    """The response's content as it came over the wire, before any content coding is undone."""
    octets: bytes = reply.extensions["octets"]
    return octets


__all__ = ["Client", "Throttled", "Unanswered", "Unreadable", "content_of", "exchange_of"]
