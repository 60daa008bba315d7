"""What the HTML report shows of exchanges: how much of each, and each of them once.

An exchange that several findings share is shown under the worst of them; the others link to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from harness.http.exchange import Body, Exchange, Fields
from harness.report.decisive import Naming, decisive, namings
from harness.report.html.marking import Text, changed, changed_fields, named, same_request, same_resource
from harness.report.text import bounded, count, hides, indented, visible
from harness.rules.finding import Finding

_ALL = 1_000_000
VALUE = 2_000
"""Characters of a field value, or of a URL, that are shown."""
CURL = 20_000
"""Characters of a curl line that are shown."""
PROSE = 4_000
"""Characters of what was expected or observed that are shown."""
_OPENED = 2
"""Exchanges of a finding that are shown open: those that show the breach first."""
_TITLE = 160
_NOTHING = Text(())


@dataclass(frozen=True)
class Detail:
    """How much of the exchanges of one finding is shown.

    Attributes:
        body: characters of each body.
        curl: whether a curl line is shown.
        full: how many exchanges, the last ones, are shown with fields and bodies.
        listed: how many, the first ones, are shown at all.
        drawn: whether figures are drawn.
        marked: whether decisive lines are marked.
    """

    body: int
    curl: bool = True
    full: int = _ALL
    listed: int = _ALL
    drawn: bool = True
    marked: bool = False


@dataclass(frozen=True)
class Density:
    """How much is shown of findings with trouble, and of all others."""

    grave: Detail
    light: Detail


# Tried in this order until the page fits its bound: evidence of trouble is the last to be shortened.
DENSITIES = (
    Density(Detail(20_000, marked=True), Detail(1_000, listed=200)),
    Density(Detail(20_000, marked=True), Detail(500, curl=False, listed=100)),
    Density(Detail(20_000, marked=True), Detail(200, curl=False, full=5, listed=50, drawn=False)),
    Density(Detail(8_000, marked=True), Detail(200, curl=False, full=2, listed=20, drawn=False)),
    Density(Detail(2_000), Detail(200, curl=False, full=1, listed=20, drawn=False)),
    Density(Detail(1_000, listed=100), Detail(0, curl=False, full=0, listed=10, drawn=False)),
    Density(Detail(500, full=8, listed=50), Detail(0, curl=False, full=0, listed=5, drawn=False)),
    Density(Detail(300, full=4, listed=30), Detail(0, curl=False, full=0, listed=0, drawn=False)),
    Density(Detail(200, curl=False, full=1, listed=10), Detail(0, curl=False, full=0, listed=0, drawn=False)),
)


@dataclass(frozen=True)
class ShownContent:
    """A body as shown, with its size."""

    text: Text
    size: str


@dataclass(frozen=True)
class Piece:
    """A part of a sentence; one that names an exchange may have its place on the page."""

    text: str
    named: bool = False
    link: str = ""


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
    request: Text = _NOTHING
    request_body: ShownContent | None = None
    response: Text = _NOTHING
    response_body: ShownContent | None = None
    curl: str = ""
    curl_warning: str = ""
    names: tuple[str, ...] = ()
    decisive: bool = False
    opened: bool = False
    marks: str = ""


@dataclass(frozen=True)
class ShownExchanges:
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

    def listing(self, ids: list[str], detail: Detail, finding: Finding | None = None) -> ShownExchanges:
        """The exchanges of these ids, in order, those that show the breach marked."""
        own = [self._by_id[id] for id in ids if id in self._by_id]
        shows = {exchange.id for exchange in decisive(finding, own)} if finding is not None else set()
        words = " ".join(f"{one.expected} {one.observed}" for one in finding.breaches) if finding else ""
        listed = ids[: detail.listed]
        brief = len(listed) - detail.full
        shown: list[Shown] = []
        earlier: list[tuple[int, Exchange]] = []
        opened = 0
        for number, id in enumerate(listed, 1):
            exchange = self._by_id.get(id)
            if exchange is None:
                shown.append(Shown(number, id, "not in the report", "none", ""))
                continue
            line = self._line(number, exchange)
            if not line.link and number > brief:
                marks = _marks(exchange, earlier, words, id in shows) if detail.marked else _UNMARKED
                opens = id in shows and opened < _OPENED
                opened += opens
                anchor = self._places[id] = self._anchors.take("x", id)
                line = replace(
                    _full(line, exchange, detail, marks), anchor=anchor, decisive=id in shows, opened=opens
                )
            shown.append(line)
            earlier.append((number, exchange))
        return ShownExchanges(shown, more=len(ids) - len(shown))

    def linked(self, text: str, ids: list[str]) -> list[list[Piece]]:
        """What was observed, in sentences, the exchanges that it names linked; call after `listing()`."""
        text = bounded(text, PROSE)
        found = namings(text, [self._by_id[id] for id in ids if id in self._by_id])
        # A list is read better than a sentence where each part of it names an exchange.
        cuts = [0, *(one.start() + 2 for one in re.finditer("; ", text)), len(text) + 2]
        parts = list(pairwise(cuts))
        if not all(any(start <= one.start < end for one in found) for start, end in parts):
            parts = [(0, len(text) + 2)]
        return [list(self._pieces(text, start, end - 2, found)) for start, end in parts]

    def links(self, ids: list[str]) -> dict[str, str]:
        """Where on the page exchanges are, by id; call after `listing()`."""
        return {id: self._places[id] for id in ids if id in self._places}

    def _pieces(self, text: str, start: int, end: int, found: list[Naming]) -> Iterator[Piece]:
        for one in found:
            if start <= one.start < end:
                if one.start > start:
                    yield Piece(text[start : one.start])
                yield Piece(text[one.start : one.end], True, self._places.get(one.exchange.id, ""))
                start = one.end
        if start < end:
            yield Piece(text[start:end])

    def _line(self, number: int, exchange: Exchange) -> Shown:
        """An exchange in one line; where it is shown already, with a link."""
        title = f"{exchange.method} {bounded(_short(exchange.url), _TITLE)}"
        took = f"{(exchange.ended - exchange.started) * 1000:,.0f} ms"
        outcome, grade = _outcome(exchange)
        return Shown(number, title, outcome, grade, took, link=self._places.get(exchange.id, ""))


@dataclass(frozen=True)
class _Marks:
    """The places of the marked lines in the four parts of an exchange; `why` says what they were compared with."""

    request: frozenset[int] = frozenset()
    request_body: tuple[str, ...] = ()
    response: frozenset[int] = frozenset()
    response_body: tuple[str, ...] = ()
    why: str = ""


_UNMARKED = _Marks()


def _marks(exchange: Exchange, earlier: list[tuple[int, Exchange]], words: str, shows: bool) -> _Marks:
    request = {place + 1 for place in named(exchange.request_fields, words)}
    response = {place + 1 for place in named(exchange.response_fields, words)}
    names = bool(request or response)
    sent, seen = same_request(exchange, earlier), same_resource(exchange, earlier)
    against = []
    if sent is not None:
        fields = changed_fields(sent[1].request_fields, exchange.request_fields)
        request |= {place + 1 for place in fields}
        against.append(sent[0])
    if seen is not None:
        against.append(seen[0])
    if shows:
        response.add(0)
    numbers = " and ".join(str(number) for number in sorted(set(against)))
    why = ["what the finding names"] if names else []
    why += [f"what differs from {numbers}"] if numbers else []
    return _Marks(
        frozenset(request),
        _lines(sent[1].request_body.text) if sent else (),
        frozenset(response),
        _lines(seen[1].response_body.text) if seen else (),
        ", and ".join(why),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(visible(indented(text)).split("\n"))


def _full(line: Shown, exchange: Exchange, detail: Detail, marks: _Marks) -> Shown:
    curl, warning = _curl(exchange) if detail.curl else ("", "")
    first = f"{exchange.method} {bounded(exchange.url, VALUE)}"
    sent = _content(exchange.request_body, detail.body, marks.request_body)
    received = _content(exchange.response_body, detail.body, marks.response_body)
    bodies = [body.text for body in (sent, received) if body is not None]
    return replace(
        line,
        facts=_facts(exchange),
        request=_head(first, exchange.request_fields, marks.request),
        request_body=sent,
        response=_response_head(exchange, marks.response),
        response_body=received,
        curl=curl,
        curl_warning=warning,
        names=exchange.names,
        marks=marks.why if marks.request or marks.response or any(text.marked for text in bodies) else "",
    )


_LINE = len(
    '<li><span class="line"><span class="n">1</span><span class="request"> </span>'
    ' <span class="status sNone"></span> <span class="took">0 ms</span></span></li>'
)


def line_length(exchange: Exchange) -> int:
    """The least number of bytes that an exchange takes in one line."""
    return _LINE + len(exchange.method) + min(len(_short(exchange.url)), _TITLE // 2)


def length(exchange: Exchange, detail: Detail) -> int:
    """The least number of bytes that an exchange takes when it is shown in full."""
    sent, received = (
        sum(len(name) + min(len(value), VALUE) + 3 for name, value in fields)
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


def _head(first: str, fields: Fields, marked: frozenset[int] = frozenset()) -> Text:
    return Text((first, *(f"{name}: {bounded(value, VALUE)}" for name, value in fields)), marked)


def _response_head(exchange: Exchange, marked: frozenset[int]) -> Text:
    if exchange.status is None:
        return Text((f"No response: {exchange.error or 'unknown reason'}",), marked)
    first = f"{exchange.http_version} {exchange.status} {exchange.reason}".strip()
    return _head(first, exchange.response_fields, marked)


def _facts(exchange: Exchange) -> str:
    facts = []
    if exchange.credential:
        facts.append(f"credential {exchange.credential}")
    if exchange.connection:
        facts.append(f"connection {exchange.connection}")
    if exchange.attempt > 1:
        facts.append(f"attempt {exchange.attempt}")
    if exchange.status is not None and exchange.error is not None:
        facts.append(exchange.error)
    if exchange.fields_left:
        facts.append(f"{exchange.fields_left:,} more response fields were not recorded")
    return ", ".join(facts)


def _content(body: Body, limit: int, before: tuple[str, ...]) -> ShownContent | None:
    if not body.size and not body.text:
        return None
    size = count(body.size, "byte")
    if body.unshown:
        size += f", binary{f', SHA-256 {body.sha256}' if body.sha256 else ''}"
    elif body.cut:
        size += f", of which the first {len(body.text):,} characters were recorded"
    if len(body.text) > limit:
        size += f"; the first {limit:,} characters are shown" if limit else "; not shown"
    lines = _lines(body.text[:limit]) if limit else ()
    return ShownContent(Text(lines, changed(before, lines)), size)


def _curl(exchange: Exchange) -> tuple[str, str]:
    curl = exchange.as_curl()
    warnings = []
    if exchange.request_body.unshown:
        warnings.append("the body is binary and was not kept")
    elif exchange.request_body.cut:
        warnings.append("the body was cut when it was recorded")
    if hides(curl) or "\ufffd" in curl:
        warnings.append("characters that cannot be shown are replaced")
    if len(curl) > CURL:
        warnings.append("the line is cut")
        curl = bounded(curl, CURL)
    return curl, "Not the same request: " + "; ".join(warnings) if warnings else ""
