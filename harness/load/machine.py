"""Whether the machine of the harness was busy: the target may run on it, too."""

from __future__ import annotations

from pathlib import Path

SATURATED = 0.9
"""Part of all processors in use, from which on a machine has nothing to spare."""


def ticks(text: str) -> tuple[int, int] | None:
    """Idle and all ticks in the text of `/proc/stat`; None where it is another text. Pure."""
    first = text.partition("\n")[0].split()
    if not first or first[0] != "cpu" or not all(one.isdigit() for one in first[1:]) or len(first) < 6:
        return None
    numbers = [int(one) for one in first[1:9]]
    return numbers[3] + numbers[4], sum(numbers)


class Machine:
    """Measures the use of the processors from when it is made."""

    def __init__(self, file: Path = Path("/proc/stat")) -> None:
        self._file = file
        self._before = self._read()

    def use(self) -> float:
        """Part of all processors in use since then, from 0 to 1; 0 where the system does not say."""
        now = self._read()
        if now is None or self._before is None or now[1] <= self._before[1]:
            return 0.0
        return 1 - (now[0] - self._before[0]) / (now[1] - self._before[1])

    def _read(self) -> tuple[int, int] | None:
        try:
            return ticks(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
