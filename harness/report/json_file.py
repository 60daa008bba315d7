"""`conformance.json`: the whole report as data, its JSON Schema, writing and reading.

1. What is written satisfies `schema()`, and reading it gives an equal report.
2. Values of credentials are masked whatever the caller left in the profile.
3. Reading rejects other formats: a comparison of half-understood data would mislead.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json

from harness.atomic_files import write_bytes
from harness.bad_input import BadInput
from harness.report.members import DESCRIPTIONS
from harness.report.model import FORMAT, Report
from harness.report.text import encodable

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HINT = "give a conformance.json that this harness wrote"


def dumps(report: Report) -> str:
    """The report as JSON text."""
    return _encoded(report).decode()


def _encoded(report: Report) -> bytes:
    """The report as JSON in UTF-8: as a str, one emoji in it would make every character four bytes."""
    safe = _without_credentials(report)
    try:
        return TypeAdapter(Report).dump_json(safe, indent=1)
    except PydanticSerializationError:
        # A text with half a surrogate pair, decoded from a target's JSON, cannot be written as UTF-8.
        text = json.dumps(_writable(safe.model_dump(mode="json")), ensure_ascii=False, indent=1)
        return text.encode(errors="replace")


def write(report: Report, path: Path) -> Path:
    """Write the report.

    Returns:
        The path.

    Raises:
        BadInput: the file cannot be written.
    """
    return write_bytes(path, _encoded(report))


def read(path: Path, *, exchanges: bool = True) -> Report:
    """Read a report.

    Args:
        exchanges: whether to keep the exchanges, which are most of the file.

    Raises:
        BadInput: the file cannot be read, is not JSON, is of another format, or is no valid report.
    """
    where = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(where, f"cannot be read ({error.strerror or error})", _HINT) from None
    try:
        # Not as a str, which takes up to four times the memory.
        data = from_json(content)
    except ValueError as error:
        raise BadInput(where, _no_json(content, error), _HINT) from None
    if not isinstance(data, dict) or "format" not in data:
        raise BadInput(where, "is not a conformance report: it has no member `format`", _HINT)
    if data["format"] != FORMAT:
        raise BadInput(
            where,
            f"its format is {data['format']!r}, and this version reads {FORMAT!r}",
            "read it with the harness version that wrote it",
        )
    if not exchanges:
        data["exchanges"] = []
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise BadInput(where, f"is no valid report: {place}: {first['msg']}{more}", _HINT) from None


def _no_json(content: bytes, error: ValueError) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "is not a text in UTF-8"
    return f"is not JSON ({error})"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `conformance.json`; every member is required and described."""
    made = Report.model_json_schema(mode="serialization")
    definitions = made.pop("$defs")
    root = {**made, "title": "Report", "description": "One conformance run."}
    for name, definition in [("Report", root), *definitions.items()]:
        definition["description"] = definition.get("description", name).partition("\n\nAttributes:")[0]
        properties = definition.get("properties")
        if properties is None:
            continue
        definition["additionalProperties"] = False
        definition["required"] = list(properties)
        for member, described in properties.items():
            described.pop("title", None)
            described.pop("default", None)
            if f"{name}.{member}" in DESCRIPTIONS:
                described["description"] = DESCRIPTIONS[f"{name}.{member}"]
    return {"$schema": DIALECT, **root, "$defs": definitions}


def _without_credentials(report: Report) -> Report:
    profile = report.profile
    if not profile.credentials:
        return report
    masked = {name: one.masked() for name, one in profile.credentials.items()}
    return report.model_copy(update={"profile": profile.model_copy(update={"credentials": masked})})


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {encodable(str(key)): _writable(member) for key, member in value.items()}
    return [_writable(member) for member in value] if isinstance(value, list | tuple) else value
