"""Judgement of what a run has recorded: pure functions over every exchange, put beside the rules of a suite.

A rule sends what it needs and judges that. A fault that needs no request of its own may show anywhere: in a refusal
that another rule provoked, in the answer to a POST. `suites/<topic>/passive.py` lists in `JUDGES` what is looked for in
all exchanges when the rules have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from harness.http.contract import Contract
from harness.http.document_places import is_place
from harness.http.exchange import Exchange
from harness.http.intermediary import Edge, edge_of
from harness.http.item_urls import is_below
from harness.rules.faults import Fault
from harness.rules.verdict import Impact, Level


@dataclass(frozen=True, eq=False)
class Record:
    """The exchanges of a run with the API itself. Equal to itself only, so that judges may keep what they found in it.

    Attributes:
        exchanges: in the order in which they began, without what intermediaries answered.
        clock: whether the server has a clock, by its profile.
        offset: seconds that the wall clock is ahead of the clock of the exchanges.
        base: the target's URL.
        contract: what the OpenAPI document says of responses.
        unanswered: requests that did not get a whole response, and not by chance: it is malformed, or the connection
            was closed again when the rule was repeated on new connections.
    """

    exchanges: tuple[Exchange, ...]
    clock: bool = True
    offset: float = 0.0
    base: str = ""
    contract: Contract = field(default_factory=Contract)
    unanswered: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class Judge:
    """What one rule looks for in the exchanges of all rules.

    Attributes:
        code: of the rule.
        expected: what the rule asks for, as in its breaches.
        faults: the breaches in a record.
        level, impact: where they are not the rule's own.
    """

    code: str
    expected: str
    faults: Callable[[Record], Iterable[Fault]]
    level: Level | None = None
    impact: Impact | None = None


def record(
    exchanges: Iterable[Exchange],
    base: str,
    *,
    clock: bool = True,
    offset: float = 0.0,
    contract: Contract | None = None,
    unanswered: Collection[str] = (),
) -> Record:
    """The exchanges that say something about the API.

    Left out are those without a response, those outside the target's URL, OpenAPI documents, requests that no HTTP
    client sends, and responses that an intermediary seems to have sent.

    Args:
        base: the target's URL.
        unanswered: ids of those that did not get a whole response, and not by chance.
    """
    exchanges = list(exchanges)
    own = [one for one in exchanges if one.status is not None and not one.raw and _below(one.url, base)]
    own.sort(key=lambda one: one.started)
    edge: Edge = edge_of(own)
    kept = [one for one in own if (one.status or 0) < 400 or edge(one) is None]
    closed = [one for one in exchanges if one.id in unanswered and not one.raw and _below(one.url, base)]
    return Record(tuple(kept), clock, offset, base, contract or Contract(), tuple(closed))


def each(judge: Callable[[Exchange], str | None]) -> Callable[[Record], list[Fault]]:
    """A judge of a record from one of a single exchange, which says what is wrong with it."""

    def faults(found: Record) -> list[Fault]:
        return [Fault(one.summary(), what) for one in found.exchanges if (what := judge(one)) is not None]

    return faults


def shown_by(faults: Sequence[Fault], exchanges: Iterable[Exchange], most: int = 5) -> list[Exchange]:
    """The exchanges that show faults, the first few."""
    wanted = dict.fromkeys(fault.shown_by for fault in faults)
    found: list[Exchange] = []
    for one in exchanges:
        summary = one.summary()
        if summary in wanted and len(found) < most:
            del wanted[summary]
            found.append(one)
    return found


def _below(url: str, base: str) -> bool:
    return is_below(url, base) and not is_place(url, base)
