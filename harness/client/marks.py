"""Marks: what an item of the run is recognised by. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.http.content import at

_CREATED = re.compile(r"(?i)_?(created|inserted|registered|added)[_-]?(at|on|date|time|timestamp)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@dataclass(frozen=True)
class Marker:
    """A text that identifies an item of the run, because no other item has it.

    Attributes:
        pointer: where it is in the create's body (JSON Pointer, RFC 6901).
        value: the text.
    """

    pointer: str
    value: str


@dataclass(frozen=True)
class Marks:
    """What an item of the run is recognised by.

    Attributes:
        token: of the run; every text of the run carries it. Empty where it is not known.
        marker: the text that its create sent; None where no member took one.
        shape: scalar members that the answer to its create showed, by pointer.
        places: where the marker may be in a representation; its own pointer when empty.
        expected: whether the answer to its create showed the marker: then what lacks it is something else.
        texts: what the run has written over the marker, as far as another process has recorded it; None for no text.
    """

    token: str = ""
    marker: Marker | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    expected: bool = False
    texts: frozenset[str | None] = frozenset()

    def shown_by(self, value: Any) -> bool | None:
        """Whether a representation, as JSON, is that of the item; None where it shows nothing conclusive."""
        if self.names(value):
            return True
        if self.overwritten_in(value):
            return None
        if self.marker is not None and (self.expected or self.text_in(value) is not None):
            return False
        if not self.shape:
            return None
        return all(_alike(at(value, pointer), one) for pointer, one in self.shape.items())

    def names(self, value: Any) -> bool:
        """Whether JSON has a text that only the run sends."""
        words = [self.token, self.marker.value if self.marker is not None else ""]
        return any(word and _holds(value, word.casefold()) for word in words)

    def overwritten_in(self, value: Any) -> bool:
        """Whether a representation shows what the run has written over the marker."""
        return self.marker is not None and bool(self.texts) and self.text_in(value) in self.texts

    def text_in(self, value: Any) -> str | None:
        """The text at the marker's location; None if there is none."""
        if self.marker is None:
            return None
        found = (at(value, place) for place in self.places or (self.marker.pointer,))
        return next((one for one in found if isinstance(one, str)), None)


def shape_of(value: Any) -> dict[str, Any]:
    """The members of the response to a create that distinguish its item from later ones: the time of its creation.

    Other members may be equal in items of other clients.
    """
    if not isinstance(value, Mapping):
        return {}
    return {
        f"/{name}": one
        for name, one in value.items()
        if isinstance(one, str | int | float) and isinstance(name, str) and _CREATED.fullmatch(name)
    }


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are the same; of times, whether they are of the same minute."""
    if isinstance(one, str) and isinstance(other, str) and _TIME.match(one):
        return one[:16] == other[:16]
    return bool(one == other)


def holds(value: Any, text: str) -> bool:
    """Whether a text in JSON contains another one, in any case."""
    return _holds(value, text.casefold())


def _holds(value: Any, word: str) -> bool:
    """Whether a text in JSON contains a word, in any case."""
    if isinstance(value, str):
        return word in value.casefold()
    if isinstance(value, Mapping):
        # A server that misreads the content may make a member name of it.
        return any(_holds(str(name), word) or _holds(inner, word) for name, inner in value.items())
    return isinstance(value, list) and any(_holds(inner, word) for inner in value)
