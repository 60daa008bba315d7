"""What command-line options add to a profile: `--resource`, `--body` and `--credential`. Pure but for `@FILE`.

Each becomes the table that says the same in conformance.toml, so that it is checked, kept secret and written by
`init` in the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bad_input import BadInput

RESOURCE, BODY, CREDENTIAL = "--resource", "--body", "--credential"
_HOW = {
    RESOURCE: "write a path such as /orders, or 'POST /orders/new -> /orders/{id}'",
    BODY: """write --body 'orders={"customer": "Ada"}' or --body orders=@order.json""",
    CREDENTIAL: "write --credential other=env:OTHER_TOKEN, or other='Bearer TOKEN', or other='X-Api-Key: KEY'",
}
_RESOURCE = re.compile(r"(?:(?P<method>[A-Za-z]+)\s+)?(?P<path>/\S*?)(?:\s*->\s*(?P<item>[/(]\S*))?")
_FIRST_PARTS = re.compile(r"/\{[^{}/]*\}(?=(?:/\{[^{}/]*\})+$)")
FIRST_PART = "t0123456789abcd"
"""Value of the first parts of a key whose last part is new for each item."""
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_FIELD = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>\S.*)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*[ \t]+\S.*")
_VARIABLE = re.compile(r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_BEARER = "Bearer "


@dataclass(frozen=True)
class Additions:
    """The values of the options, as the user wrote them."""

    resources: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()


NOTHING = Additions()


def resource(text: str) -> dict[str, Any]:
    """The table of `[[resources]]` for a value of `--resource`.

    Args:
        text: `/orders`; or `/orders -> /orders/{id}`; or with a method before it: POST creates at that path, PUT
            creates at the path of an item.

    Raises:
        BadInput: it is none of these.
    """
    found = _RESOURCE.fullmatch(text.strip())
    method = (found["method"] or "").upper() if found else ""
    if found is None or method not in ("", "POST", "PUT"):
        raise BadInput(RESOURCE, f"{text!r} names no collection", _HOW[RESOURCE])
    path, item = found["path"], found["item"]
    if method == "PUT":
        if item is not None or "{" not in path:
            raise BadInput(RESOURCE, f"{text!r}: PUT takes the path of an item", "write 'PUT /orders/{id}'")
        # Of a key of several parts, the last one tells items apart.
        parts, path = path, _FIRST_PARTS.sub(f"/{FIRST_PART}", path)
        placed: dict[str, Any] = {"collection": _above(path), "item": _with_id(path), "create_method": "PUT"}
        # Items often show their id in a member that is named like the parameter.
        placed |= {"id": f"/{path[path.rindex('{') + 1 : path.rindex('}')]}"}
        if path != parts:
            placed["name"] = parts.partition("/{")[0].rpartition("/")[2]
        return placed | {"put_creates": True, "capabilities": {"create": True}}
    if item is None:
        return {"collection": path}
    if "{" not in item:
        raise BadInput(RESOURCE, f"{text!r}: {item} has no {{id}} in it", _HOW[RESOURCE])
    made: dict[str, Any] = {"collection": path, "item": _with_id(item)}
    if method == "POST" and path.rstrip("/") != (above := _above(item)).rstrip("/"):
        made |= {"collection": above, "create": path, "capabilities": {"create": True}}
    return made


def _with_id(item: str) -> str:
    """The path of an item whose last parameter is called {id}, as in a profile."""
    return re.sub(r"\{[^{}]*\}(?=[^{}]*$)", "{id}", item)


def _above(item: str) -> str:
    """The path of the collection that an item is in."""
    return item[: item.rindex("{")].rstrip("/(")


_SCHEMES = ("basic", "bearer", "digest", "dpop", "negotiate")
"""Names of authentication schemes, which are no tokens."""


def body(text: str, directory: Path) -> tuple[str, dict[str, Any]]:
    """Name or path of a resource, and the body of a create, for a value of `--body`.

    Args:
        text: `NAME=JSON` or `NAME=@FILE`.
        directory: relative paths of files are relative to it.

    Raises:
        BadInput: the file cannot be read, or the body is not a JSON object.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadInput(BODY, f"{text[:40]!r} does not say for which resource the body is", _HOW[BODY])
    shown = f"the body of {name.strip()}"
    if value.startswith("@"):
        shown = value[1:]
        try:
            value = (directory / shown).read_text(encoding="utf-8")
        except OSError as problem:
            raise BadInput(BODY, f"{shown} cannot be read ({problem.strerror})", _HOW[BODY]) from None
        except UnicodeDecodeError:
            raise BadInput(BODY, f"{shown} is not UTF-8") from None
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError) as problem:
        reason = problem.msg if isinstance(problem, json.JSONDecodeError) else "nested too deeply"
        raise BadInput(BODY, f"{shown} is not JSON ({reason})", _HOW[BODY]) from None
    if not isinstance(parsed, dict):
        raise BadInput(BODY, f"{shown} is not a JSON object", _HOW[BODY])
    return name.strip(), parsed


def credential(text: str) -> tuple[str, dict[str, Any]]:
    """The name of a credential and its table, for a value of `--credential`.

    Args:
        text: `NAME=` and one of `env:VARIABLE`, `SCHEME TOKEN`, `FIELD: VALUE`, or a token alone, which is sent with
            the scheme Bearer.

    Raises:
        BadInput: it is none of these. The value is not repeated, since it may be secret.
    """
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals or not _NAME.fullmatch(name) or not value:
        where = f" of {name}" if equals and _NAME.fullmatch(name) else ""
        raise BadInput(CREDENTIAL, f"the value{where} is not NAME=VALUE", _HOW[CREDENTIAL])
    if (variable := _VARIABLE.fullmatch(value)) is not None:
        return name, {"bearer": f"${{{variable['name']}}}"}
    if value.lower().startswith("env:"):
        raise BadInput(
            CREDENTIAL, f"{name}: what follows env: names no environment variable", _HOW[CREDENTIAL]
        )
    if value.lower() in _SCHEMES:
        raise BadInput(CREDENTIAL, f"{name}: the scheme {value} has no token after it", _HOW[CREDENTIAL])
    return name, _carried(value.replace("$", "$$"))


def _carried(value: str) -> dict[str, Any]:
    """The table for a value: a field, a value of Authorization, or a token."""
    if (field := _FIELD.fullmatch(value)) is not None:
        return {"headers": {field["name"]: field["value"]}}
    if value.startswith(_BEARER):
        return {"bearer": value.removeprefix(_BEARER).strip()}
    if _SCHEME.fullmatch(value):
        return {"headers": {"Authorization": value}}
    return {"bearer": value}


def variables(given: Additions, environ: Mapping[str, str]) -> dict[str, str]:
    """The tokens in the environment variables that `--credential NAME=env:VARIABLE` names, without their scheme."""
    found = {}
    for text in given.credentials:
        variable = _VARIABLE.fullmatch(text.partition("=")[2].strip())
        if variable is not None and variable["name"] in environ:
            found[variable["name"]] = environ[variable["name"]].removeprefix(_BEARER).strip()
    return found


def table(given: Additions, directory: Path) -> dict[str, Any]:
    """The tables of conformance.toml that say what the options say.

    Raises:
        BadInput: the value of an option cannot be used.
    """
    made: dict[str, Any] = {}
    if given.resources:
        made["resources"] = [resource(text) for text in given.resources]
    if given.bodies:
        made["bodies"] = _apart(BODY, (body(text, directory) for text in given.bodies))
    if given.credentials:
        made["credentials"] = _apart(CREDENTIAL, map(credential, given.credentials))
    return made


def _apart(option: str, pairs: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise BadInput(option, f"{name} is given twice", "keep one")
        made[name] = value
    return made
