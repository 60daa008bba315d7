"""Valid values at the edges of the parameters of a documented GET. Pure.

1. A value is one that the schema of the parameter allows beyond doubt: texts with a pattern or a format of their own
   are left alone.
2. Pages are left to the rules on them, and so are the names of actions, which a GET might perform.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from harness.payloads.edges import UNICODE, WORD
from harness.profile.rate_limit import RateLimit
from harness.survey.infer.rate_limits import DOCUMENTED
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operation_index import Operation, operations_of
from harness.survey.openapi.operations import relative, server_path
from harness.survey.openapi.queries import typed

LONG = 2**63 - 1
MOST_TEXT = 200
_PAGES = re.compile(
    r"(?i:\$?(top|skip)|_?(limit|offset|page|size|count|start|cursor|after|before|per_?page|page_?(size|token|number))"
    r"|max_?(results|items|page_?size)|page\[.*\]|starting_after|ending_before)"
)
_ACTIONS = re.compile(
    r"(?i)(^|[/_.:-])(log-?out|sign-?out|log-?in|sso|oauth2?|authori[sz]e|callback|delete|remove|cancel|stop|start|restart"
    r"|reset|shutdown|kill|unsubscribe|trigger|run|execute|send|approve|confirm|activate|verify|revoke|refresh|sync"
    r"|redirect|proxy|stream|events?|watch|poll|subscribe|ws|websocket|download|export|debug)($|[/_.:-])"
)
_INSTANTS = ("9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2024-02-29T12:00:00+05:30")


@dataclass(frozen=True)
class Trial:
    """One request.

    Attributes:
        turn: its place in the order of all; 0 for the request without an edge.
        path: relative to the target's URL, with query.
        parameter: whose value is at an edge, in words; empty where none is.
        value: that value.
    """

    turn: int
    path: str
    parameter: str = ""
    value: str = ""


def readings(document: Node, base_path: str) -> Iterator[tuple[str, list[Trial]]]:
    """Each GET that can be sent without knowing anything of the data, with its trials; the first has no edge.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    prefix = server_path(document)
    for one in operations_of(document).values():
        if one.method != "GET" or one.deprecated or one.served_elsewhere or _ACTIONS.search(one.path):
            continue
        if not _answers_json(document, one):
            continue
        made = trials(document, one, relative(one.path, prefix, base_path.rstrip("/")))
        if len(made) > 1:
            yield one.name, made


def plain_reads(document: Node, one: Operation, path: str) -> str | None:
    """The path of a documented GET of JSON that can be sent without knowing anything of the data; None if it cannot."""
    if one.method != "GET" or one.deprecated or one.served_elsewhere or _ACTIONS.search(one.path):
        return None
    made = trials(document, one, path) if _answers_json(document, one) else []
    return made[0].path if made else None


def trials(document: Node, one: Operation, path: str) -> list[Trial]:
    """The requests of one operation; empty where one of its parameters has no value that is surely valid."""
    found: dict[tuple[str, str], list[str]] = {}
    plain: dict[tuple[str, str], str] = {}
    for (place, name), node in one.parameters.items():
        values = values_of(document, node) if place in ("path", "query") else []
        if place == "path":
            # Without a text, it is the path of something else.
            values = [value for value in values if value]
        if place == "path" or node.get("required") is True:
            if not values:
                return []
            plain[place, name] = _plain(document, node, values)
        if values and not _PAGES.fullmatch(str(node.get("name", ""))):
            found[place, name] = values
    names = {key: str(node.get("name", "")) for key, node in one.parameters.items()}
    made = [Trial(0, _url(path, plain, names))]
    rounds = max((len(values) for values in found.values()), default=0)
    for number in range(rounds):
        for named, values in found.items():
            if number < len(values) and plain.get(named) != values[number]:
                url = _url(path, {**plain, named: values[number]}, names)
                made.append(Trial(number + 1, url, f"{named[0]} parameter {names[named]}", values[number]))
    return made


def values_of(document: Node, parameter: Node) -> list[str]:
    """Values that the schema of a parameter certainly allows, the plainest last; empty where nothing is certain."""
    schema = typed(document, parameter.get("schema", parameter if "type" in parameter else None))
    if any(word in schema for word in ("allOf", "oneOf", "anyOf", "not", "pattern", "const", "multipleOf")):
        return []
    listed = schema.get("enum")
    if isinstance(listed, list):
        return [_text(value) for value in listed if isinstance(value, str | int | float)][:3]
    kind = schema.get("type")
    if kind == "boolean":
        return ["true", "false"]
    if kind in ("integer", "number"):
        return _numbers(schema, kind == "integer")
    return _texts(schema) if kind == "string" else []


def _numbers(schema: Node, whole: bool) -> list[str]:
    low, high = (
        _bound(schema, "minimum", 1 if whole else None),
        _bound(schema, "maximum", -1 if whole else None),
    )
    most = WORD - 1 if schema.get("format") == "int32" else LONG if whole else None
    tried = [WORD if high is None else high, 0, most if high is None else None, low, 1]
    return [
        _text(value)
        for value in dict.fromkeys(tried)
        if value is not None
        and (low is None or value >= low)
        and (high is None or value <= high)
        and (most is None or value <= most)
    ]


def _bound(schema: Node, word: str, step: int | None) -> float | int | None:
    """An inclusive bound; None without one, or where an exclusive one has no next number."""
    exclusive = schema.get(f"exclusive{word[:1].upper()}{word[1:]}")
    value = schema.get(word)
    if isinstance(exclusive, int | float) and not isinstance(exclusive, bool):
        return exclusive + step if step is not None else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if exclusive is not True else value + step if step is not None else None


def _texts(schema: Node) -> list[str]:
    form = schema.get("format")
    if form == "date":
        return ["9999-12-31", "1970-01-01", "2024-02-29"]
    if form == "date-time":
        return list(_INSTANTS)
    if form == "uuid":
        return ["00000000-0000-0000-0000-000000000000"]
    if form is not None:
        return []
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    longest = "a" * most if isinstance(most, int) and most <= MOST_TEXT else UNICODE
    made = [UNICODE, "", longest, "a" * max(least, 1)]
    return [one for one in dict.fromkeys(made) if least <= len(one) and (most is None or len(one) <= most)]


def _plain(document: Node, parameter: Node, values: list[str]) -> str:
    """The value of a parameter that must have one: an example, a default, else the last and plainest."""
    schema = resolve(document, parameter.get("schema"))
    for given in (parameter.get("example"), schema.get("example"), schema.get("default")):
        if isinstance(given, str | int | float) and given != "":
            return _text(given)
    return values[-1]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _url(path: str, given: dict[tuple[str, str], str], names: dict[tuple[str, str], str]) -> str:
    query = []
    for key, value in given.items():
        if key[0] == "path":
            path = path.replace(f"{{{names[key]}}}", quote(value, safe=""))
        else:
            query.append((names[key], value))
    return f"{path}?{urlencode(query)}" if query else path


def _answers_json(document: Node, one: Operation) -> bool:
    """Whether the response is one of JSON, or of no content that is documented: no stream, and no file."""
    if "swagger" in document:
        produced = one.node.get("produces", document.get("produces", ["application/json"]))
        return isinstance(produced, list) and any("json" in str(kind) for kind in produced)
    for status, response in one.responses.items():
        if status.startswith("2"):
            content = resolve(document, response).get("content")
            return not isinstance(content, dict) or any(
                "json" in str(kind) or kind == "*/*" for kind in content
            )
    return True


def counted(limits: Iterable[RateLimit]) -> set[str]:
    """Paths of quotas that the profile declares or that responses announced.

    Many documents list 429 for every operation: that alone says nothing of how many requests are allowed.
    """
    return {one.path for one in limits if not one.because.startswith(DOCUMENTED)}
