"""Resumable uploads by the IETF's draft, beside those by tus.

The text is that of -12 (July 2026), with interop version 8: the newest that was at hand when this was written. Later
texts that change nothing of the offset, Upload-Complete and 409 have the same interop version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.client.client import Client
from harness.ledger.ledger import Ledger
from harness.rules.checks import NotApplicable, applies

from .tus_judge import Offer, Place
from .tus_uploads import Server, of

INTEROP = "8"
"""The interop version of the draft."""


class Resumable(Server):
    """A resource that takes resumable uploads by the IETF's draft (text of -12, interop version 8)."""

    always: Mapping[str, str] = {"Upload-Draft-Interop-Version": INTEROP}
    chunks = "application/partial-upload"

    @property
    def offer(self) -> Offer:
        """Creation and cancellation are no extensions there."""
        return Offer(extensions=("creation", "termination"))

    def opening(self, length: int) -> dict[str, str]:
        """Fields of a request that asks for an upload before any of its content is sent."""
        kind = {"Content-Type": "application/octet-stream"}
        return {**kind, "Upload-Complete": "?0", "Upload-Length": str(length)}

    def appending(self, offset: int, last: bool) -> dict[str, str]:
        """Fields of a request with a chunk."""
        return {**super().appending(offset, last), "Upload-Complete": "?1" if last else "?0"}


def all_of(
    client: Client, profile: Any, survey: Any, target: Any, ledger: Ledger, *, needed: bool = True
) -> list[Server]:
    """The servers of resumable uploads: of tus, and of the IETF's draft, which the profile names.

    Args:
        needed: whether the rule does not apply without one.

    Raises:
        NotApplicable: there is no sign of one.
    """
    path = profile.files.resumable if profile.files is not None else None
    found: list[Server] = []
    if path is not None:
        found.append(Resumable(client, Place(target.url + path, "the profile", True), ledger))
    try:
        found.insert(0, of(client, profile, survey, target, ledger))
    except NotApplicable:
        applies(
            found or not needed,
            "the API takes resumable uploads: set `tus`, `resumable` or `s3` in [files] if it does",
        )
    return found
