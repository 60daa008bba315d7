"""Cookies that responses set: which of them identify a client, and what protects them (RFC 6265bis). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from harness.http.exchange import Exchange

_SESSION = re.compile(
    r"(?:__host-|__secure-)?(?:.*[-_.])?"
    r"(?:sid|sess|session|sessionid|session[-_]?id|session[-_]?token|jsessionid|phpsessid|asp\.net[-_]sessionid|aspsessionid\w*"
    r"|auth|auth[-_]?token|access[-_]?token|refresh[-_]?token|id[-_]?token|jwt|remember[-_]?me|remember_token)\Z",
    re.I,
)
_OTHERS = re.compile(
    r"(?:awsalb|awsalbcors|awsalbtg|awsalbtgcors|awselb|awselbcors|bigipserver.*|ts[0-9a-f]{8,}.*|__cf.*|_cf.*|cf_.*"
    r"|arraffinity.*|affinity.*|applicationgatewayaffinity.*|route|routeid|serverid|srv|gclb|ingresscookie"
    r"|incap_ses.*|visid_incap.*|nlbi_.*|ak_bmsc|bm_.*|_abck|_ga.*|_gid|_gat.*|_fbp|_hj.*|mp_.*|ajs_.*|optimizely.*"
    r"|locale|lang|language|.*csrf.*|.*xsrf.*)\Z",
    re.I,
)
"""Cookies of load balancers, firewalls and analytics, and tokens that scripts are meant to read."""


@dataclass(frozen=True)
class SetCookie:
    """A cookie as a response sets it.

    Attributes:
        attributes: values by name, both in lower case; an empty value for a flag.
        exchange: whose response sets it.
    """

    name: str
    attributes: dict[str, str]
    exchange: Exchange

    def has(self, name: str) -> bool:
        return name in self.attributes

    @property
    def same_site(self) -> str:
        """The value of SameSite in lower case; empty where there is none."""
        return self.attributes.get("samesite", "")

    @property
    def removes(self) -> bool:
        """Whether it only removes the cookie."""
        return self.attributes.get("max-age", "").lstrip("-") == "0" or self.attributes.get(
            "max-age", ""
        ).startswith("-")


def set_by(exchanges: Iterable[Exchange]) -> list[SetCookie]:
    """The cookies that responses set, in order (RFC 6265 section 5.2)."""
    return [
        cookie
        for one in exchanges
        for name, value in one.response_fields
        if name.lower() == "set-cookie" and (cookie := parse(value, one)) is not None
    ]


def parse(value: str, exchange: Exchange) -> SetCookie | None:
    """The cookie of one Set-Cookie field; None for one that browsers ignore."""
    first, *rest = value.split(";")
    name, equals, _ = first.partition("=")
    if not equals or not name.strip():
        return None
    pairs = (one.partition("=") for one in rest)
    attributes = {key.strip().lower(): text.strip().lower() for key, _, text in pairs if key.strip()}
    return SetCookie(name.strip(), attributes, exchange)


def identifies(name: str, declared: Collection[str]) -> bool:
    """Whether a cookie identifies a client, by the profile or else by its name."""
    if declared:
        return name in declared
    return _SESSION.match(name) is not None and _OTHERS.match(name) is None


def faults(cookie: SetCookie, *, secure: bool) -> list[str]:
    """What does not protect a session cookie (RFC 6265bis sections 4.1.2 and 4.1.3).

    Args:
        secure: whether the response came over TLS; a server may leave out Secure where it did not.
    """
    found = []
    if secure and not cookie.has("secure"):
        found.append("no Secure: it is sent without TLS, too")
    if not cookie.has("httponly"):
        found.append("no HttpOnly: scripts read it")
    if not cookie.has("samesite"):
        found.append("no SameSite: some browsers send it with requests from other sites")
    if cookie.same_site == "none" and not cookie.has("secure"):
        found.append("SameSite=None without Secure: browsers reject it")
    return found + prefix_faults(cookie)


def prefix_faults(cookie: SetCookie) -> list[str]:
    """Why browsers reject a cookie with a prefix in its name (RFC 6265bis section 4.1.3)."""
    low = cookie.name.lower()
    if low.startswith("__secure-") and not cookie.has("secure"):
        return ["the prefix __Secure- without Secure: browsers reject it"]
    if low.startswith("__host-") and (
        not cookie.has("secure") or cookie.has("domain") or cookie.attributes.get("path") != "/"
    ):
        return ["the prefix __Host- asks for Secure, Path=/ and no Domain: browsers reject it"]
    return []
