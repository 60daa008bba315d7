"""Whether a value that was written is the value that is read. Pure; no I/O."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from harness.http.content import MISSING, shown
from harness.payloads.edges import Edge


def lost(edge: Edge, sent: Any, read: Any) -> str | None:
    """What has become of a value that was accepted; None where it is the same.

    Numbers are compared as numbers, and instants as instants: another spelling is lawful (RFC 9110 section 9.3.4).

    Args:
        sent: the value in the body of the create, or `MISSING`.
        read: what the representation shows at the member, or `MISSING`.
    """
    if not edge.compared or same(sent, read):
        return None
    if read is MISSING:
        return "is not shown" if sent not in (None, [], "") else None
    return f"is read as {shown(read)}"


def minor(edge: Edge, read: Any) -> bool:
    """Whether a difference hurts hardly anybody: what is empty has become another kind of nothing, or digits are lost
    beyond those that money and measurements have."""
    return edge.fine or (edge.value in ("", [], None) and read in (None, "", []))


def same(sent: Any, read: Any) -> bool:
    """Whether two values of JSON mean the same."""
    if isinstance(sent, bool) or isinstance(read, bool):
        return sent is read
    if isinstance(sent, (int, float)) and isinstance(read, (int, float)):
        return sent == read
    if isinstance(sent, (int, float)) and isinstance(read, str):
        return _decimal(read) == sent
    if isinstance(sent, str) and isinstance(read, str):
        return sent == read or _same_instant(sent, read)
    return type(sent) is type(read) and bool(sent == read)


def _decimal(text: str) -> float | None:
    """A number that is represented as a text, as many APIs do for money."""
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return None


def _same_instant(sent: str, read: str) -> bool:
    one, other = _instant(sent), _instant(read)
    if one is None or other is None:
        return False
    if other.tzinfo is None:
        # Without an offset, UTC is the usual meaning; that it is missing is the cause of another rule.
        other = other.replace(tzinfo=dt.UTC)
    return one.tzinfo is not None and one == other


def _instant(text: str) -> dt.datetime | None:
    if len(text) < 16 or text[4:5] != "-":
        return None
    try:
        return dt.datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def about_another(text: str, member: str, others: Iterable[str]) -> bool:
    """Whether a refusal names other members and not this one: then the value is no fault of its own."""
    said = re.sub(r"[_\-\s]", "", text).lower()

    def named(name: str) -> bool:
        return re.sub(r"[_\-\s]", "", name).lower() in said

    return not named(member) and any(len(other) > 3 and named(other) for other in others)


def is_harmless(kind: str, stored: Any) -> bool:
    """Whether a violation that was accepted harms few clients: another format, or a member that the server completes.

    Args:
        kind: of the violation, such as `required`.
        stored: what is read at its place afterwards; `MISSING` for nothing.
    """
    return kind == "format" or (kind == "required" and stored is not MISSING and stored is not None)
