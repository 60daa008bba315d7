"""Judgement of HEAD fields, Allow, side effects of PUT, and content in GET. Pure; no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness.http.content import MISSING, at, differences
from harness.http.exchange import Exchange
from harness.http.fields import methods
from harness.http.intermediary import edge_of
from harness.rules.faults import Fault, excerpt

OWED = ("content-type", "cache-control", "content-language", "location")
"""Fields that HEAD must send as GET does, because they do not depend on generated content."""
GENERATED = ("etag", "last-modified", "link")
"""Fields that HEAD may omit, because they may depend on generated content; it must not change them."""


def head_differences(
    before: Mapping[str, str], head: Mapping[str, str], after: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """How the fields of HEAD differ from those of GET, and which it lawfully omits (RFC 9110 section 9.3.2).

    Args:
        before, after: fields of the GETs around the HEAD; only fields that are equal in both are compared.
        head: fields of the HEAD.

    Returns:
        Sentences on the differences, and on the omitted fields.
    """
    broken, omitted = [], []
    for name in (*OWED, *GENERATED):
        value = before.get(name)
        if value is None or after.get(name) != value:
            continue
        sent = head.get(name)
        if sent is None and name in GENERATED:
            omitted.append(f"HEAD omits {name}, which GET sends as {value!r}")
        elif sent is None:
            broken.append(f"{name}: GET sends {value!r}, HEAD does not send it")
        elif sent != value:
            broken.append(f"{name}: GET sends {value!r}, HEAD sends {sent!r}")
    return broken, omitted


def allow_faults(allow: str | None, rejected: str) -> list[str]:
    """What is wrong with the Allow field of a 405 (RFC 9110 sections 15.5.6 and 10.2.1).

    An empty value is lawful: the resource then allows no method.
    """
    if allow is None:
        return ["no Allow field"]
    listed = methods(allow)
    if listed is None:
        return [f"Allow: {allow} is not a list of methods"]
    return [f"Allow: {allow} lists {rejected}, the method that was refused"] if rejected in listed else []


def not_in_allow(allow: str | None, working: Iterable[str]) -> list[str]:
    """Methods known to work that an Allow field does not list, sorted."""
    listed = methods(allow or "") or []
    return sorted(set(working) - set(listed))


def succeeding(exchanges: Iterable[Exchange], url: str) -> set[str]:
    """GET and HEAD, if they succeeded; other methods may depend on the resource's state (RFC 9110 section 10.2.1)."""
    return {
        one.method
        for one in exchanges
        if one.url == url and one.method in ("GET", "HEAD") and one.status is not None and one.status < 300
    }


REQUIRED_FIELDS = {
    407: ("Proxy-Authenticate", "RFC 9110 section 15.5.8"),
    426: ("Upgrade", "RFC 9110 section 15.5.22"),
}
"""The field that a response must have, by status. Other rules judge 401 and 405."""


DEMANDING = frozenset({205, 304, *REQUIRED_FIELDS})
"""Statuses that `status_fault()` judges."""


def status_fault(exchange: Exchange) -> str | None:
    """The fault of a response's status, or None.

    Judges 205 (RFC 9110 section 15.3.6), 304 (section 15.4.5), 407 (section 15.5.8) and 426 (section 15.5.22).
    """
    status = exchange.status
    if status == 205 and exchange.response_body.size:
        return f"205 with {exchange.response_body.size} bytes of content (RFC 9110 section 15.3.6)"
    if status == 304:
        if exchange.method not in ("GET", "HEAD"):
            return f"304 to {exchange.method}, for which it has no meaning (RFC 9110 section 15.4.5)"
        conditions = ("if-none-match", "if-modified-since")
        if all(exchange.request_field(name) is None for name in conditions):
            return "304 to a request without If-None-Match and If-Modified-Since (RFC 9110 section 15.4.5)"
    required = REQUIRED_FIELDS.get(status or 0)
    if required is not None and exchange.field(required[0]) is None:
        return f"{status} without {required[0]} ({required[1]})"
    return None


@dataclass(frozen=True)
class Statuses:
    """The judgement of the statuses of some exchanges.

    Attributes:
        broken: faults of the API's own responses.
        edge: faults of responses that an intermediary seems to have sent, with the reason.
        judged: number of responses with a status that requires anything.
    """

    broken: tuple[Fault, ...]
    edge: tuple[Fault, ...]
    judged: int


def statuses(exchanges: Sequence[Exchange]) -> Statuses:
    """Judge the status of every response; see `status_fault()`."""
    why_edge = edge_of(exchanges)
    broken, edge, judged = [], [], 0
    for exchange in exchanges:
        if exchange.status not in DEMANDING:
            continue
        judged += 1
        fault = status_fault(exchange)
        if fault is None:
            continue
        why = why_edge(exchange)
        if why is None:
            content = excerpt(exchange) if exchange.status == 205 else ""
            broken.append(Fault(exchange.summary(), fault, content))
        else:
            edge.append(Fault(exchange.summary(), f"{fault}; {why}"))
    return Statuses(tuple(broken), tuple(edge), judged)


SHOWING = ("GET", "PUT", "PATCH")


def _served(exchanges: Iterable[Exchange], url: str, methods: Collection[str]) -> list[Exchange]:
    return [one for one in exchanges if (one.url, one.status) == (url, 200) and one.method in methods]


def kept_after_delete(exchanges: Sequence[Exchange], collection: str) -> list[str]:
    """Items that are as before after a successful DELETE, each with the requests that show it.

    Args:
        exchanges: in the order in which they were sent.
        collection: URL that the items are below.
    """
    found = []
    for place, one in enumerate(exchanges):
        if one.method != "DELETE" or one.status not in (200, 204) or not one.url.startswith(f"{collection}/"):
            continue
        # The responses to PUT and PATCH may show the representation, too: the latest is compared.
        before = _served(exchanges[:place], one.url, SHOWING)
        after = _served(exchanges[place:], one.url, ("GET",))
        if before and after and not differences(_json(before[-1]), _json(after[-1])):
            found.append(f"{one.summary()}, then {after[-1].summary()}, with the same content as before")
    return found


def _json(exchange: Exchange) -> Any:
    try:
        return exchange.json()
    except ValueError:
        return exchange.response_body.text


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_COUNTS = re.compile(r"(?i).*(?:rev|vers|index|seq|generation|lsn|modif|updat|chang|writes?|clock|tick).*")
"""Names of members that servers fill from a counter that other clients advance too."""

_VERSION = re.compile(r"(?i)\w*(?:version|revision|generation|rev)(?:_?(?:no|number|count))?")
"""Names of members that count versions also where a client has to send the one that it has read."""


def write_counters(states: Sequence[Any], sent: Iterable[str]) -> set[str]:
    """Locations that count the writes of a client, which RFC 9110 section 9.2.2 allows for idempotent methods.

    Such a member holds an integer, and rises with every write: by one, or under a name that says so. It was not sent,
    or is a version that rises by one.

    Args:
        states: representations after each of several equal writes, oldest first.
        sent: names of members that the client sets.

    Returns:
        JSON Pointers (RFC 6901).
    """
    names = set(sent)
    found = set()
    for where in {place for one, other in pairwise(states) for place in differences(one, other)}:
        name = where.rpartition("/")[2]
        values = [at(state, where) for state in states if where != "/"]
        numbers = [one for one in values if isinstance(one, int) and not isinstance(one, bool)]
        if len(numbers) < len(states):
            continue
        steps = [after - before for before, after in pairwise(numbers)]
        by_one = all(step == 1 for step in steps)
        if name in names:
            if by_one and _VERSION.fullmatch(name):
                found.add(where)
        elif by_one or (_COUNTS.fullmatch(name) and all(step > 0 for step in steps)):
            found.add(where)
    return found


def assigned_again(before: Any, after: Any, sent: Any, where: str, representation: str = "") -> bool:
    """Whether two states differ there only in an id that the server assigns to a part of the item.

    The server creates the part again with every write, and stores no id that a client sends, so that the effect that
    was requested is the same (RFC 9110 section 9.2.2).

    Args:
        before, after: representations after two equal writes.
        sent: content of the writes.
        where: JSON Pointer of the difference.
        representation: JSON Pointer of the item within the content.
    """
    of_a_part = where.removeprefix(representation).count("/") > 1
    values = (at(before, where), at(after, where))
    return (
        of_a_part
        and at(sent, where) not in values
        and all(isinstance(one, str) and _UUID.fullmatch(one) for one in values)
    )


def altered_by_content(
    before: Any, with_content: Any, after: Any, counts: tuple[int, int, int]
) -> str | None:
    """How content in a GET changed the response (RFC 9110 section 9.3.1), or None.

    Args:
        before, after: normalised representations of the GETs without content.
        with_content: of the GET with the content `{"limit": 1, "id": …}`.
        counts: items in the three.

    Where the plain GETs differ (other clients write), only what such writers cannot cause is reported: a collection
    of many that shrinks to at most one.
    """
    least = min(counts[0], counts[2])
    if counts[1] <= 1 < least:
        return f"with content in the GET the collection shows {counts[1]} items, without it {least}"
    if not differences(before, after):
        found = differences(before, with_content)
        if found:
            return f"with content in the GET the representation differs at {', '.join(found[:5])}"
    return None


def location_without_item(
    exchanges: Sequence[Exchange],
    collection: str,
    resolve: Callable[[str, str], str],
    *,
    documented: bool,
) -> str | None:
    """Why no item is at the Location of the last 201 to a POST; None if one is, or nobody looked.

    Args:
        exchanges: in order; reads after the item's removal do not count.
        collection: URL that the POST went to.
        resolve: makes a reference absolute, against a base URL.
        documented: whether a document has GET of an item; then DOC-001 reports 5xx.
    """
    found: str | None = None
    url = ""
    for exchange in exchanges:
        if (exchange.method, exchange.url) == ("POST", collection):
            location = exchange.field("location") if exchange.status == 201 else None
            found, url = None, resolve(location, collection) if location else ""
        elif url and exchange.url == url and exchange.method == "DELETE":
            return found
        elif url and exchange.url == url and exchange.method == "GET":
            status = exchange.status or 0
            absent = status in (404, 410) or (status >= 500 and not documented)
            found = f"Location: {location}; {exchange.summary()}" if absent else None
    return found


_ACCESS = re.compile(
    r"(?i)(.*_)?(views?|hits?|reads?|visits?|downloads?|opened|seen|accessed|access|viewed|visited|popularity|impressions?)"
    r"(_?(at|on|by|count|counter|total|time|date))?"
)
"""Names of members that record accesses, which a safe method may do (RFC 9110 section 9.2.1)."""


def records_access(pointer: str) -> bool:
    """Whether a member is named like a record of reads, such as `/views` or `/last_seen_at`."""
    return _ACCESS.fullmatch(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", pointer.rsplit("/", 1)[-1])) is not None


def moved_by_reads(first: Any, rested: Any, after: Any) -> bool | None:
    """Whether reading an item changed a member; None if it changes by itself, or is not shown.

    Args:
        first, rested: in the list, before and after a pause without a read of the item.
        after: in the list after reads of the item.
    """
    if MISSING in (first, rested, after) or first != rested:
        return None
    return bool(rested != after)


def created_by_reads(turns: Sequence[tuple[set[str], set[str], set[str]]]) -> list[str] | None:
    """The items that appeared with the requests of a turn, in each of several turns; empty if there was a turn without.

    None where items appeared without the requests, too, so that another client may have created all of them.

    Args:
        turns: ids that the list shows before the requests, after them, and once more without any.
    """
    grown = [after - before for before, after, _ in turns]
    if not all(grown):
        return []
    if any(rested - after for _, after, rested in turns):
        return None
    return sorted(set().union(*grown))
