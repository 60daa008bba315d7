"""Finds the OpenAPI document, or collections if there is none."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.bad_input import BadInput
from harness.client.client import Client, exchange_of, octets_of
from harness.http.content import at, is_json, json_of, media_type
from harness.http.document_places import USUAL
from harness.profile.models import Resource
from harness.rules.checks import Undecided
from harness.survey.ask import services
from harness.survey.infer import places
from harness.survey.infer.pointers import items_pointer
from harness.survey.infer.styles import style_of
from harness.survey.openapi import document
from harness.survey.openapi import resources as openapi_words
from harness.survey.openapi.taming import tamed

MOST_GUESSED = 10


def is_document(media: str) -> bool:
    """Whether a media type may be that of an OpenAPI document, not of a page that answers every path."""
    return is_json(media) or "yaml" in media


def openapi(
    client: Client, given: str | bool | None, base: httpx.Response, warnings: list[str]
) -> tuple[str, Any] | None:
    """The location of the OpenAPI document and its content, or None.

    Args:
        client: reaches the target.
        given: a URL, a path on the target, or a file; False for none; None to try the usual places.
        base: the response at the target URL; its `service-desc` link (RFC 8631) is tried first.
        warnings: takes one line for each document that was found and cannot be used.

    Raises:
        BadInput: the given document cannot be read or used.
    """
    if given is False:
        return None
    if given:
        return _given(client, str(given), warnings)
    for url in _places(client, base):
        try:
            reply = client.get(url, headers={"Accept": "application/json, application/yaml, */*;q=0.1"})
        except Undecided:
            continue
        if reply.is_success:
            try:
                return url, _tamed(document.parse(octets_of(reply), url), warnings)
            except BadInput as problem:
                if is_document(media_type(reply)):
                    warnings.append(str(problem))
                continue
    return None


def _given(client: Client, given: str, warnings: list[str]) -> tuple[str, Any]:
    option = "--openapi"
    if given.startswith(("http://", "https://")):
        if not given.startswith(client.target.origin + "/"):
            raise BadInput(
                option,
                f"{given} is not on the target's origin {client.target.origin}, the only one contacted",
                "download it and give the file",
            )
        return given, _tamed(_fetched(client, given), warnings)
    file = Path(given)
    if file.is_file():
        try:
            with file.open("rb") as opened:
                # One byte more than allowed shows that it is too large.
                content = opened.read(document.MAX_BYTES + 1)
            return given, _tamed(document.parse(content, given), warnings)
        except OSError as error:
            raise BadInput(option, f"{given} cannot be read: {error.strerror}") from None
    if given.startswith("/"):
        url = client.url(given)
        return url, _tamed(_fetched(client, url), warnings)
    raise BadInput(
        option, f"the file {given} does not exist", "give a file, a path such as /openapi.json, or a URL"
    )


def _tamed(found: document.Node, warnings: list[str]) -> document.Node:
    """The document without its overlong parts, which become warnings."""
    notes: list[str] = []
    tamed(found, notes)
    warnings += [f"the OpenAPI document is read in part: {line}" for line in notes]
    return found


def _fetched(client: Client, url: str) -> Any:
    try:
        reply = client.get(url)
    except Undecided as problem:
        raise BadInput("--openapi", str(problem)) from None
    if not reply.is_success:
        raise BadInput("--openapi", f"GET {url} -> {reply.status_code}", "give the URL of the document")
    return document.parse(octets_of(reply), url)


def _places(client: Client, base: httpx.Response) -> list[str]:
    linked = [
        client.resolve(link["url"], client.target.url + "/")
        for rel, link in base.links.items()
        if "service-desc" in (rel or "").split() and link.get("url")
    ]
    below = [client.target.url + place for place in USUAL]
    at_root = [client.target.origin + place for place in USUAL[:5]] if client.target.base_path else []
    on_origin = [url for url in linked if url.startswith(client.target.origin + "/")]
    return list(dict.fromkeys([*on_origin, *below, *at_root]))


def collections(client: Client, base: httpx.Response, warnings: list[str]) -> list[Resource]:
    """Collections that the response at the target URL is, or links to, if no document declares any.

    Args:
        warnings: takes what the user should know about the target URL.
    """
    if client.target.base_path and (base.is_redirect or base.status_code == 404):
        # Many frameworks serve /api/ but not /api.
        with suppress(Undecided):
            slashed = client.get("/")
            base = slashed if slashed.is_success else base
    value = json_of(base)
    if base.is_redirect:
        warnings.append(
            f"{client.target.url} redirects to {base.headers.get('location')}; give the URL of the API"
        )
    if style_of(exchange_of(base)) is not None:
        # An error response is no collection, even if it has an array of errors.
        return []
    found = services.resources(client, base, value)
    if found:
        return found
    pointer = items_pointer(value)
    if pointer is not None and base.is_success and client.target.base_path and not _says_links(value):
        name = client.target.base_path.rsplit("/", 1)[-1]
        return [Resource(collection="", name=name, item="/{id}")]
    found = []
    for path in _linked(client, value):
        try:
            reply = client.get(path)
        except Undecided:
            continue
        listed = json_of(reply)
        if reply.is_success and items_pointer(listed) is not None:
            found.append(_resource(client, path, listed))
    return found


def _resource(client: Client, path: str, listed: Any) -> Resource:
    """A collection that was seen; the path of its items is taken from the first listed one."""
    made = Resource(collection=path)
    template = item_template(client.target.base_path, path, listed)
    if template is None and path.endswith("/"):
        template = path + "{id}/"
    return made if template is None else made.model_copy(update={"item": template})


def item_template(base_path: str, path: str, listed: Any) -> str | None:
    """The path of an item as the first listed one gives it (`url`, `self`), with {id} for its last segment."""
    pointer = items_pointer(listed)
    items = at(listed, pointer) if pointer is not None else None
    first = items[0] if isinstance(items, list) and items else None
    for place in places.SELF:
        link = at(first, place) if isinstance(first, dict) else None
        if not isinstance(link, str) or not re.match(r"https?://|/", link):
            continue
        shown = urlsplit(link).path.removeprefix(base_path)
        head, _, last = shown.rstrip("/").rpartition("/")
        if last and f"{head}/" == f"{path.rstrip('/')}/":
            return f"{head}/{{id}}" + ("/" if shown.endswith("/") else "")
    return None


def _says_links(value: Any) -> bool:
    """Whether an object is an entry point that lists its collections, not items."""
    return isinstance(value, dict) and isinstance(value.get("_links"), dict) and "_embedded" not in value


def _linked(client: Client, value: Any) -> list[str]:
    """Paths below the target among the values of a JSON object."""
    if not isinstance(value, dict):
        return []
    inside = value.get("data")
    members = [*value.values(), *(inside.values() if isinstance(inside, dict) else ())]
    links = [inner for inner in members if isinstance(inner, str)]
    nested = value.get("_links", value.get("links"))
    if isinstance(nested, dict):
        for link in nested.values():
            links.append(str(link.get("href", "")) if isinstance(link, dict) else str(link))
    paths = []
    for link in links:
        link = re.sub(r"\{[?&][^{}]*\}$", "", link)
        url = client.resolve(link, client.target.url + "/") if re.match(r"https?://|/", link) else ""
        if url.startswith(client.target.url + "/") and "{" not in url and not urlsplit(url).query:
            path = url.removeprefix(client.target.url)
            if not openapi_words.is_verb(path):
                paths.append(path)
    return [path for path in dict.fromkeys(paths) if path.strip("/")][:MOST_GUESSED]
