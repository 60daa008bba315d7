"""PATCH of an item that a rule created, and the representation afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import jsonpointer

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, replaced, shown
from harness.payloads import kept
from harness.payloads.arrays import array_of_objects, arrays_of_texts
from harness.payloads.constraints import errors
from harness.payloads.source_constants import without_source_constants
from harness.profile import models as profile
from harness.resource.contested import changeable, changeable_members, others
from harness.resource.item import Item
from harness.resource.matching import bare
from harness.resource.patch_documents import (
    JSON_PATCH,
    MERGE_PATCH,
    PLAIN,
    WORDS,
    free_map,
    merging,
    nested_scalars,
    open_map,
    setting,
)
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import applies, control, inconclusive

MEMBERS = 12
EXAMPLES = 12
"""Generated patches that a rule sends in addition to the explicit ones, two requests each."""


class Patched:
    """An item, and PATCH requests that change it.

    Args:
        resource: makes the item.
        media_type: of the patches.
        window: seconds after which a read must show a completed write.
        body: the create body; a valid one when omitted.
    """

    def __init__(
        self, resource: ResourceUnderTest, media_type: str, window: float, body: Any = MISSING
    ) -> None:
        self.resource, self.media_type, self.window = resource, media_type, window
        self.known: profile.Resource = resource.known
        self.item: Item = resource.create(body)

    @property
    def operations(self) -> bool:
        """Whether patches are lists of operations (RFC 6902)."""
        return self.media_type == JSON_PATCH

    # -- requests --------------------------------------------------------------------------------------

    def send(self, patch: Any) -> httpx.Response:
        """Send PATCH, with a condition on the current state where the target requires one."""
        version = self.known.locking.version
        if version is not None:
            place = self.known.representation + version
            current = at(self.look(), place)
            if isinstance(patch, list):
                patch = [{"op": "test", "path": place, "value": current}, *patch]
            elif isinstance(patch, dict):
                patch = replaced(patch, place, current)
        return self.item.client.patch(self.item.url, json=patch, headers=self.fields())

    def send_bytes(self, content: bytes, media_type: str | None = None) -> httpx.Response:
        """PATCH with content that need not be JSON."""
        fields = self.fields() | ({"Content-Type": media_type} if media_type else {})
        return self.item.client.patch(self.item.url, content=content, headers=fields)

    def fields(self) -> dict[str, str | None]:
        return {**self.item.write_fields(), "Content-Type": self.media_type}

    def set(self, place: str, value: Any) -> Any:
        """The patch that sets one location."""
        return setting(place, value) if self.operations else merging(place, value)

    # -- the item --------------------------------------------------------------------------------------

    def look(self) -> Any:
        """The current representation, whole.

        Raises:
            Undecided: it cannot be read.
        """
        reply = self.item.get()
        value = bare(json_of(reply), self.item.sent)
        control(
            reply.is_success and value is not MISSING,
            f"the item should be readable: {exchange_of(reply).summary()}",
        )
        return value

    def settled(self, holds: Callable[[Any], bool]) -> Any:
        """The representation once a condition holds for it, or at the end of the window."""
        last: list[Any] = []

        def look() -> bool:
            last[:] = [self.look()]
            return holds(last[0])

        eventually(look, self.window)
        return last[0]

    # -- what can be patched ---------------------------------------------------------------------------

    def place(self) -> str:
        """A location that a patch may change.

        Raises:
            Undecided: there is none.
        """
        return self.known.representation + changeable(self.known, self.item.sent)

    def places(self) -> list[str]:
        """All locations that a patch may change, the safest first."""
        return [
            self.known.representation + pointer
            for pointer in changeable_members(self.known, self.item.sent, MEMBERS)
        ]

    def another(self, place: str) -> Any:
        """Another valid value for a location."""
        pointer = place.removeprefix(self.known.representation)
        value = next(others(self.known, self.item.sent, pointer), MISSING)
        if value is MISSING:
            inconclusive(f"no other valid value for {place} was found")
        return value

    def works(self, place: str | None = None) -> str:
        """The positive control: a patch of one location is accepted and shown.

        Raises:
            Undecided: it is not.
        """
        place = self.place() if place is None else place
        value = self.another(place)
        reply = self.send(self.set(place, value))
        control(reply.is_success, f"a valid PATCH should succeed: {exchange_of(reply).summary()}")
        now = at(self.settled(lambda found: at(found, place) == value), place)
        control(now == value, f"{place} should be {shown(value)} after that PATCH, but is {shown(now)}")
        return place


def summary(reply: httpx.Response) -> str:
    return exchange_of(reply).summary()


def any_format(resource: ResourceUnderTest) -> str:
    """A format for rules on all formats, merge patch first.

    Raises:
        NotApplicable: there is none.
    """
    taken = resource.known.patch or []
    found = [*formats(resource.known), *(kind for kind in (PLAIN,) if kind in taken)]
    applies(found, f"the profile names a patch format of {resource.name}")
    return found[0]


def search(strategy: Callable[[Any], Any], probe: Callable[[Any], object]) -> None:
    """Send generated patches, the same ones in every run, until one breaks the rule.

    Args:
        strategy: returns a hypothesis strategy, given `hypothesis.strategies`.
        probe: sends one and judges its result.
    """
    # Imported here, as this takes longer than all other imports.
    from hypothesis import HealthCheck, Phase, given, settings, strategies

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        # The first failing patch is small; shrinking costs too many requests.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy(strategies))
    def generated(patch: Any) -> None:
        if not ended:
            try:
                probe(patch)
            except Exception as end:
                ended.append(end)

    # Raised inside, hypothesis would repeat the patch on a changed item.
    ended: list[Exception] = []
    with without_source_constants():
        generated()
    if ended:
        raise ended[0]


def formats(known: profile.Resource) -> list[str]:
    """The supported ones of merge patch and JSON Patch."""
    return [media for media in (MERGE_PATCH, JSON_PATCH) if media in (known.patch or ())]


def merge_format(resource: ResourceUnderTest) -> str:
    """The media type of merge patches.

    Raises:
        NotApplicable: the resource takes none.
    """
    applies(
        MERGE_PATCH in (resource.known.patch or ()),
        f"PATCH of {resource.name} supports {MERGE_PATCH} (RFC 7396)",
    )
    return MERGE_PATCH


def operations_format(resource: ResourceUnderTest) -> str:
    """The media type of JSON Patch.

    Raises:
        NotApplicable: the resource does not take it.
    """
    applies(
        JSON_PATCH in (resource.known.patch or ()),
        f"PATCH of {resource.name} supports {JSON_PATCH} (RFC 6902)",
    )
    return JSON_PATCH


def map_in(resource: ResourceUnderTest, body: Any) -> str | None:
    """JSON Pointer of an object in a body that accepts any texts; None without one."""
    return free_map(body, resource.known.create_schema, resource.known.representation, WORDS)


def values_in(resource: ResourceUnderTest, body: Any) -> tuple[str, list[Any]] | None:
    """JSON Pointer of an object in a body that accepts any names, and values for them; None without one."""
    return open_map(body, resource.known.create_schema, resource.known.representation)


def nested_change(
    resource: ResourceUnderTest, body: Any, apart: str | None
) -> tuple[str, dict[str, Any]] | None:
    """A nested object and a merge patch of one of its members; None without one.

    Args:
        apart: JSON Pointer of an object to leave out.
    """
    known = resource.known
    for place, name in nested_scalars(body, known.representation, apart):
        pointer = f"{place}/{jsonpointer.escape(name)}"
        if any(kept(known, one, pointer) for one in (place[1:], name)):
            continue
        value = next(others(known, body, pointer), MISSING)
        if value is not MISSING:
            return known.representation + place, {name: value}
    return None


def nested_removal(resource: ResourceUnderTest, body: Any, apart: str | None) -> str | None:
    """JSON Pointer of an optional member of a nested object; None where no schema shows one.

    Args:
        apart: JSON Pointer of an object to leave out.
    """
    known = resource.known
    for place, name in nested_scalars(body, known.representation, apart):
        pointer = f"{place}/{jsonpointer.escape(name)}"
        whole = known.representation + pointer
        if any(kept(known, one, pointer) for one in (place[1:], name)) or known.create_schema is None:
            continue
        if errors(known.create_schema, replaced(body, whole, MISSING)) == []:
            return whole
    return None


@dataclass(frozen=True)
class Array:
    """An array of a body that the rule may fill.

    Attributes:
        place: JSON Pointer in the whole body.
        elements: what may be in it.
        key: the text that tells its elements apart, where they are objects; empty where they are texts.
        body: the whole body with two elements in it, in no alphabetical order where they are objects.
    """

    place: str
    elements: Sequence[Any]
    key: str
    body: Any

    def shown(self, value: Any) -> Any:
        """What a representation has there; of objects their texts, since a server may add members to them."""
        found = at(value, self.place)
        if not self.key or not isinstance(found, list):
            return found
        return [one.get(self.key) if isinstance(one, Mapping) else one for one in found]


def array_to_patch(resource: ResourceUnderTest, body: Any) -> Array | None:
    """An array of texts, or else one of objects that the body has; None without one."""
    known = resource.known
    texts = array_in(resource, body)
    if texts is not None:
        return Array(texts[0], WORDS, "", texts[1])
    found = array_of_objects(body, known.create_schema, known.representation, WORDS)
    if found is None:
        return None
    place, key, elements = found
    return Array(place, elements, key, replaced(body, place, [elements[1], elements[0]]))


def array_in(resource: ResourceUnderTest, body: Any) -> tuple[str, Any] | None:
    """JSON Pointer of an array that accepts any texts, and the body with two texts in it; None without one."""
    known = resource.known
    for name in dict.fromkeys(arrays_of_texts(body, known.create_schema, known.representation)):
        place = f"{known.representation}/{name}"
        filled = replaced(body, place, ["alpha", "beta"])
        if known.create_schema is None or errors(known.create_schema, filled) in ([], None):
            return place, filled
    return None
