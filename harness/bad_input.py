"""The one error for what a user gave us: it names the place, the key and the fix, in one line."""

from __future__ import annotations


class BadInput(Exception):
    """Something the user gave (URL, profile, credential, document) cannot be used.

    Becomes one line on the terminal and exit code 4; raised before any rule runs.

    Args:
        where: the file, option or URL at fault.
        what: what is wrong with it, in plain words.
        fix: what to do about it; empty when `what` says it already.
    """

    def __init__(self, where: str, what: str, fix: str = "") -> None:
        self.where, self.what, self.fix = where, what, fix
        super().__init__(where, what, fix)

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}"
        if self.fix:
            line += f"; {self.fix}"
        return " ".join(line.split())
