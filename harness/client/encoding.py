"""How the bodies of a collection are written: a rule handles them in the shape of responses. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus, unquote

from harness.http.content import MISSING, at

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
BOUNDARY = "conformance-3f2a9c"
"""Fixed, so that the same body is the same content."""


@dataclass(frozen=True)
class Encoding:
    """How the bodies of one collection are written.

    Attributes:
        bare: location in a body of what is sent; all of it if empty. Responses have an envelope that requests lack.
        within: location at which that is sent, where requests have an envelope of their own.
        files: members that are files in multipart/form-data.
        repeated: members whose elements are sent under one name (`a=x&a=y`), in a form.
        kind: `type` of the collection's resource objects; empty where bodies are no documents of JSON:API.
        id: of the item that the content is for; empty for the collection.
    """

    bare: str = ""
    within: str = ""
    files: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    kind: str = ""
    id: str = ""

    def at(self, place: str, collection: str) -> Encoding:
        """How the content of a request to a URL is written.

        Args:
            place: normal form of that URL, the collection's or one below it.
            collection: normal form of the collection's URL.
        """
        below = place.removeprefix(collection + "/")
        return replace(self, id=unquote(below)) if self.kind and place != below and "/" not in below else self

    def content(self, value: Any, media: str) -> bytes | None:
        """A body as a form (RFC 7578 for multipart/form-data); None for other media types, and what is no object."""
        if not isinstance(value, Mapping):
            return None
        if media.startswith(MULTIPART):
            return multipart(value, self.files, self.repeated)
        return form(value, self.repeated) if media.startswith(FORM) else None

    def sent(self, value: Any) -> Any:
        """What is sent of a body, or of a patch document (RFC 6902, RFC 7396) for an item."""
        if self.id and isinstance(value, Mapping):
            return identified(value, self.kind, self.id)
        if not self.bare and not self.within:
            return value
        if isinstance(value, list):
            return [self._operation(one) for one in value]
        inside = at(value, self.bare) if isinstance(value, Mapping) else MISSING
        return value if inside is MISSING else wrapped(inside, self.within)

    def _operation(self, one: Any) -> Any:
        """An operation of a JSON Patch, with its locations in what is sent."""
        if not isinstance(one, Mapping) or "op" not in one:
            return one
        return {
            name: self.within + value.removeprefix(self.bare)
            if name in ("path", "from") and isinstance(value, str)
            else value
            for name, value in one.items()
        }


def identified(value: Mapping[str, Any], kind: str, id: str) -> Mapping[str, Any]:
    """A document that changes an item, with its `type` and `id`, which JSON:API 1.1 requires (section 9.2).

    What the document says itself of either is kept, and so is what is no resource object.
    """
    data = value.get("data")
    if not isinstance(data, Mapping) or not {"attributes", "relationships"} & set(data):
        return value
    return {**value, "data": {"type": kind, "id": id, **data}}


def wrapped(value: Any, place: str) -> Any:
    """A value in objects, so that it is at a place such as /data."""
    for name in reversed([one for one in place.split("/") if one]):
        value = {name: value}
    return value


PLAIN = Encoding()


def form(value: Any, repeated: frozenset[str] = frozenset()) -> bytes:
    """An object as a form, nested names in brackets: `a[b]=1&list[0]=x`, as Rails, PHP and Stripe read it.

    Null is an empty value, and booleans are `true` and `false`.

    Args:
        repeated: members whose elements are sent under one name, as in `a=x&a=y`.
    """
    return "&".join(
        f"{quote_plus(name, safe='[]')}={quote_plus(text)}" for name, text in _pairs("", value, repeated)
    ).encode()


def multipart(
    value: Mapping[str, Any], files: frozenset[str] = frozenset(), repeated: frozenset[str] = frozenset()
) -> bytes:
    """An object as multipart/form-data (RFC 7578), with `BOUNDARY`; nested names in brackets.

    Args:
        files: members that get a filename, and application/octet-stream.
        repeated: members whose elements are sent under one name.
    """
    lines = []
    for name, text in _pairs("", value, repeated):
        quoted = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'Content-Disposition: form-data; name="{quoted}"'
        if name in files:
            head += f'; filename="{quoted}.bin"\r\nContent-Type: application/octet-stream'
        lines.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n")
    return "".join([*lines, f"--{BOUNDARY}--\r\n"]).encode()


def with_boundary(media: str) -> str:
    """The Content-Type of a body, with the boundary if it is multipart."""
    return f"{media}; boundary={BOUNDARY}" if media == MULTIPART else media


def _pairs(name: str, value: Any, repeated: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _pairs(f"{name}[{key}]" if name else str(key), one, repeated)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _pairs(name if name in repeated else f"{name}[{place}]", one, repeated)
    else:
        yield name, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
