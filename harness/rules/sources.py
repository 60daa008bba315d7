"""Where a rule's source can be read."""

from __future__ import annotations

import re

_PLACES = (
    (re.compile(r"\bRFC (\d+)"), "https://www.rfc-editor.org/rfc/rfc{}"),
    (re.compile(r"\b(draft-[a-z0-9-]+-\d\d)\b"), "https://datatracker.ietf.org/doc/html/{}"),
    (re.compile(r"\btus 1\.0\.0\b()"), "https://tus.io/protocols/resumable-upload{}"),
    (re.compile(r"\bAIP-(\d+)\b"), "https://google.aip.dev/{}"),
    (re.compile(r"\bZalando \D*(\d+)"), "https://opensource.zalando.com/restful-api-guidelines/#{}"),
)
_SECTION = re.compile(r" section (\d+(?:\.\d+)*)")


def source_uri(ref: str) -> str | None:
    """Where a source such as `RFC 9110 section 13.1.1` can be read; None for what is not known to be public."""
    for pattern, place in _PLACES:
        if found := pattern.search(ref):
            section = _SECTION.match(ref, found.end())
            return place.format(found[1]) + (f"#section-{section[1]}" if section else "")
    return None
