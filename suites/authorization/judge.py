"""Judgement of what clients see and change of each other's items. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

from harness.http.content import MISSING, at, id_text, normalised
from harness.resource.canary import SHORTEST, leaked

REFUSALS = frozenset({401, 403, 404, 410})
"""Statuses by which a request is refused for who sends it (RFC 9110 sections 15.5.2, 15.5.4, 15.5.5 and 15.5.11)."""


def listed_with(items: Iterable[Any], id: str, pointer: str, canaries: Collection[str]) -> bool:
    """Whether one of the listed items is the one with an id, or shows a canary.

    Args:
        pointer: location of the id in a listed item.
    """
    for item in items:
        if id_text(at(item, pointer)) == id:
            return True
        if leaked(json.dumps(item), canaries) is not None:
            return True
    return False


def shown_among(
    content: str, id: str, canaries: Collection[str], whole: Any, volatile: Sequence[str]
) -> str | None:
    """What the content of a response about several items shows of the one with an id, or None.

    Args:
        canaries: its texts; those that are its id, or are in it, may be a repetition of the request.
        whole: the item as its owner is shown it, normalised; it is looked for where there are no canaries. `MISSING`
            for none.
        volatile: locations that change by themselves.
    """
    texts = {one for one in canaries if one not in id and id not in one}
    if texts or whole is MISSING:
        return leaked(content, texts)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    same = any(normalised(one, volatile=volatile) == whole for one in _objects_in(value))
    return "the same as to client A" if same else None


def _objects_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """All objects in JSON."""
    if isinstance(value, Mapping):
        yield value
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _objects_in(one)


class Policy(Enum):
    """Whose items a resource has, as far as it is known."""

    OWNED = "declared: items belong to the client that created them"
    READ_BY_ALL = "declared: all clients may read, the one that created an item may change it"
    SEPARATE = "seen: clients are shown their own items only"
    BELOW = "seen: client B is refused the item below which these are"
    SHARED = "items are shared by design"
    UNKNOWN = "nothing shows whether items are shared"


@dataclass(frozen=True)
class Asked:
    """The answers to the question whether clients share the items of a collection.

    Attributes:
        declared: `ownership` of the profile.
        public: whether a request without credentials reads A's item.
        listed: whether the list that B is shown has A's item; None where that could not be seen.
        item: whether B reads A's item by its URL; None where that could not be seen.
        barred: whether the collection refuses B altogether.
        below: whether the collection is below an item that A reads and B is refused.
    """

    declared: bool | str | None = None
    public: bool = False
    listed: bool | None = None
    item: bool | None = None
    barred: bool = False
    below: bool = False

    @property
    def of_item(self) -> Policy:
        """Whether B may read the item by its URL; a list that leaves it out is evidence against that."""
        if self.declared is not None:
            return _declared(self.declared)
        if self.below and not self.public:
            return Policy.BELOW
        if self.public or self.listed:
            return Policy.SHARED
        if self.barred or self.listed is False:
            return Policy.SEPARATE
        return Policy.UNKNOWN

    @property
    def of_list(self) -> Policy:
        """Whether B may see the item in lists; an item that refuses B is evidence against that."""
        if self.declared is not None:
            return _declared(self.declared)
        if self.below and not self.public:
            return Policy.BELOW
        if self.public or self.item:
            return Policy.SHARED
        if self.item is False:
            return Policy.SEPARATE
        return Policy.UNKNOWN


def _declared(value: bool | str) -> Policy:
    if value == "write":
        return Policy.READ_BY_ALL
    return Policy.OWNED if value else Policy.SHARED


def is_summary(listed: Any, whole: Any) -> bool:
    """Whether a listed item lacks members that the item has."""
    if not isinstance(listed, Mapping) or not isinstance(whole, Mapping):
        return False
    return bool(set(whole) - set(listed))


def ids_count_up(ids: Iterable[str]) -> int | None:
    """The step by which the ids of items that were created in this order count up; None if they do not.

    A step is one that all neighbours have, or that varies by a few where other clients create items meanwhile.
    """
    known = list(ids)
    if len(known) < 4 or not all(id.isascii() and id.isdigit() and len(id) < 16 for id in known):
        return None
    steps = [int(later) - int(earlier) for earlier, later in pairwise(known)]
    return max(set(steps), key=steps.count) if all(0 < step <= 20 for step in steps) else None


def stored(shown: Any, pointer: str, wanted: Any, before: Any) -> bool:
    """Whether a read shows the value that a client tried to set, where it was another before."""
    value = at(shown, pointer)
    return value is not MISSING and value == wanted and wanted != before


def another(value: Any, choices: Iterable[Any] = ()) -> Any:
    """A value of the same kind and form as a protected member has; `MISSING` where none can be made up.

    Args:
        choices: values that it is known to have elsewhere.
    """
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7_001
    if isinstance(value, float):
        return value + 7_001.5
    if not isinstance(value, str) or not value:
        return MISSING
    if len(value) >= 10 and value[:4].isdigit() and value[4] == value[7] == "-":
        return "2001-02-03" + value[10:]
    choice = next((one for one in choices if one not in (value, None)), None)
    if choice is not None:
        return choice
    # A short word may be one of a few that are allowed.
    if "://" in value or value.isalpha() or len(value) < SHORTEST:
        return MISSING
    # Of the same length and form: the last letters and digits are replaced.
    turned = [_turned(char) if place >= len(value) // 2 else char for place, char in enumerate(value)]
    made = "".join(turned)
    return made if made != value else MISSING


def _turned(char: str) -> str:
    if char.isdigit() and char.isascii():
        return str(9 - int(char))
    hexadecimal = "abcdef"
    if char in hexadecimal:
        return hexadecimal[-1 - hexadecimal.index(char)]
    return char


def wording(error: Any, id: str, where: str = "") -> dict[str, Any]:
    """What an error says, by location; ids of the request are left out."""
    if isinstance(error, Mapping):
        parts = [wording(value, id, f"{where}/{name}") for name, value in error.items()]
        return {place: value for part in parts for place, value in part.items()}
    if isinstance(error, str):
        return {where: error.replace(id, "{id}")}
    return {where: error}


def unlike(foreign: Mapping[str, Any], absent: Mapping[str, Any], again: Mapping[str, Any]) -> str | None:
    """How the error for an item of another client differs from that for one that does not exist, or None.

    Args:
        foreign, absent, again: `wording()` of the error for another's item, and of two for items that do not exist:
            what differs between these says nothing.
    """
    steady = {place for place in absent if place in again and absent[place] == again[place]}
    for place in sorted(steady & set(foreign)):
        if foreign[place] != absent[place]:
            return (
                f"{place} is {foreign[place]!r} for one that exists, {absent[place]!r} for one that does not"
            )
    return None


_SECRET = re.compile(
    r"(?i)(?:.*_)?(?:password|passwd|passphrase|passcode|secret|client_?secret|api_?key|private_?key|pin)\Z"
)


_HASHED = re.compile(
    r"\$(?:2[aby]|argon2\w*|scrypt|pbkdf2[\w-]*|[156])\$\S{20,}|(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64,128})\Z"
)
_PASSWORD = re.compile(
    r"(?i)(?:user[-_]?|plain[-_]?)?(?:password|passwd|passphrase)(?:[-_]?hash|[-_]?digest)?\Z"
)
_MASKED = re.compile(
    r"(?i)[*\u2022x.#-]*\Z|.*\*{3}|.*(?:redacted|hidden|masked|protected|encrypted|not shown)"
)


def looks_hashed(value: Any) -> bool:
    """Whether a text has the form of a hash."""
    return isinstance(value, str) and _HASHED.match(value) is not None


@dataclass(frozen=True)
class ShownSecret:
    """A member of a representation that looks like a secret.

    Attributes:
        place: where it is.
        what: what it is, as words.
        sure: whether it is surely none that the item is there to show, as a password manager does.
    """

    place: str
    what: str
    sure: bool


def shown_secrets(value: Any, write_only: Collection[str], place: str = "") -> Iterator[ShownSecret]:
    """Secrets that a representation shows, as far as names, forms and the document tell.

    Args:
        write_only: members that the document marks writeOnly, at the top of an item.
    """
    for name, one in value.items() if isinstance(value, Mapping) else ():
        where = f"{place}/{name}"
        if isinstance(one, Mapping | list):
            yield from shown_secrets(one, write_only, where)
        elif isinstance(one, str) and one and not _MASKED.match(one):
            named = _PASSWORD.match(name) or _SECRET.match(name)
            if name in write_only:
                yield ShownSecret(where, "which the document marks writeOnly", True)
            elif named and looks_hashed(one):
                yield ShownSecret(where, "with the form of a hash", True)
            elif _PASSWORD.match(name):
                yield ShownSecret(where, "a text", False)
    for one in value if isinstance(value, list) else ():
        yield from shown_secrets(one, write_only, place)


def write_only_members(schema: Any) -> list[str]:
    """Names of the members that a schema marks writeOnly."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    named = properties.items() if isinstance(properties, Mapping) else ()
    return [name for name, one in named if isinstance(one, Mapping) and one.get("writeOnly") is True]


def secret_members(schema: Any, body: Any, representation: str) -> list[str]:
    """Names of members that a client sends and that no response should show.

    Args:
        schema: JSON Schema of a create's body, or None.
        body: a valid body, or None.
        representation: location of the members in it.
    """
    found: list[str] = []
    properties = schema.get("properties") if isinstance(schema, Mapping) and not representation else None
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        text = isinstance(one, Mapping) and one.get("type") in ("string", ["string", "null"], None)
        read_only = isinstance(one, Mapping) and one.get("readOnly") is True
        if text and not read_only and (one.get("writeOnly") is True or _SECRET.match(name)):
            found.append(name)
    inside = at(body, representation) if body is not None else MISSING
    if isinstance(inside, Mapping):
        found += [name for name, value in inside.items() if isinstance(value, str) and _SECRET.match(name)]
    return list(dict.fromkeys(found))
