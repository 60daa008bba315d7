"""Literal answers of a limited endpoint, without any I/O."""

from __future__ import annotations

from collections.abc import Mapping

from harness.http.exchange import Body, Exchange
from harness.http.fields import retry_after
from harness.quota.fields import best, read
from harness.quota.series import Hit

DATE = "Sat, 21 Nov 2026 12:00:00 GMT"
NOW = 1795262400
"""The same as Unix time."""


def exchange(
    status: int = 200,
    fields: Mapping[str, str] = {},
    body: str = '{"message": "ok"}',
    media: str = "application/json",
) -> Exchange:
    sent = {"Date": DATE, **({"Content-Type": media} if media else {}), **fields}
    return Exchange(
        id="1",
        method="GET",
        url="http://api.example/limited",
        request_fields=(),
        request_body=Body(),
        status=status,
        response_fields=tuple(sent.items()),
        response_body=Body(body, len(body)),
    )


def hit(at: float = 0.0, status: int = 200, *, seconds: float = 0.002, **fields: str) -> Hit:
    """An answer; `X_RateLimit_Limit="10"` gives a field."""
    seen = exchange(status, {name.replace("_", "-"): value for name, value in fields.items()})
    readings = read(seen.response_fields)
    return Hit(
        at,
        at + seconds,
        200 <= status < 300,
        status,
        seen,
        readings,
        best(readings),
        retry_after(seen.field("retry-after"), DATE),
    )


def series(text: str, step: float = 0.005, start: float = 0.0, refusal: int = 429) -> list[Hit]:
    """`+` for what was served, `-` for what was refused, `step` seconds apart."""
    return [hit(start + number * step, 200 if sign == "+" else refusal) for number, sign in enumerate(text)]
