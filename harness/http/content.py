"""What a response carries: JSON or not, where things are in it, and what two of them have in common."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx
import jsonpointer

from harness.http.item_urls import names_an_item


class Missing:
    """The absence of a value, where null is a value."""

    def __repr__(self) -> str:
        return "nothing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


DEEPEST = 100
"""Levels of nesting up to which content is taken for JSON (RFC 8259 section 9): what walks it, recurses."""
MOST_VALUES = 2_000_000
"""Values that JSON content may have, counted by its brackets and commas: each takes many times its own bytes."""
_SURROGATE = re.compile("[\ud800-\udfff]")


_BINARY = re.compile(
    r"(?:image|audio|video|font|model)/|multipart/(?:form-data|byteranges|mixed)"
    r"|application/(?:octet-stream|pdf|zip|gzip|x-[\w.-]+|vnd\.[\w.-]+|wasm|zstd|epub\+zip|java-archive|offset\+octet-stream)\Z"
)
_TEXTS = frozenset(
    {"image/svg+xml", "application/x-www-form-urlencoded", "application/x-ndjson", "application/x-yaml"}
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def json_of(reply: httpx.Response) -> Any:
    """The content as JSON, or `MISSING` where it is not JSON."""
    try:
        return parsed(reply.content)
    except (ValueError, httpx.DecodingError):
        return MISSING


def parsed(content: bytes | str) -> Any:
    """JSON that is safe to walk, compare and write down.

    Unpaired surrogates, which UTF-8 cannot encode, become U+FFFD.

    Raises:
        ValueError: it is not JSON (RFC 8259 knows no NaN), nested deeper than `DEEPEST` levels, or has more than
            `MOST_VALUES` values.
    """
    octets = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(octets) > MOST_VALUES and sum(map(octets.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError("more values than are read")
    try:
        value = json.loads(content, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if octets.count(b"[") + octets.count(b"{") > DEEPEST and too_deep(value):
        raise ValueError("nested too deep")
    if any(sign in octets for sign in (b"\\u", b"\xed", b"\0")):
        value = _paired(value)
    return value


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def too_deep(value: Any) -> bool:
    """Whether a value of JSON is nested deeper than `DEEPEST` levels: what walks it, recurses."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [
            inner
            for node in layer
            for inner in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True


def _paired(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_paired(name): _paired(inner) for name, inner in value.items()}
    return [_paired(inner) for inner in value] if isinstance(value, list) else value


def media_type(reply: httpx.Response) -> str:
    """Type and subtype of Content-Type, in lower case; empty where there is none."""
    return str(reply.headers.get("content-type", "")).partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """Whether a media type's content is JSON (RFC 6839 section 3.1)."""
    return media == "application/json" or media.endswith("+json")


def is_binary(beginning: bytes, kind: str | None) -> bool:
    """Whether content is no text that a reader could make use of: an image, an archive.

    Args:
        beginning: of the content.
        kind: value of Content-Type; what it calls JSON, XML or text is text, whatever its bytes.
    """
    media = (kind or "").partition(";")[0].strip().lower()
    if media and (media in _TEXTS or not _BINARY.match(media)):
        return False
    if _CONTROLS.search(beginning):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return True
    return False


def at(value: Any, pointer: str) -> Any:
    """What is at a JSON Pointer (RFC 6901), or `MISSING`.

    A template such as `Order={/Order},No={/No}` gives the key of several members that it describes, as a text.
    """
    if value is MISSING:
        return MISSING
    if pointer[:1] not in ("", "/"):
        return _composed(value, pointer)
    place = _pointer(pointer)
    inside = value
    for part in place.parts:
        if type(inside) is not dict:
            # Arrays, and what is neither, are left to the library.
            return place.resolve(value, MISSING)
        inside = inside.get(part, MISSING)
        if inside is MISSING:
            return MISSING
    return inside


_PART = re.compile(r"\{(?P<pointer>/[^{}]*)\}")


def key_parts(template: str) -> list[str]:
    """The JSON Pointers in the template of a key of several members; the pointer itself where it is one."""
    return [template] if template[:1] in ("", "/") else _PART.findall(template)


def _composed(value: Any, template: str) -> Any:
    """The text of a key of several members; `MISSING` where one of them is not there."""
    values = {pointer: at(value, pointer) for pointer in key_parts(template)}
    if any(isinstance(one, bool) or not isinstance(one, str | int) for one in values.values()):
        return MISSING
    # A quote in a text is doubled (OData ABNF, rule string).
    return _PART.sub(lambda part: str(values[part["pointer"]]).replace("'", "''"), template)


def shown_at(value: Any, pointer: str) -> Any:
    """What a representation shows at a JSON Pointer, or `MISSING`.

    Some APIs wrap an item in an envelope only when it is read: where the representation itself lacks the place, the
    one of its members that has it counts.
    """
    found = at(value, pointer)
    if found is not MISSING or not isinstance(value, Mapping):
        return found
    inner = [at(one, pointer) for one in value.values() if isinstance(one, Mapping)]
    there = [one for one in inner if one is not MISSING]
    return there[0] if len(there) == 1 else MISSING


def replaced(body: Any, pointer: str, value: Any) -> Any:
    """A copy of JSON with another value at a pointer; without the member where the value is `MISSING`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if not parts:
        return value
    head, *others = parts
    rest = "".join(f"/{part}" for part in pointer.split("/")[2:])
    if isinstance(body, list):
        items = list(body)
        items[int(head)] = replaced(items[int(head)], rest, value)
        return items
    members = dict(body) if isinstance(body, Mapping) else {}
    if not others and value is MISSING:
        members.pop(head, None)
    else:
        members[head] = replaced(members.get(head, {}), rest, value)
    return members


@lru_cache(maxsize=4096)
def _pointer(text: str) -> jsonpointer.JsonPointer:
    return jsonpointer.JsonPointer(text)


_LINKS = ("/", "http://", "https://")


def id_text(value: Any) -> str | None:
    """An id as it is in a URL, or None where the value cannot be an id: an object, no text, a way out (`..`).

    Where the value is itself a link, as in Hydra or Pulp, the id is the last segment of its path.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, str) and value.startswith(_LINKS):
        return last_segment(value)
    return str(value) if names_an_item(str(value)) else None


def last_segment(url: str) -> str | None:
    """The last non-empty segment of a URL's path, decoded: the id in an item's URL."""
    try:
        segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    except ValueError:
        return None
    last = unquote(segments[-1]) if segments else ""
    return last if names_an_item(last) else None


_BY_ITSELF = re.compile(
    r"(?i:_?(?:v|rev|version|revision|etag|generation|timestamp|meta|links?|self)"
    r"|(?:version|revision|generation)_?(?:no|number|id|count)"
    r"|(?:date_?)?(?:last_?)?(?:updated?|modified|changed|edited|accessed|seen|viewed|touched)(?:_?(?:at|on|date|time|by))?"
    r"|last_?(?:read|used|opened|synced|fetched|checked|active|activity)"
    r"|\w+_last_?(?:updated|modified|changed|edited|accessed|seen|used)"
    r"|\w*_(?:at|date|time|version|revision|rev|etag)"
    r"|(?:view|access|hit|read)_?(?:s|count)|views|request_?id|trace_?id)"
    # Annotations, such as `@odata.etag`.
    r"|(?i:(?:@?[\w-]+[.:]|@)(?:etag|version|revision|modified))"
    # Camel case: distinguished from words that merely end so, such as format and runtime.
    r"|\w*[a-z0-9](?:At|Date|Time|Version|Revision|Generation|Etag|ETag|Last(?:Updated|Modified|Changed))"
)
_SIGNED = re.compile(
    r"https?://[^\s?]+\?\S*?(?i:sig|signature|token|expires|x-amz-|x-goog-|policy|hmac)[\w-]*=\S*\Z"
)
"""A URL that is signed again for each answer (RFC 3986 section 3.4: the signature is in its query)."""


_INDEX = re.compile(r"/(?:0|[1-9]\d*)(?=/|\Z)")


def normalised(value: Any, *, volatile: Iterable[str] = (), sent: Iterable[str] = ()) -> Any:
    """A representation without what servers lawfully change by themselves.

    Args:
        value: JSON.
        volatile: JSON Pointers of what is known to change by itself.
        sent: names of members that the client set: these are kept, whatever they are called.
    """
    kept = set(sent)
    # What one element of an array does by itself, all of them do.
    dropped = {_INDEX.sub("/*", pointer) for pointer in volatile}

    def walk(node: Any, where: str) -> Any:
        if isinstance(node, Mapping):
            return {
                name: walk(inner, place)
                for name, inner in node.items()
                if (place := _INDEX.sub("/*", f"{where}/{_escaped(name)}")) not in dropped
                and (name in kept or not _BY_ITSELF.fullmatch(name))
            }
        if isinstance(node, list):
            return [None if f"{where}/*" in dropped else walk(inner, f"{where}/*") for inner in node]
        return node.partition("?")[0] if isinstance(node, str) and _SIGNED.match(node) else node

    return walk(value, "")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def member_names(value: Any) -> set[str]:
    """Names of all members at any depth."""
    if isinstance(value, Mapping):
        return set(value) | {name for inner in value.values() for name in member_names(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in member_names(inner)}
    return set()


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """JSON Pointers at which two values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = sorted(set(one) | set(other))
        return [
            found
            for name in names
            for found in differences(
                one.get(name, MISSING), other.get(name, MISSING), f"{where}/{_escaped(name)}"
            )
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            found
            for index, pair in enumerate(zip(one, other, strict=True))
            for found in differences(*pair, f"{where}/{index}")
        ]
    same = (type(one) is type(other) and one == other) or _same_number(one, other)
    return [] if same else [where or "/"]


def _same_number(one: Any, other: Any) -> bool:
    numbers = (int, float)
    return (
        isinstance(one, numbers)
        and isinstance(other, numbers)
        and not isinstance(one, bool)
        and not isinstance(other, bool)
        and one == other
    )


def shown(value: Any, most: int = 120) -> str:
    """A value as it reads best in one line of a finding."""
    text = str(value) if isinstance(value, Missing) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else text[: most - 1] + "…"
