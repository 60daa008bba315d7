"""References to collections in an index document: the entry point of an API that lists what it has. Pure.

Maps of names to URLs (Django REST framework), HAL and JSON:API links, JSON home documents, arrays of links with
relative references (Eve), OData service documents, and pages of HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from harness.http.content import at
from harness.lists.families import family_of, located
from harness.survey.infer.document_links import DESCRIBING

DEEPEST = 3
MOST = 200
"""Most references that are taken from one document."""
_OTHER = frozenset(
    (
        *DESCRIBING,
        *(
            "self",
            "curies",
            "profile",
            "next",
            "prev",
            "previous",
            "first",
            "last",
            "up",
            "alternate",
            "license",
        ),
        *(
            "terms-of-service",
            "privacy-policy",
            "about",
            "help",
            "author",
            "canonical",
            "home",
            "conformance",
        ),
        *("icon", "logo", "stylesheet", "homepage", "website", "status", "health", "doc", "docs", "schema"),
    )
)
"""Relations and names that lead to no collection."""
_HREFS = ("href", "url", "uri", "path", "link", "list", "route", "endpoint")
_DESCRIPTIVE = frozenset(
    (
        *(
            *_HREFS,
            "rel",
            "name",
            "title",
            "label",
            "type",
            "kind",
            "method",
            "methods",
            "description",
            "summary",
        ),
        *(
            "templated",
            "deprecated",
            "hreflang",
            "mediaType",
            "media_type",
            "schema",
            "version",
            "verbs",
            "allow",
        ),
    )
)
"""Members of a link; an object with others is an item."""
_ID = re.compile(r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-f]{16,}")
_METHOD = re.compile(r"^(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD)(?:[ ,|/]+|$))+\s*(?=/)")
_EXPANSION = re.compile(r"(?:\{[/?&][^{}]*\})+$")
"""What follows the URL of a collection in a template: the segment of an item, or a query (RFC 6570 section 3.2)."""
_ANCHOR = re.compile(r"""<a\b[^>]*\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.I)
_STREAM = re.compile(r"watch|streams?|sse|ws|websockets?|live|tail|follow|subscribe|poll")
_EVENTS = re.compile(r"events?")
_ASSET = re.compile(r"\.(?:css|js|png|svg|ico|jpe?g|gif|woff2?|map|html?|txt|pdf|md)$", re.I)


def is_index(value: Any) -> bool:
    """Whether a JSON value lists links to collections rather than items."""
    family = family_of(value)
    if family is not None and (place := located(value, family.items)) is not None:
        # A list has links, too: to its pages, and even without items.
        return _lists_links(at(value, place))
    if isinstance(value, Mapping) and isinstance(value.get("_links"), Mapping) and "_embedded" not in value:
        return True
    if (
        isinstance(value, list)
        and of_only_item(value)
        and set(map(type, value[0].values())) <= {str, list, dict}
    ):
        # Nothing but templates says anything about the only item.
        texts = [one for one in value[0].values() if isinstance(one, str)]
        return all("{/" in one for one in texts)
    return any(_lists_links(one) for one in (value.values() if isinstance(value, Mapping) else [value]))


def _lists_links(value: Any) -> bool:
    return isinstance(value, list) and (_all_links(value) or bool(_leading(value)))


def entries(value: Any) -> list[str]:
    """References to what an index document lists, in its order; relative ones as they are."""
    found = []
    for one in _entries(value, DEEPEST):
        reference = _EXPANSION.sub("", _METHOD.sub("", one.strip()))
        if reference and "{" not in reference and not reference.startswith(("#", "mailto:", "javascript:")):
            found.append(reference)
        if len(found) >= MOST:
            break
    return list(dict.fromkeys(found))


def of_only_item(listed: Any) -> list[str]:
    """References to the collections of the only item of a list, such as the one server or the one tenant of an API.

    A template with the segment of an item at its end says that its URL is one: `/servers/a/zones{/zone}`.
    """
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], Mapping):
        return []
    templates = (str(one) for one in listed[0].values() if isinstance(one, str))
    found = [
        _EXPANSION.sub("", one) for one in templates if re.search(r"\w\{/\w+\}(?:\{[?&][^{}]*\})?$", one)
    ]
    return [one for one in found if "{" not in one][:MOST]


def in_page(page: str) -> list[str]:
    """References of the anchors in an HTML page, without files that are no data."""
    found = [html.unescape(next(filter(None, groups), "")) for groups in _ANCHOR.findall(page)]
    kept = [one for one in found if one and not one.startswith(("#", "mailto:", "javascript:"))]
    return list(dict.fromkeys(one for one in kept if not _ASSET.search(urlsplit(one).path)))[:MOST]


def below(references: list[str], base: str, at: str, *, prefixed: bool = False) -> list[str]:
    """Paths below the target of references in an index, without streams.

    Args:
        base: the target URL.
        at: URL of the index; relative references are resolved as if it ended with a slash.
        prefixed: whether absolute paths of which none lies below the target lack its path, as behind a gateway that
            removes a prefix.
    """
    found = _below(references, base, at)
    if not found and prefixed and urlsplit(base).path.strip("/"):
        found = _below([f"{base}{one}" for one in references if re.match(r"/[^/]", one)], base, at)
    return found


def _below(references: list[str], base: str, at: str) -> list[str]:
    paths = []
    for reference in references:
        try:
            url = urljoin(at.rstrip("/") + "/", reference)
            parsed = urlsplit(url)
        except ValueError:
            continue
        path = url.removeprefix(base)
        if url.startswith(base + "/") and not parsed.query and not parsed.fragment and path.strip("/"):
            paths.append(path)
    # A list of events may be a stream, too, whose response never ends.
    kept = (path for path in paths if not _named(path, _STREAM))
    return sorted(dict.fromkeys(kept), key=lambda path: _named(path, _EVENTS))


def _named(path: str, words: re.Pattern[str]) -> bool:
    return bool(words.fullmatch(path.rstrip("/").rsplit("/", 1)[-1].lower()))


def _entries(value: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(value, list):
        yield from _of_array(value)
        return
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        name = str(name)
        if name.lower() in _OTHER:
            continue
        if re.match(r"(?:[A-Z]+ )?/[\w{}/.~:-]*$", name):
            # A map whose names are paths.
            yield name
        elif isinstance(inner, str):
            if re.match(r"https?://|/\w", _METHOD.sub("", inner)):
                yield inner
        elif isinstance(inner, list):
            yield from _of_array(inner)
        elif isinstance(inner, Mapping):
            own = [inner[one] for one in _HREFS if isinstance(inner.get(one), str)]
            yield from own[:1] if own else _entries(inner, depth - 1)


def _of_array(listed: list[Any]) -> Iterator[str]:
    yield from _leading(listed)
    if is_index(listed):
        yield from of_only_item(listed)
    for one in listed if _all_links(listed) else ():
        if isinstance(one, str):
            yield one
        elif str(one.get("rel", one.get("name", ""))).lower() not in _OTHER:
            yield next(one[name] for name in _HREFS if isinstance(one.get(name), str))


def _leading(listed: list[Any]) -> list[str]:
    """References to the items of the collections that an array describes (OGC 17-069r4 section 7.14)."""
    links = [
        one["links"] for one in listed if isinstance(one, Mapping) and isinstance(one.get("links"), list)
    ]
    return [
        link["href"]
        for each in links
        for link in each
        if isinstance(link, Mapping) and link.get("rel") == "items" and isinstance(link.get("href"), str)
    ]


def _all_links(listed: list[Any]) -> bool:
    """Whether an array holds links, and not items that also say where they are."""
    return bool(listed) and all(_is_link(one) for one in listed)


def _is_link(one: Any) -> bool:
    if isinstance(one, str):
        return bool(re.match(r"(?:[A-Z]+ )?/\w", one))
    if not isinstance(one, Mapping) or not {str(name) for name in one} <= _DESCRIPTIVE:
        return False
    reference = next((one[name] for name in _HREFS if isinstance(one.get(name), str)), None)
    return reference is not None and not _ID.fullmatch(reference.rstrip("/").rsplit("/", 1)[-1])
