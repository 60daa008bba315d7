"""Defects of presigned URLs."""

from __future__ import annotations

from harness.reference.call import Call, Document
from harness.reference.errors import Problem
from harness.reference.presigned import Blob, Grant, Presigned
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.store import StoredItem
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


SHOWN = "0123456789abcdef0123456789abcdef"
"""The signature of the URLs that documents show."""


class ShowsUrl(Representation):
    """Documents show a signed URL of their content."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        url = f"/v1/blobs/shared/{item.id}?method=GET&expires=4102444800&signature={SHOWN}"
        return {**super().of(resource, item), "content_url": url}


class Shared(Presigned):
    """The objects behind these URLs."""

    def check(self, call: Call) -> Grant:
        if call.parameters["owner"] != "shared":
            return super().check(call)
        self.blobs[self.key(call)] = Blob(b"shared", "text/plain")
        self.check_shown(call)
        return Grant("GET", self.key(call), 4102444800, "text/plain")

    def check_shown(self, call: Call) -> None:
        """403 for another URL than documents show."""
        if (call.query.get("signature"), call.query.get("expires")) != (SHOWN, "4102444800"):
            raise Problem("forbidden", "The signature of the URL does not fit.")


class SharedWithAny(Shared):
    """A signature must be there, and is not compared."""

    def check_shown(self, call: Call) -> None:
        if "signature" not in call.query:
            raise Problem("forbidden", "The URL is not signed.")


DEFECTS = (
    defect("FILE-012", "the signature is not compared", presigned=Unchecked),
    defect("FILE-012", "a URL is good for any object", presigned=AnyKey),
    defect("FILE-012", "a URL is good for any method", presigned=AnyMethod),
    defect("FILE-012", "a URL never ends", presigned=NeverEnds),
    defect("FILE-012", "a URL is valid for a week", presigned=AWeek),
    defect(
        "FILE-012",
        "the signature of a URL in an item is not compared",
        representation=ShowsUrl,
        presigned=SharedWithAny,
    ),
)
