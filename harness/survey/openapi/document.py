"""OpenAPI and Swagger documents from bytes, and the references inside them. No I/O.

1. A document comes from someone else's server: its size, its nesting and the expansion of its YAML aliases are
   bounded before anything reads it.
2. Only references into the document itself are followed; the harness contacts no other origin for a schema.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import jsonpointer
import yaml

from harness.bad_input import BadInput

MAX_BYTES = 32 * 1024 * 1024
"""Largest document in bytes."""
MAX_NODES = 2_000_000
"""YAML values that a document may have, with aliases expanded and long texts counted per thousand bytes."""
MAX_VALUES = 2_000_000
"""JSON values that a document may have; commas and brackets are counted."""
MAX_EVENTS = 1_000_000
"""YAML values, each alias counted once: PyYAML takes about a kilobyte for each."""
MAX_DEPTH = 200
"""Levels of nesting that a document may have."""
MAX_CHAIN = 32
"""Longest chain of references."""
MAX_NOTES = 10
"""Lines about parts that were ignored."""
VERSIONS = ("2.0", "3.0", "3.1", "3.2")
_GIVE = "give the JSON or YAML of an OpenAPI document, or `--openapi none`"

Node = dict[str, Any]
_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset((f"{_TAG}set", f"{_TAG}omap", f"{_TAG}pairs"))
"""Tags of values that have a type in Python, but not in JSON."""


def parse(content: bytes, where: str) -> Node:
    """An OpenAPI 3 or Swagger 2.0 document from JSON or YAML.

    Args:
        content: the bytes as received.
        where: URL or file that it came from, for the error.

    Raises:
        BadInput: it is no such document, or too large to read.
    """
    if len(content) > MAX_BYTES:
        most = MAX_BYTES // 2**20
        raise BadInput(where, f"the document is larger than {most} MiB")
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content.strip():
        raise BadInput(where, "the document is empty")
    if start.startswith(b"<"):
        kind = "an HTML page" if b"html" in start else "an XML document"
        raise BadInput(where, f"{kind}, not an OpenAPI document", _GIVE)
    try:
        found = _json(content, where) if start[:1] in (b"{", b"[") else _yaml(content, where)
        deep = _deeper_than(found, MAX_DEPTH)
    except RecursionError:
        deep = True
    if deep:
        raise BadInput(where, f"the document is nested more than {MAX_DEPTH} levels deep")
    return _checked(found, where)


def resolve(document: Node, node: Any, notes: list[str] | None = None) -> Node:
    """The object of a node: itself, or the end of its chain of `$ref`s.

    A reference to another document, to nothing, or in a circle gives `{}`.

    Args:
        document: the whole document.
        node: an object of it; anything else gives `{}`.
        notes: takes one line for each reference that could not be followed.
    """
    for _ in range(MAX_CHAIN):
        if not isinstance(node, dict):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        node = target(document, reference, notes)
    note(notes, "a chain of $refs has no end")
    return {}


def target(document: Node, reference: str, notes: list[str] | None = None) -> Any:
    """What a local reference (`#/...`) points to, or None (RFC 6901 section 6)."""
    if not reference.startswith("#"):
        note(notes, f"$ref {shortened(reference)!r} points outside the document and was ignored")
        return None
    try:
        return _pointer(reference).resolve(document)
    except (jsonpointer.JsonPointerException, ValueError):
        # ValueError: an index with more digits than Python reads.
        note(notes, f"$ref {shortened(reference)!r} points to nothing")
        return None


@lru_cache(1024)
def _pointer(reference: str) -> jsonpointer.JsonPointer:
    """The pointer of a local reference: each is read many times."""
    return jsonpointer.JsonPointer(unquote(reference[1:]))


def note(notes: list[str] | None, line: str) -> None:
    """Add a line about a part that was ignored: once, and at most `MAX_NOTES`."""
    if notes is None or line in notes or len(notes) > MAX_NOTES:
        return
    notes.append(line if len(notes) < MAX_NOTES else "further parts of the OpenAPI document were ignored")


def shortened(text: str) -> str:
    """A text of the document, short enough to be quoted in a line."""
    return text if len(text) <= 200 else f"{text[:200]}..."


def _json(content: bytes, where: str) -> Any:
    if sum(content.count(sign) for sign in (b",", b"{", b"[")) > MAX_VALUES:
        raise BadInput(where, f"the document has more than {MAX_VALUES} values")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadInput(where, f"not JSON: {error.msg} at {place}") from None
    except UnicodeDecodeError as error:
        raise BadInput(where, f"not JSON: not UTF-8 at byte {error.start}") from None
    except ValueError as error:
        raise BadInput(where, f"not JSON: {error}") from None


def _yaml(content: bytes, where: str) -> Any:
    if content.count(b"\0") and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(where, "neither JSON nor YAML, but binary")
    made = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = None
    try:
        _shallow(content, made, where)
        loader = made(content)
        root = loader.get_single_node()
        if root is None:
            raise BadInput(where, "the document is empty")
        _tame(root, where)
        return loader.construct_document(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise BadInput(where, f"neither JSON nor YAML: {problem}{place}") from None
    except (ValueError, OverflowError) as error:
        raise BadInput(where, f"neither JSON nor YAML: {error}") from None
    finally:
        if loader is not None:
            loader.dispose()


def _shallow(content: bytes, made: Any, where: str) -> None:
    """Refuse deep nesting by the flat stream of events, since the C composer recurses until the process crashes."""
    depth = 0
    for number, event in enumerate(yaml.parse(content, Loader=made)):
        if number > MAX_EVENTS:
            raise BadInput(where, f"the document has more than {MAX_EVENTS} YAML values", "give it as JSON")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise BadInput(where, f"the document is nested more than {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _tame(root: Any, where: str) -> None:
    """Refuse alias bombs and circles; read scalars as JSON would (YAML 1.2 JSON schema, RFC 9512).

    PyYAML follows YAML 1.1, in which a country NO is false, and 2024-01-01 is no string.
    """
    sizes: dict[int, int] = {}
    stack: list[tuple[Any, bool]] = [(root, False)]
    open_: set[int] = set()
    while stack:
        node, done = stack.pop()
        key = id(node)
        if done:
            open_.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[key] > MAX_NODES:
                raise BadInput(where, "its YAML aliases expand to more than can be read (an alias bomb)")
            continue
        if key in sizes:
            continue
        if key in open_:
            raise BadInput(where, "a YAML alias contains itself")
        if isinstance(node, yaml.ScalarNode):
            node.tag = _json_tag(node)
            sizes[key] = 1 + len(node.value) // 1000
            continue
        if node.tag in _PLAIN:
            node.tag = f"{_TAG}{'map' if isinstance(node, yaml.MappingNode) else 'seq'}"
        open_.add(key)
        stack.append((node, True))
        if isinstance(node, yaml.MappingNode):
            for name, _ in node.value:
                if isinstance(name, yaml.ScalarNode) and name.tag != f"{_TAG}merge":
                    # In JSON every key is a string, also `200:`.
                    name.tag = f"{_TAG}str"
                    sizes[id(name)] = 1
        stack.extend((child, False) for child in _children(node))


def _children(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _json_tag(node: Any) -> str:
    tag, text = str(node.tag), node.value
    word = tag.removeprefix(_TAG)
    if word in ("timestamp", "binary", "value"):
        return f"{_TAG}str"
    if word == "bool" and text.lower() not in ("true", "false"):
        return f"{_TAG}str"
    if word in ("int", "float") and (
        ":" in text or "_" in text or text.lower().lstrip("+-") in (".inf", ".nan")
    ):
        return f"{_TAG}str"
    return tag


def _deeper_than(root: Any, levels: int) -> bool:
    """Whether containers are nested deeper; a shared (aliased) container is read once per level."""
    layer = [root]
    for _ in range(levels):
        below: dict[int, Any] = {}
        for node in layer:
            values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            below.update((id(child), child) for child in values if isinstance(child, (dict, list)))
        if not below:
            return False
        layer = list(below.values())
    return True


def _checked(found: Any, where: str) -> Node:
    if not isinstance(found, dict):
        raise BadInput(where, "not an OpenAPI document: its top level is not an object", _GIVE)
    if "openapi" not in found and "swagger" not in found:
        raise BadInput(
            where, "not an OpenAPI document: it has neither an `openapi` nor a `swagger` member", _GIVE
        )
    version = str(found.get("openapi", found.get("swagger")))
    if not any(version == known or version.startswith(f"{known}.") for known in VERSIONS):
        raise BadInput(where, f"OpenAPI version {version!r} is not supported", f"use {', '.join(VERSIONS)}")
    paths = found.get("paths")
    usable = isinstance(paths, dict) and any(
        isinstance(path, str) and path.startswith("/") and isinstance(item, dict)
        for path, item in paths.items()
    )
    if not usable:
        raise BadInput(where, "the OpenAPI document has no usable `paths`")
    return found
