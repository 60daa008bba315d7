"""Resources of an OData 4 service from its metadata document (CSDL XML 4.01). Pure.

No library of PyPI reads CSDL of version 4 and is kept; what a create needs of it is small. A document with a DTD is not
read, so that no entity can expand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from harness.profile.models import Capability, Resource, State
from harness.survey.openapi.taming import MAX_PROPERTIES

MOST_BYTES = 4_000_000
_MOST_DEPTH = 4
_MOST_BASES = 20
_INTEGERS = {
    "Edm.Byte": (0, 255),
    "Edm.SByte": (-128, 127),
    "Edm.Int16": (-(2**15), 2**15 - 1),
    "Edm.Int32": (-(2**31), 2**31 - 1),
    "Edm.Int64": (-(2**53), 2**53),
}
_PLAIN: dict[str, dict[str, Any]] = {
    "Edm.String": {"type": "string"},
    "Edm.Boolean": {"type": "boolean"},
    "Edm.Guid": {"type": "string", "format": "uuid"},
    "Edm.Date": {"type": "string", "format": "date"},
    "Edm.DateTimeOffset": {"type": "string", "format": "date-time"},
    "Edm.Duration": {"type": "string", "format": "duration"},
    "Edm.TimeOfDay": {
        "type": "string",
        "pattern": r"^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$",
        "examples": ["10:30:00"],
    },
    "Edm.Double": {"type": "number"},
    "Edm.Single": {"type": "number"},
}
"""Primitive types as JSON has them (JSON Format 4.01 section 7.1). Streams and geography are not sent."""
_RESTRICTIONS = {
    "InsertRestrictions": ("Insertable", "create"),
    "UpdateRestrictions": ("Updatable", "update"),
    "DeleteRestrictions": ("Deletable", "delete"),
    "ReadRestrictions": ("Readable", "list"),
}
_OPTIONAL = ("Computed", "ComputedDefaultValue")


class Metadata:
    """A metadata document.

    Args:
        content: CSDL XML.

    Raises:
        ValueError: it is too large, has a DTD, or is no XML.
    """

    def __init__(self, content: str) -> None:
        if len(content) > MOST_BYTES or "<!DOCTYPE" in content:
            raise ValueError("too large, or with a DTD")
        try:
            root = ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise ValueError(str(error)) from None
        self.types: dict[str, ElementTree.Element] = {}
        self.sets: dict[str, str] = {}
        self._notes: dict[str, list[ElementTree.Element]] = {}
        self._aliases: dict[str, str] = {}
        schemas = [one for one in root.iter() if _tag(one) == "Schema"]
        for schema in schemas:
            if alias := schema.get("Alias"):
                self._aliases[alias] = schema.get("Namespace", "")
        for schema in schemas:
            self._read(schema)

    def _read(self, schema: ElementTree.Element) -> None:
        namespace = schema.get("Namespace", "")
        for one in schema:
            if _tag(one) in ("EntityType", "ComplexType", "EnumType"):
                self.types[f"{namespace}.{one.get('Name')}"] = one
            elif _tag(one) == "EntityContainer":
                for each in one:
                    if _tag(each) == "EntitySet":
                        self.sets[each.get("Name", "")] = self._full(each.get("EntityType", ""))
                        container = f"{namespace}.{one.get('Name')}/{each.get('Name')}"
                        self._notes.setdefault(container, []).extend(_annotations(each))
            elif _tag(one) == "Annotations":
                self._notes.setdefault(self._full(one.get("Target", "")), []).extend(_annotations(one))

    def resource(self, name: str) -> Resource | None:
        """The resource of an entity set; None if the document does not have it."""
        kind = self.sets.get(name)
        if kind is None or kind not in self.types:
            return None
        keys = self._keys(kind)
        made = Resource(collection=f"/{name}", items="/value", id=f"/{keys[0]}" if keys else "/id")
        key = next((one for of, one in self._properties(kind) if keys and one.get("Name") == keys[0]), None)
        if len(keys) == 1 and key is not None:
            text = self._full(key.get("Type", "")) == "Edm.String"
            made.item = f"/{name}('{{id}}')" if text else f"/{name}({{id}})"
        schema = self.schema(kind)
        for one in keys:
            if schema["properties"].get(one, {}).get("type") == "integer":
                # A service may take an id of the client only if it is positive.
                schema["properties"][one]["examples"] = [1]
        if len(keys) > 1:
            self._key_of_parts(made, kind, keys, schema)
        if schema["properties"]:
            made.create_schema = schema
            because = f"$metadata: the entity type {kind}"
            made.capabilities["schema"] = Capability(state=State.DECLARED, because=because)
        made.read_only = sorted(
            str(one.get("Name")) for of, one in self._properties(kind) if self._has(of, one, "Computed")
        )
        for target in (t for t in self._notes if t.endswith(f"/{name}")):
            self._restrict(made, self._notes[target])
        return made

    def relations(self, kind: str) -> dict[str, str]:
        """The types that the navigation properties of a type lead to, by name."""
        parts = [part for base in reversed(self._bases(kind)) for part in base]
        return {
            one.get("Name", ""): self._full(one.get("Type", "").removeprefix("Collection(").rstrip(")"))
            for one in parts
            if _tag(one) == "NavigationProperty" and one.get("Name")
        }

    def _key_of_parts(self, made: Resource, kind: str, keys: list[str], schema: dict[str, Any]) -> None:
        """Set a key of several members (URL Conventions section 4.3.1); clients choose it, unless it is computed."""
        types = {one.get("Name"): self._full(one.get("Type", "")) for _, one in self._properties(kind)}
        texts = {name: f"{{/{name}}}" for name in keys}
        made.id = ",".join(
            f"{name}='{text}'" if types.get(name) == "Edm.String" else f"{name}={text}"
            for name, text in texts.items()
        )
        made.item = f"{made.collection}({{id}})"
        computed = {one.get("Name") for of, one in self._properties(kind) if self._has(of, one, "Computed")}
        schema["required"] += [name for name in keys if name in schema["properties"] and name not in computed]

    def schema(self, kind: str, depth: int = 0) -> dict[str, Any]:
        """JSON Schema of a create body of a type.

        Keys are optional: some services choose them. So are members that refer to other entities.
        """
        keys = self._keys(kind)
        properties: dict[str, Any] = {}
        required = []
        for of, one in islice(self._properties(kind), MAX_PROPERTIES):
            name = one.get("Name", "")
            made = self._value(one.get("Type", ""), one, depth)
            if made is None or self._has(of, one, "Computed"):
                continue
            made |= self._bounds(of, one)
            properties[name] = made
            optional = name in keys or any(self._has(of, one, word) for word in _OPTIONAL)
            mandatory = one.get("Nullable") == "false" and one.get("DefaultValue") is None
            if not optional and (mandatory or self._mandatory(of, one)):
                required.append(name)
        return {"type": "object", "properties": properties, "required": required}

    def _value(self, written: str, facets: ElementTree.Element, depth: int) -> dict[str, Any] | None:
        """The schema of a property's type; None for what is not sent."""
        if written.startswith("Collection("):
            inner = self._value(written.removeprefix("Collection(").rstrip(")"), facets, depth)
            return None if inner is None else {"type": "array", "items": inner}
        kind = self._full(written)
        if kind in _INTEGERS:
            low, high = _INTEGERS[kind]
            return {"type": "integer", "minimum": low, "maximum": high}
        if kind == "Edm.Decimal":
            return _decimal(facets)
        if kind in _PLAIN:
            made = dict(_PLAIN[kind])
            length = facets.get("MaxLength", "")
            return made | {"maxLength": int(length)} if kind == "Edm.String" and length.isdigit() else made
        found = self.types.get(kind)
        if found is None or depth >= _MOST_DEPTH:
            return None
        if _tag(found) == "EnumType":
            names = [one.get("Name") for one in found if _tag(one) == "Member"]
            return {"type": "string", "enum": names} if names else None
        return self.schema(kind, depth + 1) if _tag(found) == "ComplexType" else None

    def _bounds(self, of: str, one: ElementTree.Element) -> dict[str, Any]:
        """What the vocabulary Org.OData.Validation.V1 demands of a property."""
        found: dict[str, Any] = {}
        for note in self._of(of, one):
            term = _term(note)
            if term in ("Minimum", "Maximum"):
                text = note.get("Int") or note.get("Decimal") or note.get("Float") or ""
                if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
                    found[term.lower()] = float(text) if "." in text else int(text)
            elif term == "Pattern" and note.get("String"):
                found["pattern"] = note.get("String")
            elif term == "AllowedValues":
                values = [
                    v.get("String") or v.get("Int") for v in note.iter() if v.get("Property") == "Value"
                ]
                found |= {"enum": values} if any(values) else {}
        return found

    def _restrict(self, made: Resource, notes: Iterable[ElementTree.Element]) -> None:
        """What the vocabulary Org.OData.Capabilities.V1 denies of an entity set."""
        for note in notes:
            word, need = _RESTRICTIONS.get(_term(note), ("", ""))
            denied = any(
                value.get("Property") == word and (value.get("Bool") or (value.text or "").strip()) == "false"
                for value in note.iter()
            )
            if denied:
                because = f"$metadata: {word} is false"
                for one in (need, "replace") if need == "update" else (need,):
                    made.capabilities[one] = Capability(state=State.ABSENT, because=because)

    def _keys(self, kind: str) -> list[str]:
        for base in self._bases(kind):
            keys = [one.get("Name", "") for part in base if _tag(part) == "Key" for one in part]
            if keys:
                return keys
        return []

    def _properties(self, kind: str) -> Iterator[tuple[str, ElementTree.Element]]:
        """Each property of a type, those of its base types first, with the type that has it."""
        for base in reversed(self._bases(kind)):
            of = next(name for name, one in self.types.items() if one is base)
            yield from ((of, one) for one in base if _tag(one) == "Property")

    def _bases(self, kind: str) -> list[ElementTree.Element]:
        found: list[ElementTree.Element] = []
        while kind in self.types and len(found) < _MOST_BASES:
            found.append(self.types[kind])
            kind = self._full(found[-1].get("BaseType", ""))
        return found

    def _full(self, name: str) -> str:
        """A qualified name with the namespace in place of its alias."""
        head, dot, rest = name.partition("/")[0].rpartition(".")
        return (
            f"{self._aliases[head]}{dot}{rest}{name[len(head + dot + rest) :]}"
            if head in self._aliases
            else name
        )

    def _of(self, of: str, one: ElementTree.Element) -> Iterator[ElementTree.Element]:
        yield from _annotations(one)
        yield from self._notes.get(f"{of}/{one.get('Name')}", ())

    def _has(self, of: str, one: ElementTree.Element, term: str) -> bool:
        return any(_term(note) == term and note.get("Bool", "true") == "true" for note in self._of(of, one))

    def _mandatory(self, of: str, one: ElementTree.Element) -> bool:
        return any(
            _term(note) == "FieldControl" and "Mandatory" in (note.get("EnumMember") or "")
            for note in self._of(of, one)
        )


def completed(found: list[Resource], content: str) -> list[Resource]:
    """Entity sets with what the metadata document of their service says of them; as they were if it says nothing."""
    try:
        metadata = Metadata(content)
        return [metadata.resource(one.collection.strip("/")) or one for one in found]
    except (ValueError, OverflowError):
        return found


def _decimal(facets: ElementTree.Element) -> dict[str, Any]:
    """The range of a decimal. Its step is left out: steps below one cannot be checked with binary fractions."""
    precision, scale = facets.get("Precision", ""), facets.get("Scale", "0")
    digits = int(scale) if scale.isdigit() else 2
    most = 10 ** max(1, (int(precision) if precision.isdigit() else 9) - digits)
    step = {"multipleOf": 1} if digits == 0 else {}
    return {"type": "number", "exclusiveMinimum": -most, "exclusiveMaximum": most, **step}


def _tag(one: ElementTree.Element) -> str:
    return one.tag.rpartition("}")[2]


def _annotations(one: ElementTree.Element) -> list[ElementTree.Element]:
    return [note for note in one if _tag(note) == "Annotation"]


def _term(note: ElementTree.Element) -> str:
    """The last word of a term, whatever alias its vocabulary has in the document."""
    return note.get("Term", "").rpartition(".")[2]
