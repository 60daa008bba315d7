"""What a GitHub workflow is told: nothing elsewhere, a summary within GitHub's bound, and no failure of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.run import github
from tests.report.sample import build


@pytest.fixture
def said() -> list[str]:
    return []


def test_elsewhere_nothing_is_printed(said: list[str]) -> None:
    github.publish(build(), said.append, {"GITHUB_ACTIONS": "false", "GITHUB_STEP_SUMMARY": ""})
    assert said == []


def test_the_summary_is_added_to_what_is_there(said: list[str], tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    github.publish(build(), said.append, {"GITHUB_STEP_SUMMARY": str(path)})
    assert said == []
    assert path.read_text(encoding="utf-8").startswith("before\n## ❌ 2 rules failed.")


def test_a_summary_that_would_be_too_long_is_left_as_it_is(said: list[str], tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("x" * github.LARGEST)
    github.publish(build(), said.append, {"GITHUB_STEP_SUMMARY": str(path)})
    assert path.stat().st_size == github.LARGEST
    assert said == [f"not added to the step's summary, which would be longer than GitHub accepts: {path}"]


def test_annotations_go_to_the_log_of_a_runner(said: list[str]) -> None:
    github.publish(build(), said.append, {"GITHUB_ACTIONS": "true"})
    assert [line.partition(" ")[0] for line in said] == ["::error", "::error", "::error", "::warning"]
