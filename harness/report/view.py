"""What the HTML report shows of exchanges: how much of each, and each of them once.

An exchange that several findings share is shown under the gravest of them; the others link to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.exchange import Body, Exchange, Fields
from harness.report.model import Finding
from harness.report.telling import telling
from harness.report.text import count, hides, indented

_ALL = 1_000_000


@dataclass(frozen=True)
class Detail:
    """How much of the exchanges of one finding is shown.

    Attributes:
        body: characters of each body.
        curl: whether a curl line is shown.
        full: how many exchanges, the last ones, are shown with fields and bodies.
        listed: how many, the first ones, are shown at all.
        drawn: whether figures are drawn.
    """

    body: int
    curl: bool = True
    full: int = _ALL
    listed: int = _ALL
    drawn: bool = True


@dataclass(frozen=True)
class Density:
    """How much is shown of what tells of trouble, and of what does not."""

    grave: Detail
    light: Detail


# Tried in this order until the page fits its bound: evidence of trouble is the last to be shortened.
DENSITIES = (
    Density(Detail(20_000), Detail(1_000, listed=200)),
    Density(Detail(20_000), Detail(500, curl=False, listed=100)),
    Density(Detail(20_000), Detail(200, curl=False, full=5, listed=50, drawn=False)),
    Density(Detail(8_000), Detail(200, curl=False, full=2, listed=20, drawn=False)),
    Density(Detail(2_000), Detail(200, curl=False, full=1, listed=20, drawn=False)),
    Density(Detail(1_000, listed=100), Detail(0, curl=False, full=0, listed=10, drawn=False)),
    Density(Detail(500, full=8, listed=50), Detail(0, curl=False, full=0, listed=5, drawn=False)),
    Density(Detail(300, full=4, listed=30), Detail(0, curl=False, full=0, listed=0, drawn=False)),
    Density(Detail(200, curl=False, full=1, listed=10), Detail(0, curl=False, full=0, listed=0, drawn=False)),
)


@dataclass(frozen=True)
class Content:
    """A body as shown, and what must be told of it."""

    text: str
    told: str


@dataclass(frozen=True)
class Shown:
    """An exchange as shown, or (`link`) where on the page it is."""

    number: int
    title: str
    outcome: str
    grade: str
    took: str
    anchor: str = ""
    link: str = ""
    facts: str = ""
    request: str = ""
    request_body: Content | None = None
    response: str = ""
    response_body: Content | None = None
    curl: str = ""
    curl_warning: str = ""
    telling: bool = False


@dataclass(frozen=True)
class Listing:
    """The exchanges of one finding."""

    shown: list[Shown] = field(default_factory=list)
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.shown or self.more)


class Anchors:
    """Fragment identifiers, unique on the page."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, *words: str | None) -> str:
        """`ERR-002-orders` for `("ERR-002", "orders")`; numbered where it is taken."""
        wanted = "-".join(re.sub(r"[^A-Za-z0-9._-]+", "-", word)[:80] for word in words if word)
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}.{number}", number + 1
        self._taken.add(name)
        return name


class Evidence:
    """Shows the exchanges of a run, each once.

    Args:
        exchanges: all exchanges of the run.
        anchors: where their fragment identifiers come from.
    """

    def __init__(self, exchanges: Iterable[Exchange], anchors: Anchors) -> None:
        self._by_id = {exchange.id: exchange for exchange in exchanges}
        self._anchors = anchors
        self._places: dict[str, str] = {}
        self._telling: set[str] = set()

    def listing(self, ids: list[str], detail: Detail, finding: Finding | None = None) -> Listing:
        """The exchanges of these ids, in order, those that show the breach marked."""
        own = [self._by_id[id] for id in ids if id in self._by_id]
        self._telling = {exchange.id for exchange in telling(finding, own)} if finding is not None else set()
        listed = ids[: detail.listed]
        brief = len(listed) - detail.full
        shown = [self._show(number, id, detail, brief=number <= brief) for number, id in enumerate(listed, 1)]
        return Listing(shown, more=len(ids) - len(shown))

    def _show(self, number: int, id: str, detail: Detail, *, brief: bool) -> Shown:
        exchange = self._by_id.get(id)
        if exchange is None:
            return Shown(number, id, "not in the report", "none", "")
        title = f"{exchange.method} {_short(exchange.url)}"
        took = f"{(exchange.ended - exchange.started) * 1000:,.0f} ms"
        outcome, grade = _outcome(exchange)
        if id in self._places:
            return Shown(number, title, outcome, grade, took, link=self._places[id])
        if brief:
            return Shown(number, title, outcome, grade, took)
        anchor = self._places[id] = self._anchors.take("x", id)
        curl, warning = _curl(exchange) if detail.curl else ("", "")
        return Shown(
            number,
            title,
            outcome,
            grade,
            took,
            anchor=anchor,
            facts=_facts(exchange),
            request=_head(f"{exchange.method} {exchange.url}", exchange.request_fields),
            request_body=_content(exchange.request_body, detail.body),
            response=_response_head(exchange),
            response_body=_content(exchange.response_body, detail.body),
            curl=curl,
            curl_warning=warning,
            telling=id in self._telling,
        )


def length(exchange: Exchange, detail: Detail) -> int:
    """Octets that an exchange takes at least when it is shown in full."""
    sent, received = (
        sum(len(name) + len(value) + 3 for name, value in fields)
        for fields in (exchange.request_fields, exchange.response_fields)
    )
    bodies = (exchange.request_body.text, exchange.response_body.text)
    curl = sent + len(bodies[0]) if detail.curl else 0
    return sent + received + sum(min(len(text), detail.body) for text in bodies) + curl + 500


def _outcome(exchange: Exchange) -> tuple[str, str]:
    if exchange.status is None:
        return exchange.error or "no response", "none"
    return f"{exchange.status} {exchange.reason}".strip(), f"{exchange.status // 100}xx"


def _short(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]


def _head(first: str, fields: Fields) -> str:
    return "\n".join([first, *(f"{name}: {value}" for name, value in fields)])


def _response_head(exchange: Exchange) -> str:
    if exchange.status is None:
        return f"No response: {exchange.error or 'unknown reason'}"
    first = f"{exchange.http_version} {exchange.status} {exchange.reason}".strip()
    return _head(first, exchange.response_fields)


def _facts(exchange: Exchange) -> str:
    facts = []
    if exchange.credential:
        facts.append(f"credential {exchange.credential}")
    if exchange.connection:
        facts.append(f"connection {exchange.connection}")
    if exchange.attempt > 1:
        facts.append(f"attempt {exchange.attempt}")
    return ", ".join(facts)


def _content(body: Body, limit: int) -> Content | None:
    if not body.size and not body.text:
        return None
    told = count(body.size, "octet")
    if body.cut:
        told += f", of which the first {len(body.text):,} characters were recorded"
    if len(body.text) > limit:
        told += f"; the first {limit:,} characters are shown" if limit else "; not shown"
    return Content(indented(body.text[:limit]), told)


def _curl(exchange: Exchange) -> tuple[str, str]:
    curl = exchange.as_curl()
    warnings = []
    if exchange.request_body.cut:
        warnings.append("the body was cut when it was recorded")
    if hides(curl) or "\ufffd" in curl:
        warnings.append("characters that cannot be shown are replaced")
    return curl, "Not the same request: " + "; ".join(warnings) if warnings else ""
