"""States of capabilities: what is declared is never absent because it misbehaves."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import BY_PROFILE, Capability, Pagination, Resource, State
from harness.profile.rate_limit import RateLimit
from harness.survey.infer import infer
from harness.survey.infer.facts import learnt
from harness.survey.infer.samples import ResourceSamples, Sample
from harness.survey.infer.suspicions import names_a_change, of_quotas, suspicions
from harness.survey.openapi.promises import DocumentedAnswer, Promises

SENT = {"name": "Rex"}
SAID = Capability(state=State.DECLARED, because="OpenAPI: documented")
OPERATIONS = ("list", "create", "read", "replace", "update", "delete")


def sample(id: str, method: str, status: int, value: Any = None, url: str = "http://a/pets/7") -> Sample:
    return Sample(Exchange(id, method, url, (), Body(), status), value)


def known(*declared: str, **more: Any) -> Resource:
    return Resource(collection="/pets", capabilities=dict.fromkeys(declared, SAID), **more)


def working() -> ResourceSamples:
    item = {"id": 7, "name": "Rex"}
    return ResourceSamples(
        creates=[(SENT, sample("1", "POST", 201, item))],
        id="7",
        read=sample("2", "GET", 200, item),
        reread=sample("3", "GET", 200, item),
    )


@pytest.mark.parametrize(
    ("status", "declared", "undeclared"),
    [
        (200, State.DECLARED, State.DETECTED),
        (404, State.CONTRADICTED, State.ABSENT),
        (405, State.CONTRADICTED, State.ABSENT),
        (501, State.CONTRADICTED, State.ABSENT),
        (500, State.BROKEN, State.BROKEN),
        (503, State.BROKEN, State.BROKEN),
        (422, State.REFUSED, State.ABSENT),
        (409, State.REFUSED, State.ABSENT),
        # The client that created the item may not change it: the declaration stands.
        (401, State.REFUSED, State.ABSENT),
        (403, State.REFUSED, State.ABSENT),
    ],
)
@pytest.mark.parametrize("name", ["replace", "update", "delete"])
def test_the_state_of_an_operation(name: str, status: int, declared: State, undeclared: State) -> None:
    samples = working()
    answer = sample("9", name, status)
    if name == "update":
        samples.updated = [("application/json", answer)]
    elif name == "replace":
        samples.replaced = answer
    else:
        samples.deleted = answer
    for resource, expected in ((known(name), declared), (known(), undeclared)):
        found = infer.resource(resource, samples).capabilities[name]
        assert found.state is expected
        assert found.exchanges == ["9"]
        assert bool(found.denied) == (expected in (State.CONTRADICTED, State.BROKEN))
        assert found.declaration == (SAID.because if resource.capabilities else "")


@pytest.mark.parametrize(
    ("created", "read", "state", "suspected"),
    [
        (201, 200, State.DECLARED, []),
        (201, 404, State.BROKEN, ["create"]),
        (201, 500, State.BROKEN, ["create"]),
        (500, None, State.BROKEN, ["create"]),
        (405, None, State.CONTRADICTED, ["create"]),
        # A body that was guessed, or a credential that is missing, shows nothing of the target.
        (422, None, State.REFUSED, []),
        (403, None, State.REFUSED, []),
    ],
)
def test_a_create_whose_item_is_not_there_is_broken(
    created: int, read: int | None, state: State, suspected: list[str]
) -> None:
    samples = ResourceSamples(creates=[(SENT, sample("1", "POST", created, {"id": 7}))])
    if created == 201:
        samples.id = "7"
    if read is not None:
        samples.read = sample("2", "GET", read, {"id": 7, "name": "Rex"})
    declared = known("create", "read")
    found = infer.resource(declared, samples)
    assert found.capabilities["create"].state is state
    # One cause: the read of that item is no suspicion of its own.
    assert [one.capability for one in suspicions(declared, found, samples)] == suspected


def test_what_the_user_states_stays_and_what_denies_it_is_kept() -> None:
    samples = working()
    samples.replaced = sample("9", "PUT", 500)
    stated = Capability(state=State.DECLARED, because=BY_PROFILE)
    declared = Resource(collection="/pets", capabilities={"replace": stated, "etag": stated})
    found = infer.resource(declared, samples)
    assert found.missing("replace") is None
    assert found.capabilities["replace"].denied.endswith("-> 500")
    assert found.capabilities["etag"].denied.endswith("without ETag")
    assert {one.capability for one in suspicions(declared, found, samples)} == {"replace", "etag"}


def test_a_declared_tag_that_is_not_sent_is_broken_and_an_undeclared_one_absent() -> None:
    assert infer.resource(known("etag"), working()).capabilities["etag"].state is State.BROKEN
    assert infer.resource(known(), working()).capabilities["etag"].state is State.ABSENT


@pytest.mark.parametrize("name", ["filter", "sort"])
def test_a_declared_filter_or_order_that_fails_is_broken_and_used_by_no_rule(name: str) -> None:
    how = {"sort_param": "sort", "sort_member": "/size", "filter_param": "name", "filter_member": "/name"}
    samples = working()
    samples.listed = sample("4", "GET", 200, [{"id": 7}], "http://a/pets")
    samples.failed = {name: sample("9", "GET", 500, url="http://a/pets?x=1")}
    declared = known("list", pagination=Pagination(**how))  # type: ignore[arg-type]
    found = infer.resource(declared, samples)
    assert found.capabilities[name].state is State.BROKEN
    assert found.pagination is not None
    assert getattr(found.pagination, f"{name}_param") is None
    other = "sort" if name == "filter" else "filter"
    assert found.capabilities[other].state is State.DECLARED
    assert getattr(found.pagination, f"{other}_param") is not None


def test_a_rule_applies_to_what_is_broken_and_not_to_what_is_absent() -> None:
    broken = Capability(state=State.BROKEN, because="PUT -> 500")
    absent = Capability(state=State.ABSENT, because="PATCH -> 405")
    there = Capability(state=State.DETECTED, because="seen")
    resource = Resource(
        collection="/pets", capabilities={"create": there, "replace": broken, "update": absent}
    )
    assert resource.doubted(["create", "replace"]) == "replace: PUT -> 500"
    assert resource.doubted(["create"]) is None
    assert resource.doubted(["replace", "update"]) is None
    # What could not be seen for that reason is not absent either.
    assert resource.doubted(["tag", "replace"]) == "replace: PUT -> 500"
    assert resource.doubted(["tag"]) is None


def test_what_was_learnt_is_kept_with_its_evidence() -> None:
    samples = working()
    samples.reread = sample("3", "GET", 200, {"id": 7, "name": "Rex", "seen_at": 2, "updated_at": 2})
    samples.read = sample("2", "GET", 200, {"id": 7, "name": "Rex", "seen_at": 1, "updated_at": 1})
    declared = known("create", "read")
    found = infer.resource(declared, samples)
    facts = [(one.fact, one.value, one.exchanges) for one in learnt(declared, found, samples)]
    assert ("volatile", "/updated_at", ("2", "3")) in facts
    assert ("volatile", "/seen_at", ("2", "3")) in facts
    assert ("absent", "etag", ("2",)) in facts
    odd = [one for one in suspicions(declared, found, samples) if one.fact == "volatile"]
    assert [one.text.split()[1] for one in odd] == ["/updated_at"]
    stated = known("create", "read", volatile=["/updated_at", "/seen_at"])
    assert not [one for one in learnt(stated, found, samples) if one.fact == "volatile"]


@pytest.mark.parametrize(
    ("pointer", "change"),
    [
        ("/updated_at", True),
        ("/updatedAt", True),
        ("/meta/lastModified", True),
        ("/version", True),
        ("/_rev", True),
        ("/modified", True),
        ("/mtime", True),
        ("/server_time", False),
        ("/views", False),
        ("/expires_in", False),
        ("/age", False),
        ("/last_seen", False),
    ],
)
def test_names_of_the_last_change(pointer: str, change: bool) -> None:
    assert names_a_change(pointer) is change


def test_a_documented_quota_that_no_response_has() -> None:
    promises = Promises((DocumentedAnswer("GET", "/pets", "200", (), ("X-RateLimit-Limit",)),))
    documented = RateLimit(path="/pets", because="OpenAPI documents a limit of GET /pets")
    (odd,) = of_quotas(promises, [documented])
    assert (odd.fact, odd.resource) == ("quota", None)
    seen = RateLimit(path="/pets", because="GET /pets -> 200 with X-RateLimit")
    assert of_quotas(promises, [seen]) == []
    # A limit that is only refused with 429 may never be reached.
    refused = Promises((DocumentedAnswer("GET", "/pets", "429", (), ("Retry-After",)),))
    assert of_quotas(refused, [documented]) == []


def test_a_create_that_fails_the_second_time_is_a_suspicion_unless_a_value_must_be_unique() -> None:
    samples = working()
    samples.duplicate = sample("5", "POST", 500, url="http://a/pets")
    (found,) = suspicions(known("create"), infer.resource(known("create"), samples), samples)
    assert "accepted once failed the second time (POST /pets -> 500)" in found.text
    assert found.exchanges == ("5",)
    samples.unique = "/name"
    assert suspicions(known("create"), infer.resource(known("create"), samples), samples) == []
    samples.unique, samples.duplicate = None, sample("5", "POST", 409)
    assert suspicions(known("create"), infer.resource(known("create"), samples), samples) == []


def test_a_declared_write_that_is_forbidden_where_another_is_allowed_is_a_suspicion() -> None:
    samples = working()
    samples.replaced = sample("5", "PUT", 200)
    samples.updated = [("application/merge-patch+json", sample("6", "PATCH", 403))]
    given = known("create", "read", "replace", "update")
    (found,) = suspicions(given, infer.resource(given, samples), samples)
    assert found.text.startswith(
        "pets: update is declared (OpenAPI: documented); answered: PATCH /pets/7 -> 403"
    )
    assert found.exchanges == ("6", "5")
    # Nothing declares it.
    given = known("create", "read", "replace")
    assert suspicions(given, infer.resource(given, samples), samples) == []


def test_declared_writes_that_are_all_forbidden_are_suspicions_that_say_what_would_unlock_them() -> None:
    samples = working()
    samples.replaced = sample("5", "PUT", 403)
    samples.updated = [("application/merge-patch+json", sample("6", "PATCH", 403))]
    given = known("create", "read", "replace", "update")
    found = suspicions(given, infer.resource(given, samples), samples)
    assert [one.capability for one in found] == ["replace", "update"]
    assert "every request of the survey was refused: PUT /pets/7 -> 403" in found[0].text
    assert "give a credential that may, or write `capabilities = { replace = false }`" in found[0].text
