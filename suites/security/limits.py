"""Content that grows step by step, and what an answer to it shows. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LARGEST = 10 * 1024 * 1024 + 1
"""Bytes that no API needs for one item, unless it says so."""
REFUSED = frozenset({400, 403, 411, 413, 414, 415, 422, 431})


@dataclass(frozen=True)
class Ramp:
    """One dimension in which content grows.

    Attributes:
        what: in words, `{}` for the size.
        sizes: the steps; the first is harmless.
        value: JSON of a size.
        bounded: whether the last step must be refused.
    """

    what: str
    sizes: tuple[int, ...]
    value: Callable[[int], bytes]
    bounded: bool = False

    def named(self, size: int) -> str:
        return self.what.format(f"{size:,}")


RAMPS = (
    Ramp("{} levels of nesting", (10, 1_000, 10_000, 100_000), lambda size: b"[" * size + b"]" * size),
    Ramp("a number of {} digits", (10, 1_000, 10_000, 1_000_000), lambda size: b"9" * size),
    Ramp(
        "{} members",
        (10, 1_000, 100_000),
        lambda size: b"{" + b",".join(b'"m%d":0' % number for number in range(size)) + b"}",
    ),
    Ramp(
        "a text of {} characters",
        (1_000, 100_000, 1_000_000, LARGEST),
        lambda size: b'"' + b"x" * size + b'"',
        bounded=True,
    ),
)
NAME = b"harness"


def beside(body: bytes, value: bytes) -> bytes:
    """A create body with one more member, which no API knows: it may refuse or ignore that, and has parsed it then.

    Args:
        body: a JSON object with a member or more.
    """
    return body.rstrip()[:-1] + b',"' + NAME + b'":' + value + b"}"


@dataclass(frozen=True)
class Answer:
    """What one step came to.

    Attributes:
        status: None without an answer.
        hung: whether there was none within the time; without, the connection was closed.
    """

    status: int | None
    hung: bool = False


def fault(answer: Answer) -> str | None:
    """What is wrong with an answer to large content; None where it was refused or accepted.

    A server may close the connection instead of reading on (RFC 9110 section 15.5.14).
    """
    if answer.hung:
        return "no answer in time"
    if answer.status is not None and answer.status >= 500 and answer.status not in (502, 503, 504):
        return f"{answer.status} instead of a refusal"
    return None


def ends(answer: Answer, first: Answer) -> bool:
    """Whether a ramp ends here: it was refused for its size, or the connection was closed.

    Args:
        first: the answer to the harmless step: the same refusal shows nothing about the size.
    """
    if answer.status is None:
        return True
    return answer.status >= 400 and answer.status != first.status
