"""Finding the OpenAPI document, and collections where there is none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.bad_input import BadInput
from harness.client import Client, octets_of
from harness.content import is_json, json_of, media_type
from harness.oracle import Undecided
from harness.profile import Resource
from harness.survey import document
from harness.survey.infer import items_pointer

USUAL = (
    "/openapi.json",
    "/openapi.yaml",
    "/swagger.json",
    "/v3/api-docs",
    "/v2/api-docs",
    "/api-docs",
    "/__api__",
    "/swagger/v1/swagger.json",
    "/docs/openapi.json",
)
MOST_GUESSED = 10


def is_document(media: str) -> bool:
    """Whether a media type is one that an OpenAPI document has: not the page that some answer every path with."""
    return is_json(media) or "yaml" in media


def openapi(
    client: Client, given: str | bool | None, base: httpx.Response, warnings: list[str]
) -> tuple[str, Any] | None:
    """The OpenAPI document and where it is, or None.

    Args:
        client: reaches the target.
        given: a URL, a path on the target, or a file; False for none; None to look at the usual places.
        base: the answer at the target URL; its `service-desc` link (RFC 8631) is looked at first.
        warnings: takes one line for each document that was found and cannot be used.

    Raises:
        BadInput: the one that was given cannot be had or used.
    """
    if given is False:
        return None
    if given:
        return _given(client, str(given))
    for url in _places(client, base):
        try:
            reply = client.get(url, headers={"Accept": "application/json, application/yaml, */*;q=0.1"})
        except Undecided:
            continue
        if reply.is_success:
            try:
                return url, document.parse(octets_of(reply), url)
            except BadInput as problem:
                if is_document(media_type(reply)):
                    warnings.append(str(problem))
                continue
    return None


def _given(client: Client, given: str) -> tuple[str, Any]:
    option = "--openapi"
    if given.startswith(("http://", "https://")):
        if not given.startswith(client.target.origin + "/"):
            raise BadInput(
                option,
                f"{given} is not on the target's origin {client.target.origin}, the only one contacted",
                "download it and give the file",
            )
        return given, _fetched(client, given)
    file = Path(given)
    if file.is_file():
        try:
            return given, document.parse(file.read_bytes(), given)
        except OSError as error:
            raise BadInput(option, f"{given} cannot be read: {error.strerror}") from None
    if given.startswith("/"):
        url = client.url(given)
        return url, _fetched(client, url)
    raise BadInput(option, f"there is no file {given}", "give a file, a path such as /openapi.json, or a URL")


def _fetched(client: Client, url: str) -> Any:
    try:
        reply = client.get(url)
    except Undecided as problem:
        raise BadInput("--openapi", str(problem)) from None
    if not reply.is_success:
        raise BadInput("--openapi", f"{url} answers {reply.status_code}", "give the URL of the document")
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


def collections(client: Client, base: httpx.Response) -> list[Resource]:
    """Collections that the answer at the target URL is, or links to, when nothing declares any."""
    value = json_of(base)
    if items_pointer(value) is not None and client.target.base_path:
        parent, _, last = client.target.url.rpartition("/")
        return [Resource(collection=f"/{last}")] if parent == client.target.origin else []
    found = []
    for path in _linked(client, value):
        try:
            reply = client.get(path)
        except Undecided:
            continue
        if reply.is_success and items_pointer(json_of(reply)) is not None:
            found.append(Resource(collection=path))
    return found


def _linked(client: Client, value: Any) -> list[str]:
    """Paths below the target that a JSON object gives as its members' values."""
    if not isinstance(value, dict):
        return []
    links = [inner for inner in value.values() if isinstance(inner, str)]
    nested = value.get("_links", value.get("links"))
    if isinstance(nested, dict):
        for link in nested.values():
            links.append(link.get("href", "") if isinstance(link, dict) else str(link))
    paths = []
    for link in links:
        url = client.resolve(link, client.target.url + "/") if re.match(r"https?://|/", link) else ""
        if url.startswith(client.target.url + "/") and "{" not in url and not urlsplit(url).query:
            paths.append(url.removeprefix(client.target.url).rstrip("/"))
    return [path for path in dict.fromkeys(paths) if path][:MOST_GUESSED]
