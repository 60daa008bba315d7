"""METH: what is looked for in all exchanges: Allow, and statuses that fit the request. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness import MINOR, SHOULD
from harness.http.exchange import Exchange
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record

from .judge import allow_faults, not_in_allow, statuses

SAFE = ("GET", "HEAD")
ALLOW = "an Allow field that lists the supported methods"


def working(refused: Exchange, alike: Sequence[Exchange]) -> set[str]:
    """The methods that a URL supports at the time of a 405, as other responses for it show.

    GET and HEAD by any success; the others may depend on the state of the resource (RFC 9110 section 10.2.1), and so
    only by a success before and one after.

    Args:
        alike: exchanges with the same URL under the same credential.
    """
    succeeded = [one for one in alike if one.status is not None and 200 <= one.status < 300]
    before = {one.method for one in succeeded if one.ended <= refused.started}
    after = {one.method for one in succeeded if one.started >= refused.ended}
    return (before & after) | ({one.method for one in succeeded} & set(SAFE))


def lacking(found: Record) -> Iterable[Fault]:
    """Each 405 without Allow."""
    return [
        Fault(one.summary(), "no Allow field")
        for one in found.exchanges
        if one.status == 405 and one.field("allow") is None
    ]


def untrue(found: Record) -> Iterable[Fault]:
    """The faults of Allow in each 405 that has it."""
    alike: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for one in found.exchanges:
        alike[one.url, one.credential].append(one)
    for one in found.exchanges:
        allow = one.field("allow")
        if one.status != 405 or allow is None:
            continue
        faults = allow_faults(allow, one.method)
        if not faults:
            left_out = not_in_allow(allow, working(one, alike[one.url, one.credential]))
            faults = [f"Allow: {allow} lacks {method}, which succeeds for this URL" for method in left_out]
        yield from (Fault(one.summary(), fault) for fault in faults)


def unfit(found: Record) -> Iterable[Fault]:
    """Statuses that do not fit the request, or lack a field that they require."""
    return statuses(found.exchanges).broken


JUDGES = (
    Judge("METH-015", ALLOW, untrue, level=SHOULD),
    Judge("METH-015", ALLOW, lacking, impact=MINOR),
    Judge("METH-020", "a status that fits the request, with the fields it requires", unfit),
)
