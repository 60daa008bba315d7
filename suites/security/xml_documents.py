"""XML with a document type declaration (XML 1.0 sections 2.8 and 4), and what shows that it was obeyed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

XML = "application/xml"
WORD = "harness7c"
EXPANDED = WORD * 6
"""What three levels of entities come to."""
LEVELS = f'<!ENTITY a "{WORD}"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">'


def is_xml(media: str) -> bool:
    return media in (XML, "text/xml") or media.endswith("+xml")


def external(url: str) -> str:
    """A declaration of an entity whose text is at a URL; used as `&c;`."""
    return f'<!ENTITY c SYSTEM "{url}">'


def parameter(url: str) -> str:
    """A declaration that is itself at a URL: a parser fetches it even where no text refers to it."""
    return f'<!ENTITY % p SYSTEM "{url}"> %p;'


def document(root: str, body: Mapping[str, Any], declarations: str = "", entity: str = "") -> bytes:
    """A body as XML, an element for each member.

    Args:
        root: name of the outermost element.
        declarations: of the internal subset; no document type when empty.
        entity: reference that replaces the text `ENTITY!`.
    """
    doctype = f"<!DOCTYPE {root} [{declarations}]>" if declarations else ""
    text = f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<{root}>{_elements(body)}</{root}>'
    return text.replace("ENTITY!", entity).encode()


def _elements(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_element(str(name), one) for name, one in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else escape(str(value))


def _element(name: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return "".join(f"<{name}>{_elements(one)}</{name}>" for one in values)


def root_of(collection: str) -> str:
    """The usual name of the outermost element for an item of a collection: its last word, in the singular."""
    word = collection.rstrip("/").rsplit("/", 1)[-1] or "item"
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and len(word) > 2 else word
