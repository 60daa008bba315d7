"""Problem details (RFC 9457): what is wrong with one, and with several of the same type."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from harness.http.content import shown

MEDIA = "application/problem+json"
BLANK = "about:blank"
# RFC 3986 appendix A and section 2: the characters of a URI reference, with well-formed percent-encoding.
_REFERENCE = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def faults(body: Any, status: int) -> list[str]:
    """Breaches of RFC 9457 section 3.1 in a problem with that HTTP status.

    Members that are null are left to `nulls()`.
    """
    if not isinstance(body, Mapping):
        return [f"the content is not a JSON object but {shown(body, 60)}"]
    found = []
    for name in ("type", "instance"):
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and is_reference(value)):
            found.append(f"{name} is {shown(value, 80)}, which is not a URI reference")
    for name in ("title", "detail"):
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            found.append(f"{name} is {shown(value, 80)}, which is not a string")
    claimed = body.get("status")
    if claimed is not None:
        if isinstance(claimed, bool) or not isinstance(claimed, int | float):
            found.append(f"status is {shown(claimed, 40)}, which is not a number")
        elif claimed != status:
            found.append(f"status is {shown(claimed, 40)}, but the HTTP status is {status}")
    return found


def nulls(body: Any) -> list[str]:
    """Members of RFC 9457 that are null instead of left out."""
    if not isinstance(body, Mapping):
        return []
    known = ("type", "title", "status", "detail", "instance")
    return [name for name in known if name in body and body[name] is None]


def is_reference(text: str) -> bool:
    """Whether a text is a URI reference (RFC 3986 section 4.1), which consists of ASCII only."""
    if not _REFERENCE.match(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.port is None or parts.port >= 0
    except ValueError:
        return False


def is_absolute(uri: str) -> bool:
    """Whether a URI reference has a scheme, `tag:` and `urn:` among them (RFC 3986 section 4.3)."""
    return _SCHEME.match(uri) is not None


def type_of(body: Any) -> str:
    """The problem type; `about:blank` where the body gives none (RFC 9457 section 4.2.1)."""
    value = body.get("type") if isinstance(body, Mapping) else None
    return value if isinstance(value, str) and value else BLANK


def titles(bodies: Iterable[Any]) -> dict[str, list[str]]:
    """Distinct titles of each problem type, in the order of their occurrence."""
    found: dict[str, list[str]] = defaultdict(list)
    for body in bodies:
        kind, title = type_of(body), body.get("title") if isinstance(body, Mapping) else None
        if isinstance(title, str) and title not in found[kind]:
            found[kind].append(title)
    return dict(found)


def repeated(bodies: Iterable[Any]) -> bool:
    """Whether some problem type other than `about:blank` occurs twice, so that its titles can be compared."""
    seen: set[str] = set()
    for body in bodies:
        kind = type_of(body)
        if kind in seen and kind != BLANK:
            return True
        seen.add(kind)
    return False
