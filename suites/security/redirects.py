"""Redirects to wherever a parameter says: which parameters and paths they are tried at, and where one leads. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

NAMES = (
    "next",
    "redirect",
    "redirect_to",
    "redirect_uri",
    "redirect_url",
    "return",
    "return_to",
    "returnTo",
    "returnUrl",
    "continue",
    "callback",
    "goto",
    "destination",
    "url",
    "target",
)
"""Usual names of a parameter that says where to go on, the most frequent first."""
PATHS = ("login", "logout", "signin", "auth/login", "auth/logout", "redirect")
"""Where such parameters are tried although no document has them."""
MOST = 6

_GOES_ON = re.compile(
    r"next|redirect(?:[-_]?(?:to|ur[il]|after))?|return(?:[-_]?(?:to|ur[il]|path))?|continue|callback(?:[-_]?ur[il])?"
    r"|goto|back(?:[-_]?ur[il])?|dest(?:ination)?|(?:success|cancel|failure|error)[-_]?ur[il]"
    r"|(?:post[-_]logout[-_])?redirect[-_]ur[il]|relay[-_]?state",
    re.IGNORECASE,
)
_ANY_PLACE = re.compile(r"ur[il]|link|target|to|u|out|site", re.IGNORECASE)
_ENDS_SESSIONS = re.compile(r"log-?_?out|sign-?_?out|revoke|end-?_?session|terminate", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A GET with parameters that may say where to go on.

    Attributes:
        path: relative to the target, or absolute.
        names: of the parameters.
        documented: whether the document has them.
    """

    path: str
    names: tuple[str, ...]
    documented: bool = False

    @property
    def ends_sessions(self) -> bool:
        """Whether the request may end the session of whoever sends it."""
        return _ENDS_SESSIONS.search(self.path) is not None


def documented_places(parameters: Iterable[tuple[str, str]]) -> list[Place]:
    """The documented GETs without path parameters that take such a parameter.

    Args:
        parameters: path template and name of each documented query parameter.
    """
    found: dict[str, list[str]] = {}
    for path, name in parameters:
        if "{" not in path and (goes_on(name) or _ANY_PLACE.fullmatch(name)):
            found.setdefault(path, []).append(name)
    return [Place(path, tuple(names), True) for path, names in sorted(found.items())][:MOST]


def usual_places(base: str, documented: Iterable[str]) -> list[Place]:
    """Usual paths below the target that the document does not have with such a parameter, all names in one request.

    Args:
        base: the target's URL.
        documented: paths with such a parameter.
    """
    taken = {path.strip("/") for path in documented}
    return [Place(f"{base.rstrip('/')}/{path}", NAMES) for path in PATHS if path not in taken]


def goes_on(name: str) -> bool:
    """Whether a parameter is called like where a client goes on after a login, a logout or a payment.

    What is called `url` may be the address of a place outside that the endpoint is there to lead to.
    """
    return _GOES_ON.fullmatch(name) is not None


def destinations(host: str, own: str) -> Mapping[str, str]:
    """Values that lead to a host, by what they are called in findings: each gets past another careless check.

    Args:
        host: that nobody owns.
        own: name of the target's host.
    """
    return {
        "an absolute URL": f"https://{host}/",
        "a URL without a scheme": f"//{host}/",
        "a URL with a backslash": f"/\\{host}/",
        "a host that begins with the API's": f"https://{own}.{host}/",
        "a URL with the API's host as user": f"https://{own}@{host}/",
    }


def leads_to(host: str, url: str, status: int, fields: Mapping[str, str]) -> str | None:
    """Where a redirect leads, if that is a host or a name below it, as browsers read it; None where it does not.

    Args:
        host: that nobody owns.
        url: of the request.
        fields: of the response.
    """
    for value, where in _redirects(url, status, fields):
        found = where.hostname or ""
        if found == host or found.endswith(f".{host}"):
            return value
    return None


def goes_to_path(path: str, url: str, status: int, fields: Mapping[str, str]) -> bool:
    """Whether a redirect leads to a path, as its parameter said; arguments as of `leads_to()`."""
    return any(where.path.endswith(path) for _, where in _redirects(url, status, fields))


def _redirects(url: str, status: int, fields: Mapping[str, str]) -> Iterator[tuple[str, SplitResult]]:
    """Where a response sends a browser: as it is written, and as it is read."""
    values = [fields.get("location", "")] if 300 <= status < 400 else []
    refresh = re.search(r"url\s*=\s*['\"]?([^'\"]+)", fields.get("refresh", ""), re.IGNORECASE)
    values += [refresh[1]] if refresh is not None else []
    for value in values:
        # Browsers take a backslash for a slash (URL Standard, "special URLs"), and drop tabs and line breaks.
        read = re.sub(r"[\t\r\n]", "", value.strip()).replace("\\", "/")
        try:
            yield value, urlsplit(urljoin(url, read))
        except ValueError:
            continue
