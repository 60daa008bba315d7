"""Serving a reference API with some of its policies exchanged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from harness.reference import Policies, build
from harness.reference.server import serve
from tests.matrix.defect import Defect
from tests.webhooks.documented import EventsOnly


@contextmanager
def served(policies: Mapping[str, Callable[[], Any]]) -> Iterator[str]:
    """The base URL of a reference API with some policies exchanged, and a database of its own."""
    changed = replace(Policies(), **{name: policy() for name, policy in policies.items()})
    with (
        tempfile.TemporaryDirectory(prefix="defect-", ignore_cleanup_errors=True) as folder,
        serve(build(changed, Path(folder) / "defect.db")) as url,
    ):
        yield url


def reference() -> AbstractContextManager[str]:
    """The reference API as every rule can be decided on it: its document declares the events that are sent."""
    return served({"description": EventsOnly})


def defect(
    rule: str,
    name: str,
    *,
    on: tuple[str, ...] = ("documents",),
    also: frozenset[str] = frozenset(),
    perhaps: frozenset[str] = frozenset(),
    tries: int = 3,
    **policies: Callable[[], Any],
) -> Defect:
    return Defect(rule, name, partial(served, policies), on, also, perhaps=perhaps, tries=tries)
