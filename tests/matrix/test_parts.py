"""The parts of the whole matrix, together, are the whole matrix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.matrix.conftest import pytest_collection_modifyitems
from tests.matrix.parts import of_part, part


@pytest.mark.parametrize("parts", [1, 2, 9, 30])
def test_each_is_in_one_part(parts: int) -> None:
    those = list(range(20))
    found = [one for number in range(1, parts + 1) for one in of_part(those, number, parts)]
    assert sorted(found) == those


def test_a_part_is_written_as_a_fraction() -> None:
    assert part("3/9") == (3, 9)
    assert part("1/1") == (1, 1)


@pytest.mark.parametrize("given", ["0/9", "10/9", "3", "3/0", "a/b", "3/9/1", ""])
def test_anything_else_names_no_part(given: str) -> None:
    with pytest.raises(ValueError, match="such as 3/9"):
        part(given)


@dataclass(frozen=True)
class Item:
    """As much of a test as the selection reads."""

    name: str
    whole: bool
    path: Path = Path(__file__)

    def get_closest_marker(self, name: str) -> bool | None:
        return True if name == "whole" and self.whole else None


WHOLE = [Item(f"defect {number}", whole=True) for number in range(5)]
SOUND = Item("all rules on the reference", whole=False)
ELSEWHERE = Item("of another folder", whole=False, path=Path(__file__).parents[1] / "test_layers.py")


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("1/2", [*WHOLE[::2], SOUND, ELSEWHERE]),
        ("2/2", [*WHOLE[1::2], ELSEWHERE]),
        ("", [*WHOLE, SOUND, ELSEWHERE]),
    ],
)
def test_the_part_of_the_environment_is_taken(
    given: str, taken: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRIX_PART", given)
    items: list[Any] = [*WHOLE, SOUND, ELSEWHERE]
    left: list[Any] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left.extend(items))
    pytest_collection_modifyitems(SimpleNamespace(hook=hook), items)  # type: ignore[arg-type]
    assert items == taken
    assert set(left) == {*WHOLE, SOUND, ELSEWHERE} - set(taken)


def test_what_names_no_part_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIX_PART", "3/2")
    with pytest.raises(pytest.UsageError, match="such as 3/9"):
        pytest_collection_modifyitems(SimpleNamespace(), [])  # type: ignore[arg-type]
