"""Files that are there whole or not at all: a reader never sees half a report."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from harness.bad_input import BadInput


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text to a file by renaming a finished neighbour over it.

    Raises:
        BadInput: the file cannot be written.
    """
    return write_bytes(path, text.encode(errors="replace"))


def write_bytes(path: Path, octets: bytes) -> Path:
    """Write a file by renaming a finished neighbour over it.

    Raises:
        BadInput: the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            file.write(octets)
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise BadInput(
            str(path), f"cannot be written ({error.strerror or error})", "give a directory you may write to"
        ) from None
    return path
