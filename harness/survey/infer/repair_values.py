"""Another value for a member of a create body, by what a refusal says of it. Pure."""

from __future__ import annotations

import copy
import re
from typing import Any

from harness import payloads
from harness.payloads import unique
from harness.payloads.constraints import matches
from harness.payloads.generated import generated
from harness.payloads.realistic import Words
from harness.profile.models import Resource
from harness.profile.resource import SHOWN
from harness.survey.infer.refusals import Complaint

_LONGEST_TEXT = 10_000
"""Longest text in characters, whatever a refusal asks for."""
_TYPES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("email", r"e-?mail"),
        ("uuid", r"uuid|guid"),
        ("uri", r"\bur[il]\b|url_|_url|http|hyperlink|\bweb address"),
        ("date-time", r"date-?_?time|timestamp|iso[ -]?8601|rfc ?3339|OffsetDateTime|Instant"),
        ("date", r"\bdate\b|date_|_date|YYYY-MM-DD|LocalDate|\bdatum\b"),
        ("time", r"\btime\b(?! ?zone)|HH:MM"),
        ("phone", r"phone|e\.?164|msisdn|\bmobile\b"),
        ("currency", r"currency|iso-?_?4217"),
        ("country", r"country|iso-?_?3166"),
        ("language", r"\blanguage\b|iso-?_?639|bcp-?47|\blocale\b"),
        ("zone", r"time-?_? ?zone|\biana\b"),
        ("ipv4", r"\bip(v4)?\b|ip address"),
        ("domain", r"\bdns[ _-]?name|absolute (domain )?name|trailing dot|end(s|ing)? (with|in) a dot"),
        ("hostname", r"host ?name|\bfqdn\b|domain name"),
        ("slug", r"\bslug"),
        ("boolean", r"bool"),
        (
            "integer",
            r"\bpk value|\bint(eger)?(32|64)?\b|int_|\bu?i(32|64)\b|u32|whole number|\blong\b(?! enough)|\bint64\b",
        ),
        ("number", r"number|float|decimal|numeric|double|\bf64\b"),
        ("array", r"array|list\b|list_|sequence|slice|\bset\b"),
        ("object", r"object|dict|mapping|\bmap\b|struct\b"),
        ("string", r"str(ing)?\b|str(ing)?_|text|character"),
    )
)
_CODES = {
    "phone": "+12025550143",
    "currency": "EUR",
    "country": "DE",
    "language": "en",
    "zone": "Europe/Berlin",
    "time": "10:30:00",
    "slug": "a-short-name",
}
"""Values of formats that JSON Schema does not have: E.164, ISO 4217, ISO 3166, ISO 639, a time zone."""
_FORMATS = (*_CODES, "domain", "email", "uri", "uuid", "date-time", "date", "ipv4", "hostname")
_EXPECTED = re.compile(
    r"expect(?:ed|s|ing)?[\"':]*\s+(?:a |an |type |to be |of type )*[\"'`]?([\w.-]+)"
    r"|converted to (?:System\.)?([\w]+)|of type [\"'`]?([\w.]+)[\"'`]?(?: from|$| - )|not a valid ([\w -]+)"
    r"|valid [\"'`]?([\w -]+)|must be (?:a |an |of type |of )[\"'`]?([\w -]+)",
    re.IGNORECASE,
)
_SLUG = re.compile(
    r"lower-?case|(must|may|can) (only )?contain|not contain (any )?(white ?)?spaces?"
    r"|without (white ?)?spaces?|alphanumeric|slug|[a-z0-9-]*\[a-z",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"_?id|uid|key|slug", re.IGNORECASE)
_LETTERS = re.compile(r"alpha-?numeric|letters (and|or) (numbers|digits)", re.IGNORECASE)
_MARKS = re.compile(r"dash|hyphen|underscore|slug|lower", re.IGNORECASE)
_PATTERN = re.compile(
    r"(?:pattern|match(?:es)?|regex(?:p)?)[^/\^]{0,40}?(?P<slash>/?)(?P<pattern>\^[^\n]{1,200}?\$)(?P=slash)(?:[\"'`,.\s]|$)",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:at least|minimum(?: length)?(?: of)?|greater than(?: or equal to)?|less than the minimum"
    r"|shorter than(?: the minimum)?"
    r"|fewer than|>=?|min(?:imum|Length|length)?[\"':= ]+(?:is |of )?|minlength \(|(?:be|is) (?:at least"
    r"|longer than)"
    r"|failed on the '(?:min|gte?|len)' tag|MIN_LENGTH|limit[\"': ]+|between)\D{0,24}?(\d{1,18})",
    re.I,
)
_AT_MOST = re.compile(
    r"(?:at most|maximum(?: length)?(?: of)?|less than(?! the min)(?: or equal to)?|no more than"
    r"|no longer than|<=?|long(?:er)? than"
    r"|max(?:imum|Length|length)?[\"':= ]+(?:is |of )?|up to|exceed(?:s|ing)?"
    r"|maximum allowed length \()\D{0,12}?(\d{1,18})",
    re.I,
)


def another(known: Resource, body: Any, pointer: str, name: str, now: Any, complaint: Complaint) -> Any:
    """Another value for a member, by the message about it; None if the message gives no clue."""
    # The name of the member and the value that was sent say nothing of what is wanted.
    text = re.sub(rf"\b{re.escape(name)}\b", " ", complaint.text, count=1)
    if isinstance(now, str) and len(now) > 2:
        text = text.replace(now, " ")
    choices = [one for one in choices_in(complaint.text) if one not in (now, name)]
    if complaint.kind == "enum" and choices:
        return _like(choices[0], now)
    if complaint.kind == "taken":
        return unique.value(now, {}, name) if isinstance(now, (str, int)) else None
    inside = pointer.removeprefix(known.representation)
    if now is None and known.create_schema is not None:
        value = payloads.known_value(known, inside, body)
        if value is None:
            value = known.create_schema.get(SHOWN, {}).get(name)
        if value is not None:
            return value
    wanted = _wanted(text, complaint.text)
    number = wanted in ("integer", "number") and not _characters(text)
    # A number was asked for, so what is said of sizes is about its value.
    sized = _sized(text, 1 if number and isinstance(now, str | None) else now)
    if sized is not None:
        return sized
    if complaint.kind == "missing" and not _EXPECTED.search(complaint.text) and wanted not in _FORMATS:
        # Such a sentence names what is refused: `Object missing required field`.
        wanted = ""
    if wanted in _FORMATS:
        made = _CODES.get(wanted) or _domain(wanted) or Words(0).formatted(wanted)
        return made if made != now else None
    formed, made = _formed(complaint.text, text, name, now)
    if formed:
        return made if made != now else None
    simple = {"boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}
    if wanted in simple:
        return None if now == simple[wanted] and type(now) is type(simple[wanted]) else simple[wanted]
    if now is None and _IDENTIFIER.fullmatch(name):
        return unique.token()
    if complaint.kind == "missing" or wanted == "string" or now is None:
        made = Words(0).named(name)
        return made if made != now else None
    return None


def _domain(wanted: str) -> str | None:
    """A domain name as in zone files, with the dot of the root (RFC 1034 section 3.1); None for other formats."""
    return f"{unique.token()}.example." if wanted == "domain" else None


def _characters(text: str) -> bool:
    """Whether a number in a message counts characters."""
    return bool(re.search(r"characters?|length|long|short", text, re.IGNORECASE))


def _formed(whole: str, text: str, name: str, now: Any) -> tuple[bool, Any]:
    """Whether a message asks for a text of some form, and such a text.

    Args:
        whole: the message.
        text: the same without the name of the member.
    """
    if (asked := _PATTERN.search(whole)) and (fitting := _matching(asked["pattern"], name)) is not None:
        return True, fitting
    if isinstance(now, str) and _LETTERS.search(text) and not _MARKS.search(text):
        return True, re.sub(r"[^A-Za-z0-9]+", "", now)
    if isinstance(now, str) and _SLUG.search(text):
        mark = "_" if "underscore" in text and "dash" not in text and "hyphen" not in text else "-"
        return True, re.sub(r"[^a-z0-9]+", mark, now.lower()).strip(mark)
    return False, None


def _matching(pattern: str, name: str) -> str | None:
    """A text that matches a pattern that a message quotes: one of a usual format, else a generated one."""
    words = Words(0)
    usual = [*(words.formatted(kind) for kind in ("date", "date-time", "uuid", "email", "uri", "time"))]
    texts = [words.named(name), *usual, *_CODES.values(), "abc", "ABC", "123", "12345", "1.0.0", "a_b"]
    for one in texts:
        if one is not None and matches(pattern, one):
            return one
    made = generated({"type": "string", "pattern": pattern, "minLength": 1}, 0)
    return made if isinstance(made, str) and matches(pattern, made) else None


def _wanted(text: str, whole: str) -> str:
    """The format or type that a message asks for; empty if it asks for none.

    Args:
        text: the message without the name of the member.
        whole: the message with it, which counts only if nothing else names a format.
    """
    asked = _EXPECTED.search(whole)
    said = next(filter(None, asked.groups()), "") if asked else ""
    for one in (said, text):
        if found := _kind_in(one):
            return found
    found = _kind_in(whole)
    return found if found in _FORMATS else ""


def _kind_in(text: str) -> str:
    """The first kind that a text names; of dates and times the one that it names first."""
    found = [(kind, match.start()) for kind, pattern in _TYPES if (match := pattern.search(text))]
    if not found:
        return ""
    times = [one for one in found if one[0] in ("date", "date-time", "time")]
    return min(times, key=lambda one: one[1])[0] if found[0] in times else found[0][0]


def _sized(text: str, now: Any) -> Any:
    """A text of the length, or a number of the size, that a message asks for; None if it asks for neither."""
    least, most = _AT_LEAST.search(text), _AT_MOST.search(text)
    if not least and not most:
        return None
    if isinstance(now, str):
        size = min(int(least[1]), _LONGEST_TEXT) if least else 0
        longer = now if not least else (now + " " + "x" * size)[: max(size, len(now))]
        made = longer[: int(most[1])] if most else longer
        return made if made != now else None
    if isinstance(now, list) and least and now:
        return [copy.deepcopy(now[0]) for _ in range(min(int(least[1]), 20))]
    if isinstance(now, (int, float)) and not isinstance(now, bool):
        return int(least[1]) + 1 if least else max(0, int(most[1]) - 1) if most else None
    return None


def _like(choice: str, now: Any) -> Any:
    """A choice as a number if the refused value is one."""
    if isinstance(now, int) and not isinstance(now, bool) and re.fullmatch(r"-?\d{1,15}", choice):
        return int(choice)
    return choice


def choices_in(text: str) -> list[str]:
    """The values that a sentence lists."""
    tag = re.search(r"oneof[=:' ]+([\w. -]+)", text)
    if tag and " " in tag[1].strip():
        return tag[1].split()
    listed = re.split(
        r"one of|oneof|values?(?: are)?|permitted|choices(?: are)?|enum|options?|expected|valids|acceptable"
        r"|must be",
        text,
        flags=re.I,
    )
    for one in reversed(listed):
        quoted = re.findall(r"[\"'`\u201c\u2018]([^\"'`\u201d\u2019\[\]{}:,|]{1,60})[\"'`\u201d\u2019]", one)
        quoted = [value for value in quoted if value.strip()]
        if quoted:
            return quoted
        bare = re.sub(r"^[\s:(\[{=\"]+|[\s.)\]}\"]+$", "", one)
        plain = [each for each in re.split(r"\s*(?:,|\||\bor\b|\band\b)\s*", bare) if each]
        if len(plain) > 1 and all(re.fullmatch(r"[\w.-]{1,40}", each) for each in plain):
            return plain
    # Of a single value it is not sure that it is one.
    last = re.sub(r"^[\s:(\[{=]+|[\s.)\]}]+$", "", listed[-1])
    return [last] if re.fullmatch(r"[\w.-]{1,40}", last) else []
