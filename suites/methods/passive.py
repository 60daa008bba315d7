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


def next_write(refused: Exchange, alike: Sequence[Exchange]) -> set[str]:
    """The method of the first write after a 405, if it succeeded: no other write has changed the state before it.

    None where other writes overlap with it.

    Args:
        alike: exchanges with the same URL, and those with URLs below it, under the same credential.
    """
    writes = [
        one
        for one in alike
        if one.method not in (*SAFE, "OPTIONS", "TRACE")
        and one.status is not None
        and not 400 <= one.status < 500
        and one.ended > refused.started
    ]
    if not writes:
        return set()
    first = min(writes, key=lambda one: one.started)
    alone = first.started >= refused.ended and all(
        one.started >= first.ended for one in writes if one is not first
    )
    return (
        {first.method} if alone and first.url == refused.url and 200 <= (first.status or 0) < 300 else set()
    )


def lacking(found: Record) -> Iterable[Fault]:
    """Each 405 without Allow."""
    return [
        Fault(one.summary(), "no Allow field")
        for one in found.exchanges
        if one.status == 405 and one.field("allow") is None
    ]


def untrue(found: Record) -> Iterable[Fault]:
    """The faults of Allow in each 405 that has it."""
    for one, alike in _refused(found):
        allow = one.field("allow")
        faults = allow_faults(allow, one.method)
        if not faults:
            left_out = not_in_allow(allow, working(one, [each for each in alike if each.url == one.url]))
            faults = [f"Allow: {allow} lacks {method}, which succeeds for this URL" for method in left_out]
        yield from (Fault(one.summary(), fault) for fault in faults)


def outdated(found: Record) -> Iterable[Fault]:
    """Each 405 whose Allow lacks the method of the next write, which is documented and succeeds."""
    for one, alike in _refused(found):
        allow = one.field("allow")
        path = one.url.removeprefix(found.base).partition("?")[0] or "/"
        if allow_faults(allow, one.method):
            continue
        shown = working(one, [each for each in alike if each.url == one.url])
        for method in not_in_allow(allow, next_write(one, alike) - shown):
            if found.contract.of(method, path):
                yield Fault(
                    one.summary(), f"Allow: {allow} lacks {method}, which is documented and succeeds next"
                )


def _refused(found: Record) -> Iterable[tuple[Exchange, list[Exchange]]]:
    """Each 405 with Allow, and the exchanges with its URL, or one below it, under the same credential."""
    refused = {one.url for one in found.exchanges if one.status == 405}
    alike: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for one in found.exchanges:
        for url in {one.url, *above(one.url)} & refused:
            alike[url, one.credential].append(one)
    for one in found.exchanges:
        if one.status == 405 and one.field("allow") is not None:
            yield one, alike[one.url, one.credential]


def above(url: str) -> Iterable[str]:
    """The URLs above one, without its query."""
    path = url.partition("?")[0]
    while path.count("/") > 3:
        path = path.rpartition("/")[0]
        yield path


def unfit(found: Record) -> Iterable[Fault]:
    """Statuses that do not fit the request, or lack a field that they require."""
    return statuses(found.exchanges).broken


JUDGES = (
    Judge("METH-015", ALLOW, untrue, level=SHOULD),
    Judge("METH-015", ALLOW, outdated, level=SHOULD, impact=MINOR),
    Judge("METH-015", ALLOW, lacking, impact=MINOR),
    Judge("METH-020", "a status that fits the request, with the fields it requires", unfit),
)
