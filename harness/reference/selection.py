"""Which members of an item a response shows."""

from __future__ import annotations

from harness.reference.call import Call, Document
from harness.reference.errors import Problem


class Selection:
    """`fields=amount,currency` on lists and items; the id is always shown."""

    always: tuple[str, ...] = ("id",)

    def apply(self, call: Call, document: Document) -> Document:
        """The members of an item that the query asks for; all without `fields`."""
        asked = call.query.get("fields")
        if asked is None or not call.resource.selectable or call.method not in ("GET", "HEAD"):
            return document
        names = asked.split(",")
        members = {**call.resource.properties, **call.resource.read_only}
        shown = [name for name in members if name not in call.resource.write_only]
        unknown = [name for name in names if name not in shown]
        if unknown:
            self.unknown(call, unknown)
        return self.chosen(document, names)

    def unknown(self, call: Call, names: list[str]) -> None:
        """400 that names the parameter."""
        detail = f"There is no member {', '.join(names)[:80]} to show."
        raise Problem("invalid_parameter", detail, parameter="fields")

    def chosen(self, document: Document, names: list[str]) -> Document:
        """Those members, in the order of the item."""
        return {name: value for name, value in document.items() if name in (*self.always, *names)}
