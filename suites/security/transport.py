"""Strict-Transport-Security, certificates, and what is served without TLS. Pure."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509

from harness.http.content import is_json
from harness.http.exchange import Exchange
from harness.rules.verdict import Impact, Level

STS = "strict-transport-security"
_DIRECTIVE = re.compile(
    r"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*(?:=\s*(\"[^\"]*\"|[!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*)?\Z"
)
SHORT = 180 * 86_400
"""Seconds: below that a user who is away for some months is unprotected at the next visit."""
SOON = 14
"""Days before the end of a certificate from which on its renewal is overdue."""


@dataclass(frozen=True)
class Flaw:
    """Something that is wrong, with what it comes to where that is not the rule's own.

    Attributes:
        level, impact: None for the rule's own.
    """

    text: str
    level: Level | None = None
    impact: Impact | None = None


def named(url: str) -> bool:
    """Whether a URL's host has a name: browsers ignore the field for an address (RFC 6797 section 8.1)."""
    try:
        ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return True
    return False


def policy_flaw(answer: Exchange) -> Flaw | None:
    """What is wrong with the policy of a response over TLS (RFC 6797 sections 6.1 and 7.1), or None."""
    values = [value for name, value in answer.response_fields if name.lower() == STS]
    if not values:
        return Flaw("no Strict-Transport-Security")
    shown = "; ".join(f"Strict-Transport-Security: {value}" for value in values)
    if len(values) > 1:
        return Flaw(f"{len(values)} fields: {shown}", Level.MUST)
    directives: dict[str, str] = {}
    for part in values[0].split(";"):
        if not part.strip():
            continue
        found = _DIRECTIVE.match(part)
        if found is None:
            return Flaw(f"{shown}: {part.strip()!r} is no directive", Level.MUST)
        if found[1].lower() in directives:
            return Flaw(f"{shown}: {found[1]} is there twice", Level.MUST)
        directives[found[1].lower()] = (found[2] or "").strip('"')
    age = directives.get("max-age")
    if age is None or not age.isdigit():
        return Flaw(f"{shown}: {'max-age is missing' if age is None else 'max-age is no number'}", Level.MUST)
    if int(age) == 0:
        return Flaw(f"{shown}: it ends the policy")
    return Flaw(f"{shown}: less than 180 days", None, Impact.MINOR) if int(age) < SHORT else None


def plain_flaw(answer: Exchange) -> Flaw | None:
    """What is wrong with a response without TLS (RFC 6797 section 7.2), or None.

    Args:
        answer: to a GET that succeeds over TLS.
    """
    status, text = answer.status or 0, answer.summary()
    if (value := answer.field(STS)) is not None:
        return Flaw(f"{text} over http: Strict-Transport-Security: {value}")
    if 200 <= status < 300 and is_json(answer.media_type):
        return Flaw(f"{text} over http: the API is served in clear", Level.SHOULD, Impact.CRITICAL)
    if status == 401:
        challenge = answer.field("www-authenticate") or "none"
        return Flaw(f"{text} over http asks for a credential (WWW-Authenticate: {challenge})", Level.SHOULD)
    location = answer.field("location") or ""
    if 300 <= status < 400 and location.startswith("https:"):
        return Flaw(
            f"{text} over http: Location: {location}; a client with the wrong URL sends its credential in clear with "
            "each request, and works",
            Level.SHOULD,
            Impact.MINOR,
        )
    return None


def certificate_flaws(der: bytes, host: str, now: dt.datetime) -> list[Flaw]:
    """What is wrong with a certificate's dates and names (RFC 5280 section 4.1.2.5, RFC 9110 section 4.3.4).

    Args:
        host: name or address of the target.
    """
    made = x509.load_der_x509_certificate(der)
    found = []
    if now > made.not_valid_after_utc:
        found.append(Flaw(f"it expired on {made.not_valid_after_utc:%Y-%m-%d}"))
    elif now < made.not_valid_before_utc:
        found.append(Flaw(f"it is valid from {made.not_valid_before_utc:%Y-%m-%d} on"))
    elif (left := (made.not_valid_after_utc - now).days) < SOON:
        found.append(Flaw(f"it ends on {made.not_valid_after_utc:%Y-%m-%d}, in {left} days", Level.SHOULD))
    names = certified(made)
    if not any(covers(name, host) for name in names):
        found.append(Flaw(f"it is for {', '.join(names) or 'no name'}, not for {host}"))
    return found


def certified(made: x509.Certificate) -> list[str]:
    """The names and addresses that a certificate is for; the common name does not count (RFC 9525 section 6.3)."""
    try:
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [
        *names.get_values_for_type(x509.DNSName),
        *(str(address) for address in names.get_values_for_type(x509.IPAddress)),
    ]


def covers(name: str, host: str) -> bool:
    """Whether a name of a certificate is a host's, or a wildcard for its leftmost label (RFC 9525 section 6.3)."""
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if name.startswith("*."):
        label, dot, rest = host.partition(".")
        return bool(label and dot) and rest == name[2:]
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(host)
    except ValueError:
        return name == host
