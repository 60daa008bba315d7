"""Judgement of HTTP/1.1 on the wire: malformed requests, framing of 204, Date, too long requests. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.http.exchange import Exchange
from harness.http.fields import imf_fixdate, number_in
from harness.rules.faults import Fault

_IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}:(?:[0-5]\d|60) GMT\Z"
)
SKEW = 60.0
"""Seconds by which a server's clock may differ from ours."""
BUSY = frozenset({429, 503})


def refusal_fault(status: int | None) -> str | None:
    """The fault of the response to a request that must get 400 (RFC 9112 sections 3.2 and 5.1), or None.

    The text does not repeat the status.
    """
    if status == 400:
        return None
    if status in (404, 421):
        return "not 400 (a router of virtual hosts may have answered; the requirement applies to it too)"
    if status is not None and status < 300:
        return "the request was served"
    return "not 400"


def folded_fault(status: int | None, plain: int | None) -> str | None:
    """The fault of the response to a request with a folded line (RFC 9112 section 5.2), or None.

    Args:
        status: of the request with the fold.
        plain: of the same request without it, as a server may read the fold as a space.
    """
    return None if status in (400, plain) else f"instead of 400, or {plain} as without the fold"


def unknown_coding_fault(status: int | None) -> str | None:
    """The fault of the response to content of unknown length (RFC 9112 section 6.3 rule 4), or None.

    Section 6.1 requires 501 for an unknown coding, so that is not a fault.
    """
    if status in (400, 501):
        return None
    if status is not None and status < 300:
        return "content of unknown length was accepted"
    return "not 400 (or 501)"


def chunked_fault(status: int | None) -> str | None:
    """The fault of the response to a valid create whose content comes in chunks (RFC 9112 section 7.1), or None.

    411 and 501 are lawful (RFC 9112 sections 6.1 and 6.3), and 413 is a limit of what is read ahead.
    """
    if status in (411, 413, 501) or (status is not None and status < 300):
        return None
    if status is not None and status >= 500:
        return "a server error; with Content-Length the same content is accepted"
    return "refused; with Content-Length the same content is accepted"


def chunks(content: bytes) -> bytes:
    """The content in two chunks and the last one (RFC 9112 section 7.1)."""
    half = max(1, len(content) // 2)
    parts = [part for part in (content[:half], content[half:]) if part]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def framing_faults(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Fields that a response with status 1xx or 204 must not have (RFC 9110 section 8.6, RFC 9112 section 6.1)."""
    names = ("content-length", "transfer-encoding")
    return [f"{name}: {value}" for name, value in fields if name.lower() in names]


def harmless_framing(faults: Sequence[str]) -> bool:
    """Whether nothing but a Content-Length of zero is wrong, which every recipient reads as it is meant."""
    return all(fault.lower() == "content-length: 0" for fault in faults)


def length_beside_coding(exchange: Exchange) -> Fault | None:
    """A response that has both Content-Length and Transfer-Encoding (RFC 9112 section 6.2); None for others."""
    length, coding = exchange.field("content-length"), exchange.field("transfer-encoding")
    if length is None or coding is None or exchange.http_version != "HTTP/1.1":
        return None
    example = f"Content-Length: {length} and Transfer-Encoding: {coding}"
    return Fault(exchange.summary(), "Content-Length together with Transfer-Encoding", example)


def out_of_step(statuses: Sequence[int | None]) -> int | None:
    """The place of the first response that belongs to another request on its connection, or None.

    Args:
        statuses: of requests for two URLs in turn, of which one is there and the other is not.
    """
    if len(statuses) < 2 or statuses[0] is None or statuses[0] >= 300 or statuses[1] not in (404, 410):
        return None
    return next(
        (
            place
            for place, status in enumerate(statuses)
            if status != statuses[place % 2] and status == statuses[1 - place % 2]
        ),
        None,
    )


@dataclass(frozen=True)
class Dates:
    """The judgement of the Date fields of some exchanges.

    Attributes:
        broken: fields that are missing, malformed, or present although the server has no clock.
        skewed: fields far from the time of the response.
        judged: number of responses that require the field.
    """

    broken: tuple[Fault, ...]
    skewed: tuple[Fault, ...]
    judged: int


def dates(exchanges: Iterable[Exchange], offset: float, *, clock: bool = True) -> Dates:
    """Judge Date in every 2xx, 3xx and 4xx (RFC 9110 sections 6.6.1 and 5.6.7).

    Args:
        exchanges: as recorded.
        offset: seconds that the wall clock is ahead of the clock of the exchanges.
        clock: False where the server is declared to have none.
    """
    broken, skewed, judged = [], [], 0
    for exchange in exchanges:
        if exchange.status is None or not 200 <= exchange.status < 500:
            continue
        judged += 1
        value = exchange.field("date")
        shown = exchange.summary()
        if value is None:
            if clock:
                broken.append(Fault(shown, "no Date"))
            continue
        if not clock:
            broken.append(Fault(shown, "Date from a server that is declared without a clock", value))
            continue
        moment = imf_fixdate(value) if _IMF_FIXDATE.match(value) else None
        if moment is None:
            broken.append(Fault(shown, "Date is not an IMF-fixdate", f"Date: {value}"))
            continue
        ahead = (moment - datetime.fromtimestamp(exchange.ended + offset, UTC)).total_seconds()
        if ahead > SKEW or -ahead > SKEW + (exchange.ended - exchange.started) + _age(exchange):
            side = "ahead of" if ahead > 0 else "behind"
            observed = f"Date: {value}, {abs(ahead):.0f} s {side} the clock of this machine"
            skewed.append(Fault(shown, "the clock is wrong", observed))
    return Dates(tuple(broken), tuple(skewed), judged)


def _age(exchange: Exchange) -> float:
    """Seconds for which a cache stored the response, which keeps the Date of the origin."""
    value = (exchange.field("age") or "0").partition(",")[0].strip()
    return float(number_in(value)) if value.isascii() and value.isdigit() else 0.0


@dataclass(frozen=True)
class Long:
    """The judgement of a too long request.

    Attributes:
        fault: what is wrong; None without a fault.
        must: whether it breaks a MUST.
        crashed: whether it is a server error.
    """

    fault: str | None = None
    must: bool = False
    crashed: bool = False


def long_target(status: int, short: int) -> Long:
    """Judge the response to a very long request-target (RFC 9112 section 3).

    Args:
        status: of the long one.
        short: of the same with a short query, as a server that reads the long one may answer likewise.
    """
    if status == 414 or status == short:
        return Long()
    if status >= 500:
        return Long(f"{status}: a server error", True, crashed=True)
    return Long(f"{status}, instead of 414, or {short} as for a short one")


def long_field(status: int, short: int) -> Long:
    """Judge the response to a very long field (RFC 6585 section 5, which says "can")."""
    if status in (400, 413, 431) or status == short:
        return Long()
    if status >= 500:
        return Long(f"{status}: a server error", crashed=True)
    return Long(f"{status}, instead of 431, or {short} as for a short one")
