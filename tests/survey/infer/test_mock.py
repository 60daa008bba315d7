"""Targets that answer as a mock does: what is created there cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Resource, State
from harness.survey.infer.mock import is_mock, suspicious
from harness.survey.infer.samples import ResourceSamples, Sample
from tests import servers
from tests.survey.surveying import Api, described, surveyed

KNOWN = Resource(collection="/pets")
SENT = {"name": "Rex 0a1b2c"}


def sample(value: Any, status: int = 200) -> Sample:
    return Sample(Exchange("1", "GET", "http://a/pets/7", (), Body(), status), value)


def samples(answer: Any, read: Any, unmade: Sample | None = None) -> ResourceSamples:
    return ResourceSamples(creates=[(SENT, sample(answer, 201))], id="7", read=sample(read), unmade=unmade)


@pytest.mark.parametrize(
    ("answer", "read", "suspected"),
    [
        ({"id": 7, "name": "Rex"}, {"id": 7, "name": "Rex"}, True),
        ({"id": 7}, {"id": 7, "name": "Rex"}, True),
        ({"id": 7}, {"id": 7, "name": "Rex 0a1b2c"}, False),
        ({"id": 7, "pet": {"name": "Rex 0a1b2c"}}, {"id": 7}, False),
    ],
)
def test_what_does_not_show_a_text_of_ours_is_looked_into(answer: Any, read: Any, suspected: bool) -> None:
    assert suspicious(KNOWN, samples(answer, read)) is suspected


def test_without_a_text_of_ours_nothing_is_suspected() -> None:
    plain = samples({"id": 7}, {"id": 7})
    plain.creates = [({"name": "Rex"}, plain.creates[0][1])]
    assert not suspicious(KNOWN, plain)
    assert not suspicious(KNOWN, ResourceSamples())


@pytest.mark.parametrize(
    ("unmade", "mock"),
    [
        (sample({"id": 7, "name": "Rex"}), True),
        (sample({"id": 9, "name": "Another"}), True),
        (sample({"detail": "no such pet"}, 404), False),
        # An API that answers everything 200, errors too.
        (sample({"error": "no such pet"}), False),
        (sample(None), False),
        (sample({}), False),
        (None, False),
    ],
)
def test_a_mock_answers_for_an_id_that_nobody_made(unmade: Sample | None, mock: bool) -> None:
    assert is_mock(samples({"id": 7}, {"id": 7, "name": "Rex"}, unmade)) is mock


def mocked(seen: servers.Seen) -> servers.Answer:
    """As Prism answers: examples."""
    pet = {"id": 7, "name": "Rex"}
    status, value = {
        "GET": (200, [pet] if seen.path == "/things" else pet),
        "POST": (201, pet),
        "PUT": (200, pet),
        "DELETE": (204, None),
    }.get(seen.method, (405, {}))
    body = b"" if value is None else json.dumps(value).encode()
    return servers.Answer(status, body, [("Content-Type", "application/json")])


def test_a_mock_is_reported_as_one_and_creates_are_not_believed() -> None:
    with servers.http(
        lambda seen: (
            Api(document=described("/things"))(seen) if seen.path == "/openapi.json" else mocked(seen)
        )
    ) as server:
        found = surveyed(server.url)
        posts = server.methods.count("POST")
    (things,) = found.profile.resources
    assert "as a mock does" in (things.missing("create") or "")
    assert things.capabilities["create"].state is State.CONTRADICTED
    assert things.missing("read") is None
    assert any("as a mock does" in line for line in found.warnings)
    assert found.leftovers == []
    assert posts == 1


class Silent(Api):
    """Takes members that it never shows again; its items are real."""

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        status, value = super()._answer(method, path, content)
        return status, {"id": value["id"]} if isinstance(value, dict) and "id" in value else value


def test_an_api_that_shows_nothing_of_what_was_sent_is_no_mock() -> None:
    api = Silent(document=described("/things"))
    with servers.http(api) as server:
        found = surveyed(server.url)
    assert found.profile.resources[0].missing("create") is None
    assert not any("mock" in line for line in found.warnings)
    assert api.items == {}
