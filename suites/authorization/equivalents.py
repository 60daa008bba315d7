"""Other spellings of a path, and fields that name another target. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Detour:
    """A request that a server may take for one to another path.

    Attributes:
        name: in words.
        url: absolute, sent as it is.
        fields: header fields.
    """

    name: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()


def detours(url: str, base: str) -> Iterator[Detour]:
    """Spellings of a URL that servers may treat as equal (RFC 3986 section 6.2), and fields that override it.

    Args:
        url: absolute, of a protected resource.
        base: the target's URL, or another path that needs no credential.
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    head, _, last = path.rpartition("/")

    def spelt(name: str, other: str) -> Detour:
        return Detour(name, urlunsplit((parts.scheme, parts.netloc, other, parts.query, "")))

    yield spelt("a slash at the end", f"{path}/")
    yield spelt("two slashes", f"{head}//{last}")
    yield spelt("a segment %2e", f"{head}/%2e/{last}")
    yield spelt("a segment with %2e%2e", f"{head}/x/%2e%2e/{last}")
    yield spelt(
        "the first letter percent-encoded", f"{head}/%{ord(last[:1]):02X}{last[1:]}" if last else path
    )
    swapped = path.swapcase()
    if swapped != path:
        yield spelt("the other case", swapped)
        yield spelt("the other case in its last segment", f"{head}/{last.swapcase()}")
    yield spelt("a parameter ;x", f"{path};x")
    yield spelt("the suffix .json", f"{path}.json")
    yield spelt("an encoded NUL at the end", f"{path}%00")
    for field in ("X-Original-URL", "X-Rewrite-URL"):
        yield Detour(f"{field}: {path}", base, ((field, path),))
