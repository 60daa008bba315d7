"""Request content: media type, coding, JSON syntax."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from harness.reference.call import Call
from harness.reference.errors import Problem

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PATCH_TYPES = (MERGE_PATCH, JSON_PATCH)


class Reader:
    """Reads JSON content strictly."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        """The media type and the parsed content of the request."""
        if call.oversized:
            raise Problem("content_too_large", "The content is larger than 1 MiB.")
        self.check_coding(call)
        media_type = self.media_type(call)
        if media_type not in types:
            self.unsupported(call, types)
        return media_type, self.parse(call.body)

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
