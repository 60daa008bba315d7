"""The token of a run: every text that a run writes carries it, so that what it created is recognised.

One for each run: the workers of pytest-xdist take over that of the process that began it.
"""

from __future__ import annotations

import re
import secrets

LENGTH = 8
SERIAL = 6
"""Digits after it, another number for each text."""
TRAILING = re.compile(
    rf"(?:[ -](?:[0-9a-f]{{{LENGTH + SERIAL}}}|(?<=-)[0-9a-f]{{10}}|(?<= )[0-9a-f]{{6}}))+\Z"
)
"""What a text that was made fresh before ends with."""

_current = secrets.token_hex(LENGTH // 2)


def current() -> str:
    """The token: hexadecimal digits."""
    return _current


def take_over(token: str) -> None:
    """Use the token of the process that began the run."""
    global _current
    _current = token


def mark() -> str:
    """The token and a number that no other text of the run has."""
    return _current + secrets.token_hex(SERIAL // 2)
