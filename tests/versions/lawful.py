"""Lawful APIs that deprecate with little notice."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.deprecation import PATH, Deprecations
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.versions import STATEMENTS, Statement
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


class Nearest(Statement):
    """An unknown version gets the one nearest to it, which the response names; nothing of it may be stored."""

    def version(self, call: Call, asked: str) -> str:
        return asked if asked in STATEMENTS else "2"

    def label(self, reply: Reply, version: str) -> None:
        reply.fields["Content-Version"] = version
        reply.fields["Cache-Control"] = "no-store"


VARIANTS: tuple[Variant, ...] = (
    variant(
        "deprecated later, without an end",
        on=("documents",),
        deprecations=DateAlone,
        description=WithoutEnd,
        statement=Nearest,
    ),
)
