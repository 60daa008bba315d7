"""The one error for what a user gave us: it names the place, the key and the mend, in one line."""

from __future__ import annotations


class BadInput(Exception):
    """Something the user gave (URL, profile, credential, document) cannot be used.

    Becomes one line on the terminal and exit code 4; raised before any rule runs.

    Args:
        where: the file, option or URL at fault.
        what: what is wrong with it, in plain words.
        mend: what to do about it; empty when `what` says it already.
    """

    def __init__(self, where: str, what: str, mend: str = "") -> None:
        self.where, self.what, self.mend = where, what, mend
        super().__init__(where, what, mend)

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}"
        if self.mend:
            line += f"; {self.mend}"
        return " ".join(line.split())
