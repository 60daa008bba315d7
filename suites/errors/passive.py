"""ERR: what is looked for in all exchanges: implementation details in errors, whichever rule provoked them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.http import leaks
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record


def disclosed(found: Record) -> Iterable[Fault]:
    """Implementation details in the content of errors, once for each response."""
    for one in found.exchanges:
        if one.status is not None and one.status >= 400 and (seen := leaks.of_exchange(one)):
            yield Fault(one.summary(), str(seen[0]))


JUDGES = (Judge("ERR-011", "no stack frames, classes, SQL, file paths or internal addresses", disclosed),)
