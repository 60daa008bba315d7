"""WIRE: what is looked for in all exchanges: the framing of responses, and their Date. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from harness.http.exchange import Exchange
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record, each
from harness.rules.verdict import Impact, Level

from .answers import ANSWERED, unanswered
from .judge import dates, framing_faults, harmless_framing, length_beside_coding

FRAMING = "neither Content-Length nor Transfer-Encoding in a 204"


def framed(exchange: Exchange, *, harmless: bool) -> str | None:
    """The framing fields of a 204, or None.

    Args:
        harmless: whether the responses with nothing but Content-Length: 0 are meant, or all others.
    """
    faults = framing_faults(exchange.response_fields) if exchange.status == 204 else []
    return f"204 with {', '.join(faults)}" if faults and harmless_framing(faults) is harmless else None


def doubly_framed(found: Record) -> Iterable[Fault]:
    """Responses with both Content-Length and Transfer-Encoding."""
    return [fault for one in found.exchanges if (fault := length_beside_coding(one)) is not None]


def undated(found: Record) -> Iterable[Fault]:
    """Responses without Date, or with a malformed one."""
    return dates(found.exchanges, found.offset, clock=found.clock).broken


def skewed(found: Record) -> Iterable[Fault]:
    """Responses whose Date is far from the time at which they were received."""
    return dates(found.exchanges, found.offset, clock=found.clock).skewed


JUDGES = (
    Judge("WIRE-004", FRAMING, each(partial(framed, harmless=False))),
    Judge("WIRE-004", FRAMING, each(partial(framed, harmless=True)), impact=Impact.MINOR),
    Judge("WIRE-005", "a Date in IMF-fixdate (none without a clock)", undated),
    Judge("WIRE-005", "a Date equal to the time of the response", skewed, Level.SHOULD),
    Judge("WIRE-010", ANSWERED, unanswered),
    Judge("WIRE-008", "Transfer-Encoding without Content-Length", doubly_framed),
)
