"""Exchange: one request and what came of it, as evidence. Frozen, redacted, bounded in size."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from typing import Any

Fields = tuple[tuple[str, str], ...]
KEPT = 16_384
"""Octets of a body that are kept as evidence; the true length is always told."""


@dataclass(frozen=True, slots=True)
class Body:
    """Content as evidence.

    Attributes:
        text: the content as text, cut after `KEPT` octets; octets that are not UTF-8 stand as U+FFFD.
        size: true length in octets, as it came over the wire.
        cut: whether `text` is less than the whole.
    """

    text: str = ""
    size: int = 0
    cut: bool = False

    def json(self) -> Any:
        """The content as JSON.

        Raises:
            ValueError: it is not JSON, or was cut.
        """
        if self.cut:
            raise ValueError("the body was cut when it was recorded")
        try:
            return json.loads(self.text)
        except RecursionError:
            raise ValueError("the body is nested too deep") from None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, or the reason why there is none.

    Attributes:
        id: unique in the run.
        started, ended: seconds on the monotonic clock of the harness' machine.
        attempt: 1, or more where the target asked for a later repeat (Retry-After).
        connection: the client's end of the connection, and the stream on it over HTTP/2.
        credential: name of the credential sent; empty for none.
        error: what went wrong where no response came.
    """

    id: str
    method: str
    url: str
    request_fields: Fields
    request_body: Body
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    response_fields: Fields = ()
    response_body: Body = field(default_factory=Body)
    started: float = 0.0
    ended: float = 0.0
    attempt: int = 1
    connection: str = ""
    credential: str = ""
    error: str | None = None

    def field(self, name: str) -> str | None:
        """A response field's value, its lines joined by commas (RFC 9110 section 5.3), or None."""
        return _joined(self.response_fields, name)

    def request_field(self, name: str) -> str | None:
        """A request field's value, its lines joined by commas, or None."""
        return _joined(self.request_fields, name)

    @property
    def media_type(self) -> str:
        """Type and subtype of the response's Content-Type, in lower case; empty where there is none."""
        return (self.field("content-type") or "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The response's content as JSON.

        Raises:
            ValueError: it is not JSON, or was cut when it was recorded.
        """
        return self.response_body.json()

    def summary(self) -> str:
        """`GET /orders -> 200`, for one line of a finding."""
        return f"{self.method} {_target(self.url)} -> {self.status if self.status else self.error}"

    def as_curl(self) -> str:
        """A curl command that repeats the request; secrets stand in it as `$NAME`."""
        words = ["curl", "-i"]
        if set("[]{}") & set(self.url):
            words.append("--globoff")
        if self.method == "HEAD":
            words.append("--head")
        elif self.method != "GET" or self.request_body.size:
            words += ["-X", shlex.quote(self.method)]
        for name, value in self.request_fields:
            if name.lower() not in _CURL_SETS:
                # To curl, `Name:` says not to send the field, and `Name;` to send it empty.
                words += ["-H", _quoted(f"{name}: {value}" if value else f"{name};")]
        if self.request_body.size:
            if self.request_field("content-type") is None:
                words += ["-H", "Content-Type:"]
            words += ["--data-raw", _quoted(self.request_body.text)]
        if "/." in self.url:
            words.append("--path-as-is")
        words.append(_quoted(self.url))
        return " ".join(words)


_NAMES = re.compile(r"(\$[A-Z][A-Z0-9_]{2,})")
_CURL_SETS = {"host", "content-length", "connection", "user-agent", "transfer-encoding"}


def _joined(fields: Fields, name: str) -> str | None:
    wanted = name.lower()
    values = [value for key, value in fields if key.lower() == wanted]
    return ", ".join(values) if values else None


def _target(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]


def _quoted(text: str) -> str:
    """Quoted for a POSIX shell; only the `$NAME`s of redacted secrets are left for it to expand."""
    parts = _NAMES.split(text)
    quoted = [f'"{part}"' if odd % 2 else shlex.quote(part) for odd, part in enumerate(parts) if part]
    return "".join(quoted) or "''"
