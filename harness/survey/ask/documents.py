"""Finds the OpenAPI document: where the user says, where the API says, or at the usual places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from harness.bad_input import BadInput
from harness.client.client import Client, content_of
from harness.http.content import is_json, json_of, media_type
from harness.http.document_places import candidates
from harness.rules.checks import Undecided
from harness.survey.infer import document_links
from harness.survey.openapi import document
from harness.survey.openapi.taming import tamed

ACCEPT = "application/json, application/vnd.oai.openapi+json, application/yaml, application/linkset+json, */*;q=0.1"
MOST_FOLLOWED = 6
"""Most references to a document that are followed, in all."""
_SHOWN = 2_000
Found = tuple[str, document.Node]


def openapi(
    client: Client, given: str | bool | None, base: httpx.Response, warnings: list[str]
) -> Found | None:
    """The location of the OpenAPI document and its content, or None.

    Args:
        client: reaches the target.
        given: a URL, a path on the target, or a file; False for none; None to look for it.
        base: the response at the target URL: what it links to comes before the usual places.
        warnings: takes one line for each document that was found and cannot be used.

    Raises:
        BadInput: the given document cannot be read or used.
    """
    if given is False:
        return None
    if given:
        return _given(client, str(given), warnings)
    return _Search(client, warnings).run(base)


def at_entry(client: Client, base: httpx.Response) -> Found | None:
    """The document that the response at the target URL is, embeds, or names; None without one."""
    return _Search(client, []).named(base)


def is_document(media: str) -> bool:
    """Whether a media type may be that of an OpenAPI document, not of a page that answers every path."""
    return is_json(media) or "yaml" in media or "openapi" in media


class _Search:
    """Looks for the document; no URL is requested twice."""

    def __init__(self, client: Client, warnings: list[str]) -> None:
        self.client, self.warnings = client, warnings
        self._asked: set[str] = set()
        self._followed = 0

    def named(self, base: httpx.Response) -> Found | None:
        """The document that a response is or embeds, or to which it refers."""
        target = self.client.target
        # A redirect may have led further than to the target URL.
        entry = str(base.url)
        if not base.is_redirect:
            self._asked |= {target.url, target.url + "/", entry}
        return self._read(base, entry, named=False) or self._follow(self._references(base, entry))

    def run(self, base: httpx.Response) -> Found | None:
        target, entry = self.client.target, str(base.url)
        found = self.named(base)
        if found is not None:
            return found
        named = document_links.own_place(base.headers.get("location"), json_of(base))
        resolved = [entry, *(url for one in named if (url := self._resolved(one, target.url + "/")))]
        also = [url for url in resolved if url.rstrip("/") != target.url]
        shown = "\n".join(f"{name}: {value}" for name, value in base.headers.items())
        if base.is_success or base.is_client_error:
            shown += "\n" + base.text[:_SHOWN]
        for url in candidates(target.url, target.origin, shown, tuple(also)):
            found = self._at(url, named=False)
            if found is not None:
                return found
        return None

    def _follow(self, references: Iterable[str]) -> Found | None:
        for url in references:
            if self._followed >= MOST_FOLLOWED:
                return None
            if url in self._asked:
                continue
            self._followed += 1
            found = self._at(url, named=True)
            if found is not None:
                return found
        return None

    def _at(self, url: str, named: bool) -> Found | None:
        """The document at a URL, or one that the response there names."""
        if url in self._asked:
            return None
        self._asked.add(url)
        try:
            reply = self.client.get(url, headers={"Accept": ACCEPT})
        except Undecided:
            return None
        if reply.is_redirect:
            # Pages are often one redirect away: /swagger to /swagger/index.html.
            further = self._resolved(reply.headers.get("location", ""), url)
            deeper = further is not None and further.startswith(url.rstrip("/") + "/")
            page = "." not in url.rsplit("/", 1)[-1]
            return self._follow([further]) if further is not None and deeper and page else None
        if not reply.is_success:
            return None
        return self._read(reply, url, named) or self._follow(self._references(reply, url))

    def _read(self, reply: httpx.Response, url: str, named: bool) -> Found | None:
        """The document that a response is, or embeds.

        Args:
            named: whether the API named the URL: then a document that cannot be used is worth a warning.
        """
        media = media_type(reply)
        if not reply.is_success:
            return None
        if "html" in media or "javascript" in media:
            inner = document_links.embedded(reply.text)
            return None if inner is None else (url, _tamed(inner, self.warnings))
        try:
            return url, _tamed(document.parse(content_of(reply), url), self.warnings)
        except BadInput as problem:
            if is_document(media) and (named or _claims(reply)):
                self.warnings.append(str(problem))
        return None

    def _references(self, reply: httpx.Response, url: str) -> list[str]:
        """Absolute URLs on the target's origin of what a response names as a description of the API."""
        named = document_links.in_fields(reply.headers.get("link", ""))
        media = media_type(reply)
        if reply.is_success and ("html" in media or "javascript" in media):
            named += document_links.in_page(reply.text)
        elif is_json(media) or "linkset" in media:
            named += document_links.in_content(json_of(reply))
        # Many entry points are served without the slash that relative references need.
        from_ = url.rstrip("/") + "/" if url.rstrip("/") == self.client.target.url else url
        resolved = (self._resolved(one, from_) for one in named)
        return list(dict.fromkeys(one for one in resolved if one))

    def _resolved(self, reference: str, url: str) -> str | None:
        try:
            found = self.client.resolve(reference, url).partition("#")[0] if reference else ""
        except Undecided:
            return None
        return found if found.startswith(self.client.target.origin + "/") else None


_VERSION = re.compile(r"\d+(?:\.|\Z)")


def _claims(reply: httpx.Response) -> bool:
    """Whether the content claims to be an OpenAPI document; any other JSON may be a resource."""
    value = json_of(reply)
    if isinstance(value, dict) and not reply.url.path.endswith(".json"):
        # An entry point may link to its document under these names, which have a version in a document.
        return any(_VERSION.match(str(value.get(name, ""))) for name in ("openapi", "swagger"))
    if isinstance(value, list):
        return False
    start = content_of(reply)[:1000]
    return b"openapi" in start or b"swagger" in start or reply.url.path.endswith((".json", ".yaml"))


def _given(client: Client, given: str, warnings: list[str]) -> Found:
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
    return document.parse(content_of(reply), url)
