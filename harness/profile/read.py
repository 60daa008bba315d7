"""`conformance.toml` and `[tool.conformance]` in pyproject.toml: read, checked, and described for editors.

1. `${NAME}` in any text is replaced from the environment; `$$` becomes `$`.
2. `body`, `update_body` and `create_schema` may be JSON texts, since TOML has no null.
3. Every mistake becomes one line that names file, key and fix; never the value, which may be secret.
"""

from __future__ import annotations

import copy
import datetime as dt
import difflib
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.bad_input import BadInput
from harness.profile import clashes
from harness.profile.additions import CREDENTIAL, RESOURCE, Additions, table, variables
from harness.profile.models import Profile, matching, merged
from harness.target.secrets import Secrets

FILE = "conformance.toml"
JSON_KEYS = ("body", "update_body", "create_schema")
"""Keys of a resource whose value may be a JSON text."""
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[^{}]*)\})")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Loaded:
    """A profile with its secrets and its source.

    Attributes:
        secrets: secret values by the name that replaces them in reports.
        source: the file that it was read from; None if there is none.
    """

    profile: Profile
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    source: str | None = None


def load(path: Path | None, cwd: Path, environ: Mapping[str, str] | None) -> Loaded:
    """The profile of a run.

    Args:
        path: the file given, relative to `cwd`; None for conformance.toml in `cwd`, or else the table
            `[tool.conformance]` of pyproject.toml there, or else an empty profile.
        environ: values of `${NAME}`; None leaves variables in place and unchecked, to read a file whose variables are
            not set.

    Raises:
        BadInput: the file cannot be read, or its content is invalid.
    """
    if path is not None:
        table = _table(path.name, _read(cwd / path, str(path)))
        if table is None:
            raise BadInput(str(path), "it has no table [tool.conformance]")
        return _loaded(table, str(path), environ)
    if (cwd / FILE).exists():
        return _loaded(_read(cwd / FILE, FILE), FILE, environ)
    name = "pyproject.toml"
    table = _table(name, _read(cwd / name, name)) if (cwd / name).is_file() else None
    return Loaded(Profile()) if table is None else _loaded(table, name, environ)


def with_additions(loaded: Loaded, given: Additions, directory: Path, environ: Mapping[str, str]) -> Loaded:
    """The profile with what command-line options add; they win over the file.

    `--resource` chooses what is tested: of the resources in the file those that it names, and those that it adds.

    Args:
        directory: relative paths of files are relative to it.
        environ: where `--credential NAME=env:VARIABLE` takes values from.

    Raises:
        BadInput: the value of an option cannot be used.
    """
    added = table(given, directory)
    if not added:
        return loaded
    # A variable of the environment may hold the scheme, too, which a profile writes apart.
    environ = {**environ, **variables(given, environ)}
    texts = _loaded({name: added[name] for name in added if name == "credentials"}, CREDENTIAL, environ)
    # Paths and bodies are taken as they are: `${` in them is no variable.
    more = _validated({name: added[name] for name in added if name != "credentials"}, RESOURCE)
    own = loaded.profile
    resources = [merged(one, matching(one, own.resources)) for one in more.resources] or own.resources
    profile = own.model_copy(
        update={
            "resources": resources,
            "bodies": {**own.bodies, **more.bodies},
            "credentials": {**own.credentials, **texts.profile.credentials},
        }
    )
    return Loaded(profile, {**loaded.secrets, **texts.secrets}, loaded.source)


def _validated(values: dict[str, Any], source: str) -> Profile:
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        raise _with_more(list(_mistakes(error, values, source, ()))) from None


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of conformance.toml, for editors."""
    made = Profile.model_json_schema()
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": FILE}
    made["description"] = "What the conformance harness cannot infer about an API. Every key is optional."
    properties = made["$defs"]["Resource"]["properties"]
    for key in JSON_KEYS:
        properties[key]["anyOf"].append({"type": "string", "contentMediaType": "application/json"})
    capabilities = properties["capabilities"]
    either = [capabilities["additionalProperties"], {"type": "boolean"}]
    capabilities["additionalProperties"] = {"anyOf": either}
    return made


def _read(path: Path, shown: str) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise BadInput(shown, "the file does not exist") from None
    except IsADirectoryError:
        raise BadInput(shown, "it is a directory, not a file", f"give the path of a {FILE}") from None
    except OSError as error:
        raise BadInput(shown, f"it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise BadInput(shown, f"it is not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        lines = text.splitlines() or [""]
        end = f"at line {len(lines)}, column {len(lines[-1]) + 1}"
        raise BadInput(shown, f"not TOML: {str(error).replace('at end of document', end)}") from None
    except RecursionError:
        raise BadInput(shown, "not a profile: it is nested too deeply") from None


def _table(name: str, document: dict[str, Any]) -> dict[str, Any] | None:
    if name != "pyproject.toml":
        return document
    tool = document.get("tool")
    table = tool.get("conformance") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _loaded(table: dict[str, Any], source: str, environ: Mapping[str, str] | None) -> Loaded:
    prefix: _Key = ("tool", "conformance") if Path(source).name == "pyproject.toml" else ()
    plain = _json_texts(_plain(table), source, prefix)
    missing: list[BadInput] = []
    unknown: set[_Key] = set()
    filled = _filled(plain, environ, source, prefix, missing, unknown)
    if missing:
        raise _with_more(missing)
    try:
        profile = Profile.model_validate(filled)
    except ValidationError as error:
        mistakes = list(_mistakes(error, filled, source, prefix, unknown))
        if mistakes or environ is not None:
            raise _with_more(mistakes) from None
        profile = _waivers(filled)
    clashes.check(profile.resources, source)
    if environ is None:
        return Loaded(profile, {}, source)
    secrets = Secrets()
    for name, credential in profile.credentials.items():
        given = credential.model_dump(exclude_unset=True)
        secrets.learn_parts(name, plain["credentials"][name], given, environ)
    return Loaded(profile, secrets.values, source)


def _waivers(filled: dict[str, Any]) -> Profile:
    """A profile with the waivers only, for a file whose variables have no values."""
    try:
        return Profile.model_validate({"waivers": filled.get("waivers", [])})
    except ValidationError:
        return Profile()


def _plain(value: Any) -> Any:
    """The value with TOML's dates and times as texts, as in JSON."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value


def _json_texts(table: dict[str, Any], source: str, prefix: _Key) -> dict[str, Any]:
    made = copy.deepcopy(table)
    resources = made.get("resources")
    for number, resource in enumerate(resources if isinstance(resources, list) else []):
        for key in JSON_KEYS if isinstance(resource, dict) else ():
            if isinstance(resource.get(key), str):
                try:
                    resource[key] = json.loads(resource[key])
                except (ValueError, RecursionError):
                    where = _dotted((*prefix, "resources", number, key))
                    raise BadInput(
                        source, f"{where} is not JSON", "write a TOML table or a JSON text"
                    ) from None
    return made


def _filled(
    value: Any,
    environ: Mapping[str, str] | None,
    source: str,
    key: _Key,
    missing: list[BadInput],
    unknown: set[_Key],
) -> Any:
    """The value with its variables replaced; collects missing variables, and keys whose value is not known."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        made = {at: _filled(one, environ, source, (*key, at), missing, unknown) for at, one in parts}
        return made if isinstance(value, dict) else list(made.values())
    if not isinstance(value, str):
        return value

    def replaced(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        name = found["name"]
        if not _NAME.fullmatch(name):
            what = f"{_dotted(key)}: ${{{name}}} names no environment variable"
            missing.append(BadInput(source, what, "write $${ for a literal ${"))
        elif environ is None:
            unknown.add(key)
            return found[0]
        elif name not in environ:
            what = f"{_dotted(key)} needs the environment variable {name}, which is not set"
            missing.append(BadInput(source, what, f"run: export {name}=..."))
        elif not environ[name] and "credentials" in key:
            what = f"{_dotted(key)} needs the environment variable {name}, which is empty"
            missing.append(BadInput(source, what))
        return "" if environ is None else environ.get(name, "")

    return _VARIABLE.sub(replaced, value)


def _mistakes(
    error: ValidationError, data: Any, source: str, prefix: _Key, unknown: Collection[_Key] = ()
) -> Iterator[BadInput]:
    seen: set[_Key] = set()
    found_all = error.errors(include_url=False, include_context=False, include_input=True)
    # Unknown keys first: a missing key is often one of them, misspelt.
    for found in sorted(found_all, key=lambda one: one["type"] != "extra_forbidden"):
        key = _real(found["loc"], data, found["type"])
        # A value with an unset variable cannot be checked.
        if key in seen or (found["type"] != "extra_forbidden" and (*prefix, *key) in unknown):
            continue
        seen.add(key)
        where = _dotted((*prefix, *key)) or FILE
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(key[-1]), _allowed(key[:-1]), n=1, cutoff=0.5)
            seen.update((*key[:-1], name) for name in near)
            yield BadInput(source, f"unknown key {where}", f"did you mean {near[0]}?" if near else "")
        elif found["type"] == "missing":
            yield BadInput(source, f"{where} is missing")
        elif found["type"] == "value_error":
            yield BadInput(source, f"{where}: {message}" if where not in message else message)
        else:
            kind = _KINDS.get(type(found["input"]), type(found["input"]).__name__)
            problem = message[:1].lower() + message[1:]
            yield BadInput(source, f"{where}: {problem.replace('input should', 'it should')}, not {kind}")


_KINDS: dict[type, str] = {
    str: "this text",
    int: "this integer",
    float: "this number",
    bool: "true or false",
    list: "an array",
    dict: "a table",
    type(None): "nothing",
}


def _real(location: tuple[str | int, ...], data: Any, kind: str) -> _Key:
    """A location as in the file, without the names of union members that pydantic adds."""
    key: list[str | int] = []
    for place, part in enumerate(location):
        if _has(data, part):
            data = data[part]
        elif not (kind == "missing" and place == len(location) - 1):
            continue
        key.append(part)
    return tuple(key)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(part, int) and isinstance(data, list):
        return part < len(data)
    return isinstance(data, dict) and part in data


def _allowed(key: _Key) -> list[str]:
    """Keys that the table at a key may have."""
    root = schema()
    node: Any = root
    for part in key:
        options = [one for one in _options(root, node) if isinstance(one, dict)]
        following: Any = {}
        for option in options:
            deeper = option.get("additionalProperties", following)
            deeper = option.get("items", following) if isinstance(part, int) else deeper
            following = option.get("properties", {}).get(part, deeper)
        node = following
    return [name for option in _options(root, node) for name in option.get("properties", {})]


def _options(root: dict[str, Any], node: Any) -> list[dict[str, Any]]:
    if not isinstance(node, dict):
        return []
    if "$ref" in node:
        return _options(root, root["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    return [node] + [one for part in node.get("anyOf", []) for one in _options(root, part)]


def _with_more(mistakes: list[BadInput]) -> BadInput:
    """The first mistake, with the number of the others."""
    first = mistakes[0]
    if len(mistakes) == 1:
        return first
    more = f"and {len(mistakes) - 1} more"
    return BadInput(first.where, first.what, f"{first.fix} ({more})" if first.fix else more)


def _dotted(key: _Key) -> str:
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            word = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part)
            text += f".{word}" if text else word
    return text
