"""Judgement of HEAD fields, Allow, side effects of PUT, and content in GET. Pure; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.http.content import at, differences
from harness.http.exchange import Exchange
from harness.http.fields import methods

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


def safe_paths_below(item: str, documented: Mapping[str, Iterable[str]]) -> list[str]:
    """Documented paths with GET at or below an item, whose only parameter is the item's, as `{id}`.

    Args:
        item: path template of the item, with `{id}`.
        documented: methods by path template.
    """
    root = item.rstrip("/")
    found = []
    for template, offered in documented.items():
        path = re.sub(r"\{[^}]*\}", "{id}", template, count=1)
        at_or_below = path.rstrip("/") == root or path.startswith(root + "/")
        if "GET" in offered and at_or_below and path.count("{") == 1:
            found.append(path)
    return sorted(found)


_COUNTS = re.compile(r"(?i).*(?:rev|vers|index|seq|generation|lsn|modif|updat|chang|writes?|clock|tick).*")
"""Names of members that servers fill from a counter that other clients advance too."""


def write_counters(states: Sequence[Any], sent: Iterable[str]) -> set[str]:
    """Locations that count the writes of a client, which RFC 9110 section 9.2.2 allows for idempotent methods.

    Such a member was not sent, holds an integer, and rises with every write: by one, or under a name that says so.

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
        if name in names or len(numbers) < len(states):
            continue
        steps = [after - before for before, after in pairwise(numbers)]
        if all(step == 1 for step in steps) or (_COUNTS.fullmatch(name) and all(step > 0 for step in steps)):
            found.add(where)
    return found


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
