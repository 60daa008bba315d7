"""Uploads that need a create first, and gateways that take less than the API: small servers on real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from harness.client.client import Client
from harness.profile.models import Files as Declared
from harness.rules.checks import Undecided
from harness.survey.openapi.files import DocumentedUpload
from suites.files import test_uploads as uploads
from suites.files.ways import way
from tests.clients import client_of
from tests.files.judging import breaches
from tests.servers import Answer, Seen, http

TITLE = {"title": "{name}", "bytes": "{size}"}
PUT = {"upload": "PUT /assets/{id}/content", "create": "POST /assets", "create_body": TITLE}
HANDED = {
    "create": "POST /assets",
    "create_body": TITLE,
    "upload_url": "/upload/url",
    "download": "/assets/{id}/content",
}
ALL = (
    uploads.test_uploaded_bytes_come_back,
    uploads.test_names_and_types_of_clients_are_not_trusted,
    uploads.test_oversized_uploads_are_refused_early,
    uploads.test_content_range_does_not_replace_a_file,
)


class Assets:
    """Assets are created by POST, and filled by PUT of their content."""

    largest, allowed = 3 * 1024 * 1024, 3 * 1024 * 1024

    def __init__(self) -> None:
        self.numbers = count(1)
        self.kept: dict[str, bytes | None] = {"asset-0": b"of somebody else"}
        self.titles: dict[str, str] = {"asset-0": "a"}

    def __call__(self, seen: Seen) -> Answer:
        path, _, query = seen.path.partition("?")
        found = re.fullmatch(r"/assets(?:/([^/]+)(/content)?)?", path)
        if found is None:
            return Answer(404)
        id, content = found.groups()
        if id is None:
            return self.create(seen)
        if id not in self.kept:
            return Answer(404)
        if seen.method == "DELETE":
            del self.kept[id]
            return Answer(204)
        if not content:
            return Answer(200, json.dumps({"id": id, "title": self.titles[id]}).encode(), JSON)
        if seen.method == "PUT":
            return self.fill(seen, id, query)
        held = self.kept[id]
        return Answer(404) if held is None else Answer(200, held, DOWNLOAD)

    def create(self, seen: Seen) -> Answer:
        given = json.loads(seen.body)
        title = given.get("title", given.get("name"))
        if not title or "\0" in title or len(title) > 200:
            return Answer(400)
        if given["bytes"] > self.allowed:
            return Answer(413)
        id = f"asset-{next(self.numbers)}"
        self.kept[id], self.titles[id] = None, title
        made = {"id": id, "upload": {"url": f"/assets/{id}/content?ticket=1"}}
        return Answer(201, json.dumps(made).encode(), [*JSON, ("Location", f"/assets/{id}")])

    def fill(self, seen: Seen, id: str, query: str) -> Answer:
        if len(seen.body) > self.largest:
            return Answer(413)
        if seen.field("content-range"):
            return Answer(400)
        self.kept[id] = self.stored(seen.body)
        return Answer(204)

    def stored(self, content: bytes) -> bytes:
        return content


class Trims(Assets):
    """Content is read as lines of text."""

    def stored(self, content: bytes) -> bytes:
        return content.replace(b"\r\n", b"\n")


class Parts(Assets):
    """A part of the content is taken for all of it, and nobody looks at the size."""

    allowed = 10**9

    def fill(self, seen: Seen, id: str, query: str) -> Answer:
        self.kept[id] = seen.body
        return Answer(204)


class OneAsset(Assets):
    """Every create gives the asset that is there already."""

    def create(self, seen: Seen) -> Answer:
        return Answer(200, b'{"id": "asset-0", "upload": {"url": "/assets/asset-0/content"}}', JSON)


class Elsewhere(Assets):
    """Content goes to another host."""

    def create(self, seen: Seen) -> Answer:
        made = super().create(seen)
        made.body = made.body.replace(b"/assets/", b"https://store.example/assets/")
        return made


class Gateway(Assets):
    """A gateway in front takes 100 KB."""

    largest = 100_000


JSON = [("Content-Type", "application/json")]
DOWNLOAD = [
    ("Content-Type", "application/octet-stream"),
    ("Content-Disposition", "attachment"),
    ("X-Content-Type-Options", "nosniff"),
]


@contextmanager
def at(api: Assets) -> Iterator[Client]:
    with http(api) as server, client_of(server.url) as client:
        yield client


@pytest.mark.parametrize("how", [PUT, HANDED])
def test_all_rules_work_after_a_create(how: dict[str, Any]) -> None:
    api = Assets()
    with at(api) as client:
        limit = {"max_bytes": api.largest}
        assert [breaches(client, rule, **how, **limit) for rule in ALL] == [[], [], [], []]
    assert api.kept == {"asset-0": b"of somebody else"}


@pytest.mark.parametrize(
    ("api", "rule"),
    [
        (Trims, uploads.test_uploaded_bytes_come_back),
        (Parts, uploads.test_content_range_does_not_replace_a_file),
    ],
)
def test_faults_are_found_after_a_create(api: type[Assets], rule: Callable[..., None]) -> None:
    with at(api()) as client:
        assert len(breaches(client, rule, **PUT, max_bytes=5_000)) == 1


def test_what_was_there_before_is_never_written_to() -> None:
    api = OneAsset()
    with at(api) as client:
        for rule in ALL:
            with pytest.raises(Undecided):
                breaches(client, rule, **PUT, max_bytes=9)
    assert api.kept == {"asset-0": b"of somebody else"}


def test_no_content_goes_to_another_host() -> None:
    with at(Elsewhere()) as client, pytest.raises(Undecided, match=r"another host, https://store\.example"):
        breaches(client, uploads.test_uploaded_bytes_come_back, **HANDED)


def test_a_gateway_may_take_less_than_the_api() -> None:
    with at(Gateway()) as client:
        assert not breaches(client, uploads.test_uploaded_bytes_come_back, **PUT)
        sizes = [one.request_body.size for one in client.recorder.exchanges if one.method == "PUT"]
        assert 65_536 in sizes
        with pytest.raises(Undecided, match="a gateway in front may have a smaller limit"):
            breaches(client, uploads.test_uploaded_bytes_come_back, **PUT, max_bytes=2**20)


DOCUMENTED = DocumentedUpload("PUT", "/assets/{asset}/content", types=())
METHODS = {
    "/assets": ["POST", "GET"],
    "/assets/{asset}": ["GET", "DELETE"],
    "/assets/{asset}/content": ["PUT", "GET"],
}


def test_the_document_describes_both_requests() -> None:
    body = {"title": "x"}
    made = way(None, [DOCUMENTED], (), METHODS, {"/assets": body})
    assert made is not None
    assert made.create is not None
    assert (made.method, made.path, made.delete) == ("PUT", "/assets/{id}/content", "/assets/{id}")
    assert (made.create.path, made.create.body, made.create.url) == ("/assets", body, None)


@pytest.mark.parametrize(
    ("methods", "bodies"),
    [
        (METHODS, {}),
        ({**METHODS, "/assets/{asset}": ["GET"]}, {"/assets": {"title": "x"}}),
        ({**METHODS, "/assets/{asset}/content": ["PUT"]}, {"/assets": {"title": "x"}}),
        ({**METHODS, "/assets": ["GET"]}, {"/assets": {"title": "x"}}),
    ],
)
def test_what_the_document_leaves_open_is_not_guessed(methods: Any, bodies: Any) -> None:
    assert way(None, [DOCUMENTED], (), methods, bodies) is None


def test_an_avatar_is_no_file_store() -> None:
    avatar = DocumentedUpload("PUT", "/users/{id}/avatar", types=())
    methods = {"/users": ["POST"], "/users/{id}": ["DELETE"], "/users/{id}/avatar": ["PUT", "GET"]}
    assert way(None, [avatar], (), methods, {"/users": {"name": "x"}}) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"upload": "PUT /assets/{id}/content"}, "say by `create`"),
        ({"create": "POST /assets"}, "needs either"),
        ({**PUT, "upload_url": "/url"}, "needs either"),
        ({"upload": "POST /files", "upload_url": "/url"}, "need `create`"),
        ({"upload": "PUT /assets/{id}/content", "create": "/assets"}, "names no create"),
        ({"upload": "PUT /assets/{other}/content", "create": "POST /assets"}, "names no upload"),
    ],
)
def test_what_does_not_belong_together_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Declared(**given)
