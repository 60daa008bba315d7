"""Exchange: one request and what came of it, as evidence. Frozen, redacted, bounded in size."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from harness.http.content import too_deep

Fields = tuple[tuple[str, str], ...]
KEPT = 16_384
"""Bytes of a body that are kept as evidence; the true length is always recorded."""
FIELDS_KEPT = 200
"""Response fields that are kept as evidence."""
FIELD_BYTES_KEPT = 32_768
"""Bytes that names and values of those have together."""


@dataclass(frozen=True, slots=True)
class Body:
    """Content as evidence.

    Attributes:
        text: the content as text, cut after `KEPT` bytes; bytes that are not UTF-8 become U+FFFD.
        size: true length in bytes, as it came over the wire.
        cut: whether `text` is less than the whole.
        sha256: of binary content, in hexadecimal digits; its `text` is empty. Empty where not all of it was read.
    """

    text: str = ""
    size: int = 0
    cut: bool = False
    sha256: str = ""

    @property
    def unshown(self) -> bool:
        """Whether the content is binary, so that only its size and hash are kept."""
        return self.cut and not self.text

    def json(self) -> Any:
        """The content as JSON.

        Raises:
            ValueError: it is not JSON, was cut, or is nested too deep.
        """
        if self.cut:
            raise ValueError("the body was cut when it was recorded")
        try:
            value = json.loads(self.text)
        except RecursionError:
            raise ValueError("the body is nested too deep") from None
        if too_deep(value):
            raise ValueError("the body is nested too deep")
        return value


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, or the reason why there is none.

    Attributes:
        id: unique in the run.
        started, ended: seconds on the monotonic clock of the harness' machine.
        attempt: 1, or more where the target asked for a later repeat (Retry-After).
        connection: the client's end of the connection, and the stream on it over HTTP/2.
        credential: name of the credential sent; empty for none.
        error: what went wrong where no response came, or why its content was not read.
        query: parameters that the credential added to the query, which `url` leaves out, so that it is what was
            asked for whoever asks; name and value, not percent-encoded.
        names: of the secrets that are in the request as `$NAME`.
        certificate: the options that give curl the client certificate that was used.
        fields_left: how many response fields were not kept, where there were too many, or too long ones.
        raw: the bytes as sent, with those sent before on the same connection, where no HTTP client sends
            such a request, or such a sequence; one character per byte.
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
    raw: str = ""
    query: Fields = ()
    names: tuple[str, ...] = ()
    certificate: Fields = ()
    fields_left: int = 0

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
        """`GET /orders -> 200`, for one line of a finding; a very long target is cut in the middle."""
        where = _target(self.url)
        if len(where) > _LONG:
            where = f"{where[:100]}…{where[-20:]} ({len(where)} characters)"
        return f"{self.method} {where} -> {self.status if self.status else self.error}"

    def as_curl(self) -> str:
        """A command that repeats the request; secrets are in it as `$NAME`.

        It is curl's; a request that curl would not send as it was is piped as bytes into curl, or into
        openssl over TLS.
        """
        if self.raw:
            return self._as_octets()
        words = ["curl", "-i"]
        if set("[]{}") & set(self.url):
            words.append("--globoff")
        if self.method == "HEAD":
            words.append("--head")
        elif self.method != "GET" or self.request_body.size:
            words += ["-X", shlex.quote(self.method)]
        for name, value in self.request_fields:
            pair = _BASIC.fullmatch(value) if name.lower() == "authorization" else None
            if pair is not None:
                words += ["-u", self._quoted(pair[1])]
            elif name.lower() not in _CURL_SETS:
                # To curl, `Name:` says not to send the field, and `Name;` to send it empty.
                words += ["-H", self._quoted(f"{name}: {value}" if value else f"{name};")]
        if self.request_body.size:
            if self.request_field("content-type") is None:
                words += ["-H", "Content-Type:"]
            if self.request_body.unshown:
                words += ["--data-binary", "@FILE"]
            else:
                words += ["--data-raw", self._quoted(self.request_body.text)]
        for name, value in self.query:
            # curl encodes the value; with content it takes curl 7.87.
            words += ["--url-query"] if self.request_body.size else ["-G", "--data-urlencode"]
            words.append(self._quoted(f"{quote(name, safe='')}={value}"))
        for option, value in self.certificate:
            words += [option, self._quoted(value)]
        if "/." in self.url:
            words.append("--path-as-is")
        words.append(self._quoted(self.url))
        return " ".join(words)

    def _as_octets(self) -> str:
        scheme, _, rest = self.url.partition("://")
        host = rest.partition("/")[0].partition("?")[0]
        parts = _RAW_BASIC.split(self.raw)
        escaped = "".join(
            f"\"$(printf %s {self._quoted(part)} | base64 | tr -d '\\n')\""
            if odd % 2
            else self._quoted("".join(_ESCAPES.get(char) or _escaped(char) for char in part))
            for odd, part in enumerate(parts)
            if part
        )
        if scheme == "https":
            name, colon, port = host.rpartition(":") if _PORT.search(host) else (host, ":", "443")
            peer = f"openssl s_client -quiet -servername {name} -connect {name}{colon}{port}"
            for option, value in self.certificate:
                peer += f" {option[1:]} {self._quoted(f'pass:{value}' if option == '--pass' else value)}"
        else:
            peer = f"curl -s --max-time 5 telnet://{host if _PORT.search(host) else host + ':80'}"
        return f"printf '%b' {escaped} | {peer}"

    def _quoted(self, text: str) -> str:
        """Quoted for a POSIX shell; only the `$NAME`s of redacted secrets are left for it to expand."""
        if not self.names:
            return _filled(text) or "''"
        # Longest first: one name may begin like another.
        names = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True)))
        parts = re.split(rf"(\$(?:{names}))(?![A-Za-z0-9_])", text)
        quoted = [f'"{part}"' if odd % 2 else _filled(part) for odd, part in enumerate(parts) if part]
        return "".join(quoted) or "''"


_BASIC = re.compile(r"Basic ([^:]*:.*)", re.DOTALL)
"""User and password are in a record with a colon between them, which base64 does not have."""
_RAW_BASIC = re.compile(r"(?<=Authorization: Basic )([^\r\n:]*:[^\r\n]*)")
_PORT = re.compile(r":\d+\Z")
_LONG = 200
_RUN = re.compile(r"(0{256,})")
"""What over-long probes are filled with: the shell makes it better than the eye reads it."""
_CURL_SETS = {"host", "content-length", "connection", "user-agent", "transfer-encoding"}


_ESCAPES = {"\r": "\\r", "\n": "\\n", "\\": "\\\\"}


def _escaped(char: str) -> str:
    """As `printf %b` takes a byte."""
    return char if " " <= char <= "~" else f"\\0{ord(char) & 0xFF:03o}"


def few(fields: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields that are kept as evidence, in order: all that fit, so that a long one leaves room for the others."""
    kept: list[tuple[bytes, bytes]] = []
    room = FIELD_BYTES_KEPT
    for name, value in fields:
        size = len(name) + len(value)
        if size <= room and len(kept) < FIELDS_KEPT:
            kept.append((name, value))
            room -= size
    return kept


def _joined(fields: Fields, name: str) -> str | None:
    wanted = name.lower()
    size = len(wanted)
    # Most names differ in length: it is asked for hundreds of thousands of times when a run is judged.
    values = [value for key, value in fields if len(key) == size and key.lower() == wanted]
    return ", ".join(values) if values else None


def _target(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]


def _filled(text: str) -> str:
    """Quoted, with each very long run of zeros made by `printf`."""
    parts = _RUN.split(text)
    return "".join(
        f'"$(printf %0{len(part)}d 0)"' if odd % 2 else shlex.quote(part)
        for odd, part in enumerate(parts)
        if part
    )
