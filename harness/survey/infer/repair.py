"""Repairs a create body by what the server says is wrong with it. Pure.

Servers word this in many ways: `errors[]` of problem details (RFC 9457), FastAPI's `detail[].loc`, JSON:API's
`source.pointer`, a mapping of members to messages (Rails, Django REST framework, Laravel), NestJS' `constraints`,
Kinto's `details[].name`, and plain sentences. Each becomes a `Complaint`; `repaired()` fixes what it can.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpointer

from harness import payloads
from harness.http.content import at
from harness.payloads import unique
from harness.payloads.realistic import Words
from harness.profile.models import Resource

_PLACES = (
    "loc",
    "pointer",
    "source",
    "field",
    "param",
    "path",
    "property",
    "propertyPath",
    "instancePath",
    "dataPath",
)
_NAMES = ("name", "attribute", "parameter", "key")
_SAYS = ("type", "code", "msg", "message", "detail", "description", "title", "reason", "error", "keyword")
_WITHIN: tuple[str, ...] = (
    "errors",
    "error",
    "detail",
    "details",
    "invalid-params",
    "invalid_params",
    "violations",
    "fields",
    "issues",
)
_WITHIN += ("exception_detail", "message", "validation_errors", "fieldErrors", "non_field_errors")
_ASIDE = ("status", "statusCode", "exception", "traces", "instance", "hint", "timestamp")
_MEMBERS = ("title", "code", "type", "description", "reason")
"""Members of error objects; with a list of texts, a member of the body with that name."""
_MOST = 40
_LONGEST_TEXT = 10_000
"""Longest text in characters, whatever a refusal asks for."""
_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("wrap", r"param is missing or the value is empty"),
        ("taken", r"already (exists|in use|been taken|taken|used)|must be unique|duplicate|not[ _]unique"),
        ("enum", r"one of|valid choice|not included in the list|allowed values|permitted:|enum"),
        ("read-only", r"read[- _]?only|immutable|cannot be (set|changed|specified)|not writable"),
        ("absent", r"not found|does not exist|no such (?!column)|could not be found"),
        (
            "unknown",
            r"unrecogni[sz]ed|unknown|unexpected|extra[_ ](field|input|forbidden)|additional ?propert"
            r"|not (be )?(allowed|permitted)|unsupported (field|property)|should not exist"
            r"|could not find the '\w+' column|no such column",
        ),
        (
            "missing",
            r"required|missing|blank|not[ _]be[ _](empty|null)|not[ _]?null|not[ _]?blank|must be (present|provided)"
            r"|is undefined|violates not-null",
        ),
    )
)
_TYPES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("email", r"e-?mail"),
        ("uri", r"\bur[il]\b|url_|http"),
        ("uuid", r"uuid|guid"),
        ("date-time", r"date-?_?time|timestamp|iso ?8601"),
        ("date", r"\bdate\b|date_"),
        ("boolean", r"bool"),
        ("integer", r"\bpk value|\bint(eger)?\b|int_|whole number"),
        ("number", r"number|float|decimal|numeric"),
        ("array", r"array|list\b|list_|sequence"),
        ("object", r"object|dict|mapping|\bmap\b"),
        ("string", r"str(ing)?\b|str(ing)?_|text|character"),
    )
)
_JSON_API_TYPE = re.compile(r"type \(([\w-]+)\) is not .*\(([\w-]+)\)")
_SLUG = re.compile(r"lower-?case|(must|may|can) (only )?contain|alphanumeric|slug", re.IGNORECASE)
_QUOTED = re.compile(r"[\"'`\u201c\u2018]([A-Za-z_$][\w.$-]{0,60})[\"'`\u201d\u2019]")
_LEADING = re.compile(
    r"^[\"'`]?([A-Za-z_$][\w.]{0,60})[\"'`]?\s*:?\s+(is|must|should|can|may|field|cannot|has)\b"
)
_AT_LEAST = re.compile(
    r"(?:at least|minimum(?: of)?|greater than(?: or equal to)?|>=?|min(?:imum)? (?:is|of))\D{0,3}(\d{1,18})",
    re.I,
)
_AT_MOST = re.compile(
    r"(?:at most|maximum(?: of)?|less than(?: or equal to)?|no more than|<=?|long(?:er)? than)\D{0,3}(\d{1,18})",
    re.I,
)


@dataclass(frozen=True)
class Complaint:
    """What a server says about one member.

    Attributes:
        parts: names that lead to it; empty if no member is named.
        kind: missing, unknown, read-only, enum, taken, wrap, or invalid.
        text: the whole message.
    """

    parts: tuple[str, ...]
    kind: str
    text: str


def complaints(refusal: Any, body: Any) -> list[Complaint]:
    """What a refusal complains of, at most 40 members.

    Args:
        refusal: JSON of the response.
        body: what was refused.
    """
    found: list[Complaint] = []
    for parts, text in _said(refusal, body, 0):
        kind = next((kind for kind, pattern in _KINDS if pattern.search(text)), "invalid")
        one = Complaint(parts, kind, text)
        if one not in found and len(found) < _MOST:
            found.append(one)
    located = [one for one in found if one.parts]
    return located or found


def repaired(known: Resource, body: dict[str, Any], refusal: Any) -> dict[str, Any] | None:
    """The body with the faults fixed that the refusal names; None if none could be fixed.

    Args:
        known: its schema gives values, if it has any.
        body: what was refused.
        refusal: JSON of the response.
    """
    made = copy.deepcopy(body)
    for complaint in complaints(refusal, body):
        kind = _JSON_API_TYPE.search(complaint.text)
        if kind and at(made, "/data/type") == kind[1]:
            made["data"]["type"] = kind[2]
            continue
        if complaint.kind == "wrap" and complaint.parts:
            if complaint.parts[-1] not in made:
                made = {complaint.parts[-1]: made}
            continue
        parts = complaint.parts
        quoted = _quoted_members(known, made, complaint.text)
        if complaint.kind == "absent" and quoted:
            # A reference to an absent item is omitted.
            inside = at(made, known.representation)
            for name in quoted:
                inside.pop(name)
            continue
        if complaint.kind == "taken" and quoted and (not parts or _place(known, made, parts) is None):
            parts = (quoted[0],)
        place = _place(known, made, parts)
        if place is not None:
            _fix(known, made, place, complaint)
    return made if made != body and made else None


def _quoted_members(known: Resource, body: Any, text: str) -> list[str]:
    """The members whose values a sentence quotes."""
    inside = at(body, known.representation)
    return [
        name
        for name, value in (inside.items() if isinstance(inside, Mapping) else ())
        if isinstance(value, str) and len(value) > 2 and value in text
    ]


def _said(node: Any, body: Any, depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each message, with the names that lead to the member it is about."""
    if depth > 5:
        return
    if isinstance(node, str):
        yield from _sentence(node)
    elif isinstance(node, list):
        for one in node[:_MOST]:
            yield from _said(one, body, depth + 1)
    elif isinstance(node, Mapping):
        place = _located(node)
        says = " ".join(str(node[name]) for name in _SAYS if isinstance(node.get(name), (str, int)))
        constraints = node.get("constraints")
        if isinstance(constraints, Mapping):
            says += " " + " ".join(str(one) for one in constraints.values())
        if place is not None:
            if place and says:
                yield place, f"{says} {node.get('ctx') or ''} {node.get('params') or ''}"
            elif says:
                yield from _sentence(says)
            return
        for name, inner in node.items():
            if name in (*_WITHIN, "exception"):
                if isinstance(inner, Mapping) and _located(inner) is None:
                    yield from _keyed(inner, (), top=False)
                yield from _said(inner, body, depth + 1)
        if not any(name in _WITHIN and not isinstance(node[name], str) for name in node):
            yield from _keyed(node, (), top=True)


def _keyed(
    node: Mapping[str, Any], within: tuple[str, ...], *, top: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Members mapped to messages: Rails, Django REST framework, Laravel, Marshmallow."""
    for name, inner in node.items():
        if not isinstance(name, str):
            continue
        if top and name in (*_SAYS, *_WITHIN, *_ASIDE) and not (name in _MEMBERS and isinstance(inner, list)):
            continue
        parts = (*within, *name.split("."))
        texts = [one for one in inner if isinstance(one, str)] if isinstance(inner, list) else []
        if any(" " in text or any(pattern.search(text) for _, pattern in _KINDS) for text in texts):
            yield parts, " ".join(texts)
        elif isinstance(inner, str) and " " in inner and not within:
            yield parts, inner
        elif isinstance(inner, Mapping) and len(within) < 3:
            message = inner.get("message") or inner.get("msg")
            if isinstance(message, str):
                yield parts, message
            else:
                yield from _keyed(inner, parts, top=False)


def _located(node: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names that lead to the member that an error object is about; None if it does not say."""
    where = str(node.get("in", node.get("location", "body")))
    if where.lower() in ("query", "header", "headers", "path", "cookie", "querystring"):
        return ()
    for name in (*_PLACES, *_NAMES):
        value = node.get(name)
        if name in _NAMES and not any(isinstance(node.get(word), str) for word in _SAYS):
            continue
        if isinstance(value, Mapping):
            value = value.get("pointer", value.get("parameter"))
        if isinstance(value, list) and value and all(isinstance(one, (str, int)) for one in value):
            parts = tuple(str(one) for one in value)
            return (
                parts[1:] if parts[0] == "body" else () if parts[0] in ("query", "header", "path") else parts
            )
        if isinstance(value, str) and value and " " not in value:
            return _parts(value)
        if isinstance(value, str) and name in ("name", "instancePath", "dataPath"):
            missing = node.get("params")
            inside = missing.get("missingProperty") if isinstance(missing, Mapping) else None
            return (inside,) if isinstance(inside, str) else () if not value else None
    return None


def _parts(text: str) -> tuple[str, ...]:
    text = text.removeprefix("#").removeprefix("$.").removeprefix("body.")
    if text.startswith("/"):
        return tuple(jsonpointer.unescape(part) for part in text[1:].split("/") if part)
    return tuple(part for part in re.split(r"[.\[\]/]+", text) if part)


def _sentence(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The member that a sentence is about: the one it begins with, or the one it quotes."""
    wrap = re.search(r"param is missing or the value is empty(?: or invalid)?:\s*(\w+)", text)
    if wrap:
        yield (wrap[1],), text
        return
    for sentence in re.split(r"[\n;]|,\s+(?=[\"'`]?\w+[\"'`]? (?:is|must|should))", text)[:_MOST]:
        path = re.match(r"\s*([A-Za-z_][\w]*(?:\.\w+)+)\s+in body:", sentence)
        refused = re.match(r"property (\w+) should not exist", sentence.strip())
        found = path or refused or _LEADING.match(sentence.strip()) or _QUOTED.search(sentence)
        yield (_parts(found[1]) if found else ()), sentence


def _place(known: Resource, body: Any, parts: tuple[str, ...]) -> str | None:
    """The pointer of a member in the whole body."""
    if not parts or any(part == "" for part in parts):
        return None
    envelope = tuple(jsonpointer.JsonPointer(known.representation).parts)
    options = [parts, (*envelope, *parts), (*envelope, parts[-1])]
    if parts[: len(envelope)] == envelope and len(parts) == len(envelope):
        options = [parts]
    pointers = ["".join("/" + jsonpointer.escape(part) for part in option) for option in options]
    for pointer in pointers:
        if at(body, pointer) is not at({}, "/x"):
            return pointer
    for pointer in [*pointers[1:], pointers[0]] if envelope else pointers:
        parent = pointer.rsplit("/", 1)[0]
        if isinstance(at(body, parent), dict):
            return pointer
    return None


def _fix(known: Resource, body: dict[str, Any], pointer: str, complaint: Complaint) -> None:
    parent = jsonpointer.resolve_pointer(body, pointer.rsplit("/", 1)[0])
    name = jsonpointer.unescape(pointer.rsplit("/", 1)[-1])
    if isinstance(parent, list):
        if complaint.kind in ("unknown", "read-only", "enum", "invalid"):
            # An element of a list is refused: the whole list is removed.
            _fix(known, body, pointer.rsplit("/", 1)[0], Complaint(complaint.parts[:-1], "unknown", ""))
        return
    if not isinstance(parent, dict):
        return
    if isinstance(parent.get(name), dict) and known.representation.startswith(pointer):
        return
    present = name in parent
    if complaint.kind in ("unknown", "read-only"):
        parent.pop(name, None)
        return
    value = _value(known, body, pointer, name, parent.get(name), complaint)
    if value is not None:
        parent[name] = value
    elif present and complaint.kind == "invalid":
        parent.pop(name)


def _value(known: Resource, body: Any, pointer: str, name: str, now: Any, complaint: Complaint) -> Any:
    """Another value for a member, by the message about it; None if the message gives no clue."""
    text = re.sub(rf"\b{re.escape(name)}\b", " ", complaint.text, count=1)
    if complaint.kind == "enum":
        choices = [one for one in _choices(text) if one != now]
        return choices[0] if choices else None
    if complaint.kind == "taken":
        return unique.value(now, {}, name) if isinstance(now, (str, int)) else None
    inside = pointer.removeprefix(known.representation)
    if now is None and known.create_schema is not None:
        value = payloads.known_value(known, inside, body)
        if value is not None:
            return value
    if isinstance(now, str) and _SLUG.search(text):
        mark = "_" if "underscore" in text and "dash" not in text and "hyphen" not in text else "-"
        slug = re.sub(r"[^a-z0-9]+", mark, now.lower()).strip(mark)
        return slug if slug != now else None
    least, most = _AT_LEAST.search(text), _AT_MOST.search(text)
    if isinstance(now, str) and (least or most) and re.search(r"char|long|short|length|size", text, re.I):
        size = min(int(least[1]), _LONGEST_TEXT) if least else 0
        longer = now if not least else (now + " " + "x" * size)[: max(size, len(now))]
        return longer[: int(most[1])] if most else longer
    if isinstance(now, (int, float)) and not isinstance(now, bool) and (least or most):
        return int(least[1]) + 1 if least else max(0, int(most[1]) - 1) if most else None
    kind = next((kind for kind, pattern in _TYPES if pattern.search(text)), None)
    if kind in ("email", "uri", "uuid", "date-time", "date"):
        return Words(0).formatted(kind)
    simple = {"boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}
    if kind in simple:
        return None if now == simple[kind] and type(now) is type(simple[kind]) else simple[kind]
    if complaint.kind == "missing" or kind == "string" or now is None:
        made = Words(0).named(name)
        return made if made != now else None
    return None


def _choices(text: str) -> list[str]:
    """The values that a sentence lists."""
    listed = re.split(r"one of|values?(?: are)?|permitted|choices(?: are)?|enum", text, flags=re.I)[-1]
    quoted = re.findall(r"[\"'`\u201c\u2018]([^\"'`\u201d\u2019]{1,60})[\"'`\u201d\u2019]", listed)
    if quoted:
        return quoted
    bare = re.sub(r"^[\s:(\[{]+|[\s.)\]}]+$", "", listed)
    return [one for one in re.split(r"\s*(?:,|\||\bor\b)\s*", bare) if re.fullmatch(r"[\w.-]{1,40}", one)]
