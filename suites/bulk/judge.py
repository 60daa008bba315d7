"""Judges what a batch was answered, beside what is there after it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal

from harness.client.marks import holds
from harness.http.content import MISSING
from harness.quota.fields import Quota

from .results import Result, Results, status_of

Seen = Sequence[bool | None]
"""Whether each item is there after the batch, by its position; None where that is unknown."""


def claims(status: int, results: Results, count: int) -> list[bool | None]:
    """Whether a response says of each item that it was created; None where it does not say."""
    if status >= 400:
        return [False] * count
    if status >= 300:
        return [None] * count
    if results.found is None:
        # Nothing but the status: what it says holds for all, unless it is about several.
        return [None if status in (202, 207) else True] * count
    return [None if one is None else _claim(one, status) for one in results.by_input]


def _claim(result: Result, status: int) -> bool | None:
    if result.failed is not None:
        return not result.failed
    return None if status in (202, 207) else True


def untrue(claimed: Seen, there: Seen) -> list[str]:
    """Where a response says something else than what is there, a sentence each."""
    found = []
    for number, (says, is_there) in enumerate(zip(claimed, there, strict=True), 1):
        if says is True and is_there is False:
            found.append(f"item {number} is reported as created, and does not exist")
        elif says is False and is_there is True:
            found.append(f"item {number} is reported as failed, and exists")
        elif says is None and is_there is True:
            found.append(f"item {number} was created, and the response does not say so")
    return found


def mode_of(claimed: Seen, there: Seen) -> Literal["partial", "atomic"] | None:
    """How an API treats a batch of which an item is not valid; None where that cannot be told."""
    if None in there or all(there):
        return None
    if not any(there):
        return "partial" if any(claimed) else "atomic"
    return "partial"


def correlation_faults(results: Results, count: int, requests: bool) -> list[str]:
    """What keeps a client from knowing what became of its items, in a response to a batch that succeeded.

    Args:
        requests: whether the elements are requests, whose responses have statuses.
    """
    if results.found is None:
        return ["no array with a result for each item"]
    if len(results.found) != count:
        return [f"{len(results.found)} results for {count} items"]
    silent = [number for number, one in enumerate(results.found, 1) if requests and one.status is None]
    return [f"no status in the results {_listed(silent)}"] if silent else []


def named_twice(results: Results, count: int) -> str | None:
    """Why the positions that results name are not those of the items; None where they may be, or there are none.

    Args:
        count: of the items in the request.
    """
    indices = [one.index for one in results.found or () if one.index is not None]
    if len(indices) != count or not all(0 <= one <= count for one in indices):
        return None
    twice = next((one for one in indices if indices.count(one) > 1), None)
    return None if twice is None else f"{indices.count(twice)} of {count} results have the index {twice}"


def misplaced(texts: Sequence[str | None], shown: Sequence[Any]) -> list[str]:
    """Results that show another item than the one at their place, a sentence each.

    Args:
        texts: a text that only that item has, by the position in the request; None without one.
        shown: what the result of that position leads to, as JSON; `MISSING` where nothing is seen.
    """
    found = []
    for number, (text, value) in enumerate(zip(texts, shown, strict=True)):
        if text is None or value is MISSING or holds(value, text):
            continue
        other = next(
            (place for place, one in enumerate(texts) if one is not None and holds(value, one)), None
        )
        if other is not None:
            found.append(f"the result of item {number + 1} is that of item {other + 1}")
    return found


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def hidden(status: int, there: Seen) -> str | None:
    """Why the status of a response with items that failed misleads; None where it does not."""
    failed = [number for number, one in enumerate(there, 1) if one is False]
    created = [number for number, one in enumerate(there, 1) if one is True]
    if status >= 400 and created:
        return f"{status} for the whole batch, of which the items {_listed(created)} were created"
    if status in (201, 204) and failed:
        return f"{status} for a batch of which the items {_listed(failed)} were not created"
    return None


def halves(there: Seen) -> str | None:
    """Why a batch was neither applied completely nor not at all; None where it was, or that is unknown."""
    created = [number for number, one in enumerate(there, 1) if one is True]
    absent = [number for number, one in enumerate(there, 1) if one is False]
    if created and absent:
        return f"the items {_listed(created)} exist, and the items {_listed(absent)} do not"
    return None


def described(claimed: Seen, there: Seen) -> str:
    """What became of each item, in words."""
    words = {True: "created", False: "failed", None: "no result"}
    seen = {True: "exists", False: "does not exist", None: "not known whether it exists"}
    return "; ".join(
        f"item {number}: {words[says]}, {seen[is_there]}"
        for number, (says, is_there) in enumerate(zip(claimed, there, strict=True), 1)
    )


def input_fault(empty: bool, status: int, value: Any) -> str | None:
    """What is wrong with the answer to content that is no batch; None where it was refused.

    Args:
        empty: whether it may pass for a batch without items, which may be accepted.
        value: JSON of the response; `MISSING` without any.
    """
    if status >= 500:
        return "an error of the server"
    if status < 300 and not empty and not _mentions_error(value):
        return "as if it were a batch"
    return None


def _mentions_error(value: Any) -> bool:
    """Whether a response says anywhere that something failed."""
    if isinstance(value, dict):
        return any(
            (str(name).lower() in ("error", "errors") and one not in (None, [], {}, False))
            or (str(name).lower() in ("success", "ok") and one is False)
            or (str(name).lower() in ("status", "statuscode", "status_code") and (status_of(one) or 0) >= 400)
            or _mentions_error(one)
            for name, one in value.items()
        )
    return isinstance(value, list) and any(map(_mentions_error, value))


def excess_fault(status: int, there: Seen, *, effects: bool) -> str | None:
    """What is wrong with the answer to a batch that is larger than it may be; None where it was refused.

    Args:
        there: whether each item exists, or each request succeeded.
        effects: whether what succeeded has an effect.
    """
    done = sum(one is True for one in there)
    if status >= 500:
        return "an error of the server"
    if status >= 400:
        return f"{done} items were created all the same" if effects and done else None
    return "all were processed" if done == len(there) else None


def refused_for_size(small: int, large: int) -> bool:
    """Whether a large batch was refused, by its status and that of a small one of the same items."""
    return large == 413 or (large >= 400 and large != small)


def worked_off(results: Sequence[Result | None]) -> bool:
    """Whether each of several alike items has a result, and all results fail with one status."""
    kinds = {(one.failed, one.status) for one in results if one is not None}
    return None not in results and len(kinds) == 1 and all(failed is True for failed, _ in kinds)


def fall(before: Quota | None, after: Quota | None) -> int | None:
    """By how much a quota fell; None where that cannot be told."""
    if before is None or after is None or before.limit != after.limit:
        return None
    if before.remaining is None or after.remaining is None or before.remaining <= after.remaining:
        return None
    return before.remaining - after.remaining


def unlike_alone(alone: int, result: Result | None) -> int | None:
    """The status that a result gives an item which is refused with another one alone; None where they agree.

    Args:
        alone: the status of the refusal.
        result: of the item in a batch that succeeded; None where nothing is said of it.
    """
    return None if result is None or result.status in (None, alone) else result.status


def shows(result: Result | None, text: str) -> bool:
    """Whether a result that did not fail has a text, which only one item has."""
    return result is not None and not result.failed and holds(result.value, text)


def repeat_fault(
    created: Collection[str | None], again: Sequence[str | None], listed: int | None
) -> str | None:
    """What shows that items which were sent again under their key were created again; None where nothing does.

    Args:
        created: the URLs of those of the first batch.
        again: the URLs that the response to the second one has of them; None, or empty, where it names none.
        listed: how often the list has the first item; None where it cannot be looked for.
    """
    if any(url and url not in created for url in again):
        return "the ids are not the same"
    return f"the list has the first item {listed} times" if listed is not None and listed > 1 else None


def twins_fault(outcomes: Sequence[tuple[bool | None, ...]]) -> str | None:
    """How the outcomes of the same batch of two items with one unique value differ; None where they do not.

    Args:
        outcomes: whether each of the two exists, for each time that such a batch was sent.
    """
    if any(None in one for one in outcomes) or len(set(outcomes)) < 2:
        return None
    return ", then ".join(str(one) for one in outcomes)


def last_change(done: Sequence[bool], values: Sequence[Any]) -> Any:
    """The value of the last change that succeeded; `MISSING` where none did."""
    return next((value for did, value in zip(done[::-1], values[::-1], strict=True) if did), MISSING)


def order_said(done: Sequence[bool], values: Sequence[Any], seen: Any) -> str:
    """What became of several changes of one item, and which of their values it has, in words."""
    each = ", ".join(
        f"change {number} {'succeeded' if did else 'failed'}" for number, did in enumerate(done, 1)
    )
    which = f"that of change {values.index(seen) + 1}" if seen in values else "none of their values"
    return f"{each}, and the item has {which}"
