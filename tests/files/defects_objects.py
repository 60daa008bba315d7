"""Defects of stores with the API of S3."""

from __future__ import annotations

from harness.reference.call import Call
from harness.reference.objects import Objects, Session
from tests.matrix.serving import defect


class MissingParts(Objects):
    """Parts that were never sent count as empty."""

    def listed(self, session: Session, number: int, etag: str) -> bytes:
        return session.parts.get(number, b"")


class HalfParts(Objects):
    """What arrived of a part is kept when its connection ends."""

    def whole(self, call: Call) -> bytes:
        return call.body


DEFECTS = (
    defect("FILE-011", "an upload ends without one of its parts", objects=MissingParts),
    defect("FILE-011", "half a part is kept", objects=HalfParts),
)
