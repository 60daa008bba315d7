"""The published document is read once in a run, however many rules judge it; and where its paths are served."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.rules.rule import Effect
from harness.survey.ask.published import placed, published
from harness.survey.openapi.resources import documented
from harness.target.target import Limits, Target, parse_url
from tests import servers

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {"/a": {"get": {"responses": {}}}},
}


def client(url: str) -> Client:
    target = Target(parse_url(url), limits=Limits(effects=Effect.READ, timeout=10.0))
    return Client.open(target, Recorder(target, Budget(10)))


def test_the_document_is_read_once_in_each_run() -> None:
    answer = servers.Answer(200, json.dumps(DOCUMENT).encode(), [("Content-Type", "application/json")])
    with servers.http(lambda seen: answer) as server:
        for sent in (1, 2):
            one = client(server.url)
            assert published(one, "/openapi.json") == DOCUMENT
            assert published(one, "/openapi.json") == DOCUMENT
            one.close()
            assert len(server.seen) == sent


def test_what_could_not_be_read_is_asked_for_again() -> None:
    answers = iter([(404, b""), (200, json.dumps(DOCUMENT).encode())])
    with servers.http(lambda seen: servers.Answer(*next(answers))) as server:
        one = client(server.url)
        assert published(one, "/openapi.json") is None
        assert published(one, "/openapi.json") == DOCUMENT
        one.close()


PATHS: dict[str, Any] = {"/orders": {"get": {}}, "/orders/{id}": {"get": {}}}


@pytest.mark.parametrize(
    ("document", "base", "found"),
    [
        ({"openapi": "3.0.0"}, "", ["/api/orders", "/api/orders/{id}"]),
        ({"openapi": "3.0.0", "servers": [{"url": "/old"}]}, "", ["/orders", "/orders/{id}"]),
        ({"openapi": "3.0.0", "servers": [{"url": "/v1"}]}, "", ["/v1/orders", "/v1/orders/{id}"]),
        ({"swagger": "2.0", "basePath": "/old"}, "", ["/api/v1/orders", "/api/v1/orders/{id}"]),
    ],
)
def test_paths_are_where_the_survey_found_them(document: dict[str, Any], base: str, found: list[str]) -> None:
    assert sorted(documented(placed(document | {"paths": PATHS}, found, base), base)) == found


def test_without_a_survey_the_document_stays() -> None:
    document = {"openapi": "3.0.0", "paths": PATHS}
    assert placed(document, [], "") is document
    assert placed(document, ["/elsewhere"], "") is document
