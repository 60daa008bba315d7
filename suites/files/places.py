"""Where ranges are read: a handful of URLs, one of each kind of response. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.http.document_places import is_place
from harness.http.exchange import Exchange
from harness.http.item_urls import is_below

from .parts import accepts_bytes

MOST = 4
"""URLs whose ranges are read."""
_ID = re.compile(r"[^/]*\d[^/]*|[0-9a-fA-F-]{16,}")


@dataclass(frozen=True)
class Place:
    """A URL whose ranges may be read.

    Attributes:
        because: what says so.
        announced: whether a response has Accept-Ranges: bytes.
        declared: whether the profile names it.
    """

    url: str
    because: str
    announced: bool = False
    declared: bool = False


def kind(exchange: Exchange) -> tuple[str, str]:
    """What responses of one kind have in common: the form of the path, and the media type."""
    return _ID.sub("{}", urlsplit(exchange.url).path), exchange.media_type


def places(
    samples: Iterable[str],
    downloads: Iterable[str],
    exchanges: Sequence[Exchange],
    collections: Iterable[str],
    base: str,
) -> list[Place]:
    """The places to try, those first that say most about themselves.

    Args:
        samples: URLs of files that the profile names.
        downloads: documented URLs of files.
        exchanges: of the survey.
        collections: URLs of the resources under test; what is elsewhere is left alone.
        base: URL of the target.
    """
    above = list(collections)
    made = {url: Place(url, "`samples` in the profile", declared=True) for url in samples}
    read = [
        one
        for one in exchanges
        if one.method == "GET"
        and one.status == 200
        and one.response_body.size
        and one.request_field("range") is None
        and not is_place(one.url, base)
        and any(is_below(one.url, collection) for collection in above)
    ]
    for one in _one_of_each(read):
        told = accepts_bytes(one.field("accept-ranges"))
        if told:
            made.setdefault(one.url, Place(one.url, f"{one.summary()} with Accept-Ranges: bytes", True))
    for url in downloads:
        made.setdefault(url, Place(url, "the OpenAPI document"))
    for one in _one_of_each(read):
        if accepts_bytes(one.field("accept-ranges")) is None:
            made.setdefault(one.url, Place(one.url, one.summary()))
    return list(made.values())[:MOST]


def _one_of_each(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The last exchange of each kind, the largest kinds first: of the last item most is likely to be there still."""
    found = {kind(one): one for one in exchanges}
    return sorted(found.values(), key=lambda one: (-one.response_body.size, one.url))
