"""The exchanges of a process: each is redacted before it exists, so that no secret can reach a report."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import httpx

from harness.client.credentials_in_use import HeldCredentials
from harness.client.streams import Incoming
from harness.http.content import is_binary
from harness.http.decoding import decoded
from harness.http.exchange import KEPT, Body, Exchange, Fields, few
from harness.target.credentials.resolved import with_query
from harness.target.redact import Redactor

WITHHELD = "(not kept by the harness: it may hold secrets)"
"""In place of content that no report may have."""


class ExchangeLog:
    """Builds exchanges from requests and responses, and keeps them in the order of their ends.

    Args:
        redactor: removes secrets.
        wallet: knows what each credential adds to a request.
        prefix: prefix of exchange ids; distinct for each worker process.
    """

    def __init__(self, redactor: Redactor, wallet: HeldCredentials, prefix: str = "") -> None:
        self.exchanges: list[Exchange] = []
        self._redactor = redactor
        self._wallet = wallet
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def record(
        self,
        request: httpx.Request,
        content: bytes,
        response: httpx.Response | None,
        received: bytes,
        error: str | None,
        started: float,
        ended: float,
        hints: Mapping[str, Any],
    ) -> Exchange:
        """Record an exchange, redacted.

        Args:
            request: as sent.
            content: content of the request.
            response: None if there was no response.
            received: the response's content as received, before any content coding is undone.
            error: why there was no response.
            started, ended: seconds on the monotonic clock.
            hints: attempt and credential, as set by the client.
        """
        clean = self._redactor
        credential = str(hints.get("credential", ""))
        url, query = self._where(str(request.url), credential)
        fields = self._fields(request.headers)
        body = self._body(content, request.headers.get("content-type"))
        shown = self._certificate(credential)
        sink: Incoming | None = hints.get("sink")
        size = len(received) if sink is None else sink.size
        answer: dict[str, Any] = {} if response is None else self._answer(response, received, size, sink)
        exchange = Exchange(
            id=self._id(),
            method=request.method,
            url=url,
            query=query,
            request_fields=fields,
            request_body=body,
            certificate=shown,
            names=self._names(url, body.text, *itertools.chain(*query, *fields, *shown)),
            started=started,
            ended=ended,
            attempt=int(str(hints.get("attempt", 1))),
            credential=credential,
            error=None if error is None else clean.text(error),
            **answer,
        )
        self.exchanges.append(exchange)
        return exchange

    def withhold(self, exchange: Exchange) -> None:
        """Keep no content of a response that may be full of secrets of others, such as a configuration file."""
        body = Body(WITHHELD, exchange.response_body.size, cut=True)
        clean = replace(exchange, response_body=body)
        self.exchanges[:] = [clean if one.id == exchange.id else one for one in self.exchanges]

    def record_raw(
        self,
        method: str,
        url: str,
        fields: list[tuple[str, str]],
        head: bytes,
        started: float,
        ended: float,
        credential: str,
        *,
        sent: bytes = b"",
        received: bytes | Incoming = b"",
        raw: str = "",
    ) -> Exchange:
        """Record an exchange that was sent over a raw connection.

        Args:
            method, url: of the request.
            fields: header fields of the request.
            head: the response's header section; empty where there was no response.
            started, ended: seconds on the monotonic clock.
            credential: name of the credential; empty for none.
            sent: content of the request.
            received: content of the response, as far as it was read.
            raw: everything that was sent on the connection, redacted, where an HTTP client would not send it so.
        """
        status_line, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = status_line.partition(" ")
        status, _, reason = rest.partition(" ")
        clean = self._redactor
        pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        where, query = self._where(url, credential)
        request_fields = clean.fields(fields)
        body, shown = self._body(sent, _field(fields, "content-type")), self._certificate(credential)
        exchange = Exchange(
            id=self._id(),
            method=method,
            url=where,
            query=query,
            request_fields=request_fields,
            request_body=body,
            status=int(status) if re.fullmatch("[0-9]{3}", status) else None,
            reason=clean.text(reason),
            http_version=clean.text(version),
            response_fields=clean.fields(pairs),
            response_body=self._body(
                bytes(received.kept) if isinstance(received, Incoming) else received,
                _field(pairs, "content-type"),
                received.size if isinstance(received, Incoming) else None,
                received if isinstance(received, Incoming) else None,
            ),
            started=started,
            ended=ended,
            raw=raw,
            certificate=shown,
            names=self._names(where, body.text, raw, *itertools.chain(*query, *request_fields, *shown)),
            connection="raw",
            credential=credential,
        )
        self.exchanges.append(exchange)
        return exchange

    def _id(self) -> str:
        return f"{self._prefix}{next(self._numbers)}"

    def _answer(
        self, response: httpx.Response, received: bytes, size: int, sink: Incoming | None
    ) -> dict[str, Any]:
        shown = received
        if (
            received
            and sink is None
            and any(name.lower() == b"content-encoding" for name, _ in response.headers.raw)
        ):
            try:
                shown = decoded(response.headers, received)
            except httpx.DecodingError:
                shown = received
        kept = few(response.headers.raw)
        return {
            "status": response.status_code,
            "reason": self._redactor.text(response.reason_phrase),
            "http_version": response.extensions.get("http_version", b"").decode("ascii", "replace"),
            "response_fields": self._fields(httpx.Headers(kept)),
            "fields_left": len(response.headers.raw) - len(kept),
            "response_body": self._body(shown, response.headers.get("content-type"), size, sink),
            "connection": _connection(response),
        }

    def _fields(self, headers: httpx.Headers) -> Fields:
        return self._redactor.fields((n.decode("latin-1"), v.decode("latin-1")) for n, v in headers.raw)

    def _where(self, url: str, credential: str) -> tuple[str, Fields]:
        """The URL without the query parameters of the credential, and these parameters; redacted."""
        added = self._wallet.query(credential).items()
        plain = with_query(url, {}, self._wallet.parameters)[1]
        return self._redactor.url(plain), tuple((name, self._redactor.secret(value)) for name, value in added)

    def _certificate(self, credential: str) -> Fields:
        certificate = self._wallet.certificate(credential)
        shown = () if certificate is None else certificate.shown
        return tuple((option, self._redactor.secret(value)) for option, value in shown)

    def _names(self, *texts: str) -> tuple[str, ...]:
        """The names of the secrets that occur in texts."""
        found: set[str] = set()
        for text in texts:
            if "$" in text:
                found |= self._redactor.names_in(text)
        return tuple(sorted(found))

    def _body(
        self, content: bytes, kind: str | None = None, size: int | None = None, sink: Incoming | None = None
    ) -> Body:
        """Content as evidence; binary content is shown by its size and hash.

        Args:
            content: without content codings.
            kind: value of Content-Type.
            size: bytes of the content as received, where these are others.
            sink: what took the content, of which `content` is then the beginning.
        """
        size = len(content) if size is None else size
        if not content:
            return Body(size=size)
        if is_binary(content[:KEPT], kind):
            found = sink.sha256 if sink is not None else hashlib.sha256(content).hexdigest()
            whole = sink is not None or size <= len(content)
            return Body("", size, cut=True, sha256=found if whole else "")
        return Body(self._redactor.beginning(content, KEPT), size, len(content) > KEPT or size > len(content))


def _field(fields: Iterable[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in fields if key.lower() == name), None)


def _connection(response: httpx.Response) -> str:
    stream = response.extensions.get("network_stream")
    address = stream.get_extra_info("client_addr") if stream is not None else None
    name = str(address[1]) if address else ""
    number = response.extensions.get("stream_id")
    return f"{name}/{number}" if number is not None else name
