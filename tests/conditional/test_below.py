"""Whether an item's entity tag changes with what is created below it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.ledger.ledger import Ledger
from harness.profile.models import Capability, Resource, State
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Broken
from suites.conditional.tags import below, judge_below
from tests.clients import client_of
from tests.servers import Answer, Seen, http

pytestmark = pytest.mark.topic(name="conditional")

THERE = Capability(state=State.DETECTED, because="seen")
BOXES = Resource(collection="/boxes", capabilities={"read": THERE, "etag": THERE})
THINGS = Resource(
    collection="/boxes/7/things",
    parent="boxes",
    body={"label": "A label"},
    capabilities=dict.fromkeys(("create", "read", "delete", "list", "tag"), THERE),
)


@dataclass
class Box:
    """One box, which says how many things are in it, and the things.

    Attributes:
        tag: the entity tag of the box with so many things in it.
    """

    tag: Callable[[int], str]
    things: dict[str, Any] = field(default_factory=dict)

    def __call__(self, seen: Seen) -> Answer:
        status, value, fields = self.answer(seen)
        body = b"" if value is None else json.dumps(value).encode()
        return Answer(status, body, [("Content-Type", "application/json"), *fields])

    def answer(self, seen: Seen) -> tuple[int, Any, list[tuple[str, str]]]:
        path = seen.path.partition("?")[0]
        number = path.rpartition("/")[2]
        if path == "/boxes/7":
            return 200, {"id": "7", "count": len(self.things)}, [("ETag", self.tag(len(self.things)))]
        if path == "/boxes/7/things" and seen.method == "POST":
            made = {**json.loads(seen.body), "id": str(len(self.things) + 1)}
            self.things[made["id"]] = made
            return 201, made, [("Location", f"{path}/{made['id']}")]
        if path == "/boxes/7/things":
            return 200, list(self.things.values()), []
        if number not in self.things:
            return 404, {}, []
        if seen.method == "DELETE":
            del self.things[number]
            return 204, None, []
        return 200, self.things[number], []


def judged(tag: Callable[[int], str]) -> None:
    with http(Box(tag)) as server, client_of(server.url) as client:
        ledger = Ledger()
        boxes, things = (ResourceUnderTest(known, client, ledger) for known in (BOXES, THINGS))
        try:
            judge_below(boxes, "/boxes/7", things)
        finally:
            ledger.clear()


def test_a_tag_that_stays_though_the_item_counts_what_is_below_it_breaks_the_rule() -> None:
    with pytest.raises(Broken, match="POST /boxes/7/things -> 201"):
        judged(lambda count: '"fixed"')


@pytest.mark.parametrize("tag", ['"{}"', 'W/"fixed"'])
def test_a_tag_that_changes_or_is_weak_is_lawful(tag: str) -> None:
    judged(tag.format)


def test_which_collections_are_below_an_item() -> None:
    client: Any = None
    boxes = ResourceUnderTest.__new__(ResourceUnderTest)
    boxes.client, boxes.name, boxes._known = client, "boxes", BOXES
    elsewhere = THINGS.model_copy(update={"collection": "/things"})
    other = THINGS.model_copy(update={"parent": "crates"})
    read_only = THINGS.model_copy(update={"capabilities": {}})
    assert below(boxes, [BOXES, elsewhere, THINGS, other, read_only]) == [("things", "/boxes/7")]
