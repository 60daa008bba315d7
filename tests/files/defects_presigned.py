"""Defects of presigned URLs."""

from __future__ import annotations

from harness.reference.call import Call
from harness.reference.presigned import Grant, Presigned
from tests.matrix.serving import defect


class Unchecked(Presigned):
    """The signature is made, and never compared."""

    def signature(self, call: Call, grant: Grant) -> str:
        return call.query.get("signature") or super().signature(call, grant)


class AnyKey(Presigned):
    """The signature does not cover the key."""

    def signed(self, grant: Grant) -> tuple[str, ...]:
        return (grant.method, str(grant.expires), grant.kind)


class AnyMethod(Presigned):
    """The method is signed, and not compared with that of the request."""

    def check_method(self, call: Call, grant: Grant) -> None:
        pass


class NeverEnds(Presigned):
    """The end is signed, and not compared with the clock."""

    def check_time(self, grant: Grant) -> None:
        pass


class AWeek(Presigned):
    """URLs are valid for a week, whatever is asked for."""

    def seconds(self, wanted: int) -> int:
        return 7 * 24 * 3600


DEFECTS = (
    defect("FILE-012", "the signature is not compared", presigned=Unchecked),
    defect("FILE-012", "a URL is good for any object", presigned=AnyKey),
    defect("FILE-012", "a URL is good for any method", presigned=AnyMethod),
    defect("FILE-012", "a URL never ends", presigned=NeverEnds),
    defect("FILE-012", "a URL is valid for a week", presigned=AWeek),
)
