"""Request content: media type, coding, JSON syntax, and XML without document types."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from xml.parsers import expat

from harness.reference.call import Call
from harness.reference.errors import Problem

JSON = "application/json"
XML = "application/xml"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PATCH_TYPES = (MERGE_PATCH, JSON_PATCH)


class Reader:
    """Reads JSON content strictly, and flat XML."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        """The media type and the parsed content of the request."""
        if call.oversized:
            raise Problem("content_too_large", "The content is larger than 1 MiB.")
        self.check_coding(call)
        media_type = self.media_type(call)
        if media_type not in types:
            self.unsupported(call, types)
        return media_type, self.parse_xml(call.body) if media_type == XML else self.parse(call.body)

    def check_coding(self, call: Call) -> None:
        """415 with Accept-Encoding for a content coding that is not known (RFC 9110 section 12.5.3)."""
        coding = call.values("content-encoding")
        if coding and coding.strip().lower() != "identity":
            detail = "Content codings are not supported."
            raise Problem("unsupported_media_type", detail, {"Accept-Encoding": "identity"})

    def media_type(self, call: Call) -> str | None:
        """The media type in lower case (RFC 9110 section 8.3.1); None where absent or not in UTF-8."""
        name, *parameters = (call.headers.get("content-type") or "").split(";")
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "charset" and value.strip().strip('"').lower() != "utf-8":
                return None
        return name.strip().lower() or None

    def unsupported(self, call: Call, types: tuple[str, ...]) -> NoReturn:
        """415 that says what is supported (RFC 9110 section 15.5.16, RFC 5789 section 2.2)."""
        field = "Accept-Patch" if call.method == "PATCH" else "Accept"
        supported = ", ".join(types)
        raise Problem("unsupported_media_type", f"Send {' or '.join(types)}.", {field: supported})

    def parse(self, content: bytes) -> Any:
        """The JSON value (RFC 8259): UTF-8 only, no NaN, no lone surrogates."""
        try:
            value = json.loads(content.decode("utf-8"), parse_constant=self.refuse_constant)
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError):
            return self.malformed(content)
        return value

    def refuse_constant(self, name: str) -> NoReturn:
        """NaN and Infinity are not JSON."""
        raise ValueError(name)

    def malformed(self, content: bytes) -> Any:
        """400: the content is not well-formed (RFC 9110 section 15.5.1)."""
        reason = (
            "The content is not well-formed JSON in UTF-8." if content.strip() else "The content is empty."
        )
        raise Problem("malformed_request", reason)

    def parse_xml(self, content: bytes) -> dict[str, str]:
        """The text of each element below the outermost one."""
        parser = expat.ParserCreate("utf-8")
        path: list[str] = []
        members: dict[str, str] = {}

        def begin(name: str, attributes: dict[str, str]) -> None:
            path.append(name)
            if len(path) == 2:
                members[name] = ""

        def add(text: str) -> None:
            if len(path) == 2:
                members[path[1]] += text

        parser.StartElementHandler = begin
        parser.EndElementHandler = lambda name: path.pop()
        parser.CharacterDataHandler = add
        self.restrict(parser)
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError):
            raise Problem("malformed_request", "The content is not well-formed XML in UTF-8.") from None
        return members

    def restrict(self, parser: expat.XMLParserType) -> None:
        """400 for a document type: entities expand without end, or name files of the server."""

        def refuse(*declared: object) -> NoReturn:
            raise Problem("malformed_request", "A document type is not allowed.")

        parser.StartDoctypeDeclHandler = refuse
