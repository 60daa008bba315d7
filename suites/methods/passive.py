"""METH: what is looked for in all exchanges: Allow, and statuses that fit the request. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.http.exchange import Exchange
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record

from .judge import allow_faults, not_in_allow, statuses

SAFE = ("GET", "HEAD")


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


def allowed(found: Record) -> Iterable[Fault]:
    """The faults of Allow in each 405."""
    alike: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for one in found.exchanges:
        alike[one.url, one.credential].append(one)
    for one in found.exchanges:
        if one.status != 405:
            continue
        allow = one.field("allow")
        faults = allow_faults(allow, one.method)
        if not faults:
            lacking = not_in_allow(allow, working(one, alike[one.url, one.credential]))
            faults = [f"Allow: {allow} lacks {method}, which succeeds for this URL" for method in lacking]
        yield from (Fault(one.summary(), fault) for fault in faults)


def unfit(found: Record) -> Iterable[Fault]:
    """Statuses that do not fit the request, or lack a field that they require."""
    return statuses(found.exchanges).broken


JUDGES = (
    Judge("METH-015", "an Allow field that lists the supported methods", allowed),
    Judge("METH-020", "a status that fits the request, with the fields it requires", unfit),
)
