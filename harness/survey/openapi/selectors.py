"""How a document lets clients choose a version: by a field, a parameter of the query, or a media type. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, parameters, response_types

Scheme = Literal["path", "field", "query", "media type"]
_NAME = re.compile(r"(x-)?([a-z]+-)?(api|accept|resource)-?version", re.IGNORECASE)
_MEDIA = re.compile(r"application/vnd\.[\w.+-]*?\bv\d+\b[\w.+-]*", re.IGNORECASE)
MOST_OTHERS = 3
_SEGMENT = re.compile(r"/v\d+(\.\d+)*(?=/|$)", re.IGNORECASE)
_SUCCESS = ("200", "2XX", "2xx", "default")


@dataclass(frozen=True)
class Selector:
    """Where a GET takes a version.

    Attributes:
        path: of an operation that needs no other values, relative to the target's URL.
        name: of the field or parameter; `Accept` for media types; of paths, the path of the first version.
        values: the versions that the document lists; at least one.
        others: further paths with the same versions.
    """

    scheme: Scheme
    path: str
    name: str
    values: tuple[str, ...]
    others: tuple[str, ...] = ()


def is_version(name: str) -> bool:
    """Whether a field or parameter of this name chooses a version."""
    return _NAME.fullmatch(name) is not None


def selectors(document: Node, found: Sequence[Endpoint]) -> tuple[Selector, ...]:
    """The selectors of GETs without other required values, each scheme and name once: the one with most versions."""
    best: dict[tuple[Scheme, str], Selector] = {}
    for endpoint in found:
        operation = endpoint.operations.get("GET")
        if operation is None or "{" in endpoint.path:
            continue
        for one in _of(document, endpoint, operation):
            key = (one.scheme, one.name.lower())
            if key not in best or len(one.values) > len(best[key].values):
                best[key] = one
            elif one.values == best[key].values and len(best[key].others) < MOST_OTHERS:
                best[key] = replace(best[key], others=(*best[key].others, one.path))
    return (*best.values(), *_by_servers(document, found))


def _by_servers(document: Node, found: Iterable[Endpoint]) -> Iterable[Selector]:
    """Versions that the document names as servers, with paths on the target that differ in the version alone."""
    listed = document.get("servers")
    urls = [one.get("url") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    paths = [
        url.rstrip("/") for url in urls if isinstance(url, str) and url.startswith("/") and "{" not in url
    ]
    shapes = {_SEGMENT.sub("/v*", path) for path in paths}
    if (
        len(dict.fromkeys(paths)) < 2
        or len(paths) != len(urls)
        or len(shapes) != 1
        or "/v*" not in shapes.pop()
    ):
        return
    for endpoint in found:
        operation = endpoint.operations.get("GET")
        if operation is None or "{" in endpoint.path:
            continue
        if not any(one.get("required") is True for one in parameters(document, endpoint, operation)):
            yield Selector("path", endpoint.path, paths[0], tuple(dict.fromkeys(paths)))
            return


def _of(document: Node, endpoint: Endpoint, operation: Node) -> Iterable[Selector]:
    given = parameters(document, endpoint, operation)
    for one in given:
        if one["in"] not in ("header", "query") or not _NAME.fullmatch(one["name"]):
            continue
        others = [other for other in given if other is not one and other.get("required") is True]
        schema = resolve(document, one.get("schema", one))
        listed = [schema["const"]] if "const" in schema else schema.get("enum")
        values = tuple(str(value) for value in listed) if isinstance(listed, list) else ()
        if values and not others:
            yield Selector("field" if one["in"] == "header" else "query", endpoint.path, one["name"], values)
    types = tuple(one for one in response_types(document, operation, _SUCCESS) if _MEDIA.fullmatch(one))
    if types and not any(one.get("required") is True for one in given):
        yield Selector("media type", endpoint.path, "Accept", types)
