"""Generated examples are the same whatever is imported, and no source is read for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DRAWN = """
import sys
from hypothesis import HealthCheck, Phase, given, settings, strategies
from harness.payloads.source_constants import without_source_constants
{imported}
shown = []

@settings(max_examples=300, derandomize=True, database=None, phases=[Phase.generate])
@given(strategies.lists(strategies.integers(), min_size=5, max_size=9))
def draw(numbers):
    shown.extend(numbers)

{drawn}
print(987654321987 in shown, shown)
"""
PLAIN = "draw()"
WITHOUT = "with without_source_constants(): draw()"


def drawn(folder: Path, imported: str, how: str) -> tuple[bool, str]:
    """Whether the constant of the module was drawn, and all that was."""
    (folder / "mine.py").write_text("LIMIT = 987654321987\n")
    done = subprocess.run(
        [sys.executable, "-c", DRAWN.format(imported=imported, drawn=how)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    seen, _, shown = done.stdout.strip().partition(" ")
    return seen == "True", shown


def test_examples_do_not_depend_on_what_is_imported(tmp_path: Path) -> None:
    with_module = drawn(tmp_path, "import mine", WITHOUT)
    without = drawn(tmp_path, "", WITHOUT)
    assert with_module == without
    assert not with_module[0]


def test_hypothesis_reads_constants_otherwise(tmp_path: Path) -> None:
    """The control: if this fails, hypothesis has changed, and the other test proves nothing."""
    assert drawn(tmp_path, "import mine", PLAIN)[0]
