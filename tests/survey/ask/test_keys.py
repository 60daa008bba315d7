"""Idempotency keys that nobody declares: found by asking, and never where anything else explains what was answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Capability, Idempotency, Resource, State
from harness.rules.rule import Effect
from harness.survey.ask import allowance
from harness.survey.infer import infer
from harness.survey.infer.keys import FIELD, honoured
from harness.survey.infer.samples import ResourceSamples, Sample
from tests import servers
from tests.survey.surveying import Api, described, surveyed

SENT = {"name": "A name 0a1b2c"}


def sample(status: int = 201, value: Any = None) -> Sample:
    return Sample(Exchange("1", "POST", "http://a/things", (), Body(), status), value or {})


def asked(first: Any, again: Any, listed: list[str] | None = None, status: int = 201) -> ResourceSamples:
    created = sample(201, {"id": "1", **SENT})
    return ResourceSamples(
        creates=[(SENT, created)],
        id="1",
        read=sample(200, {"id": "1", **SENT}),
        asked_again=True,
        keyed=[sample(), sample(status)],
        keyed_ids=[first, again],
        keyed_listed=listed,
    )


@pytest.mark.parametrize(
    ("samples", "there"),
    [
        (asked("2", "2"), True),
        (asked("2", "2", status=200), True),
        (asked("2", "2", listed=["1", "2"]), True),
        # The new item is not on the first page.
        (asked("2", "2", listed=[]), True),
        # Executed again.
        (asked("2", "3"), False),
        (asked("2", "2", listed=["1", "2", "3"]), False),
        # Refused: by the key, or by what the body says.
        (asked("2", None, status=409), False),
        (asked("2", "2", status=409), False),
        (asked(None, None), False),
        # The body alone finds the item again.
        (asked("1", "1"), False),
        (ResourceSamples(), False),
    ],
)
def test_a_key_counts_where_it_made_the_difference(samples: ResourceSamples, there: bool) -> None:
    assert honoured(samples) is there
    known = infer.resource(Resource(collection="/things"), samples)
    assert known.idempotency == (Idempotency() if there else None)
    if samples.keyed:
        assert known.capabilities["idempotency"].state is (State.DETECTED if there else State.ABSENT)


def test_what_the_profile_says_of_keys_stays() -> None:
    denied = Capability(state=State.ABSENT, because="the profile says so")
    given = Resource(collection="/things", capabilities={"idempotency": denied})
    assert infer.resource(given, ResourceSamples()).capabilities["idempotency"] == denied


@dataclass
class Remembering(Api):
    """Answers a key that was used as before; `needs` refuses creates without one."""

    needs: bool = False
    unique: bool = False
    kept: dict[tuple[str, str], servers.Answer] = field(default_factory=dict)

    def __call__(self, seen: servers.Seen) -> servers.Answer:
        if seen.method != "POST":
            return super().__call__(seen)
        key = seen.field(FIELD)
        if key is None and self.needs:
            body = json.dumps({"detail": f"The header {FIELD} is required"}).encode()
            return servers.Answer(400, body, [("Content-Type", "application/json")])
        if key is not None and (seen.path, key) in self.kept:
            return self.kept[seen.path, key]
        taken = {item.get("name") for item in self.items.values()}
        if self.unique and b'"name"' in seen.body and json.loads(seen.body)["name"] in taken:
            return servers.Answer(409, b'{"detail": "name is taken"}', [("Content-Type", "application/json")])
        answer = super().__call__(seen)
        if key is not None and answer.status == 201:
            self.kept[seen.path, key] = answer
        return answer


def keyed(server: servers.Server) -> list[str]:
    return [key for seen in server.seen if (key := seen.field(FIELD)) is not None]


@pytest.mark.parametrize("documented", [True, False])
@pytest.mark.parametrize("unique", [True, False])
def test_keys_are_found_by_asking(documented: bool, unique: bool) -> None:
    api = Remembering(document=described("/things") if documented else None, unique=unique)
    with servers.http(api) as server:
        found = surveyed(server.url + ("" if documented else "/things"))
    (things,) = found.profile.resources
    assert things.idempotency == Idempotency()
    assert things.capabilities["idempotency"].state is State.DETECTED
    assert bool(things.unique) is unique
    assert found.leftovers == []
    assert api.items == {}


def test_a_key_that_a_refusal_asks_for_is_sent() -> None:
    api = Remembering(needs=True, strict={"title": ""})
    with servers.http(api) as server:
        found = surveyed(f"{server.url}/things")
    (things,) = found.profile.resources
    assert things.missing("create") is None
    assert things.idempotency == Idempotency(required=True)
    assert things.capabilities["idempotency"].because == (
        "POST /things -> 400 without Idempotency-Key, accepted with it"
    )
    assert api.items == {}


@pytest.mark.parametrize("natural", [None, "name"])
def test_keys_that_do_nothing_are_no_capability_and_leave_nothing(natural: str | None) -> None:
    api = Api(document=described("/things"), natural=natural)
    with servers.http(api) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert things.idempotency is None
    assert things.missing("idempotency") is not None
    assert things.fresh == ([] if natural is None else ["/name"])
    assert not any(odd.capability == "idempotency" for odd in found.suspicions)
    assert api.items == {}


def test_a_server_that_refuses_keys_is_not_taken_for_one_with_unique_members() -> None:
    api = Api(document=described("/things"))

    def refusing(seen: servers.Seen) -> servers.Answer:
        return api(replace(seen)) if seen.field(FIELD) is None else servers.Answer(400, b"{}")

    with servers.http(refusing) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert things.idempotency is None
    assert things.unique == []
    assert api.items == {}


def test_nothing_is_asked_of_who_may_only_read() -> None:
    with servers.http(Remembering(document=described("/things"))) as server:
        found = surveyed(server.url, Effect.READ)
        assert keyed(server) == []
    assert found.profile.resources[0].idempotency is None


@pytest.mark.parametrize("remembers", [True, False])
def test_asking_ten_resources_stays_within_its_requests(remembers: bool) -> None:
    paths = tuple(f"/r{number}" for number in range(10))
    kind = Remembering if remembers else Api
    api = kind(paths, described(*paths))
    with servers.http(api) as server:
        found = surveyed(server.url)
        assert len(server.seen) <= allowance.MOST
        assert keyed(server)
    assert found.profile.resources[0].missing("idempotency") is None or not remembers
    assert len(found.profile.resources) >= 8
    assert api.items == {}


@pytest.mark.parametrize("status", [405, 403, 500])
def test_no_more_than_three_items_are_made_where_a_documented_delete_is_refused(status: int) -> None:
    document = described("/things")
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
    document["paths"]["/things"]["post"]["parameters"] = [key]
    api = Api(document=document)

    def keeping(seen: servers.Seen) -> servers.Answer:
        return servers.Answer(status, b"{}", []) if seen.method == "DELETE" else api(seen)

    with servers.http(keeping) as server:
        found = surveyed(server.url)
    assert 0 < len(api.items) <= 3
    assert len(found.leftovers) == len(api.items)
    assert found.profile.resource("things").capabilities["delete"].doubtful
