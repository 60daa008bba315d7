"""Media types: whether content is what its label says, what was served for what was asked, what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from harness.http.content import MISSING, at, differences, is_json, member_names, too_deep
from harness.http.error_statuses import BROKEN, HOLDS, OPEN, Assessment
from harness.http.exchange import Exchange

NOWHERE = "application/x-harness-none"
"""A media type that nobody offers."""
GATES = frozenset({401, 403, 407, 429, 503})
_NOT_JSON = ("text/html", "text/plain")


def plain(value: str) -> str:
    """Type and subtype of a media type, in lower case (RFC 9110 section 8.3.1)."""
    return value.partition(";")[0].strip().lower()


def _refused(word: str) -> Any:
    raise ValueError(word)


def _json(text: str) -> Any:
    """The value, or `MISSING`; a byte order mark is NEGO-002's."""
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refused)
        return {} if too_deep(value) else value
    except RecursionError:
        return {}
    except ValueError:
        return MISSING


def label_fault(exchange: Exchange) -> str | None:
    """Why the content of a response is not what its Content-Type says, or None where it is, or has none."""
    body = exchange.response_body
    if not exchange.status or exchange.method == "HEAD" or exchange.status in (204, 304) or not body.size:
        return None
    kind = exchange.media_type
    if not kind:
        return "content without Content-Type"
    # Other encodings of JSON than UTF-8 are NEGO-002's.
    if body.cut or "\0" in body.text or "\ufffd" in body.text:
        return None
    value = _json(body.text)
    if is_json(kind) and value is MISSING:
        return f"Content-Type: {kind}, and the content is no JSON"
    if kind in _NOT_JSON and isinstance(value, dict | list) and value:
        return f"Content-Type: {kind}, and the content is JSON"
    return None


def matches(kind: str, wanted: str) -> bool:
    """Whether a media type is in a media range; parameters are ignored."""
    kind, wanted = plain(kind), plain(wanted)
    return wanted in ("*/*", kind) or (wanted.endswith("/*") and kind.startswith(wanted[:-1]))


def served_fault(status: int, kind: str, wanted: str, offered: Iterable[str]) -> str | None:
    """What is wrong with the answer to a GET that accepts one range only, or None.

    Args:
        kind: Content-Type of the answer.
        wanted: the range; empty where no Accept was sent, which accepts everything.
        offered: media types that are documented.
    """
    if not 200 <= status < 300:
        return f"{status}, though {wanted or 'what is offered'} is documented"
    if wanted and not matches(kind, wanted):
        return f"Content-Type: {kind or 'none'}, where Accept: {wanted} asks for another documented type"
    if not any(matches(kind, one) for one in offered):
        return f"Content-Type: {kind or 'none'}, which is not documented"
    return None


def unacceptable(status: int, kind: str, *, truthful: bool) -> tuple[Assessment, str]:
    """Judge the answer to an Accept that excludes everything (RFC 9110 sections 15.5.7 and 12.4.1).

    Args:
        kind: its media type.
        truthful: whether its content is what it says.

    Returns:
        The ruling, and what is wrong.
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
        return BROKEN, f"{status} with content that is labelled {kind or 'not at all'}, and is not that"
    return BROKEN, f"{status} with {kind}: Accept is disregarded, as RFC 9110 section 12.4.1 allows"


def weighed_fault(kind: str, better: str, worse: str) -> str | None:
    """What is wrong where the type with the lower weight, or the excluded one, was served; or None."""
    if plain(kind) == plain(better):
        return None
    if plain(kind) == plain(worse):
        return f"{worse} was served, though {better} has the higher weight"
    return f"{kind or 'nothing labelled'} was served, which was not asked for"


def label_ruling(status: int, label: str | None, *, kept: bool | None) -> tuple[Assessment, str]:
    """Judge the answer to JSON under another label (RFC 9110 section 15.5.16).

    Forms and XML may be supported without being documented: who reads them finds no such content in the JSON, and
    says so with another status than 415. Nobody reads an item from text/plain.

    Args:
        label: the Content-Type sent; None for none, where the recipient may guess (section 8.3).
        kept: of a success, whether the item has what stands in the JSON; None where it cannot be told.

    Returns:
        The ruling, and what is wrong or worth telling; the status is told by who names the exchange.
    """
    if status == 415:
        return HOLDS, ""
    if status in GATES or 300 <= status < 400:
        return OPEN, "says nothing of the label"
    if status >= 500:
        return BROKEN, "a server error"
    if label is None:
        guessed = "the content was taken for JSON, as RFC 9110 section 8.3 allows" if status < 300 else ""
        return HOLDS, guessed
    if status < 300 and kept:
        return BROKEN, "the label was ignored, and the content taken for JSON"
    if label != "text/plain" or (status < 300 and kept is None):
        return OPEN, f"{label} may be supported"
    if status < 300:
        return BROKEN, "done without the content, which was dropped"
    return BROKEN, "not 415"


def claim_fault(
    applied: str | None, asked: str, status: int, content: Any, whole: Any
) -> tuple[str, bool] | None:
    """What is false in Preference-Applied (RFC 7240 section 3), and whether surely; None where nothing is.

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
        return "a preference that nobody defined", True
    return None


def carries(content: Any, sent: Mapping[str, Any], pointer: str) -> bool | None:
    """Whether a representation has the value that was sent at a pointer; None where that cannot be told."""
    wanted, found = at(sent, pointer), at(content, pointer)
    if MISSING in (wanted, found):
        return None if content is MISSING else False
    return bool(wanted == found)


def effect(before: Any, after: Any, body: Any) -> bool | None:
    """What a write did to an item: True if what was sent is there now, False if members of it were lost.

    None where it did nothing of either; what changes by itself is no effect.

    Args:
        before, after: representations of the item.
        body: what was sent, with its members at the same places.
    """
    sent = [where for where in differences(before, after) if at(body, where) is not MISSING]
    if not sent:
        return None
    return any(at(after, where) == at(body, where) for where in sent)
