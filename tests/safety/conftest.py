"""The model server, and waits that are as short as its lag."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import servers
from tests.safety.model_server import Model


@pytest.fixture(scope="package")
def model() -> Iterator[tuple[Model, str]]:
    """The model server and its URL: one for all tests, to be reset."""
    made = Model(shown=("orders",))
    with ExitStack() as opened:
        made.elsewhere = opened.enter_context(servers.http(made.at_another_origin)).url
        yield made, opened.enter_context(servers.http(made)).url


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What shows late here shows after some requests, not after some seconds."""
    for name, module in list(sys.modules.items()):
        if name.startswith("harness.") and hasattr(module, "LONGEST_LAG"):
            monkeypatch.setattr(module, "LONGEST_LAG", 0.0)
