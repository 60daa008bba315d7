"""Challenges in WWW-Authenticate (RFC 9110 sections 11.2 to 11.6), and what Bearer requires of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_START = re.compile(rf"({_TOKEN})(?=[ \t]*(?:,|\Z)|[ \t]+)")
_PARAMETER = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|{_TOKEN})(?=[ \t]*(?:,|\Z))')
_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|\Z))")
_BETWEEN = re.compile(r"[ \t]*,[ \t,]*")


class ChallengeSyntax(ValueError):
    """The field's value does not match the grammar."""


@dataclass(frozen=True)
class Challenge:
    """One challenge.

    Attributes:
        scheme: in lower case.
        parameters: name in lower case and value as written, quotes included.
        token68: what follows the scheme instead of parameters; empty for none.
    """

    scheme: str
    parameters: tuple[tuple[str, str], ...] = ()
    token68: str = ""

    def value(self, name: str) -> str | None:
        """The value of a parameter without quotes; None without it."""
        for key, value in self.parameters:
            if key == name:
                return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        return None


def parse(field: str) -> list[Challenge]:
    """The challenges of a field.

    Args:
        field: its value, lines joined by commas.

    Raises:
        ChallengeSyntax: says what is wrong.
    """
    made: list[Challenge] = []
    rest = field.strip(" \t,")
    while rest:
        found = _START.match(rest)
        if found is None:
            raise ChallengeSyntax(f"no scheme at {rest[:40]!r}")
        scheme, rest = found[1].lower(), rest[found.end() :].lstrip(" \t")
        parameters: list[tuple[str, str]] = []
        token68 = ""
        if (plain := _TOKEN68.match(rest)) and not _PARAMETER.match(rest):
            token68, rest = plain[0], rest[plain.end() :]
        else:
            while one := _PARAMETER.match(rest):
                parameters.append((one[1].lower(), one[2]))
                rest = rest[one.end() :]
                between = _BETWEEN.match(rest)
                if between is None or not _PARAMETER.match(rest[between.end() :]):
                    break
                rest = rest[between.end() :]
        made.append(Challenge(scheme, tuple(parameters), token68))
        if rest and (between := _BETWEEN.match(rest)) is None:
            raise ChallengeSyntax(f"{rest[:40]!r} after the scheme {scheme} is no parameter")
        rest = rest[between.end() :] if rest and between else ""
    return made


def faults(field: str | None) -> list[str]:
    """What is wrong with the WWW-Authenticate field of a 401 (RFC 9110 sections 11.2, 11.5 and 11.6.1)."""
    if field is None:
        return ["no WWW-Authenticate field"]
    try:
        challenges = parse(field)
    except ChallengeSyntax as problem:
        return [f"WWW-Authenticate: {field}: {problem}"]
    if not challenges:
        return ["an empty WWW-Authenticate field"]
    found = []
    for one in challenges:
        names = [name for name, _ in one.parameters]
        found += [
            f"{one.scheme} has the parameter {name} twice"
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        found += [
            f"realm={value} of {one.scheme} is not a quoted string"
            for name, value in one.parameters
            if name == "realm" and not value.startswith('"')
        ]
    return found


def bearer(field: str | None) -> Challenge | None:
    """The Bearer challenge of a field, or None."""
    try:
        return next((one for one in parse(field or "") if one.scheme == "bearer"), None)
    except ChallengeSyntax:
        return None


INVALID_TOKEN = "invalid_token"
ERRORS = {"invalid_request": 400, INVALID_TOKEN: 401, "insufficient_scope": 403}
"""Error codes and their statuses (RFC 6750 section 3.1)."""


def misused(challenge: Challenge, status: int, *, sent: bool) -> str | None:
    """How the error code of a Bearer challenge breaks RFC 6750 section 3, or None.

    Args:
        sent: whether the request carried a token.
    """
    error = challenge.value("error")
    if error is None:
        return None
    if not sent and status == 401:
        return f"error={error} for a request without any credentials"
    # 403 without valid credentials is the wrong status in the first place: AUTH-001 judges that.
    if error in ERRORS and ERRORS[error] != status and (error, status) != (INVALID_TOKEN, 403):
        return f"error={error} with {status}, where it belongs to {ERRORS[error]}"
    return None
