"""Content that is hashed as it comes, and not kept: a file may be larger than the memory of the machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_BYTES = 4 * 1024**3
"""Bytes of content that are read at most."""
BEGINNING = 32 * 1024
"""Bytes that are kept as evidence."""

Window = tuple[int, int]
"""First and last position of a range, both inclusive, as in Content-Range (RFC 9110 section 14.4)."""


@dataclass
class Incoming:
    """Takes the content of a response, piece by piece, as received: no content coding is undone.

    Attributes:
        windows: parts that are hashed on their own.
        keep: bytes of the beginning that are kept.
        most: bytes after which reading ends with an error.
        size: bytes so far.
        kept: the beginning of the content.
    """

    windows: Sequence[Window] = ()
    keep: int = BEGINNING
    most: int = MOST_BYTES
    size: int = 0
    kept: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything: the request is sent again."""
        self.size, self.kept = 0, bytearray()
        self._whole = hashlib.sha256()
        self._parts = {window: hashlib.sha256() for window in self.windows}

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._whole.update(piece)
        start, view = self.size, memoryview(piece)
        for (first, last), part in self._parts.items():
            if first < start + len(piece) and last >= start:
                part.update(view[max(0, first - start) : last + 1 - start])
        if len(self.kept) < self.keep:
            self.kept += piece[: self.keep - len(self.kept)]
        self.size += len(piece)

    @property
    def sha256(self) -> str:
        """SHA-256 of all bytes so far, in hexadecimal digits."""
        return self._whole.hexdigest()

    def part(self, window: Window) -> str:
        """SHA-256 of one of the windows.

        Raises:
            KeyError: it is none of them.
        """
        return self._parts[window].hexdigest()

    @property
    def whole(self) -> bool:
        """Whether `kept` is all of the content."""
        return self.size == len(self.kept)
