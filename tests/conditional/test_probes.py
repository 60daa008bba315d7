"""Writes under conditions and their effects, against small servers on real sockets that do one thing wrong each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.ledger.ledger import Ledger
from harness.profile.models import Capability, Resource, State
from harness.reference import ALICE
from harness.reference.call import Call, Reply
from harness.reference.endpoints import ItemEndpoint
from harness.reference.store import StoredItem as Stored
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from suites.conditional.judge import write_fault
from suites.conditional.probes import Guarded, stale_writes, writing
from tests.clients import client_of
from tests.conditional.defects import FailsLater, MatchIgnored, RefusesAfterwards
from tests.conditional.lawful import WeakTags
from tests.matrix.lawful_items import SoftDelete
from tests.matrix.serving import served

pytestmark = pytest.mark.topic(name="conditional")

THERE = Capability(state=State.DETECTED, because="seen")
ORDERS = Resource(
    collection="/orders",
    body={"customer": "Ada", "amount": 1, "currency": "EUR"},
    change="/amount",
    patch=["application/merge-patch+json"],
    capabilities=dict.fromkeys(
        ("create", "read", "replace", "update", "delete", "list", "etag", "tag"), THERE
    ),
)


@contextmanager
def orders(**policies: type) -> Iterator[ResourceUnderTest]:
    headers = {"Authorization": f"Bearer {ALICE}"}
    with served(policies) as url, client_of(url, headers=headers) as client:
        resource = ResourceUnderTest(ORDERS, client, Ledger())
        try:
            yield resource
        finally:
            resource.ledger.clear()


class NeverDeletes(ItemEndpoint):
    """A deletion that is answered, and never done."""

    def removal(self, call: Call):
        item = self.load(call)
        return lambda tx: self.deleted(call, item)


class DeletesAsynchronously(ItemEndpoint):
    def deleted(self, call: Call, item: Stored) -> Reply:
        return Reply(202)


def outcomes(resource: ResourceUnderTest) -> list[tuple[int, bool]]:
    return [(write.status, write.performed) for write in stale_writes(resource, 0).writes]


def test_a_sound_server_refuses_by_all_methods() -> None:
    with orders() as resource:
        assert writing(resource) == ["PUT", "PATCH", "DELETE"]
        found = stale_writes(resource, 0)
        assert [write_fault(write) for write in found.writes] == [None, None, None]
        assert [write.status for write in found.writes] == [412, 412, 412]
        assert not found.undecided
        assert all(
            f"{name} /v1/orders/" in write.summary
            for name, write in zip(writing(resource), found.writes, strict=True)
        )


@pytest.mark.parametrize(
    ("policies", "status"),
    [
        ({"preconditions": MatchIgnored}, [(200, True), (200, True), (204, True)]),
        ({"preconditions": FailsLater, "locking": RefusesAfterwards}, [(412, True)] * 3),
        ({"representation": WeakTags}, [(412, False)] * 3),
        ({"item": SoftDelete}, [(412, False)] * 3),
        ({"item": DeletesAsynchronously}, [(412, False)] * 3),
    ],
)
def test_effects_are_read_back(policies: dict[str, type], status: list[tuple[int, bool]]) -> None:
    with orders(**policies) as resource:
        assert outcomes(resource) == status


def test_what_does_not_show_is_no_control_and_is_still_to_be_removed() -> None:
    with orders(item=NeverDeletes) as resource:
        found = stale_writes(resource, 0)
        assert len(found.writes) == 2
        assert "does not show it" in found.undecided[0]
        guarded = Guarded(resource, "DELETE", 0)
        with pytest.raises(Undecided, match="does not show it"):
            guarded.succeed({}, "no condition")
        assert resource.ledger.holds(guarded.item.url)


def test_a_deletion_that_shows_is_done() -> None:
    with orders() as resource:
        guarded = Guarded(resource, "DELETE", 0)
        assert guarded.succeed({}, "no condition").status_code == 404
        assert not resource.ledger.holds(guarded.item.url)


def test_each_value_is_another_than_the_one_before() -> None:
    with orders() as resource:
        guarded = Guarded(resource, "PATCH", 0)
        values = [guarded.next_value() for _ in range(8)]
        assert all(one != other for one, other in itertools.pairwise(values))
        assert resource.known.body is not None
        assert resource.known.body["amount"] not in values
