"""A baseline document that cannot be used ends the run before any request."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bad_input import BadInput
from harness.run.prepare import check_baseline
from tests.versions.defects import BASELINE


def test_a_document_can_be_used() -> None:
    check_baseline(None)
    check_baseline(str(BASELINE))


def test_what_cannot(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"versions\.baseline_schema: .*none.*; give the file"):
        check_baseline(str(tmp_path / "none"))
    with pytest.raises(BadInput, match=r"versions\.baseline_schema"):
        check_baseline(str(tmp_path))
    file = tmp_path / "page.html"
    file.write_text("<html></html>")
    with pytest.raises(BadInput, match=r"versions\.baseline_schema .*an HTML page"):
        check_baseline(str(file))
