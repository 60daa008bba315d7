"""An entry point that names its OpenAPI document under `openapi`, in a map of names to URLs, is no broken document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.rules.rule import Effect
from harness.survey.ask import documents
from harness.target.target import Limits, Target, parse_url
from tests import servers

PATHS = {"/orders": {"get": {"responses": {"200": {"description": "all"}}}}}
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": PATHS}


def found(pages: dict[str, Any]) -> tuple[str | None, list[str]]:
    """Path of the document that is found, and the warnings."""

    def respond(seen: servers.Seen) -> servers.Answer:
        fields = [("Content-Type", "application/json")]
        if seen.path not in pages:
            return servers.Answer(404, b"{}", fields)
        return servers.Answer(200, json.dumps(pages[seen.path]).encode(), fields)

    with servers.http(respond) as server:
        target = Target(parse_url(server.url), limits=Limits(effects=Effect.READ, timeout=10.0))
        client = Client.open(target, Recorder(target, Budget(200)))
        warnings: list[str] = []
        made = documents.openapi(client, None, client.get(server.url), warnings)
        client.close()
        return None if made is None else made[0].removeprefix(server.url), warnings


@pytest.mark.parametrize("place", ["/openapi.json", "/documents/api"])
@pytest.mark.parametrize("name", ["openapi", "swagger"])
def test_what_an_entry_point_names_is_read_without_a_warning(name: str, place: str) -> None:
    assert found({"/": {"orders": "/orders", name: place}, place: DOCUMENT}) == (place, [])


def test_a_named_document_that_is_not_there_is_no_broken_document() -> None:
    assert found({"/": {"openapi": "/openapi.json"}}) == (None, [])


def test_a_document_that_cannot_be_read_is_still_reported() -> None:
    path, warnings = found({"/": {"openapi": "3.1.0", "paths": 7}})
    assert path is None
    assert len(warnings) == 1
