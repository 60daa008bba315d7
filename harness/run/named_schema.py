"""The GraphQL schema that a profile names, read and checked before a run begins."""

from __future__ import annotations

from pathlib import Path

from harness.bad_input import BadInput
from harness.profile.graphql_schema import parsed
from harness.profile.models import GraphQL

MAX_BYTES = 16 * 1024 * 1024
"""Size of the largest file."""


def schema_text(given: GraphQL | None, source: str, directory: Path) -> str | None:
    """The text of the schema; None where the profile names none.

    Args:
        source: the file of the profile, for messages.
        directory: relative paths are relative to it.

    Raises:
        BadInput: the file cannot be read, or holds no schema.
    """
    if given is None or given.schema_file is None:
        return None
    key, fix = (
        "graphql.schema_file",
        "give the schema, or what introspection returns, relative to the profile",
    )
    file = directory / given.schema_file
    try:
        if file.stat().st_size > MAX_BYTES:
            raise BadInput(source, f"{key}: {given.schema_file} is larger than {MAX_BYTES // 2**20} MiB")
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8"
        raise BadInput(source, f"{key}: {given.schema_file} cannot be read ({reason})", fix) from None
    try:
        parsed(text)
    except ValueError as problem:
        raise BadInput(source, f"{key}: {given.schema_file} is no GraphQL schema: {problem}", fix) from None
    return text
