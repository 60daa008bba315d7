"""Target: where the API is, who speaks to it, and how much may be done to it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harness.bad_input import BadInput
from harness.rules.rule import Effect
from harness.target.credentials.resolved import Credential

DEFAULT = "default"


@dataclass(frozen=True)
class Limits:
    """How much a run may do, all workers together.

    Attributes:
        effects: the roughest effect allowed.
        max_requests: requests of the whole run, clean-up included.
        rps: requests per second; None for no pace.
        flood_budget: requests that all FLOOD rules together may send.
        load_budget: requests that all LOAD rules together may send.
        max_time: seconds of the whole run, from its first request; None for no bound.
        cleanup_time: seconds after that, or after the last rule, for removing what the run created.
        timeout: seconds without an answer after which a request is given up.
    """

    effects: Effect = Effect.BURST
    max_requests: int = 40_000
    rps: float | None = None
    flood_budget: int = 200
    load_budget: int = 10_000
    max_time: float | None = None
    cleanup_time: float = 60.0
    timeout: float = 10.0


@dataclass(frozen=True)
class Target:
    """An HTTP API under test.

    Attributes:
        url: base URL without a trailing slash.
        credentials: what requests carry, by name; `default` goes with every request.
        secrets: secret values by the name that replaces them in reports.
        insecure: whether TLS certificates go unverified.
        authority: file with private authorities, which are trusted besides the system's.
        instead: why the URL is another one than the user gave; empty where it is not.
        private: what else the profile has that no report shows, by name: keys, bodies of logins, a GraphQL schema.
    """

    url: str
    # Not in the repr, which pytest shows in tracebacks.
    credentials: Mapping[str, Credential] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = field(default_factory=Limits)
    insecure: bool = False
    private: Mapping[str, str] = field(default_factory=dict, repr=False)
    authority: str | None = None
    instead: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port (RFC 6454)."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def base_path(self) -> str:
        """Path of the base URL without a trailing slash; empty at the root."""
        return urlsplit(self.url).path.rstrip("/")

    def another(self, own: str | None) -> str | None:
        """The name of the credential of another client than the one that has a credential; None where there is none."""
        for name in ("other", "default"):
            if (
                name != own
                and name in self.credentials
                and self.credentials[name] != self.credentials.get(own or "")
            ):
                return name
        return None

    @property
    def loopback(self) -> bool:
        """Whether the target runs on this machine."""
        host = urlsplit(self.url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False


Resolve = Callable[[str], Iterable[str]]
"""From the name of a host to its addresses; raises OSError where it has none."""


def addresses(host: str) -> list[str]:
    """All addresses of a host, as requests to it would find them.

    Raises:
        OSError: it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def on_loopback(url: str, resolve: Resolve = addresses) -> bool:
    """Whether every address of a URL's host is a loopback address; not so where the host has none.

    Args:
        resolve: gives the addresses of a name.
    """
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolve(urlsplit(url).hostname or "")]
    except (OSError, ValueError):
        return False
    return bool(found) and all(_loopback(one) for one in found)


def _loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def parse_url(text: str, option: str = "--target-url") -> str:
    """A target URL, checked, without fragment (a browser shows one on pages of documents) or trailing slash.

    Raises:
        BadInput: it is not an absolute http or https URL that a request can be sent to.
    """
    given = text.strip()
    example = "give an absolute URL such as https://staging.example.com/v1"
    if "://" not in given:
        raise BadInput(option, f"{given!r} has no scheme", f"write http://{given} or https://{given}")
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise BadInput(option, f"{given!r} is not a URL ({error})", example) from None
    if parts.scheme not in ("http", "https"):
        raise BadInput(option, f"scheme {parts.scheme!r} is not http or https", example)
    if not parts.hostname:
        raise BadInput(option, f"{given!r} names no host", example)
    if parts.username or parts.password:
        raise BadInput(
            option,
            "the URL carries a user name or password, which would end up in logs",
            "use --header or [credentials.default] in the profile",
        )
    if parts.query:
        # The query itself may be a secret.
        bare = given.partition("#")[0].partition("?")[0]
        fix = (
            f"give {bare} alone; a key in the query goes into `query` of [credentials.default] in the profile"
        )
        raise BadInput(option, f"{bare} has a query", fix)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    return f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}"


def parse_header(text: str, option: str = "--header") -> tuple[str, str]:
    """Name and value of a header field given as `Name: value`.

    Raises:
        BadInput: it is not one (RFC 9110 section 5).
    """
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    token = name.replace("-", "").replace("_", "")
    if not colon or not token.isascii() or not token.isalnum():
        raise BadInput(
            option, "not of the form 'Name: value'", "write it like --header 'Authorization: Bearer …'"
        )
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise BadInput(option, f"the value of {name} has a control character", "remove it")
    return name, value
