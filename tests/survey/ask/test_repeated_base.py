"""Paths of a profile that repeat the path of the target URL are one clear line, unless they are there."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from harness.bad_input import BadInput
from harness.survey.ask.repeated_base import without_base
from tests.servers import Answer, Seen, http
from tests.survey.surveying import surveyed


@pytest.mark.parametrize(
    ("collection", "base", "meant"),
    [
        ("/v1/orders", "/v1", "/orders"),
        ("/orders", "/v1", None),
        ("/v1orders", "/v1", None),
        ("/v1", "/v1", None),
        ("/orders", "", None),
        ("/v1/shops/{shop}/orders", "/v1", None),
    ],
)
def test_what_is_meant(collection: str, base: str, meant: str | None) -> None:
    assert without_base(collection, base) == meant


def serving(pages: Mapping[str, object]):
    def respond(seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        found = seen.method == "GET" and path in pages
        body = json.dumps(pages[path] if found else {"detail": "nothing here"}).encode()
        return Answer(200 if found else 404, body, [("Content-Type", "application/json")])

    return respond


PROFILE = {"resources": [{"collection": "/v1/orders"}]}


def test_a_repeated_path_is_one_line_with_the_fix() -> None:
    with http(serving({"/v1/orders": [{"id": 1}]})) as server, pytest.raises(BadInput) as raised:
        surveyed(f"{server.url}/v1", profile=PROFILE)
    line = str(raised.value)
    assert "ends with /v1 already: GET /v1/v1/orders -> 404, and GET /v1/orders -> 200" in line
    assert 'write collection = "/orders"' in line


def test_a_path_that_is_there_is_tested() -> None:
    pages = {"/v1/v1/orders": [{"id": 1}], "/v1/orders": [{"id": 2}]}
    with http(serving(pages)) as server:
        found = surveyed(f"{server.url}/v1", profile=PROFILE)
    assert [one.collection for one in found.profile.resources] == ["/v1/orders"]


def test_a_path_without_a_list_is_no_mistake_of_the_user() -> None:
    with http(serving({})) as server:
        found = surveyed(f"{server.url}/v1", profile=PROFILE)
    assert [one.collection for one in found.profile.resources] == ["/v1/orders"]
