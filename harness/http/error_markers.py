"""Signs of an error in the content of a successful response.

Each is a sign only in the answer to a request that was wrong on purpose, and only where ordinary answers of
the same API do not carry it too: `status: "failed"` may be the state of a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_FLAGS = ("success", "ok", "succeeded", "isSuccess", "is_success", "successful")
_HOLDERS = ("error", "errors", "Error", "Errors", "fault", "exception")
_STATUSES = ("code", "status", "statusCode", "status_code", "httpStatus", "http_status", "Code", "Status")
_WORDS = ("error", "fail", "failure")


def markers(body: Any) -> dict[str, str]:
    """Members of a body that say that the request failed, and what they say; empty where none does."""
    if not isinstance(body, Mapping) or _graphql(body):
        return {}
    found = {}
    for name in _FLAGS:
        if body.get(name) is False:
            found[name] = "false"
    for name in _HOLDERS:
        value = body.get(name)
        if value is True or (isinstance(value, str | list | Mapping) and value):
            found[name] = "an error"
    for name in _STATUSES:
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599:
            found[name] = str(value)
        elif isinstance(value, str) and value.lower() in _WORDS and name.lower() == "status":
            found[name] = repr(value)
    return found


def unusual(found: Mapping[str, str], ordinary: Iterable[Any]) -> dict[str, str]:
    """The markers that ordinary answers of the API do not carry."""
    usual = {name for body in ordinary for name in markers(body)}
    return {name: value for name, value in found.items() if name not in usual}


def _graphql(body: Mapping[str, Any]) -> bool:
    """A GraphQL response: partial success is expressed by `data` beside `errors`, with 200 by design."""
    errors = body.get("errors")
    return set(body) <= {"data", "errors", "extensions"} and isinstance(errors, list)
