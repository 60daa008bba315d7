"""What a survey found odd, and what it took as normal, each with its evidence. Data only."""

from __future__ import annotations

from dataclasses import dataclass

SOFT_DELETE = "soft_delete"
"""The fact that a DELETE marks an item, which stays readable."""


@dataclass(frozen=True)
class Suspicion:
    """Something that is declared or expected, and that the target's answers deny.

    Attributes:
        text: one sentence: what was expected, and what was answered.
        exchanges: ids of the exchanges that show it.
        resource: name of the resource; None for the whole target.
        capability: that cannot be relied on; empty for none.
        fact: that was learnt from odd answers, such as `volatile`; empty for none.
        place: JSON Pointer of the member that it is about; empty for none.
    """

    text: str
    exchanges: tuple[str, ...] = ()
    resource: str | None = None
    capability: str = ""
    fact: str = ""
    place: str = ""


@dataclass(frozen=True)
class Learnt:
    """Something that a survey took as normal because the target answered so.

    Attributes:
        resource: name of the resource.
        fact: kind of the fact: `volatile`, `unique`, `fresh`, `version`, `absent`, `hides_absence`, `soft_delete`.
        value: what it is about: a JSON Pointer, or the name of a capability.
        because: what showed it.
        exchanges: ids of the exchanges that show it.
    """

    resource: str
    fact: str
    value: str
    because: str
    exchanges: tuple[str, ...] = ()
