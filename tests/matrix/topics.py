"""Topics: the folders of rules and their tests, and the code with which the rules of each begin."""

from __future__ import annotations

from pathlib import PurePath

TOPICS = {
    "COND": "conditional",
    "CONC": "concurrency",
    "DOC": "openapi",
    "ERR": "errors",
    "IDEM": "idempotency",
    "LINT": "lint",
    "METH": "methods",
    "NEGO": "negotiation",
    "PAGE": "pagination",
    "PATCH": "patch",
    "RATE": "rate_limits",
    "WIRE": "wire",
}
"""Topics by the letters of their rules' codes."""
OTHER_NAMES = {
    "conditions": "conditional",
    "documented": "openapi",
    "limits": "rate_limits",
    "patches": "patch",
}
"""What folders and files of tests are called that are not named after their topic."""


def topic_of_rule(code: str) -> str:
    """The topic of a rule."""
    return TOPICS[code.partition("-")[0]]


def topic_of_file(path: PurePath) -> str | None:
    """The topic of a file of tests: its folder's name, or the last word of `test_reference_TOPIC`; None without one.

    Args:
        path: below the folder of all tests.
    """
    word = path.stem.removeprefix("test_reference_") if path.parent.name == "reference" else path.parts[0]
    word = OTHER_NAMES.get(word, word)
    return word if word in TOPICS.values() else None
