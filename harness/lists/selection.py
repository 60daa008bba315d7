"""Query parameters by which clients choose the members that a response shows. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

NAMES = (
    *(
        "fields",
        "$select",
        "select",
        "$fields",
        "_fields",
        "field",
        "attributes",
        "include_fields",
        "includeFields",
    ),
    *("select_fields", "selectFields", "only_fields"),
)
"""In the order in which one is chosen where a list has several."""
_TYPED = re.compile(r"fields\[[\w-]+\]")
"""JSON:API 1.1, Sparse Fieldsets."""


def selects(name: str) -> bool:
    """Whether a parameter has one of these names."""
    return name in NAMES or _TYPED.fullmatch(name) is not None


def is_partial(url: str) -> bool:
    """Whether the response to a URL may lawfully lack members that the schema of the whole requires."""
    return any(selects(name) for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))
