"""The text by which an item of the run is recognised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marker:
    """A text that identifies an item of the run, because no other item has it.

    Attributes:
        pointer: where it is in the create's body (JSON Pointer, RFC 6901).
        value: the text.
    """

    pointer: str
    value: str
