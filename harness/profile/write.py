"""Writes a profile as `conformance.toml`, with the evidence for what was inferred."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tomlkit
from pydantic import BaseModel
from tomlkit.items import Array, InlineTable, Item, Table

from harness.profile.models import Capability, CredentialConfig, Profile, RateLimit, Resource, State
from harness.target.secrets import Secrets, secret_part

SCHEMA = "conformance.schema.json"
"""Path of the JSON Schema for editors, relative to the file."""
TABLES = ("methods", "negotiation", "wire")
_LINE = 90


def write(
    profile: Profile,
    comments: Mapping[str, str] | None = None,
    *,
    secrets: Mapping[str, str] | None = None,
    schema: str = SCHEMA,
    wanted: Sequence[tuple[str, Sequence[str]]] = (),
    clean: Callable[[str], str] = str,
) -> str:
    """The text of a conformance.toml that loads to the same profile.

    Only values that differ from their defaults are written. Inferred capabilities become comments, since what a
    profile states is never inferred again; those that the user stated stay. Secrets are written as `${NAME}`.

    Args:
        comments: evidence by dotted key, such as `resources[0].items`.
        secrets: secret values by the name of the variable that holds them.
        schema: path of the JSON Schema for editors, relative to the file.
        wanted: for each missing credential the reason and the lines that give it; comments at the end of the file.
        clean: puts `$NAME` for secrets in a text; applied to all but the credentials, where it becomes `${NAME}`.
    """
    writer = _Writer(comments or {}, Secrets(secrets), clean)
    document = tomlkit.document()
    for name, value in _changed(profile).items():
        if name not in ("credentials", "resources", "rate_limits", "waivers", *TABLES):
            writer.put(document, name, writer.item(value), name)
    for name in TABLES:
        table = getattr(profile, name)
        if table.model_dump() != type(table)().model_dump():
            writer.put(document, name, writer.item(_changed(table)), name)
    if profile.credentials:
        document.add("credentials", writer.credentials(profile.credentials))
    if profile.resources:
        tables = tomlkit.aot()
        for place, resource in enumerate(profile.resources):
            tables.append(writer.resource(resource, f"resources[{place}]"))
        document.append("resources", tables)
    if profile.rate_limits:
        tables = tomlkit.aot()
        for limit in profile.rate_limits:
            tables.append(writer.rate_limit(limit))
        document.append("rate_limits", tables)
    if profile.waivers:
        tables = tomlkit.aot()
        for waiver in profile.waivers:
            tables.append(writer.table(_changed(waiver), "waivers"))
        document.append("waivers", tables)
    text = f"#:schema {_line(schema)}\n{tomlkit.dumps(document)}"
    for why, lines in wanted:
        text += f"\n# {_line(clean(why))}: remove the # and set the variables\n"
        text += "".join(f"# {_line(line)}\n" for line in lines)
    return text


class _Writer:
    def __init__(self, comments: Mapping[str, str], secrets: Secrets, clean: Callable[[str], str]) -> None:
        self.comments, self.secrets, self.clean = comments, secrets, clean
        names = "|".join(map(re.escape, sorted(self.secrets.values, key=len, reverse=True))) or r"(?!)"
        self._standing = re.compile(rf"\$({names})(?![A-Za-z0-9_])")

    def put(self, table: Any, name: str, item: Item, key: str) -> None:
        """Add one key with its evidence."""
        if key in self.comments:
            item.comment(_line(self.clean(self.comments[key])))
        table.add(name, item)

    def table(self, values: Mapping[str, Any], key: str) -> Table:
        table = tomlkit.table()
        for name, value in values.items():
            self.put(table, name, self.item(value), f"{key}.{name}")
        return table

    def resource(self, resource: Resource, key: str) -> Table:
        table, changed = tomlkit.table(), _changed(resource)
        bodies = {}
        plain = Resource(collection=resource.collection)
        for name, value in changed.items():
            if name in ("name", "item") and value == getattr(plain, name):
                continue
            if name in ("body", "update_body", "pagination") and not _needs_json(value):
                bodies[name] = value
            elif name in ("body", "update_body", "create_schema"):
                self.put(table, name, _json_text(self.fit(value)), f"{key}.{name}")
            elif name != "capabilities":
                self.put(table, name, self.item(value), f"{key}.{name}")
        self._capabilities(table, resource.capabilities)
        # Tables come last: keys after them would belong to them.
        for name, value in bodies.items():
            table.add(name, self.table(value, f"{key}.{name}"))
        return table

    def rate_limit(self, limit: RateLimit) -> Table:
        plain = RateLimit(path=limit.path)
        changed = {
            name: value
            for name, value in _changed(limit).items()
            if name not in ("state", "because") and not (name == "name" and value == plain.name)
        }
        table = self.table(changed, "rate_limits")
        if limit.state is not State.DECLARED:
            table.add(tomlkit.comment(_line(self.clean(f"{limit.state.value} ({limit.because})"))))
        return table

    def _capabilities(self, table: Table, capabilities: Mapping[str, Capability]) -> None:
        stated = tomlkit.inline_table()
        for name, capability in capabilities.items():
            plain = capability.state in (State.DECLARED, State.ABSENT)
            if capability.given and plain:
                stated.append(name, capability.there)
            else:
                evidence = f"{name}: {capability.state.value} ({capability.because})"
                table.add(tomlkit.comment(_line(self.clean(evidence))))
        if stated:
            table.add("capabilities", stated)

    def credentials(self, credentials: Mapping[str, CredentialConfig]) -> Table:
        tables = tomlkit.table(is_super_table=True)
        for name, credential in credentials.items():
            headers = tomlkit.table()
            for header, value in credential.headers.items():
                headers.add(header, tomlkit.item(self._hidden(name, header, value)))
            parts = credential.model_dump(exclude={"headers"}, exclude_defaults=True)
            table = tomlkit.table(is_super_table=bool(credential.headers) and not parts)
            for key, value in parts.items():
                table.add(key, _item(self._variables(value)))
            if credential.headers or not parts:
                table.add("headers", headers)
            tables.add(name, table)
        return tables

    def _variables(self, value: Any) -> Any:
        """The value with variables in place of its secrets, all of which have names."""
        if isinstance(value, Mapping):
            return {name: self._variables(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._variables(one) for one in value]
        if not isinstance(value, str):
            return value
        known = {secret: name for name, secret in self.secrets.values.items() if secret}
        pattern = "|".join(map(re.escape, sorted(known, key=len, reverse=True))) or r"(?!)"
        parts = re.split(f"({pattern})", value)
        return "".join(
            f"${{{known[part]}}}" if odd % 2 else str(_escaped(part)) for odd, part in enumerate(parts)
        )

    def _hidden(self, credential: str, header: str, value: str) -> str:
        """The value with variables in place of its secret part."""
        part = secret_part(header, value)
        before = value[: len(value) - len(part)]
        known = {secret: name for name, secret in self.secrets.values.items() if secret}
        if part and part not in known:
            found = re.split("|".join(map(re.escape, sorted(known, key=len, reverse=True))) or r"(?!)", part)
            if len(found) == 1 or len(re.sub(r"[^A-Za-z0-9]", "", "".join(found))) >= 4:
                known = {part: self.secrets.name_of(credential, header, part)}
        shown = ""
        while part:
            secret = next((one for one in sorted(known, key=len, reverse=True) if part.startswith(one)), "")
            shown += f"${{{known[secret]}}}" if secret else ("$$" if part[0] == "$" else part[0])
            part = part[len(secret) or 1 :]
        return str(_escaped(before)) + shown

    def item(self, value: Any) -> Item:
        """The value in TOML, its `$` escaped."""
        return _item(self.fit(value))

    def fit(self, value: Any) -> Any:
        """The value with variables for the secrets in it, and every other `$` escaped."""
        if isinstance(value, Mapping):
            return {self.clean(str(name)): self.fit(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.fit(one) for one in value]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        clean = self.clean(str(value))
        if clean == str(value):
            return _escaped(value)
        return self._standing.sub(r"${\1}", str(_escaped(clean)))


def _changed(model: BaseModel) -> dict[str, Any]:
    """Members that differ from their defaults, as plain values."""
    changed = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.is_required() or value != field.get_default(call_default_factory=True):
            changed[name] = _changed(value) if isinstance(value, BaseModel) else value
    return changed


def _item(value: Any) -> Item:
    if isinstance(value, Mapping):
        table: InlineTable = tomlkit.inline_table()
        for name, one in value.items():
            table.append(name, _item(one))
        return table
    if isinstance(value, (list, tuple)):
        array: Array = tomlkit.array()
        for one in value:
            array.append(_item(one))
        return array.multiline(len(array.as_string()) > _LINE)
    made: Item = tomlkit.item(value)
    return made


def _escaped(value: Any) -> Any:
    """The value with every `$` doubled that would begin a variable."""
    if isinstance(value, str):
        return re.sub(r"\$(?=[${])", "$$", value)
    if isinstance(value, Mapping):
        return {key: _escaped(one) for key, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, list) else value


def _needs_json(value: Any) -> bool:
    """Whether a body has a value that TOML cannot hold: null, or half a surrogate pair."""
    if isinstance(value, Mapping):
        return any(_needs_json(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_needs_json(one) for one in value)
    return value is None or (isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value))


def _json_text(value: Any) -> Item:
    text = json.dumps(value, indent=2)
    # A literal TOML text has no escapes, so JSON escapes are used for what it may not hold.
    text = text.replace("\x7f", "\\u007f").replace("'''", "\\u0027" * 3)
    return tomlkit.string(f"\n{text}\n", literal=True, multiline=True)


def _line(text: str) -> str:
    """The text as a comment: one line without control characters."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())
