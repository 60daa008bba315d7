"""Which fields of the request an error names in structured members, so that a program can find them.

The widely used shapes are recognised: RFC 9457 with `errors[].pointer`, JSON:API `source.pointer`, FastAPI
`detail[].loc`, Google `fieldViolations[].field`, Stripe `error.param`, Zalando and Symfony `violations[]`,
Rails, Laravel and ASP.NET `errors: {name: [...]}`, Django REST `{name: [...]}`, Spring `errors[].field`,
express-validator `errors[].path`, Ajv `instancePath` and `params.missingProperty`, Zod, Joi, Kinto, OData.
Prose that mentions a field does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Members whose value names a field; compared without case, hyphens and underscores.
_SAYS = _words(
    "field fields fieldname fieldnames fieldpath param params parameter parameters pointer loc location path"
    " paths jsonpath name names property properties propertyname propertypath attribute attributes"
    " attributename attributepath attr instancepath datapath schemapath source target key keys member members"
    " element elements expression expressions argument column label missingproperty additionalproperty"
    " invalidfields missingfields missing required domain subject"
)
# Members whose value is an object with a member for each field.
_HOLDS = _words(
    "errors error fields fielderrors fieldmessages validation validationerrors validationmessages invalid"
    " invalidparams invalidfields details detail messages modelstate violations issues failures problems body"
    " data params"
)
# Members of an envelope: they name fields only where they hold a list of messages.
_ENVELOPE = _words(
    "code message status statuscode type title detail details error errors reason timestamp instance"
)
_SEPARATORS = re.compile(r"[/.\[\]$#'\"→>,:\s]+")
_LONGEST_NAME = 5
"""Words in the longest value taken for a path; more of them are prose."""


def named(error: Any) -> frozenset[str]:
    """Every name that an error's structured members give, normalised; those of enclosing objects too."""
    found = {_normal(segment) for text in _texts(error) for segment in segments(text)}
    return frozenset(found - {""})


def names(error: Any, member: str) -> bool:
    """Whether an error names a member of the request in a structured way."""
    return _normal(member) in named(error)


def mentions(text: str, member: str) -> bool:
    """Whether prose mentions a member, in whatever spelling of its name."""
    words = [word for word in re.split(r"[_\-\s]+|(?<=[a-z])(?=[A-Z])", member) if word]
    pattern = r"[_\-\s]?".join(map(re.escape, words))
    return bool(words) and re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", text, re.I) is not None


def segments(text: str) -> list[str]:
    """The parts of a JSON Pointer, of a JSONPath, of a dotted or bracketed path, or a plain name."""
    if len(text.split()) > _LONGEST_NAME:
        return []
    text = text.replace("~1", "/") if "/" not in text else text
    parts = [unquote(part.replace("~1", "/").replace("~0", "~")) for part in _SEPARATORS.split(text)]
    # A label such as `First name` is one name, and not two.
    return [*parts, text] if " " in text else parts


def _normal(name: str) -> str:
    return re.sub(r"[_\-\s]", "", name).lower()


def _texts(error: Any) -> Iterator[str]:
    """Texts in the places where an error names fields."""
    if isinstance(error, Mapping):
        yield from _keyed(error)
    yield from _walk(error)


def _keyed(body: Mapping[str, Any]) -> Iterator[str]:
    """Members of the whole body that are fields with lists of messages, as Django REST answers them."""
    for name, value in body.items():
        if isinstance(value, list) and value and all(isinstance(one, str | Mapping) for one in value):
            yield str(name)
        elif isinstance(value, Mapping) and value and all(_messages(one) for one in value.values()):
            yield str(name)
            yield from map(str, value)


def _messages(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _walk(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _walk(one)
    if not isinstance(node, Mapping):
        return
    for name, value in node.items():
        key = _normal(str(name))
        if key in _SAYS:
            yield from _said(value)
        if key in _HOLDS:
            yield from _held(value)
        yield from _walk(value)


def _said(value: Any) -> Iterator[str]:
    """What the value of a member such as `loc` or `field` names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _held(value: Any) -> Iterator[str]:
    """Names in an object that has a member for each failing field, at any depth."""
    if isinstance(value, list):
        for one in value:
            # `[{"email": "is not valid"}]`: no member says which field, so the member names do.
            if isinstance(one, Mapping) and not any(_normal(str(name)) in _SAYS for name in one):
                yield from (str(name) for name in one if _normal(str(name)) not in _ENVELOPE)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, list) or _normal(str(name)) not in _ENVELOPE:
                yield str(name)
            if isinstance(inner, Mapping):
                yield from _held(inner)
