"""Items that are served only to clients that name their media type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from harness.client.client import ACCEPT
from harness.profile.models import Resource
from harness.rules.rule import Effect
from harness.survey.infer.accepting import MOST, REGISTRY, types_to_name
from tests import servers
from tests.clients import client_of
from tests.survey.surveying import Api, surveyed

VENDOR = "application/vnd.things.v2+json"


def named(status: int, text: str = "", offers: list[str] | None = None, **fields: str) -> list[str]:
    fields = {"content-type": "application/json", **{name.replace("_", "-"): v for name, v in fields.items()}}
    known = Resource(collection="/things", offers={"item": offers} if offers else {})
    return types_to_name(known, httpx.Response(status, text=text, headers=fields))


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (named(406, f'{{"available": ["{VENDOR}", "application/xml", "application/json"]}}'), [VENDOR]),
        (named(406, accept=f"text/html, {VENDOR};q=0.5"), [VENDOR]),
        (named(406, link=f'</things/1>; rel="alternate"; type="{VENDOR}"'), [VENDOR]),
        (named(406, '{"detail": "no"}', content_type="application/problem+json"), []),
        (named(404, offers=[VENDOR, "application/json", "text/csv"]), [VENDOR]),
        # A text in an answer that is not about media types.
        (named(404, f'{{"detail": "no such {VENDOR}"}}'), []),
        (named(406, f"<p>{VENDOR}</p>", content_type="text/html"), []),
        (named(401, offers=[VENDOR]), []),
        (
            named(400, '{"errors": []}', docker_distribution_api_version="registry/2.0"),
            list(REGISTRY),
        ),
        (named(404, "not found", docker_distribution_api_version="registry/2.0"), []),
        (named(400, '{"errors": []}'), []),
    ],
)
def test_media_types_to_name(kinds: list[str], found: list[str]) -> None:
    assert kinds == found


def test_media_types_to_name_are_bounded() -> None:
    assert len(named(406, " ".join(f"application/vnd.t{number}+json" for number in range(99)))) == MOST


def picky(api: Api, *, served: bool = True) -> Any:
    """Items are served to those who name their type only; the refusal names it."""

    def answer(seen: servers.Seen) -> servers.Answer:
        given = api(seen)
        if seen.method == "GET" and seen.path.startswith("/things/") and given.status == 200:
            if VENDOR in (seen.field("accept") or "") and served:
                return replace(given, fields=[("Content-Type", VENDOR)])
            body = f'{{"supported": ["{VENDOR}"]}}'.encode()
            return servers.Answer(406, body, [("Content-Type", "application/json")])
        return given

    return answer


@pytest.mark.parametrize("effects", [Effect.READ, Effect.WRITE])
def test_an_item_is_asked_for_in_the_type_that_its_refusal_names(effects: Effect) -> None:
    api = Api()
    api.items["/things/9"] = {"id": "9", "name": "theirs"}
    with servers.http(picky(api)) as server:
        found = surveyed(f"{server.url}/things", effects)
    assert found.profile.accept == [VENDOR]
    assert found.profile.resources[0].capabilities["read"].there
    assert "406 without it, 200" in found.accepting
    assert list(api.items) == ["/things/9"]


def test_nothing_is_learnt_of_an_item_that_stays_refused() -> None:
    with servers.http(picky(Api(), served=False)) as server:
        found = surveyed(f"{server.url}/things")
        last = server.seen[-1].field("accept")
    assert found.profile.accept == []
    assert not found.profile.resources[0].capabilities["read"].there
    assert last == ACCEPT


def test_what_is_accepted_goes_with_every_request_under_every_credential() -> None:
    with servers.http(servers.always(200, b"[]")) as server, client_of(server.url) as client:
        client.accept_also([VENDOR, VENDOR])
        client.under(None).get("/")
        client.get("/", headers={"Accept": "text/plain"})
        client.accept_also([])
        client.get("/")
        kinds = [seen.field("accept") for seen in server.seen]
    assert kinds == [
        f"application/json, application/problem+json, {VENDOR}, */*;q=0.5",
        "text/plain",
        ACCEPT,
    ]
