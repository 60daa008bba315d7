"""References to an OpenAPI document in what an API sends: link fields, links in content, documentation pages. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from harness.http.links import LinkSyntax, links

DESCRIBING = (
    "service-desc",
    "service-doc",
    "describedby",
    "api-catalog",
    "openapi",
    "swagger",
    "documentation",
)
"""Link relations that lead to a description of the API (RFC 8631 section 4, RFC 9727 section 3); others are words
that APIs use."""
MOST = 8
"""Most references that are taken from one response."""
_READ = 400_000
_UI = re.compile(
    r"swagger-?ui|redoc|rapi-?doc|scalar|elements-api|api-reference|openapi-explorer|drf-yasg|openapi", re.I
)
_ATTRIBUTE = re.compile(
    r"""\b(?:spec-url|data-url|data-spec-url|apidescriptionurl|openapi-url)\s*=\s*["']([^"']+)["']""", re.I
)
_SCRIPT = re.compile(
    r"""["']?\b(?:configUrl|url|specUrl|spec_url|openapiUrl|openapi_url|apiDescriptionUrl|definitionURL)["']?"""
    r"""\s*[:=]\s*["']([^"'\s<>]+)["']""",
    re.I,
)
_CALL = re.compile(r"""Redoc\.init\(\s*["']([^"']+)["']""")
_LINK = re.compile(r"<link\b[^>]*>", re.I)
_ANCHOR = re.compile(r"""<a\b[^>]*\bhref\s*=\s*["']?([^"'\s>]+)""", re.I)
_NAMED = re.compile(
    r"openapi|swagger|api-?docs?\b|redoc|rapidoc|scalar|/docs/?$|/schema/?$|/specs?/|/reference/?$", re.I
)
_INITIALISER = re.compile(
    r"""src\s*=\s*["']?([^"'\s>]*(?:swagger-initializer|swagger-ui-init)[^"'\s>]*\.js)""", re.I
)
_EMBEDDED = re.compile(
    r"""["']?(?:swaggerDoc|spec|content)["']?\s*:\s*(?=\{)|<script\b[^>]*json[^>]*>\s*(?=\{)"""
)
_NOT_DOCUMENTS = re.compile(r"\.(?:css|png|svg|ico|jpe?g|gif|woff2?|map|js)(?:\?|$)", re.I)
_MEDIA = re.compile(r"openapi|swagger", re.I)


def in_fields(field: str) -> list[str]:
    """References in a Link field whose relation leads to a description; empty if the field cannot be parsed.

    Args:
        field: the field's value (RFC 8288 section 3).
    """
    with suppress(LinkSyntax):
        return [link.target for link in links(field) if set(link.relations) & set(DESCRIBING)]
    return []


def in_content(value: Any) -> list[str]:
    """References in JSON: `links[]` and `_links` by relation, linksets (RFC 9264), members named like a document."""
    return list(dict.fromkeys(_in_content(value)))[:MOST]


def _in_content(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    for one in _list(value.get("linkset")):
        for rel in DESCRIBING:
            yield from _references(one.get(rel) if isinstance(one, Mapping) else None)
    for links_ in (value.get("links"), value.get("_links")):
        for one in _list(links_):
            if isinstance(one, Mapping) and one.get("rel") in DESCRIBING:
                yield from _references(one)
        if isinstance(links_, Mapping):
            for rel in DESCRIBING:
                yield from _references(links_.get(rel))
    # What Swagger UI reads as its configuration.
    for one in _list(value.get("urls")):
        yield from _references(one)
    for name, inner in value.items():
        if isinstance(inner, str) and (
            _MEDIA.search(str(name)) or (_MEDIA.search(inner) and re.match(r"https?://|/", inner))
        ):
            yield from _references(inner)
    if isinstance(value.get("configUrl"), str) or len(value) <= 6:
        yield from (value[name] for name in ("url", "configUrl") if isinstance(value.get(name), str))


def own_place(location: str | None, value: Any) -> list[str]:
    """Where a response says that it, or what it stands for, is: Location, and the link `self` (JSON:API, HAL).

    Args:
        location: the Location field, if any.
        value: JSON of the content.
    """
    found = [location]
    for name in ("links", "_links"):
        links_ = value.get(name) if isinstance(value, Mapping) else None
        found += _references(links_.get("self")) if isinstance(links_, Mapping) else ()
    return [one for one in found if one]


def in_page(page: str) -> list[str]:
    """References in an HTML page or in the script of a documentation page, the likeliest first."""
    page = page[:_READ]
    found: list[str] = [html.unescape(one) for one in _ATTRIBUTE.findall(page)]
    if _UI.search(page):
        plain = html.unescape(page)
        found += [*_CALL.findall(plain), *_INITIALISER.findall(plain), *_SCRIPT.findall(plain)]
        if "drf-yasg" in page:
            found.append("?format=openapi")
    for tag in _LINK.findall(page):
        rel, target = _attribute(tag, "rel"), _attribute(tag, "href")
        if target and (set(rel.split()) & set(DESCRIBING) or _MEDIA.search(_attribute(tag, "type"))):
            found.insert(0, target)
    found += [one for one in map(html.unescape, _ANCHOR.findall(page)) if _NAMED.search(one)]
    kept = [one for one in found if not _NOT_DOCUMENTS.search(one) or _INITIALISER.search(f"src={one}")]
    return list(dict.fromkeys(kept))[:MOST]


def embedded(page: str) -> dict[str, Any] | None:
    """The OpenAPI document inside a page or a script, as swagger-ui-express and Redoc embed it; None without one."""
    decoder = json.JSONDecoder()
    for match in _EMBEDDED.finditer(page):
        with suppress(ValueError, RecursionError):
            value, _ = decoder.raw_decode(page, match.end())
            if isinstance(value, dict) and isinstance(value.get("data"), dict):
                value = value["data"]
            if isinstance(value, dict) and ("openapi" in value or "swagger" in value) and "paths" in value:
                return value
    return None


def _references(one: Any) -> Iterator[str]:
    """The href of a link, of a list of links, or the link itself."""
    for link in one if isinstance(one, list) else [one]:
        target = link.get("href", link.get("url")) if isinstance(link, Mapping) else link
        if isinstance(target, str) and target and not target.startswith("#"):
            yield target


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", tag, re.I)
    return html.unescape(next((one for one in found.groups() if one is not None), "")) if found else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
