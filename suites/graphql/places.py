"""Where the GraphQL endpoint is: by the profile, the document, or the entry point. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

from harness.http.exchange import Exchange
from harness.survey.infer.rpc_endpoints import takes_queries

NAMES = ("graphql", "gql")
"""Last segments of the path of an endpoint."""


def named(path: str) -> bool:
    """Whether the last segment of a path is the usual name of an endpoint."""
    return urlsplit(path).path.rstrip("/").rpartition("/")[2].lower() in NAMES


def endpoint(
    given: str | None, documented: Mapping[str, Iterable[str]], exchanges: Iterable[Exchange], base: str
) -> tuple[str, str] | None:
    """The URL of the endpoint, and who says so; None where the API shows no sign of one.

    Args:
        given: path or URL of the profile.
        documented: methods by path of the document.
        exchanges: of the survey.
        base: the target URL.
    """
    if given is not None:
        return (given if "://" in given else base + given), "the profile"
    for path, methods in documented.items():
        if named(path) and "POST" in methods and "{" not in path:
            return base + path, "the document"
    origin = "{0.scheme}://{0.netloc}/".format(urlsplit(base))
    for exchange in exchanges:
        if takes_queries(exchange, base):
            return exchange.url.rstrip("/"), exchange.summary()
        if exchange.method != "GET" or exchange.url.rstrip("/") != base.rstrip("/"):
            continue
        value: Any = None
        with suppress(ValueError):
            value = exchange.json()
        for text in strings(value):
            url = urljoin(exchange.url, text)
            if named(text) and url.startswith(origin):
                return url, f"a link in {exchange.summary()}"
    return None


def strings(value: Any, depth: int = 4) -> Iterator[str]:
    """The texts of a JSON value, down to a depth."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, Mapping):
        for one in value.values():
            yield from strings(one, depth - 1)
    elif depth and isinstance(value, list):
        for one in value[:50]:
            yield from strings(one, depth - 1)
