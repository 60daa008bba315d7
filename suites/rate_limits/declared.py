"""Judgement of a rate limit that the document or the profile declares, and that may not be there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.http.exchange import Exchange
from harness.http.path_templates import matches
from harness.profile.models import RateLimit, Resource, State
from harness.quota.fields import is_quota_field
from harness.rules.judge_result import Ruling
from harness.survey.infer.rate_limits import DOCUMENTED
from harness.survey.openapi.promises import DocumentedAnswer

FEWEST = 5
"""Responses that show that a field is never sent."""
REQUESTS = 3
"""Requests that show that an endpoint always fails."""


def is_declared(limit: RateLimit) -> bool:
    """Whether the profile or the document has a limit, not the responses alone."""
    return limit.state is State.DECLARED or limit.because.startswith(DOCUMENTED)


# -- an endpoint that always fails -----------------------------------------------------------------------


def always_fails(answers: Sequence[Exchange]) -> str | None:
    """What shows that an endpoint answers every GET with a server error, or None.

    503 alone shows nothing: it is temporary by definition (RFC 9110 section 15.6.4), and may refuse an excess.
    """
    statuses = {one.status for one in answers}
    if len(answers) < REQUESTS or any(status is None or status < 500 for status in statuses):
        return None
    if statuses == {503}:
        return None
    return f"{answers[-1].summary()}, and no other answer to {len(answers)} requests"


def judged_elsewhere(path: str, resources: Iterable[Resource]) -> bool:
    """Whether DOC-001 or DOC-004 judges GET of a path: the list of a resource that is documented or declared."""
    plain = path.partition("?")[0]
    return any(
        one.collection == plain
        and (
            one.missing("openapi") is None
            or ("list" in one.capabilities and one.capabilities["list"].declaration)
        )
        for one in resources
    )


# -- fields that are never sent --------------------------------------------------------------------------


@dataclass(frozen=True)
class Promised:
    """Quota fields that a document has for the successful responses of one operation."""

    method: str
    path: str
    status: str
    names: tuple[str, ...]

    def answered_by(self, exchange: Exchange, base: str) -> bool:
        """Whether an exchange is such a response.

        Args:
            base: the target's URL.
        """
        if exchange.method != self.method or not exchange.url.startswith(base) or exchange.status is None:
            return False
        code = str(exchange.status)
        path = urlsplit(exchange.url.removeprefix(base)).path or "/"
        return self.status in (code, f"{code[0]}XX") and matches(self.path, path)


def quota_promises(answers: Iterable[DocumentedAnswer], path: str | None = None) -> list[Promised]:
    """The quota fields of successful responses that no description makes conditional.

    None where a field is marked as required: DOC-002 judges those.

    Args:
        path: of the operations; all when omitted.
    """
    plain = None if path is None else path.partition("?")[0]
    found = []
    for one in answers:
        if not one.status.startswith("2") or not (plain is None or matches(one.path, plain)):
            continue
        if any(is_quota_field(name) for name in one.required):
            return []
        names = tuple(name for name in one.optional if is_quota_field(name) and name not in one.conditional)
        if names:
            found.append(Promised(one.method, one.path, one.status, names))
    return found


def documents(answers: Iterable[DocumentedAnswer], *, older: bool) -> bool:
    """Whether the document has quota fields of a dialect for successful responses.

    Args:
        older: X-RateLimit-* and those of the first drafts, or else RateLimit and RateLimit-Policy.
    """
    names = [
        name.lower()
        for one in answers
        if one.status.startswith("2")
        for name in (*one.required, *one.optional)
        if is_quota_field(name) and name not in one.conditional
    ]
    return any((name not in ("ratelimit", "ratelimit-policy")) is older for name in names)


def has_quota_fields(exchange: Exchange) -> bool:
    """Whether a response has a quota field of any dialect."""
    return any(is_quota_field(name) for name, _ in exchange.response_fields)


def fields_never_sent(promised: Sequence[Promised], exchanges: Sequence[Exchange], base: str) -> Ruling:
    """Whether documented quota fields are in any response at all.

    Args:
        exchanges: all that are at hand, of every operation and status.
        base: the target's URL.
    """
    judged = [one for one in exchanges if any(promise.answered_by(one, base) for promise in promised)]
    carrying = [one for one in exchanges if has_quota_fields(one)]
    first = promised[0]
    what = f"{', '.join(first.names)} in {first.status} to {first.method} {first.path}"
    if carrying:
        return Ruling(evidence=(f"quota fields, as documented: {carrying[0].summary()}",))
    if len(judged) < FEWEST:
        return Ruling(
            undecided=f"the document has {what}; {len(judged)} such responses are too few to say that it is never sent"
        )
    return Ruling(
        breach=f"the document has {what}; none of {len(judged)} such responses has a quota field: "
        f"{judged[-1].summary()}"
    )


def may_await_exhaustion(promised: Sequence[Promised]) -> bool:
    """Whether all promised fields are of the Internet-Drafts, by which they may be left out until a quota is low."""
    return not any(name.lower().startswith("x-") for one in promised for name in one.names)
