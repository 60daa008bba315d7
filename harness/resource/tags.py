"""A text of the run's own in a create body, by which its item is recognised later. Pure."""

from __future__ import annotations

from typing import Any

from harness import payloads
from harness.http.content import at
from harness.profile import models as profile


def tagged(known: profile.Resource, body: dict[str, Any]) -> dict[str, Any]:
    """The body with a text of its own in a member that takes free text, so that its item can be recognised.

    The same body where it has no such member.
    """
    return _tag(known, body)[0]


def tag_pointer(known: profile.Resource, body: Any) -> str | None:
    """Where `tagged()` writes its text, inside the whole body; None where it cannot."""
    return _tag(known, body)[1]


def _tag(known: profile.Resource, body: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    found = payloads.changed(known, body)
    if found is None:
        return body, None
    carrying, inside = found
    pointer = known.representation + inside
    text = at(carrying, pointer)
    return (carrying, pointer) if isinstance(text, str) and " " in text else (body, None)
