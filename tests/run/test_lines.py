"""An interrupt may come at an instruction that has no line number."""

from __future__ import annotations

import pytest

from harness.run.rule_hooks import Judging


def without_lines() -> None:
    raise KeyboardInterrupt


without_lines.__code__ = without_lines.__code__.replace(co_linetable=b"")


def test_an_interrupt_without_a_line_number_can_be_reported() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        without_lines()
    assert caught.traceback[-1]._rawentry.tb_lineno is None
    Judging.pytest_keyboard_interrupt(None, caught)  # type: ignore[arg-type]
    assert "KeyboardInterrupt" in str(caught.getrepr(funcargs=True))
