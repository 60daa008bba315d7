"""Exchanges as literals."""

from __future__ import annotations

import json
from typing import Any

from harness.http.exchange import Body, Exchange

BASE = "https://api.example.com/v1"
JSON = "application/json"


def exchange(
    status: int | None,
    content: Any = None,
    *,
    media: str | None = JSON,
    method: str = "GET",
    url: str = f"{BASE}/orders",
    id: str = "1",
    cut: bool = False,
    **fields: str,
) -> Exchange:
    """An exchange; texts are sent as they are, anything else as JSON; `x_a="b"` is a field `x-a: b`."""
    text = "" if content is None else content if isinstance(content, str) else json.dumps(content)
    named = [(name.replace("_", "-"), value) for name, value in fields.items()]
    typed = [] if media is None else [("Content-Type", media)]
    return Exchange(
        id,
        method,
        url,
        (),
        Body(),
        status=status,
        response_fields=(*typed, *named),
        response_body=Body(text, len(text), cut),
    )
