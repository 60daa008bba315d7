"""Judgement of responses of a GraphQL endpoint. Pure.

By the working draft of "GraphQL over HTTP" as of August 2026. Where its text has moved, both readings hold: 400 and 422
for what is not executed, 200 and 294 for partial data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
DRAFT = "GraphQL over HTTP (draft of August 2026)"
MEMBERS = ("data", "errors", "extensions")
NOT_EXECUTED = (400, 422)


def ill_formed(value: Any) -> str | None:
    """Why a value is no GraphQL response (GraphQL, section 7.1), or None."""
    if not isinstance(value, Mapping):
        return "no JSON object"
    if "data" not in value and "errors" not in value:
        return "neither data nor errors"
    if "errors" in value:
        errors = value["errors"]
        if not isinstance(errors, list) or not errors:
            return "errors is not a list with errors"
        if not all(isinstance(one, Mapping) and isinstance(one.get("message"), str) for one in errors):
            return "an error has no message"
    others = [name for name in value if name not in MEMBERS]
    return f"other members than {', '.join(MEMBERS)}: {', '.join(others)}" if others else None


def has_data(value: Any) -> bool:
    """Whether a response has data that is not null."""
    return isinstance(value, Mapping) and value.get("data") is not None


def has_null_data(value: Any) -> bool:
    """Whether a response has errors, and a data entry of null (GraphQL, section 7.1)."""
    return isinstance(value, Mapping) and bool(value.get("errors")) and value.get("data", 0) is None


def wrong_class(status: int, value: Any) -> str | None:
    """Why the status does not fit the data (section "Status Codes", both MUST), or None."""
    if has_data(value):
        return None if 200 <= status < 300 else f"{status} although data is not null"
    if isinstance(value, Mapping) and "data" not in value and "errors" in value:
        return None if 400 <= status < 600 else f"{status} although there is no data entry"
    return None


def unexpected_status(status: int, right: Sequence[int]) -> str | None:
    """Why a status is not the recommended one (section "Status Codes"), or None."""
    return None if status in right else f"{status} instead of {' or '.join(map(str, right))}"


def refused(status: int, value: Any) -> bool:
    """Whether a request was rejected as a whole: an error status, or errors without data."""
    return status >= 400 or (isinstance(value, Mapping) and bool(value.get("errors")) and not has_data(value))
