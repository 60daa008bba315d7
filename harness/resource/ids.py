"""Ids that name nothing, made in the form of a sample, and ids as they are in URLs. Pure, except for chance."""

from __future__ import annotations

import random
import re
import uuid

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.I)
_PARTS = re.compile(r"(?P<before>\w+=.*,\w+='?)(?P<value>[^'=,]+)(?P<after>'?)\Z")
"""A key of several parts, as OData writes it; the last one is changed."""


def unlike(sample: str) -> str:
    """An id of the same form as a sample that surely names nothing.

    Numbers become large ones of nine digits, UUIDs fresh ones; in other ids the characters, except a prefix
    such as `ord_`, are replaced by others of their kind.
    """
    if "/" in sample.strip("/"):
        # A resource name (AIP-122): `shelves/s1`.
        above, _, last = sample.rpartition("/")
        return f"{above}/{unlike(last)}"
    if parts := _PARTS.match(sample):
        return parts["before"] + unlike(parts["value"]) + parts["after"]
    if sample.isdigit():
        return str(random.randint(900_000_000, 999_999_999))
    if _UUID.match(sample):
        fresh = str(uuid.uuid4())
        return fresh.upper() if sample.upper() == sample else fresh
    head = re.match(r"(?:[A-Za-z]+[_\-:.])*", sample)
    prefix = head.group() if head and len(head.group()) < len(sample) else ""
    rest = sample[len(prefix) :]
    if re.fullmatch(r"(?:[0-9]+[-_.])*[0-9]{1,8}", rest):
        # Short readable ids (INV-0012) are counted up: the highest is the likeliest to be free.
        highest = re.sub("[0-9]", "9", rest)
        if highest != rest:
            return prefix + highest
    # Only characters that the sample has: an alphabet (hexadecimal, Crockford's) is not left by accident.
    kinds = [
        sorted({char for char in rest if kind(char)}) for kind in (str.isdigit, str.islower, str.isupper)
    ]
    for _ in range(100):
        other = "".join(_another(char, kinds) for char in rest)
        if other != rest:
            return prefix + other
    return prefix + rest + rest


def _another(char: str, kinds: list[list[str]]) -> str:
    for kind in kinds:
        if char in kind:
            return random.choice(kind)
    return char


def in_collection(id: str, collection: str) -> str:
    """An id as it is below its collection: a resource name says the collection again (AIP-122).

    Args:
        id: as an item shows it, such as `shelves/s1`.
        collection: path of the collection, such as `/v1/shelves`.
    """
    head, _, last = id.rpartition("/")
    return last if head and last and collection.rstrip("/").endswith(f"/{head}") else id
