"""What responses grant to pages of other origins (Fetch, "HTTP extensions"). Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.http.exchange import Exchange
from harness.rules.verdict import Impact, Level

NULL = "null"
"""The origin of sandboxed frames and local files, which any page can make (HTML, "origin")."""
ORIGIN, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
METHODS, HEADERS = "access-control-allow-methods", "access-control-allow-headers"
EXPOSED = "access-control-expose-headers"
SIMPLE_METHODS = ("GET", "HEAD", "POST")
"""Methods that a preflight need not list (Fetch, CORS-safelisted method)."""
_NEEDED = re.compile(r"(?:retry-after|(?:x-)?rate-?limit(?:-[a-z-]+)?|x-total-count)\Z")
_PAGED = re.compile(r"\brel=\"?(?:next|prev)\b", re.I)


@dataclass(frozen=True)
class Seen:
    """What one response said to a page of an origin.

    Attributes:
        origin: in the request; None for a request without Origin.
        exchange: with its response.
    """

    origin: str | None
    exchange: Exchange

    @property
    def value(self) -> str | None:
        """The value of Access-Control-Allow-Origin."""
        return self.exchange.field(ORIGIN)

    @property
    def granted(self) -> bool:
        """Whether the page may read the response, without cookies at least (Fetch, CORS check)."""
        return self.value is not None and self.value in (self.origin, "*")

    @property
    def succeeded(self) -> bool:
        """Whether it is a success: errors are judged by SEC-013."""
        return 200 <= (self.exchange.status or 0) < 300

    @property
    def with_credentials(self) -> bool:
        """Whether the page may read it also with the user's cookies."""
        return self.granted and self.value != "*" and self.exchange.field(CREDENTIALS) == "true"

    def __str__(self) -> str:
        fields = ((name, self.exchange.field(name)) for name in _SHOWN)
        shown = [f"{name}: {value}" for name, value in fields if value is not None]
        sent = "without Origin" if self.origin is None else f"with Origin: {self.origin}"
        return f"{self.exchange.summary()} {sent}: {', '.join(shown) or 'no Access-Control-Allow-Origin'}"


_SHOWN = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials")


def shown(seen: Iterable[Seen], most: int = 3) -> str:
    """The first few, in one text."""
    texts = list(dict.fromkeys(map(str, seen)))
    more = f"; and {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more


def lookalikes(origin: str) -> dict[str, str]:
    """Origins of others that a careless comparison takes for an origin, each with the careless comparison."""
    parts = urlsplit(origin)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    made = {f"{parts.scheme}://{host}.conformance-probe.invalid": f"begins with {parts.scheme}://{host}"}
    if not _named(host):
        return made
    domain = registrable(host)
    made[f"{parts.scheme}://conformance-probe-{domain}{port}"] = f"ends with {domain}{port}"
    if host != domain:
        # A pattern whose dots match any character.
        other = f"{host.removesuffix(domain)[:-1]}x{domain}"
        made[f"{parts.scheme}://{other}{port}"] = f"matches the pattern {host}, its dots unescaped"
    return made


def registrable(host: str) -> str:
    """The part of a host's name below which all names have one owner, as far as its form shows.

    Names below it may be meant by a wildcard; names that merely end like it are others'.
    """
    labels = host.split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if deep else labels[-2:])


def _named(host: str) -> bool:
    """Whether a host has a name to which others may register similar ones."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith(".localhost")
    return False


def unencrypted(origin: str) -> str | None:
    """The same host without TLS, whose pages anybody on the network can replace; None for an origin without TLS."""
    return f"http://{origin.removeprefix('https://')}" if origin.startswith("https://") else None


def listed(value: str | None) -> set[str]:
    """The members of a list in a field, in lower case."""
    return {one.strip().lower() for one in (value or "").split(",") if one.strip()}


@dataclass(frozen=True)
class Preflight:
    """A preflight and what the request would be.

    Attributes:
        method: of the request.
        names: of its fields that a preflight asks about, in lower case.
    """

    origin: str
    method: str
    names: tuple[str, ...]

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the preflight, as browsers send them."""
        made = {"Origin": self.origin, "Access-Control-Request-Method": self.method}
        if self.names:
            made["Access-Control-Request-Headers"] = ",".join(sorted(self.names))
        return made

    def fault(self, answer: Exchange) -> str | None:
        """Why the browser does not send the request, or None (Fetch, CORS-preflight fetch)."""
        if answer.status is None or not 200 <= answer.status < 300:
            return "the status is not 2xx"
        seen = Seen(self.origin, answer)
        if not seen.granted:
            return f"Access-Control-Allow-Origin: {seen.value or 'none'}"
        if not self.allows_method(answer):
            return f"Access-Control-Allow-Methods: {answer.field(METHODS) or 'none'}"
        missing = self.missing(answer)
        if missing:
            names = answer.field(HEADERS) or "none"
            return f"Access-Control-Allow-Headers: {names} lacks {', '.join(missing)}"
        return None

    def allows_method(self, answer: Exchange) -> bool:
        """Whether the method may be sent; names of methods are case-sensitive."""
        named = {one.strip() for one in (answer.field(METHODS) or "").split(",")}
        return self.method in SIMPLE_METHODS or bool({self.method, "*"} & named)

    def missing(self, answer: Exchange) -> list[str]:
        """The fields that may not be sent; `*` does not stand for Authorization."""
        named = listed(answer.field(HEADERS))
        covered = {name for name in self.names if name in named or ("*" in named and name != "authorization")}
        return [name for name in sorted(self.names) if name not in covered]


def grade(
    preflight: Preflight, answer: Exchange, *, declared: bool, read_only: bool, public: bool, cookies: bool
) -> tuple[Level, Impact]:
    """What a preflight that fails comes to.

    A method that is not allowed may be one that the owner keeps from pages; a page that reads, a preflight that is
    refused for lack of a credential, and a field that an allowed method needs, may not.

    Args:
        declared: whether the profile declares the origin.
        read_only: whether no method that changes something is allowed.
        public: whether the resource is read without a credential.
        cookies: whether pages have a session cookie, and need not send a credential in a field.
    """
    reads = preflight.method == "GET"
    refused = answer.status in (401, 407) or (answer.status or 0) >= 500
    missing = preflight.missing(answer) if Seen(preflight.origin, answer).granted else []
    if set(missing) == {"authorization"} and cookies and not refused:
        return Level.SHOULD, Impact.MINOR
    sure = refused or reads or (bool(missing) and preflight.allows_method(answer) and not read_only)
    if declared:
        return (
            Level.MUST if sure else Level.SHOULD
        ), Impact.MINOR if read_only and not sure else Impact.MAJOR
    needed = refused or (reads and not public)
    return Level.SHOULD, Impact.MAJOR if sure and needed else Impact.MINOR


def depends_on_origin(seen: Sequence[Seen]) -> bool:
    """Whether responses for one URL differ in Access-Control-Allow-Origin."""
    return len({one.value for one in seen}) > 1


def without_vary(seen: Iterable[Seen]) -> list[Seen]:
    """The responses that do not say that they depend on Origin (Fetch, "CORS protocol and HTTP caches")."""
    return [one for one in seen if not {"origin", "*"} & listed(one.exchange.field("vary"))]


def hidden(answer: Exchange, *, tagged: bool = False) -> list[str]:
    """The response fields that clients act on and a script may not read, with their names as in the response.

    Args:
        tagged: whether clients send the entity tag with their writes.
    """
    exposed = listed(answer.field(EXPOSED))
    # With cookies, `*` is the name of a field.
    if "*" in exposed and answer.field(CREDENTIALS) != "true":
        return []
    pairs = {name: value for name, value in answer.response_fields if name.lower() not in exposed}
    return [name for name, value in pairs.items() if _needed(name.lower(), value, answer, tagged)]


def _needed(name: str, value: str, answer: Exchange, tagged: bool) -> bool:
    """Whether a client acts on a response field: without it pages, quotas, versions or the new item are lost."""
    if name == "etag":
        return tagged and not value.startswith("W/")
    if name == "link":
        return _PAGED.search(value) is not None
    if name == "location":
        return answer.status in (201, 202)
    return _NEEDED.match(name) is not None


def stored(answer: Exchange) -> bool:
    """Whether a cache may keep the response at all (RFC 9111 section 3)."""
    return "no-store" not in listed(answer.field("cache-control"))


def kept(answer: Exchange) -> bool:
    """Whether a cache serves the response later without asking (RFC 9111 sections 4.2.1 and 4.2.2)."""
    control = listed(answer.field("cache-control"))
    if {"no-store", "no-cache"} & control:
        return False
    fresh = [one.partition("=")[2].strip('"') for one in control if one.startswith(("max-age=", "s-maxage="))]
    if fresh:
        return any(one.isdigit() and int(one) > 0 for one in fresh)
    expires = answer.field("expires")
    return (expires is not None and expires.strip() != "0") or answer.field("last-modified") is not None


def ineffective(answer: Exchange) -> str | None:
    """Why a browser ignores Access-Control-Allow-Credentials, or None (Fetch, "CORS protocol and credentials")."""
    value = answer.field(CREDENTIALS)
    if value is None:
        return None
    if value != "true":
        return f"Access-Control-Allow-Credentials: {value}, where only `true` has a meaning"
    return "Access-Control-Allow-Credentials: true beside *" if answer.field(ORIGIN) == "*" else None


def exposure(fields: Mapping[str, str], cookies: Collection[str], *, certified: bool = False) -> Impact:
    """How much a grant with credentials hurts: what browsers add to requests of any page is used by any page.

    Args:
        fields: that carry the run's credential.
        cookies: names of session cookies that were seen or declared.
        certified: whether the credential has a client certificate.
    """
    if cookies or "cookie" in {name.lower() for name in fields}:
        return Impact.CRITICAL
    scheme = next((value for name, value in fields.items() if name.lower() == "authorization"), "")
    if certified or scheme.partition(" ")[0].lower() in ("basic", "digest", "negotiate", "ntlm"):
        # Only for users who have logged in by the browser's own dialogue.
        return Impact.MAJOR
    return Impact.MINOR
