"""Defects in how hostile input is met: for each rule at least one bug that real teams ship."""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.request
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from harness.reference.call import Call, Document
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.pagination import Paginator, Position
from harness.reference.reader import Reader
from harness.reference.store import StoredItem as Stored
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class FilterBySql(Paginator):
    """`f"... WHERE customer = '{customer}'"`."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        if not any("'" in value for value in filters.values()):
            return super().fetch(call, filters, after, count)
        found = super().fetch(call, {}, after, 1000)
        with sqlite3.connect(":memory:") as database:
            for name, value in filters.items():
                query = f"SELECT 1 FROM (SELECT ? AS member) WHERE member = '{value}'"
                found = [one for one in found if database.execute(query, (one.data[name],)).fetchone()]
        return found[:count]


class Template(CollectionEndpoint):
    """Texts go through the template engine that makes the mails."""

    def creation(self, call: Call, document: Document) -> Any:
        return super().creation(call, {name: self.rendered(value) for name, value in document.items()})

    def rendered(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return re.sub(r"\{\{(\d+)\*(\d+)\}\}", lambda found: str(int(found[1]) * int(found[2])), value)


class ParsesAnything(Reader):
    """Expects that malformed JSON is all that can go wrong."""

    def parse(self, content: bytes) -> Any:
        try:
            json.loads(content.decode("utf-8"), parse_constant=str)
        except (json.JSONDecodeError, UnicodeDecodeError):
            return self.malformed(content)
        return super().parse(content)


class ObeysDocumentTypes(Reader):
    """The parser's defaults."""

    def restrict(self, parser: expat.XMLParserType) -> None:
        pass


class FetchesEntities(Reader):
    """Expands no entities of the document, and fetches those at a URL: the parser's option was read the wrong way."""

    def restrict(self, parser: expat.XMLParserType) -> None:
        def fetch(context: str, base: str | None, system: str | None, public: str | None) -> int:
            with urllib.request.urlopen(str(system), timeout=5) as reply:
                parser.ExternalEntityParserCreate(context).Parse(reply.read(), True)
            return 1

        def declared(name: str, parameter: bool, value: str | None, *more: object) -> None:
            if value is not None:
                raise ValueError(name)

        parser.EntityDeclHandler = declared
        parser.ExternalEntityRefHandler = fetch


DEFECTS: tuple[Defect, ...] = (
    defect("SEC-010", "a filter is put into SQL", on=("orders",), paginator=FilterBySql),
    defect("SEC-010", "texts are rendered as templates", on=("orders",), collection=Template),
    defect("SEC-012", "entities in XML are expanded", on=("contracts",), reader=ObeysDocumentTypes),
    defect("SEC-012", "entities in XML are fetched", on=("contracts",), reader=FetchesEntities),
    defect("SEC-011", "large numbers crash the parser", on=("documents",), reader=ParsesAnything),
)
