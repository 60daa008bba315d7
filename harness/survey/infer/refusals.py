"""What a refusal says is wrong with a create body: complaints about its members. Pure.

Servers word this in many ways. `refusal_shapes.SHAPES` lists the forms of frameworks; anything else is read by names
that such objects often have, as a mapping of members to messages, and as plain sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.survey.infer.refusal_shapes import names, shaped

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
_WITHIN += (
    "exception_detail",
    "_embedded",
    "message",
    "validation_errors",
    "fieldErrors",
    "non_field_errors",
)
_ASIDE = ("status", "statusCode", "exception", "traces", "instance", "hint", "timestamp")
_SPOKEN = ("description", "error_description", "developerMessage")
"""Texts about the whole refusal: Falcon, OAuth 2.0 (RFC 6749 section 5.2)."""
_MEMBERS = ("title", "code", "type", "description", "reason")
"""Members of error objects; with a list of texts, a member of the body with that name."""
_NAME_OF_ERROR = re.compile(r"(?:missing|invalid)_\w+|\w*(?:Error|Exception|Request|Violation|Entity)")
"""Names of errors, where the object of an error has a `name`: no member is meant."""
_OF_ERROR = re.compile(
    r"(?i)(message|error|exception|detail|details|reason|hint|help|url|id|code|trace|stack)$"
)
"""Ends of names of texts about the whole refusal."""
_MOST = 40
_LONGEST = 4_000
"""Characters of a message that are read."""
_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("wrap", r"param is missing or the value is empty"),
        (
            "taken",
            r"already (exists|in use|been taken|taken|used|registered)|must be unique|duplicate|not[ _]unique"
            r"|unique (constraint|violation)|validation failed on the 'unique' tag|RECORD_NOT_UNIQUE|isUnique",
        ),
        (
            "reference",
            r"foreign[ _]?key|ASSERT_TARGET|with this key doesn't exist|invalid pk|must exist$"
            r"|object does not exist|invalid hyperlink|references? (an? )?(unknown|missing)"
            r"|is not present in table|INVALID_FOREIGN_KEY|no (matching )?\w+ (found )?(with"
            r"|for) (the )?(given )?id\b",
        ),
        (
            "unknown",
            r"permission to access (the )?fields?"
            r"|(property|field|attribute|column) [\"'`]?\w+[\"'`]? (does not|doesn't) exist|unrecogni[sz]ed"
            r"|unknown(?! (variant|value|enum|type))|unexpected|extra[_ ](field|input|forbidden)"
            r"|additional ?propert|additional properties|unsupported (field|property)|should not exist"
            r"|no such column"
            r"|could not find the '\w+' column|(property|field|member|attribute|is|are) not allowed(?! to be)"
            r"|allowUnknown|has no (property|field)|non-?existent (property|field)|does not have (a "
            r"|any )?(property|field)"
            r"|is not a (valid |known )?(property|field|attribute)",
        ),
        (
            "enum",
            r"one of|oneof|valid choice|not included in the list|allowed values|permitted:|enum|any\.only"
            r"|unknown variant"
            r"|selected \w+ is invalid|acceptable values|valid (options|values)|invalid (enum|option)"
            r"|expected [\"'`].*\|"
            r"|(must|should) be [\"'`][^\"'`]+[\"'`](,| or )",
        ),
        (
            "read-only",
            r"read[- _]?only|immutable|cannot be (set|changed|specified)|not writable|non-?writable|computed",
        ),
        (
            "absent",
            r"not found|(does not|doesn't) exist|no such (?!column)|could not be found|no longer exists",
        ),
        ("unknown", r"not (be )?(allowed|permitted)(?! to be (empty|null|blank))"),
        (
            "missing",
            r"required|missing|mandatory|blank|not[ _]be[ _](empty|null|undefined|nil)|not[ _]?null|not[ _]?blank"
            r"|must be (present|provided|defined|set|given)|is undefined|violates not-null|can(no"
            r"|')t be (empty|null|nil)"
            r"|received[\"' :]+undefined|undefined$|was not (provided|given|specified)|must have a value|notempty"
            r"|not allowed to be (empty|null|blank)|is empty|needs? (a|an|to have a) value",
        ),
    )
)
_QUOTED = re.compile(r"[\"'`\u201c\u2018]([A-Za-z_$][\w.$-]{0,60})[\"'`\u201d\u2019]")
_LEADING = re.compile(
    r"^(?:The |A |An )?(?:(?:field|property|member|attribute|parameter|value of"
    r"|Path) )?[\"'`]?([A-Za-z_][\w.\[\]]{0,60})[\"'`]?\s*:?\s+"
    r"(?:field |property |attribute |parameter )?(?:is|are|must|should|can|may|field|cannot|has|does|needs"
    r"|was|length)\b"
)
_SENTENCES = re.compile(
    r"\n|;\s+(?=[\"'`]?[A-Za-z_][\w.]*[\"'`]?:? (?:is|must|should|has|can|field))"
    r"|,\s+(?=[\"'`]?\w+[\"'`]? (?:is|must|should))|,\s+(?=body/)"
    r"|(?<=\.)\s+(?=[\"'`]?[A-Za-z_]\w*[\"'`]? (?:is|must|can't|cannot|should)\b)"
)
_ABOUT = tuple(
    re.compile(pattern)
    for pattern in (
        # Go playground validator, of a struct.
        r"Key: '(?:\w+\.)?([\w.\[\]]+)' Error:",
        r"Field validation for '(\w+)'",
        # go-openapi, Goa.
        r"^\s*([A-Za-z_]\w*(?:\.\w+)*) in body(?:\s|:)",
        r"[\"'`](\w+)[\"'`] is missing from body",
        r"^body\.([A-Za-z_][\w.]*)\s",
        # Fastify.
        r"^body must have required property [\"'](\w+)",
        r"^body/([\w/]+) ",
        # NestJS.
        r"^property (\w+) should not exist",
        # OData.
        r"Property [\"'](\w+)[\"'] does not exist",
        # Prisma.
        r"(?:Unknown argument|Argument) [`'\"](\w+)[`'\"]",
        r"constraint failed on the (?:fields?|\{?constraint\}?): \(?[`'\"](\w+)",
        # serde.
        r"(?:missing|unknown|duplicate) field [`'\"](\w+)[`'\"]",
        # PostgreSQL.
        r"(?:null value in|the '?\"?) ?column \"?'?(\w+)",
        r"[Cc]ould not find the '(\w+)' column",
        r"Key \((\w+)\)=\(",
        # SQLite, MySQL.
        r"constraint failed: \w+\.(\w+)",
        r"(?:Field|Column) '(\w+)' (?:doesn't have|cannot be)",
        # MongoDB.
        r"duplicate key error .*dup key: \{ ?\"?(\w+)",
        # Mongoose.
        r"Path [`'\"](\w+)[`'\"]",
        # Jackson, System.Text.Json.
        r"reference chain: .*\[\"(\w+)\"\]",
        r"Unrecognized field \"(\w+)\"",
        r"Path: \$\.([\w.]+)",
        # Twilio, Stripe.
        r"Missing required param: ([\w\[\].]+)",
        r"Received unknown parameter: ([\w\[\].]+)",
        # Parse Server.
        r"schema mismatch for \w+\.(\w+)",
        # encoding/json.
        r"Go struct field (?:\w+\.)?([\w.]+) of type",
        # A name before a colon: serde, Micronaut, Symfony.
        r"^\s*(?!(?i:error|key|message|detail|reason|invalid|json)\b)([A-Za-z_]\w*(?:\.\w+)*): (?=[a-z`'\"])",
    )
)


@dataclass(frozen=True)
class Complaint:
    """What a server says about one member.

    Attributes:
        parts: names that lead to it; empty if no member is named.
        kind: missing, unknown, read-only, enum, taken, reference, absent, wrap, or invalid.
        text: the whole message.
        sure: whether the refusal has a place for the name; otherwise it was found in a sentence.
    """

    parts: tuple[str, ...]
    kind: str
    text: str
    sure: bool = False


def complaints(refusal: Any, body: Any) -> list[Complaint]:
    """What a refusal complains of, at most 40 members.

    Args:
        refusal: JSON of the response.
        body: what was refused.
    """
    structured = shaped(refusal)
    found: list[Complaint] = []
    for parts, text in structured or _said(refusal, body, 0):
        named = parts
        if structured and (not parts or not _has(body, parts[-1])):
            # The whole body is meant, or its type: the sentence has the name.
            inside = next((inside for inside, _ in _sentence(text)), ())
            named = inside if not parts or (inside and _has(body, inside[-1])) else parts
        if not structured and named and _is_value(body, named[-1]):
            # The sentence quotes the refused value first.
            members = [(one,) for one in _QUOTED.findall(text) if _has(body, one)]
            named = members[-1] if members else named
        kind = kind_of(text)
        several = [] if structured and parts else _refused_members(kind, text, body)
        for each in several or [named]:
            one = Complaint(each, kind, text, bool(several) or (bool(structured) and bool(parts)))
            if one not in found and len(found) < _MOST:
                found.append(one)
    located = [one for one in found if one.parts]
    return located or found


def _refused_members(kind: str, text: str, body: Any) -> list[tuple[str, ...]]:
    """The members that a sentence quotes, if it says that they may not be sent."""
    if kind not in ("unknown", "read-only"):
        return []
    # What follows may list the members that there are.
    refused = re.split(
        r"\b(?:expected|available|allowed (?:are|fields)|valid|did you mean)\b", text, flags=re.I
    )[0]
    quoted = dict.fromkeys(_QUOTED.findall(refused))
    return [(name,) for name in quoted if _has(body, name)]


def _is_value(body: Any, text: str) -> bool:
    """Whether a text is the value of a member, and the name of none."""
    if not isinstance(body, Mapping) or _has(body, text):
        return False
    return any(value == text or _is_value(value, text) for value in body.values())


def _has(body: Any, name: str, depth: int = 0) -> bool:
    """Whether a body has a member of that name, at its top or in an envelope."""
    if not isinstance(body, Mapping) or depth > 2:
        return False
    return name in body or any(_has(inner, name, depth + 1) for inner in body.values())


def kind_of(text: str) -> str:
    """What kind of fault a message describes."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), "invalid")


def _said(node: Any, body: Any, depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each message, with the names that lead to the member it is about."""
    if depth > 5:
        return
    if isinstance(node, str):
        yield from _sentence(node[:_LONGEST])
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
                yield from _sentence(says[:_LONGEST])
            return
        for name, inner in node.items():
            if name in (*_WITHIN, "exception"):
                if isinstance(inner, Mapping) and _located(inner) is None:
                    yield from _keyed(inner, (), top=False)
                yield from _said(inner, body, depth + 1)
        yield from _spoken(node)
        if not any(name in _WITHIN and not isinstance(node[name], str) for name in node):
            yield from _keyed(node, (), top=True)


def _spoken(node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Sentences about the whole refusal."""
    for name in _SPOKEN:
        if isinstance(node.get(name), str):
            yield from _sentence(node[name][:_LONGEST])


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
        elif isinstance(inner, str) and " " in inner and not within and not _OF_ERROR.search(name):
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
        if name == "name" and isinstance(value, str) and _NAME_OF_ERROR.fullmatch(value):
            continue
        if isinstance(value, Mapping):
            value = value.get("pointer", value.get("parameter"))
        if isinstance(value, list) and value and all(isinstance(one, (str, int)) for one in value):
            parts = tuple(str(one) for one in value)
            return (
                parts[1:] if parts[0] == "body" else () if parts[0] in ("query", "header", "path") else parts
            )
        if isinstance(value, str) and value and " " not in value:
            return names(value) or ()
        if isinstance(value, str) and name in ("name", "instancePath", "dataPath"):
            missing = node.get("params")
            inside = missing.get("missingProperty") if isinstance(missing, Mapping) else None
            return (inside,) if isinstance(inside, str) else () if not value else None
    return None


def _sentence(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The member that a sentence is about: the one it begins with, or the one it quotes."""
    wrap = re.search(r"param is missing or the value is empty(?: or invalid)?:\s*(\w+)", text)
    if wrap:
        yield (wrap[1],), text
        return
    for sentence in re.split(_SENTENCES, text)[:_MOST]:
        about = (pattern.search(sentence) for pattern in _ABOUT)
        found = (
            next(filter(None, about), None) or _LEADING.match(sentence.strip()) or _QUOTED.search(sentence)
        )
        yield ((names(found[1].replace("/", ".")) or ()) if found else ()), sentence
