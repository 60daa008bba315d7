"""A file that was uploaded, and what a GET of it returned. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.http.exchange import Exchange


@dataclass(frozen=True)
class Stored:
    """A file that was uploaded.

    Attributes:
        id: of the file; its name for PUT.
        sent: SHA-256 of what was sent.
        size: of that, in bytes.
        value: JSON of the response to the upload.
        exchange: the upload.
        places: URLs at which its bytes may be, the most likely one first.
    """

    id: str
    sent: str
    size: int
    value: Any
    exchange: Exchange
    places: tuple[str, ...]


@dataclass(frozen=True)
class Download:
    """What a GET of a file returned."""

    exchange: Exchange
    size: int
    sha256: str
    fields: Mapping[str, str]
    beginning: bytes

    def is_of(self, stored: Stored) -> bool:
        """Whether it is what was sent."""
        return self.exchange.status == 200 and (self.size, self.sha256) == (stored.size, stored.sent)

    @property
    def shown(self) -> str:
        return f"{self.exchange.summary()}, {self.size} bytes with SHA-256 {self.sha256[:16]}"
