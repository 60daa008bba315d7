"""Pact files of versions 2 to 4, read as data: requests, and the responses that a consumer expects. No network.

https://github.com/pact-foundation/pact-specification
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from harness.bad_input import BadInput
from harness.http.content import MISSING

Rules = dict[str, "Matchers"]
"""Matchers by path: of the body `$.items[*].id`, of header fields their names in lower case."""


@dataclass(frozen=True)
class Matchers:
    """What a value must match.

    Attributes:
        matchers: each with its kind as `match`.
        every: whether all must match, or one.
    """

    matchers: tuple[Mapping[str, Any], ...]
    every: bool = True


@dataclass(frozen=True)
class ProviderState:
    """What must be so before a request: a name, and parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Interaction:
    """A request, and the response that a consumer expects.

    Attributes:
        query: names and values, not percent-encoded.
        body: JSON value of the request, or text; `MISSING` for none.
        expected: JSON value, or text, of the response; `MISSING` where any will do.
    """

    description: str
    states: tuple[ProviderState, ...]
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    fields: Mapping[str, str]
    body: Any
    status: int
    expected_fields: Mapping[str, str]
    expected: Any
    body_rules: Rules
    field_rules: Rules
    status_rules: Matchers | None = None


def interactions(content: bytes, where: str) -> list[Interaction]:
    """The HTTP interactions of a Pact file; those with messages are left out.

    Raises:
        BadInput: it is no Pact file of version 2, 3 or 4.
    """
    try:
        document = json.loads(content)
        listed = document["interactions"]
        made = [_interaction(one) for one in listed if _is_http(one)]
    except (ValueError, RecursionError):
        raise BadInput(where, "it is not JSON", "give a Pact file that a consumer's tests wrote") from None
    except (KeyError, TypeError, AttributeError) as problem:
        what = f"it is no Pact file of version 2, 3 or 4 ({problem!r})"
        raise BadInput(where, what, "give a file with `interactions`") from None
    return made


def _is_http(one: Mapping[str, Any]) -> bool:
    return str(one.get("type", "Synchronous/HTTP")) == "Synchronous/HTTP" and "request" in one


def _interaction(one: Mapping[str, Any]) -> Interaction:
    request, response = one["request"], one["response"]
    body_rules, field_rules, status_rules = _rules(response.get("matchingRules") or {})
    return Interaction(
        str(one.get("description", "")),
        _states(one),
        str(request["method"]).upper(),
        str(request["path"]),
        _query(request.get("query")),
        _fields(request.get("headers")),
        _body(request),
        int(response.get("status", 200)),
        _fields(response.get("headers")),
        _body(response),
        body_rules,
        field_rules,
        status_rules,
    )


def _states(one: Mapping[str, Any]) -> tuple[ProviderState, ...]:
    named = one.get("providerState", one.get("provider_state"))
    if isinstance(named, str) and named:
        return (ProviderState(named),)
    listed = one.get("providerStates") or []
    return tuple(ProviderState(str(state["name"]), state.get("params") or {}) for state in listed)


def _query(given: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(given, str):
        return tuple(parse_qsl(given, keep_blank_values=True))
    found = []
    for name, values in (given or {}).items():
        found += [(str(name), str(value)) for value in (values if isinstance(values, list) else [values])]
    return tuple(found)


def _fields(given: Any) -> dict[str, str]:
    return {
        str(name): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in (given or {}).items()
    }


def _body(message: Mapping[str, Any]) -> Any:
    """The body of a message; version 4 wraps it in an object that says how it is encoded."""
    if "body" not in message:
        return MISSING
    body = message["body"]
    wrapped = isinstance(body, Mapping) and "content" in body and set(body) <= _WRAPPING
    if not wrapped:
        return body
    value, encoded = body["content"], body.get("encoded")
    if encoded and isinstance(value, str):
        try:
            value = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return value
        return _parsed(value) if "json" in str(body.get("contentType", "")) else value
    return _parsed(value) if encoded and str(encoded).lower() == "json" else value


_WRAPPING = {"content", "contentType", "contentTypeHint", "encoded"}


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _rules(given: Mapping[str, Any]) -> tuple[Rules, Rules, Matchers | None]:
    """Rules of body, header fields and status; version 2 has them in one table, by path."""
    body: Rules = {}
    fields: Rules = {}
    status = None
    for key, value in given.items():
        if key.startswith("$"):
            made = Matchers((_kind(value),))
            match = re.fullmatch(r"\$\.headers?(?:\.|\[')([\w-]+)(?:'\])?(?:\[\d+\])?", key)
            if match:
                fields[match[1].lower()] = made
            elif key.startswith("$.body"):
                body["$" + key.removeprefix("$.body")] = made
        elif key == "body":
            body |= {path: _matchers(one) for path, one in value.items()}
        elif key in ("header", "headers"):
            fields |= {_name(path): _matchers(one) for path, one in value.items()}
        elif key == "status":
            status = _matchers(value)
    return body, fields, status


def _name(path: str) -> str:
    return re.sub(r"\[\d+\]$", "", path).removeprefix("$.").strip("$[]'\"").lower()


def _matchers(one: Mapping[str, Any]) -> Matchers:
    return Matchers(tuple(_kind(each) for each in one["matchers"]), one.get("combine", "AND") != "OR")


def _kind(one: Mapping[str, Any]) -> dict[str, Any]:
    """A matcher with its kind as `match`: version 2 leaves it out where `regex`, `min` or `max` says it."""
    if "match" in one:
        return dict(one)
    return {**one, "match": "regex" if "regex" in one else "type"}
