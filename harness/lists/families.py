"""Conventions of families of APIs: where items, ids, pages, totals and envelopes are. Data, and its reading. Pure.

A new family is a row, and a recorded list in `tests/lists/families.json`. The forms of refusals are rows of their own
(`harness/survey/infer/refusal_shapes.py`): an API's validator and its lists are often of different families.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at

KEYS = ("next", "prev", "first", "last", "has_more", "total", "total_pages", "page")


@dataclass(frozen=True)
class Family:
    """One family. Locations are JSON Pointers (RFC 6901) in the response of a list, unless it says otherwise.

    A segment may be `*` (the only array, or the only object), `{plural}` or `{singular}` (the name of the collection),
    or `{rel=next}` (the element of an array with that member).

    Attributes:
        source: where the convention is defined.
        signs: what the response of a list must have, all of it.
        items: the array of items.
        id: ids in an item, the likeliest first.
        pages: keys of a profile's `pagination`, each with a location.
        read: the members of an item in a response.
        write: the members of an item in a create body.
        media: the media type of bodies.
        frame: what a create body must have beside its members.
    """

    name: str
    source: str
    signs: tuple[str, ...]
    items: str
    id: tuple[str, ...] = ("/id",)
    pages: Mapping[str, str] = field(default_factory=dict)
    read: str = ""
    write: str = ""
    media: str = "application/json"
    frame: Mapping[str, Any] = field(default_factory=dict)


FAMILIES = (
    Family(
        "JSON:API",
        "https://jsonapi.org/format/1.1/",
        ("/data", "/jsonapi"),
        "/data",
        pages={"next": "/links/next", "prev": "/links/prev", "first": "/links/first", "last": "/links/last"},
        read="/data/attributes",
        write="/data/attributes",
        media="application/vnd.api+json",
    ),
    Family(
        "JSON:API",
        "https://jsonapi.org/format/1.1/",
        ("/data/0/type", "/data/0/id", "/data/0/attributes"),
        "/data",
        pages={"next": "/links/next", "prev": "/links/prev", "first": "/links/first", "last": "/links/last"},
        read="/data/attributes",
        write="/data/attributes",
        media="application/vnd.api+json",
    ),
    Family(
        "Spring Data REST",
        "https://docs.spring.io/spring-data/rest/reference/paging-and-sorting.html",
        ("/_embedded/*", "/page/totalElements"),
        "/_embedded/*",
        pages={
            "next": "/_links/next/href",
            "prev": "/_links/prev/href",
            "first": "/_links/first/href",
            "last": "/_links/last/href",
            "total": "/page/totalElements",
            "total_pages": "/page/totalPages",
            "page": "/page/number",
        },
    ),
    Family(
        "HAL",
        "draft-kelly-json-hal-11",
        ("/_embedded/*", "/_links"),
        "/_embedded/*",
        pages={"next": "/_links/next/href", "prev": "/_links/prev/href", "total": "/total"},
    ),
    Family(
        "Spring Pageable",
        "https://docs.spring.io/spring-data/commons/reference/repositories/core-extensions.html",
        ("/content", "/totalElements"),
        "/content",
        pages={"total": "/totalElements", "total_pages": "/totalPages", "page": "/number"},
    ),
    Family(
        "Spring PagedModel",
        "https://docs.spring.io/spring-data/commons/reference/repositories/core-extensions.html",
        ("/content", "/page/totalElements"),
        "/content",
        pages={"total": "/page/totalElements", "total_pages": "/page/totalPages", "page": "/page/number"},
    ),
    Family(
        "OData 4",
        "OData JSON Format 4.01 section 12",
        ("/@odata.context", "/value"),
        "/value",
        pages={"next": "/@odata.nextLink", "total": "/@odata.count"},
    ),
    Family(
        "OData 2",
        "OData JSON Format 2.0",
        ("/d/results",),
        "/d/results",
        pages={"next": "/d/__next", "total": "/d/__count"},
        read="/d",
    ),
    Family(
        "SCIM 2.0",
        "RFC 7644 section 3.4.2",
        ("/totalResults", "/schemas"),
        "/Resources",
        pages={"total": "/totalResults"},
        media="application/scim+json",
    ),
    Family(
        "OGC API Features, GeoJSON",
        "OGC 17-069r4 section 7.15; RFC 7946 section 3.3",
        ("/features", "/type"),
        "/features",
        pages={"next": "/links/{rel=next}/href", "prev": "/links/{rel=prev}/href", "total": "/numberMatched"},
        read="/properties",
        write="/properties",
        media="application/geo+json",
        frame={"type": "Feature", "geometry": {"type": "Point", "coordinates": [7.5, 51.5]}},
    ),
    Family(
        "Hydra (API Platform)",
        "https://www.hydra-cg.com/spec/latest/core/#collections",
        ("/hydra:member", "/hydra:totalItems"),
        "/hydra:member",
        ("/id", "/@id"),
        {"next": "/hydra:view/hydra:next", "last": "/hydra:view/hydra:last", "total": "/hydra:totalItems"},
        media="application/ld+json",
    ),
    Family(
        "Hydra (API Platform 4)",
        "https://www.hydra-cg.com/spec/latest/core/#collections",
        ("/member", "/totalItems", "/@id"),
        "/member",
        ("/id", "/@id"),
        {"next": "/view/next", "last": "/view/last", "total": "/totalItems"},
        media="application/ld+json",
    ),
    Family(
        "Google AIP",
        "https://google.aip.dev/158",
        ("/nextPageToken",),
        "/*",
        ("/id", "/name"),
        {"next": "/nextPageToken", "total": "/totalSize"},
    ),
    Family(
        "Stripe",
        "https://docs.stripe.com/api/pagination",
        ("/object", "/has_more", "/data"),
        "/data",
        pages={"has_more": "/has_more"},
        media="application/x-www-form-urlencoded",
    ),
    Family(
        "Eve",
        "https://docs.python-eve.org/en/stable/features.html",
        ("/_items", "/_meta"),
        "/_items",
        ("/_id",),
        {
            "next": "/_links/next/href",
            "prev": "/_links/prev/href",
            "last": "/_links/last/href",
            "total": "/_meta/total",
            "page": "/_meta/page",
        },
    ),
    Family(
        "Django REST framework",
        "https://www.django-rest-framework.org/api-guide/pagination/",
        ("/results", "/count", "/next"),
        "/results",
        ("/id", "/pk", "/uuid", "/url"),
        {"next": "/next", "prev": "/previous", "total": "/count"},
    ),
    Family(
        "Laravel resources",
        "https://laravel.com/docs/eloquent-resources#pagination",
        ("/data", "/links", "/meta/current_page"),
        "/data",
        pages={
            "next": "/links/next",
            "prev": "/links/prev",
            "first": "/links/first",
            "last": "/links/last",
            "total": "/meta/total",
            "total_pages": "/meta/last_page",
            "page": "/meta/current_page",
        },
        read="/data",
    ),
    Family(
        "Laravel paginator",
        "https://laravel.com/docs/pagination",
        ("/data", "/current_page", "/next_page_url"),
        "/data",
        pages={
            "next": "/next_page_url",
            "prev": "/prev_page_url",
            "total": "/total",
            "total_pages": "/last_page",
            "page": "/current_page",
        },
    ),
    Family(
        "Strapi",
        "https://docs.strapi.io/cms/api/rest",
        ("/data", "/meta/pagination"),
        "/data",
        ("/documentId", "/id"),
        {
            "total": "/meta/pagination/total",
            "total_pages": "/meta/pagination/pageCount",
            "page": "/meta/pagination/page",
        },
        read="/data",
        write="/data",
    ),
    Family(
        "Ghost",
        "https://docs.ghost.org/admin-api",
        ("/{plural}", "/meta/pagination"),
        "/{plural}",
        pages={
            "next": "/meta/pagination/next",
            "total": "/meta/pagination/total",
            "total_pages": "/meta/pagination/pages",
            "page": "/meta/pagination/page",
        },
        read="/{plural}/0",
        write="/{plural}/0",
    ),
    Family(
        "Feathers",
        "https://feathersjs.com/api/databases/common.html",
        ("/data", "/total", "/limit", "/skip"),
        "/data",
        ("/id", "/_id"),
        {"total": "/total"},
    ),
    Family(
        "json-server 1",
        "https://github.com/typicode/json-server",
        ("/data", "/items", "/pages", "/first"),
        "/data",
        pages={"next": "/next", "total": "/items", "total_pages": "/pages"},
    ),
    Family(
        "CouchDB",
        "https://docs.couchdb.org/en/stable/api/database/bulk-api.html",
        ("/rows", "/total_rows"),
        "/rows",
        pages={"total": "/total_rows"},
    ),
    Family(
        "Kubernetes",
        "https://kubernetes.io/docs/reference/using-api/api-concepts/",
        ("/items", "/apiVersion", "/metadata"),
        "/items",
        ("/metadata/name",),
        {"next": "/metadata/continue"},
    ),
    Family(
        "Salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
        ("/records", "/totalSize", "/done"),
        "/records",
        ("/Id", "/id"),
        {"next": "/nextRecordsUrl", "total": "/totalSize"},
    ),
    Family(
        "Twilio",
        "https://www.twilio.com/docs/usage/twilios-response",
        ("/next_page_uri", "/page_size"),
        "/*",
        ("/sid",),
        {"next": "/next_page_uri", "prev": "/previous_page_uri", "page": "/page"},
        media="application/x-www-form-urlencoded",
    ),
    Family(
        "Parse",
        "https://docs.parseplatform.org/rest/guide/#queries",
        ("/results/0/objectId",),
        "/results",
        ("/objectId",),
        {"total": "/count"},
    ),
    Family(
        "Rails",
        "https://guides.rubyonrails.org/action_controller_overview.html#strong-parameters",
        ("/{plural}",),
        "/{plural}",
        read="/{singular}",
        write="/{singular}",
    ),
    Family("data-enveloped", "", ("/data",), "/data", ("/id", "/_id", "/uuid"), read="/data", write="/data"),
)
"""The most specific first. PostgREST, json-server 0 and many more have a naked list, Directus has only `data`."""


def family_of(value: Any, collection: str = "") -> Family | None:
    """The family of a list, by the signs in its response; None if it has none.

    Args:
        value: JSON of the response.
        collection: path of the collection, for families that name members after it.
    """
    if not isinstance(value, Mapping):
        return None
    for family in FAMILIES:
        places = [place for sign in family.signs if (place := located(value, sign, collection)) is not None]
        if len(places) == len(family.signs) and all(at(value, place) is not MISSING for place in places):
            listed = located(value, family.items, collection)
            if listed is not None and isinstance(at(value, listed), list):
                return family
    return None


def located(value: Any, pattern: str, collection: str = "") -> str | None:
    """The JSON Pointer that a location of a family has in a response; None if it is not clear.

    Args:
        value: JSON in which `*` and `{rel=...}` are looked up.
        collection: path of the collection.
    """
    pointer = ""
    for part in pattern.split("/")[1:]:
        name = _segment(at(value, pointer), part, collection)
        if name is None:
            return None
        pointer += "/" + jsonpointer.escape(name)
    return pointer


def _segment(inside: Any, part: str, collection: str) -> str | None:
    if part == "*":
        if not isinstance(inside, Mapping):
            return None
        arrays = [name for name, one in inside.items() if isinstance(one, list)]
        return arrays[0] if len(arrays) == 1 else None
    related = re.fullmatch(r"\{(\w+)=([^{}]+)\}", part)
    if related:
        for place, one in enumerate(inside if isinstance(inside, list) else ()):
            if isinstance(one, Mapping) and one.get(related[1]) == related[2]:
                return str(place)
        return None
    if part in ("{plural}", "{singular}"):
        return named(inside, part, collection)
    return jsonpointer.unescape(part)


def named(inside: Any, part: str, collection: str) -> str | None:
    """The member that is named like the collection, as it is spelled there; that name if the content lacks it."""
    word = collection.rstrip("/").rsplit("/", 1)[-1].removesuffix(".json")
    if not word or "{" in word:
        return None
    wanted = _plain(word if part == "{plural}" else singular(word))
    there = (name for name in inside if _plain(name) == wanted) if isinstance(inside, Mapping) else iter(())
    return next(there, word if part == "{plural}" else singular(word))


def singular(path: str) -> str:
    """The likely name of one item: `order` for /v1/orders, `category` for /categories."""
    word = path.rstrip("/").rsplit("/", 1)[-1].lower().removesuffix(".json")
    if word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("sses", "xes", "ches", "shes"):
        if word.endswith(ending):
            return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def pages(value: Any, collection: str = "") -> dict[str, str]:
    """Keys of a profile's `pagination` with the places where the list's family has them, if they are there.

    A location whose place changes from page to page stays a pattern, which `found()` follows.
    """
    family = family_of(value, collection)
    made = {}
    for key, pattern in family.pages.items() if family is not None else ():
        shown = found(value, pattern)
        if isinstance(shown, Mapping) and "href" in shown:
            # A link with metadata.
            made[key] = f"{pattern}/href"
        elif shown is not MISSING:
            made[key] = pattern
    return made


def found(value: Any, place: str) -> Any:
    """What is at a location, which may be a pattern with `{rel=...}`; MISSING if nothing is."""
    if "{" not in place:
        return at(value, place)
    pointer = located(value, place)
    return MISSING if pointer is None else at(value, pointer)
