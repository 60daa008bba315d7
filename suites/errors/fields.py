"""Several fields at once: which members a body violates, and which of them an error names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.http.content import MISSING, at
from harness.payloads.invalid import Violation

from .naming import names


def violated(found: Sequence[Violation], valid: Any, body: Any) -> list[Violation]:
    """The violations that a body has, of those given; one of each member.

    Args:
        found: violations of the valid body.
        valid: the body before anything was violated.
        body: one that combines some of them.
    """
    chosen: dict[str, Violation] = {}
    for violation in found:
        value = at(body, violation.pointer)
        wrong = at(violation.body, violation.pointer)
        same = value is wrong if MISSING in (value, wrong) else value == wrong
        if same and (value is MISSING or value != at(valid, violation.pointer)):
            chosen.setdefault(violation.pointer, violation)
    return list(chosen.values())


def split(error: Any, members: Iterable[str]) -> tuple[list[str], list[str]]:
    """Members that an error names in a structured way, and those that it does not."""
    wanted = list(members)
    named = [member for member in wanted if names(error, member)]
    return named, [member for member in wanted if member not in named]
