"""Kinds of values in a profile: paths, JSON Pointers (RFC 6901), and the base of its tables."""

from __future__ import annotations

from typing import Annotated, Any

import jsonpointer
from pydantic import AfterValidator, BaseModel, ConfigDict

from harness.http.content import key_parts

Json = Any


def _pointer(value: str) -> str:
    if value and not value.startswith("/"):
        raise ValueError(f"{value!r} is not a JSON Pointer: it must be empty or begin with '/'")
    try:
        jsonpointer.JsonPointer(value)
    except jsonpointer.JsonPointerException as error:
        raise ValueError(f"{value!r} is not a JSON Pointer: {error}") from None
    return value


def _key(value: str) -> str:
    if value[:1] in ("", "/"):
        return _pointer(value)
    parts = key_parts(value)
    if len(parts) < 2:
        raise ValueError(
            f"{value!r} is neither a JSON Pointer, such as /id, nor a key of several members, such as "
            "Order={/Order},No={/No}"
        )
    for one in parts:
        _pointer(one)
    return value


def _path(value: str) -> str:
    if not value.startswith("/") or "://" in value:
        raise ValueError(f"{value!r} must be a path below the target URL and begin with '/'")
    return value


def _collection(value: str) -> str:
    return _path(value) if value else value


def _item(value: str) -> str:
    # OData puts the key beside the collection, which may be the target URL itself.
    return value if not value or (value.startswith("(") and "://" not in value) else _path(value)


Pointer = Annotated[str, AfterValidator(_pointer)]
KeyPlace = Annotated[str, AfterValidator(_key)]
Path = Annotated[str, AfterValidator(_path)]
CollectionPath = Annotated[str, AfterValidator(_collection)]
ItemPath = Annotated[str, AfterValidator(_item)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_default=False)
