"""What a stream shows: of which item an event is, what was lost or repeated, how long it was silent. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SHORT = 4
"""Characters below which an id may be any number: it then counts only in a member that is named like an id."""
_MAX_AGE = re.compile(r"(?:s-maxage|max-age)\s*=\s*\"?(\d+)")


def mentions(text: str, mark: str) -> bool:
    """Whether an event is of the item with an id, or has the text that was sent.

    Args:
        text: data of the event.
        mark: id or text; nothing mentions an empty one.
    """
    if not mark:
        return False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return len(mark) >= SHORT and _has(text, mark)
    return _inside(value, mark, "id")


def _inside(value: Any, mark: str, name: str) -> bool:
    waiting = [(name, value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.items()
        elif isinstance(one, list):
            waiting += [(name, inner) for inner in one]
        elif isinstance(one, str | int) and not isinstance(one, bool):
            plain = str(one)
            whole = plain == mark and (len(mark) >= SHORT or _like_an_id(name))
            if whole or plain.endswith(f"/{mark}") or (len(mark) >= SHORT and _has(plain, mark)):
                return True
    return False


def _like_an_id(name: str) -> bool:
    return bool(re.search(r"(^|_|-)id$|Id$|ID$", name)) or name.lower() in ("key", "uuid")


def _has(text: str, mark: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(mark)}(?![\w])", text) is not None


@dataclass(frozen=True)
class Replay:
    """What a client got that reconnected.

    Attributes:
        lost: marks of what it missed and did not get.
        repeated: marks of what it got twice, or had before.
        disordered: marks in the order that they came in, where another client got them in another one.
    """

    lost: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    disordered: tuple[str, ...] = ()


def replay(missed: Sequence[str], had: Sequence[str], usual: Sequence[str], got: Sequence[str]) -> Replay:
    """Compare what a client got after it reconnected with what it missed.

    Args:
        missed: marks of the events that were caused meanwhile.
        had: those that it had before.
        usual: those that a client got who never left, in order.
        got: those that it got, in order, each as often as it came.
    """
    lost = tuple(one for one in missed if one not in got)
    repeated = tuple(dict.fromkeys(one for one in got if one in had or got.count(one) > 1))
    order = list(dict.fromkeys(one for one in got if one in missed))
    expected = list(dict.fromkeys(one for one in usual if one in order))
    disordered = tuple(order) if len(order) == len(expected) and order != expected else ()
    return Replay(lost, repeated, disordered)


def in_order(texts: Iterable[str], values: Sequence[str]) -> list[int]:
    """Which of the values each text shows, as their places, in the order of the texts; texts with none are left out."""
    found = []
    for text in texts:
        shown = [place for place, value in enumerate(values) if mentions(text, value)]
        if shown:
            found.append(shown[-1])
    return found


def backwards(places: Sequence[int]) -> tuple[int, int] | None:
    """The first place that comes after a later one, and that one; None where none does."""
    return next(((late, early) for late, early in pairwise(places) if early < late), None)


def silence(begin: float, arrivals: Sequence[float], end: float) -> float:
    """The longest time without any byte, in seconds."""
    instants = [begin, *arrivals, end]
    return max(late - early for early, late in pairwise(instants))


def type_faults(content_type: str | None) -> str:
    """What is wrong with the Content-Type of an event stream; empty for nothing."""
    kind, _, rest = (content_type or "").partition(";")
    if not kind.strip():
        return "no Content-Type"
    if kind.strip().lower() != "text/event-stream":
        return f"Content-Type {content_type}"
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return f"Content-Type {content_type}: an event stream is UTF-8"
    return ""


def storable(cache_control: str | None) -> tuple[str, bool]:
    """Why a cache may store a stream and answer others with it; empty where none may.

    Returns:
        The reason, and whether the response says so itself.
    """
    text = (cache_control or "").lower()
    names = {one.partition("=")[0].strip() for one in text.split(",")}
    if names & {"no-store", "no-cache", "private"}:
        return "", False
    ages = [int(one) for one in _MAX_AGE.findall(text)]
    if ages and max(ages) == 0:
        return "", False
    if "public" in names or ages:
        return f"Cache-Control: {cache_control}", True
    return "no Cache-Control" if not text else f"Cache-Control: {cache_control}", False


def poll_faults(contents: Sequence[str], marks: Sequence[str]) -> Replay:
    """What polls, one after the other, made of events that were caused before them.

    Args:
        contents: of their responses, in order.
        marks: of the events, in order.
    """
    came = [[place for place, text in enumerate(contents) if mentions(text, mark)] for mark in marks]
    lost = tuple(mark for mark, where in zip(marks, came, strict=True) if not where)
    repeated = tuple(mark for mark, where in zip(marks, came, strict=True) if len(where) > 1)
    seen = [
        (where[0], contents[where[0]].find(mark), mark)
        for mark, where in zip(marks, came, strict=True)
        if where
    ]
    order = tuple(mark for _, _, mark in sorted(seen))
    return Replay(lost, repeated, order if list(order) != [mark for _, _, mark in seen] else ())
