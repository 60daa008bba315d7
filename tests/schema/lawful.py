"""Lawful APIs whose documents say less than one might wish."""

from __future__ import annotations

import datetime as dt
from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.store import StoredItem
from tests.matrix.variant import Variant, variant
from tests.schema.defects_fields import Strict, WithPriority
from tests.schema.measured import measured


class Ranges(Description):
    """Successes are documented as a range, everything else by default, content of any type."""

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        for path in document["paths"].values():
            for operation in path.values():
                if isinstance(operation, dict) and "responses" in operation:
                    operation["responses"] = self.fewer(operation["responses"])
        return call.policies.representation.selected(call, document)

    def fewer(self, responses: dict[str, Any]) -> dict[str, Any]:
        """A range and a default."""
        success = next(
            (one for status, one in responses.items() if status.startswith("2")), {"description": "Done."}
        )
        content = dict(success.get("content", {}))
        if content:
            content = {"*/*": next(iter(content.values()))}
        ranged = {**success, "content": content} if content else success
        return {"2XX": ranged, "default": {"description": "Anything else."}}


class OffsetsWrittenOut(Representation):
    """The time of creation is that of the clock on the wall, with its offset."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
        return {
            **shown,
            "created_at": dt.datetime.fromisoformat(shown["created_at"]).astimezone(zone).isoformat(),
        }


class ClockOfTheDatabase(Representation):
    """The database has a clock of its own, which is a quarter of an hour ahead."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        there = dt.datetime.fromisoformat(shown["created_at"]) + dt.timedelta(minutes=15)
        return {**shown, "created_at": there.isoformat().replace("+00:00", "Z")}


VARIANTS: tuple[Variant, ...] = (
    variant("members of many kinds", on=("documents",), resources=measured),
    variant("a document of ranges and defaults", on=("documents",), description=Ranges),
    variant("times with the offset of their place", on=("documents",), representation=OffsetsWrittenOut),
    variant("a database whose clock is ahead", on=("documents",), representation=ClockOfTheDatabase),
    variant("fields that cannot be parsed are refused", router=Strict, description=WithPriority),
)
