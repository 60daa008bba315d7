"""Disclosed implementation detail in errors: stack frames, exception classes, SQL, file paths, internal addresses.

1. Text of the request itself is subtracted: an API may echo it.
2. A pattern matches only a form that prose does not take: the words `java`, `SQL` or `exception`, the path of
   a URL, a version number or a date are no leak.
"""

from __future__ import annotations

import html
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.http.content import too_deep
from harness.http.exchange import Exchange
from harness.http.leak_patterns import PATTERNS

_LINKS = re.compile(r"""\b(?:href|src|action|content)\s*=\s*("[^"]*"|'[^']*')""", re.I)
_TAGS = re.compile(r"</?[A-Za-z!][^<>]*>")
_POWERED = ("x-powered-by", "x-aspnet-version", "x-aspnetmvc-version")
_SHOWN = 110


@dataclass(frozen=True)
class Leak:
    """An implementation detail that an error discloses.

    Attributes:
        what: its kind, in words.
        excerpt: the text that shows it.
    """

    what: str
    excerpt: str

    def __str__(self) -> str:
        return f"{self.what}: {self.excerpt!r}"


def leaks(text: str, sent: str = "", *, private: bool = False) -> list[Leak]:
    """Implementation details that a text discloses, one of each kind.

    Args:
        text: plain text; `readable()` makes it of JSON or HTML.
        sent: text of the request; an excerpt that occurs in it is an echo.
        private: whether the API itself has a private address.
    """
    found: list[Leak] = []
    shown: list[str] = []
    said = _folded(sent)
    for pattern in PATTERNS:
        if pattern.address and private:
            continue
        for match in pattern.form.finditer(text):
            # The path in a stack frame is reported with the frame.
            if not _echoed(match, said) and not any(match.group() in other for other in shown):
                found.append(Leak(pattern.what, _excerpt(match)))
                shown.append(match.group())
                break
    return found


def of_exchange(exchange: Exchange) -> list[Leak]:
    """Implementation details that the content of an error discloses."""
    text = readable(exchange.response_body.text, exchange.media_type)
    return leaks(text, sent_by(exchange), private=is_private(exchange.url))


def powered_by(exchange: Exchange) -> list[str]:
    """Fields of a response that name the software behind it, as lines."""
    return [
        f"{name}: {value}" for name, value in exchange.response_fields if name.lower() in _POWERED and value
    ]


def is_private(url: str) -> bool:
    """Whether a URL's host is on a private network, or on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local", ".lan", ".corp", ".localhost"))


def sent_by(exchange: Exchange) -> str:
    """All text of a request, decoded and as sent."""
    body = exchange.request_body.text
    fields = "\n".join(value for _, value in exchange.request_fields)
    return "\n".join((exchange.url, unquote(exchange.url), fields, body, *_texts_of(body)))


def readable(text: str, media: str) -> str:
    """The text that a reader of JSON or HTML sees: strings decoded, tags and links removed."""
    strings = list(_texts_of(text))
    if strings:
        return "\n".join(strings)
    if "html" in media or text.lstrip()[:1] == "<":
        text = _TAGS.sub("\n", _LINKS.sub(" ", text))
    return html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")


def _texts_of(text: str) -> Iterator[str]:
    """The strings of a JSON text, member names excepted; none where it is not JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not too_deep(value):
        yield from _strings(value)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield html.unescape(node)
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def _echoed(match: re.Match[str], said: str) -> bool:
    core = match.groupdict().get("core")
    return any(_folded(text) in said for text in (match.group(), core) if text)


def _folded(text: str) -> str:
    return " ".join(text.split()).lower()


def _excerpt(match: re.Match[str]) -> str:
    shown = " ".join(match.group().split())
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
