"""Judgement of media types: labels, negotiation and refusals. Pure; no I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from harness.http.content import MISSING, at, differences, is_json, member_names, shown_at, too_deep
from harness.http.error_statuses import BROKEN, HOLDS, OPEN, Assessment
from harness.http.exchange import Exchange

NOWHERE = "application/x-harness-none"
"""A media type that no API offers."""
GATES = frozenset({401, 403, 407, 429, 503})
_NOT_JSON = ("text/html", "text/plain")


def plain(value: str) -> str:
    """Type and subtype of a media type, in lower case (RFC 9110 section 8.3.1)."""
    return value.partition(";")[0].strip().lower()


def _refused(word: str) -> Any:
    raise ValueError(word)


def _json(text: str) -> Any:
    """The value, or `MISSING`; NEGO-002 judges byte order marks."""
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refused)
        return {} if too_deep(value) else value
    except RecursionError:
        return {}
    except ValueError:
        return MISSING


def label_fault(exchange: Exchange) -> str | None:
    """Why the content of a response does not match its Content-Type, or None."""
    body = exchange.response_body
    if not exchange.status or exchange.method == "HEAD" or exchange.status in (204, 304) or not body.size:
        return None
    kind = exchange.media_type
    if not kind:
        return "content without Content-Type"
    # NEGO-002 judges encodings other than UTF-8.
    if body.cut or "\0" in body.text or "\ufffd" in body.text:
        return None
    value = _json(body.text)
    if is_json(kind) and value is MISSING:
        return f"Content-Type: {kind}, but the content is not JSON"
    if kind in _NOT_JSON and isinstance(value, dict | list) and value:
        return f"Content-Type: {kind}, but the content is JSON"
    return None


def matches(kind: str, wanted: str) -> bool:
    """Whether a media type is in a media range; parameters are ignored."""
    kind, wanted = plain(kind), plain(wanted)
    return wanted in ("*/*", kind) or (wanted.endswith("/*") and kind.startswith(wanted[:-1]))


def served_fault(status: int, kind: str, wanted: str, offered: Iterable[str]) -> str | None:
    """The fault of the response to a GET with one media range in Accept, or None.

    Args:
        kind: Content-Type of the response.
        wanted: the range; empty where no Accept was sent, which accepts everything.
        offered: media types that are documented.
    """
    if not 200 <= status < 300:
        return f"{status}, though {wanted or 'what is offered'} is documented"
    if wanted and not matches(kind, wanted):
        return f"Content-Type: {kind or 'none'}, where Accept: {wanted} requests another documented type"
    if not any(matches(kind, one) for one in offered):
        return f"Content-Type: {kind or 'none'}, which is not documented"
    return None


def unacceptable(status: int, kind: str, *, truthful: bool) -> tuple[Assessment, str]:
    """Judge the response to an Accept that excludes every offered type (RFC 9110 sections 15.5.7 and 12.4.1).

    Args:
        kind: its media type.
        truthful: whether its content matches its label.

    Returns:
        The assessment, and the fault.
    """
    if status == 406:
        return HOLDS, ""
    if status in GATES or 300 <= status < 400:
        return OPEN, f"{status}"
    if status >= 500:
        return BROKEN, f"{status}: a server error"
    if status >= 400:
        return BROKEN, f"{status}, not 406"
    if kind == NOWHERE or not truthful:
        return BROKEN, f"{status} with content that is labelled {kind or 'not at all'}, which is wrong"
    return BROKEN, f"{status} with {kind}: Accept is disregarded, as RFC 9110 section 12.4.1 allows"


def weighed_fault(kind: str, better: str, worse: str) -> str | None:
    """The fault where the type with the lower weight, or the excluded one, was served; or None."""
    if plain(kind) == plain(better):
        return None
    if plain(kind) == plain(worse):
        return f"{worse} was served, though {better} has the higher weight"
    return f"{kind or 'nothing labelled'} was served, which was not requested"


def label_ruling(status: int, label: str | None, *, kept: bool | None) -> tuple[Assessment, str]:
    """Judge the response to JSON under another label (RFC 9110 section 15.5.16).

    Forms and XML may be supported without being documented; a parser of them fails on the JSON, and the status is
    not 415 then. No API reads an item from text/plain.

    Args:
        label: the Content-Type sent; None for none, where the recipient may guess (section 8.3).
        kept: for a success, whether the item has the values of the JSON; None where undecided.

    Returns:
        The assessment, and the fault or remark, without the status.
    """
    if status == 415:
        return HOLDS, ""
    if status in GATES or 300 <= status < 400:
        return OPEN, "the response is unrelated to the label"
    if status >= 500:
        return BROKEN, "a server error"
    if label is None:
        guessed = "the content was read as JSON, as RFC 9110 section 8.3 allows" if status < 300 else ""
        return HOLDS, guessed
    if status < 300 and kept:
        return BROKEN, "the label was ignored, and the content read as JSON"
    if label != "text/plain" or (status < 300 and kept is None):
        return OPEN, f"{label} may be supported"
    if status < 300:
        return BROKEN, "executed without the content, which was dropped"
    return BROKEN, "not 415"


def claim_fault(
    applied: str | None, asked: str, status: int, content: Any, whole: Any
) -> tuple[str, bool] | None:
    """The fault of Preference-Applied (RFC 7240 section 3), and whether it is certain; None without one.

    Args:
        applied: the field's value.
        asked: the preference that was sent.
        status: of the response.
        content: its JSON, `MISSING` where it has none.
        whole: the representation as a GET shows it.
    """
    claimed = {one.partition(";")[0].strip().lower().replace('"', "") for one in (applied or "").split(",")}
    if asked.lower() not in claimed:
        return None
    if asked == "return=representation" and (status == 204 or content is MISSING):
        return f"{status} without content", True
    members = member_names(whole)
    if asked == "return=minimal" and len(members) > 2 and members <= member_names(content):
        return f"{status} with all members of the representation", False
    if asked.startswith("harness-unknown"):
        return "an undefined preference", True
    return None


def carries(content: Any, sent: Mapping[str, Any], pointer: str) -> bool | None:
    """Whether a representation has the sent value at a JSON Pointer; None where undecided."""
    wanted, found = at(sent, pointer), shown_at(content, pointer)
    if MISSING in (wanted, found):
        return None if content is MISSING else False
    return bool(wanted == found)


def effect(before: Any, after: Any, body: Any) -> bool | None:
    """The effect of a write on an item: True if it has the sent values now, False if it lost members.

    None where it had neither effect; members that change by themselves do not count.

    Args:
        before, after: representations of the item.
        body: what was sent, with its members at the same places.
    """
    sent = [where for where in differences(before, after) if at(body, where) is not MISSING]
    if not sent:
        return None
    return any(at(after, where) == at(body, where) for where in sent)
