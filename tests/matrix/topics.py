"""Topics: the folders of rules and their tests, and the code with which the rules of each begin."""

from __future__ import annotations

from pathlib import PurePath

from harness.rules.suites import suites

TOPICS = {one.code: one.folder for one in suites()}
"""Topics by the letters of their rules' codes."""


def topic_of_rule(code: str) -> str:
    """The topic of a rule."""
    return TOPICS[code.partition("-")[0]]


def topic_of_file(path: PurePath) -> str | None:
    """The topic of a file of tests: its folder's name, or the last word of `test_TOPIC`; None without one.

    Args:
        path: below the folder of all tests.
    """
    word = path.stem.removeprefix("test_") if path.parent.name == "reference" else path.parts[0]
    return word if word in TOPICS.values() else None
