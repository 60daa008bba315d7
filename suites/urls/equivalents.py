"""Other spellings of a path (RFC 3986 section 6.2.2), and what their answers may be. Pure; no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from harness.http.content import is_json
from harness.http.exchange import Exchange


@dataclass(frozen=True)
class Spelling:
    """A URL that differs from another one in the spelling of its path.

    Attributes:
        what: how it differs.
        url: never normalised: it has to be sent over a raw connection.
    """

    what: str
    url: str


def spellings(url: str, base_path: str) -> list[Spelling]:
    """Other spellings of the path of a URL, from those that clients send to those that attackers do.

    Args:
        base_path: path of the target's URL, which stays as it is; empty at the root.
    """
    parts = urlsplit(url)
    path = parts.path
    inner = path.removeprefix(base_path)
    name = re.search(r"/([A-Za-z])", inner)
    found = [("a slash at the end removed" if path.endswith("/") else "a slash at the end", path.rstrip("/"))]
    if not path.endswith("/"):
        found = [(found[0][0], f"{path}/")]
    found += [
        ("two slashes", f"{base_path}/{inner}"),
        ("a dot segment", f"{base_path}/.{inner}"),
        ("a dot-dot segment", f"{base_path}/x/..{inner}"),
    ]
    if name is not None:
        at = len(base_path) + name.start(1)
        coded = f"%{ord(path[at]):02X}"
        found.append((f"{coded} for {path[at]}", path[:at] + coded + path[at + 1 :]))
        end = at + len(re.match(r"[A-Za-z]+", path[at:])[0])  # type: ignore[index]
        found.append(("capital letters", path[:at] + path[at:end].swapcase() + path[end:]))
    return [
        Spelling(what, urlunsplit(parts._replace(path=new))) for what, new in found if new and new != path
    ]


def is_fault(answer: Exchange, usual: Exchange) -> str | None:
    """Why an answer to another spelling is a fault, whatever its content; None if it is none.

    Args:
        usual: the answer to the URL as it is spelled by the API.
    """
    status = answer.status or 0
    if status >= 500 and status not in (501, 503) and (usual.status or 0) < 500:
        return f"{answer.summary()}: a request that differs in spelling only is no server error"
    return None


def shows(answer: Exchange) -> bool:
    """Whether an answer is a representation of the API: JSON with 2xx, no page for browsers."""
    return 200 <= (answer.status or 0) < 300 and is_json(answer.media_type)


def another(one: Any, other: Any) -> bool:
    """Whether two lists are of different resources: only their top level is compared, since items come and go."""
    if isinstance(one, dict) and isinstance(other, dict):
        return set(one) != set(other)
    return type(one) is not type(other)
