"""Judgement of requests that must not depend on what was sent before them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

BUSY = frozenset({408, 429, 502, 503, 504})
"""Statuses that say nothing about who sent the request."""
REFUSED = frozenset({401, 403, 404, 410})


@dataclass(frozen=True)
class Seen:
    """One answer.

    Attributes:
        shows: whether the item of client A is in it.
        summary: request and status, for a finding.
    """

    status: int
    shows: bool = False
    summary: str = ""

    @property
    def served(self) -> bool:
        return self.status < 300


@dataclass(frozen=True)
class Step:
    """One request on a connection that several clients use.

    Attributes:
        who: sent it, as in "client A".
        alone: what the same request was answered on a connection of its own.
        before: who has used the connection before, in order.
    """

    who: str
    alone: Seen
    shared: Seen
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Confusion:
    """An answer that depends on who has used the connection before.

    Attributes:
        who: sent the request.
        what: in words.
        leak: whether somebody was let in who is not on a connection of its own.
    """

    who: str
    what: str
    leak: bool


def confusions(steps: Iterable[Step]) -> list[Confusion]:
    """The answers that depend on the connection, one of each kind for each sender, the leaks first.

    The first request on a connection shows nothing. Those are left out, and what a busy server refused.
    """
    found = [one for step in steps if step.before and (one := _confusion(step)) is not None]
    first: dict[tuple[str, bool], Confusion] = {}
    for one in found:
        first.setdefault((one.who, one.leak), one)
    return sorted(first.values(), key=lambda one: not one.leak)


def _confusion(step: Step) -> Confusion | None:
    alone, shared = step.alone, step.shared
    if {alone.status, shared.status} & BUSY:
        return None
    after = " and ".join(dict.fromkeys(step.before))
    both = f"{step.who} after {after}: {shared.summary}"
    if shared.shows and not alone.shows:
        return Confusion(
            step.who, f"{both}, with the item of client A; on its own connection {alone.status}", True
        )
    if shared.served and alone.status in REFUSED:
        return Confusion(step.who, f"{both}; on its own connection {alone.status}", True)
    if shared.status != alone.status or shared.shows != alone.shows:
        lost = "" if shared.shows or not alone.shows else ", without its item"
        return Confusion(step.who, f"{both}{lost}; on its own connection {alone.status}", False)
    return None


# -- cookies ---------------------------------------------------------------------------------------------

_AFFINITY = re.compile(
    r"AWSALB|AWSELB|BIGipServer|ARRAffinity|INGRESSCOOKIE|GCLB|GAESA|NSC_|SERVERID|SRVNAME|ApplicationGatewayAffinity"
    r"|stickounet|route$|ROUTEID|X-Mapping|lb$|_?sticky|dtCookie|heroku-session-affinity|X-Oracle-BMC-LBS",
    re.I,
)
_EDGE = re.compile(
    r"__cf|_cfuvid|cf_|incap_ses|visid_incap|nlbi_|ak_bmsc|bm_|_abck|datadome|TS[0-9a-f]{6,}|_ga|_gid|__utm|_hj|aws-waf",
    re.I,
)
_SESSION = re.compile(r"sess|sid\b|sid$|auth|token|jwt|login|identity|remember|\.ASPXAUTH", re.I)
_FORGERY = re.compile(r"csrf|xsrf", re.I)


def cookie_kind(name: str) -> str:
    """What a cookie is for, by its name: `affinity`, `edge` (firewalls, analytics), `session` or `other`."""
    if _AFFINITY.match(name):
        return "affinity"
    if _EDGE.match(name):
        return "edge"
    if _FORGERY.search(name):
        return "other"
    return "session" if _SESSION.search(name) else "other"


def pair_of(set_cookie: str) -> tuple[str, str] | None:
    """Name and value of a Set-Cookie line (RFC 6265 section 5.2); None where it removes the cookie, or is malformed."""
    pair, _, attributes = set_cookie.partition(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(), value.strip()
    expired = re.search(r"(?i)max-age=(?:0|-\d+)\b|expires=[^;]*\b19[789]\d\b", attributes)
    return (name, value) if equals and name and value.strip('"') and not expired else None


# -- reads -----------------------------------------------------------------------------------------------


def varying(statuses: Sequence[int]) -> bool:
    """Whether the same read is served at one time and refused at another, in spite of valid credentials."""
    return any(one < 300 for one in statuses) and any(one in REFUSED for one in statuses)


def alternating(statuses: Sequence[int]) -> bool:
    """Whether an item is there, is not, and is again: not what a late read or a removal by others looks like.

    Args:
        statuses: of the same read, in order, after the consistency window.
    """
    there = [one < 300 for one in statuses if one < 300 or one in (404, 410)]
    turns = sum(earlier != later for earlier, later in pairwise(there))
    return turns >= 2


@dataclass(frozen=True)
class Glance:
    """What one read of an item showed.

    Attributes:
        value: of the member that its flow changed.
        own: the value that the flow wrote last.
        others: values that other flows wrote, and the name of each.
    """

    summary: str
    value: object
    own: object
    others: tuple[tuple[str, object], ...] = ()

    def fault(self, flow: str) -> str | None:
        """What is wrong with it, as the item of a flow; None where it shows what the flow wrote."""
        if self.value == self.own:
            return None
        for name, value in self.others:
            if self.value == value:
                return f"the item of {flow} shows what {name} wrote ({self.summary})"
        return f"the item of {flow} does not show what it wrote last ({self.summary})"


# -- pages -----------------------------------------------------------------------------------------------


def unlike(usual: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> str | None:
    """How the pages of one traversal differ from those of another, or None.

    Args:
        usual, other: ids on each page, in order.
    """
    for number, page in enumerate(usual, 1):
        if number > len(other):
            return f"it ends after {len(other)} pages, where there are {len(usual)}"
        if list(other[number - 1]) != list(page):
            return (
                f"page {number} has the items {', '.join(other[number - 1]) or 'none'}, not {', '.join(page)}"
            )
    return f"it has {len(other)} pages, where there are {len(usual)}" if len(other) > len(usual) else None
