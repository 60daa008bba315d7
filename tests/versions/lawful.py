"""Lawful APIs that deprecate with little notice."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.deprecation import PATH, Deprecations
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from tests.matrix.variant import Variant, variant


class DateAlone(Deprecations):
    """An operation that will be deprecated in 2041, without an end or a link."""

    def notice(self, successor: str) -> dict[str, str]:
        return {"Deprecation": "@2240611200;why=cost"}


class WithoutEnd(Description):
    """The document declares no sunset."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter, call.policies.resources)
        del document["paths"][PATH]["get"]["x-sunset"]
        return call.policies.representation.selected(call, document)


VARIANTS: tuple[Variant, ...] = (
    variant(
        "deprecated later, without an end", on=("documents",), deprecations=DateAlone, description=WithoutEnd
    ),
)
