"""One collection of the API with its items; how what the user wrote and what was found become one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

import jsonpointer
from pydantic import BaseModel, Field, model_validator

from harness.profile.capability import BY_DOCUMENT, BY_PROFILE, Capability
from harness.profile.idempotency import Idempotency
from harness.profile.locking import Locking
from harness.profile.pagination import Pagination
from harness.profile.transitions import Transition
from harness.profile.values import CollectionPath, ItemPath, Json, KeyPlace, Model, Path, Pointer

SHOWN = "x-shown-by-responses"
"""Keyword of a create's schema: examples of members that only responses describe, by name."""


class Resource(Model):
    """A collection, and the items in it."""

    collection: CollectionPath = Field(
        description="Path of the collection, such as /orders; empty where the target URL is the collection itself."
    )
    create: Path | None = Field(
        None, description="Path to which a create is sent by POST; `collection` when omitted."
    )
    parent: str | None = Field(
        None,
        description="Name of the resource whose items the collection belongs to: the last {...} in `collection` takes "
        "the id of an item that the run creates for this and removes at its end.",
    )
    name: str = Field("", description="Name in the report; the last word of the collection when omitted.")
    credential: str | None = Field(
        None,
        description="Name of the credential of its requests; when omitted `default`, or another one of the profile "
        "that fits if `default` is refused.",
    )
    item: ItemPath = Field("", description="Path of an item, with {id}; <collection>/{id} when omitted.")
    id: KeyPlace = Field(
        "/id",
        description="Location of the id in the response to a create; of a key of several members its text in the URL, "
        "such as Order={/Order},No={/No}.",
    )
    items: Pointer | None = Field(
        None, description="Location of the array of items in the response of the collection."
    )
    representation: Pointer = Field(
        "", description="Location of the members in a body, such as /data or /data/attributes."
    )
    bare: bool = Field(
        False,
        description="Whether bodies are sent without the envelope that `representation` names: only responses have it.",
    )
    within: Pointer = Field(
        "",
        description="With `bare`: location of the members in bodies that are sent, such as /data, where requests have "
        "another envelope than responses.",
    )
    body: dict[str, Json] | None = Field(None, description="A complete body that a create accepts.")
    update_body: dict[str, Json] | None = Field(
        None, description="A complete body that PUT accepts; made from `body` when omitted."
    )
    media_type: str = Field("application/json", description="Content-Type of the bodies sent.")
    repeated: list[str] = Field(
        default_factory=list,
        description="Members of a form whose elements are sent under one name: a=x&a=y instead of a[0]=x&a[1]=y.",
    )
    accepts: list[str] = Field(
        default_factory=list, description="Media types that the API documents for the content of a create."
    )
    offers: dict[Literal["collection", "item"], list[str]] = Field(
        default_factory=dict,
        description="Media types in which a GET of the collection, or of an item, is offered.",
    )
    patch: list[str] | None = Field(
        None, description="Media types that PATCH accepts, the preferred one first; none when empty."
    )
    unique: list[Pointer] = Field(
        default_factory=list, description="Members whose values must be unique, inside the representation."
    )
    fresh: list[Pointer] = Field(
        default_factory=list,
        description="Members besides `unique` that get a new value in every create, inside the representation: those "
        "by which the API finds an existing item instead of creating one.",
    )
    change: Pointer | None = Field(
        None, description="Writable member that an update may change, inside the representation."
    )
    optional: Pointer | None = Field(
        None,
        description="Writable member without server default that a body may omit, inside the representation.",
    )
    read_only: list[str] = Field(default_factory=list, description="Members that only the server sets.")
    ownership: bool | Literal["write"] | None = Field(
        None,
        description="Whether items belong to the client that created them: true makes a leak a failure, 'write' says "
        "that all clients may read but only the owner may change them, false that clients share them; found by asking "
        "when omitted.",
    )
    protected_fields: dict[str, Json] = Field(
        default_factory=dict,
        description='Members that clients must not set, with a value that is tried for each: { role = "admin" }.',
    )
    volatile: list[Pointer] = Field(
        default_factory=list, description="Locations in a representation that change by themselves."
    )
    create_schema: dict[str, Json] | None = Field(None, description="JSON Schema of a create's body.")
    absent_id: str | None = Field(None, description="A well-formed id of no item.")
    light: bool = Field(
        False,
        description="Whether only the rules run that differ most between collections that behave alike: access, lost "
        "updates, validation, errors. A run sets it for some of the collections that are not tested in full.",
    )
    leave_behind: int = Field(
        3,
        ge=0,
        description="Most items that a run creates, and leaves behind, where they cannot be removed.",
    )
    create_method: Literal["POST", "PUT"] = Field(
        "POST",
        description="Method that creates items: POST to the collection, or PUT to a new item's own path.",
    )
    put_creates: bool | None = Field(None, description="Whether PUT to an absent item creates it.")
    new_id: Literal["uuid", "word", "number"] = Field(
        "uuid", description="Form of ids that the client may choose."
    )
    hides_absence: bool = Field(False, description="Whether absent items are answered 403 by design.")
    soft_delete: Pointer | None = Field(
        None, description="Member that is true, or set, in a deleted item that stays readable."
    )
    archive: dict[str, Json] | None = Field(
        None,
        min_length=1,
        description="Members that PATCH sets to archive an item, where there is no DELETE: { archived = true }. The "
        "run archives its own items so; found by asking when omitted.",
    )
    state: Pointer = Field(
        "/status", description="Location of the state of an item, inside the representation."
    )
    transitions: list[Transition] = Field(
        default_factory=list,
        description="State transitions to test on items of the run; none when empty. Their side effects happen.",
    )
    idempotency: Idempotency | None = None
    locking: Locking = Field(default_factory=Locking)
    pagination: Pagination | None = None
    methods: dict[Literal["collection", "item"], list[str]] = Field(
        default_factory=dict, description="Methods that the API documents for the collection and its items."
    )
    capabilities: dict[str, Capability] = Field(
        default_factory=dict,
        description="What the resource can do: true, false, or a state with its evidence.",
    )

    @model_validator(mode="before")
    @classmethod
    def _plain_capabilities(cls, values: Any) -> Any:
        """Expand `capabilities.patch = false` to the long form."""
        if isinstance(values, dict) and isinstance(values.get("capabilities"), dict):
            long = {
                name: {"state": "declared" if given else "absent", "because": BY_PROFILE}
                if isinstance(given, bool)
                else given
                for name, given in values["capabilities"].items()
            }
            values = {**values, "capabilities": long}
        return values

    @model_validator(mode="before")
    @classmethod
    def _in_envelopes(cls, values: Any) -> Any:
        """Bodies and their schema in the shape of responses, which is how they are handled; see `bare`."""
        if not isinstance(values, dict) or not values.get("bare") or not values.get("representation"):
            return values
        made, place = dict(values), str(values["representation"])
        for name in ("body", "update_body"):
            if isinstance(made.get(name), dict):
                made[name] = enveloped(made[name], place)
        if isinstance(made.get("create_schema"), dict):
            made["create_schema"] = schema_enveloped(made["create_schema"], place)
        return made

    @model_validator(mode="after")
    def _defaults(self) -> Resource:
        given = set(self.model_fields_set)
        if not self.name:
            words = [word for word in self.collection.split("/") if word and "{" not in word]
            self.name = words[-1] if words else "root"
        if not self.item:
            self.item = self.collection.rstrip("/") + "/{id}"
        if "{id}" not in self.item:
            raise ValueError(f"item: {self.item!r} has no {{id}} in it")
        self.__pydantic_fields_set__ = given
        return self

    @property
    def partial(self) -> list[str]:
        """Media types of PATCH whose content is the members to change, in the form of the representation."""
        return [media for media in self.patch or () if "json-patch" not in media]

    @property
    def version_pointer(self) -> str | None:
        """JSON Pointer to the version that guards writes, in a representation with its envelope; None without one."""
        return None if self.locking.version is None else self.representation + self.locking.version

    def missing(self, need: str) -> str | None:
        """Why the resource lacks a capability; None if it has it."""
        capability = self.capabilities.get(need)
        if capability is None:
            return f"{need}: nothing declares or shows it"
        return None if capability.there else f"{need}: {capability.because}"

    def doubted(self, needs: Iterable[str]) -> str | None:
        """Why needs that are declared or expected cannot be relied on; None if all are there, or one is absent."""
        lacking = [need for need in needs if self.missing(need) is not None]
        states = [self.capabilities.get(need) for need in lacking]
        # What nobody could see, because of what does not work, is not absent either.
        if not all(state is None or state.doubtful for state in states):
            return None
        return next(
            (self.missing(need) for need, state in zip(lacking, states, strict=True) if state is not None),
            None,
        )

    def surely_missing(self, need: str) -> str | None:
        """Why the profile or the document denies a capability; None if the resource may have it.

        A survey that only reads does not see everything: what it did not see may exist.
        """
        capability = self.capabilities.get(need)
        if capability is None or capability.there or capability.doubtful:
            return None
        by_document = capability.because.startswith(BY_DOCUMENT)
        return f"{need}: {capability.because}" if capability.given or by_document else None


def in_envelope(known: Resource, place: str) -> Resource:
    """A resource whose bodies are sent as they are, and whose responses have their members in an envelope."""
    update: dict[str, Any] = {"representation": place, "bare": True}
    for name in ("body", "update_body"):
        body = getattr(known, name)
        update[name] = enveloped(body, place) if body is not None else None
    if known.create_schema is not None:
        update["create_schema"] = schema_enveloped(known.create_schema, place)
    if not known.id.startswith(place + "/"):
        update["id"] = place + known.id
    return known.model_copy(update=update)


def in_other_envelope(known: Resource, place: str, within: str) -> Resource:
    """A resource whose responses have their members elsewhere than its bodies.

    Args:
        place: location of the members in responses.
        within: in bodies.
    """
    update: dict[str, Any] = {"representation": place, "bare": True, "within": within}
    for name in ("body", "update_body"):
        body = getattr(known, name)
        inside = None if body is None else jsonpointer.resolve_pointer(body, within, None)
        update[name] = enveloped(inside, place) if isinstance(inside, dict) else None
    return known.model_copy(update=update)


def enveloped(body: dict[str, Any], place: str) -> dict[str, Any]:
    """A body in an envelope; itself if it is in it already.

    Args:
        place: location of the members, such as /data.
    """
    names = jsonpointer.JsonPointer(place).parts
    if isinstance(jsonpointer.resolve_pointer(body, place, None), dict):
        return body
    made: dict[str, Any] = body
    for name in reversed(names):
        made = {name: made}
    return made


def schema_enveloped(schema: dict[str, Any], place: str) -> dict[str, Any]:
    """The schema of a body in an envelope; itself if it describes the envelope already."""
    names = jsonpointer.JsonPointer(place).parts
    inner: Any = schema
    for name in names:
        inner = inner.get("properties", {}).get(name) if isinstance(inner, dict) else None
    if inner is not None:
        return schema
    made = {key: value for key, value in schema.items() if key != "$defs"}
    for name in reversed(names):
        made = {
            "type": "object",
            "properties": {name: made},
            "required": [name],
            "additionalProperties": False,
        }
    return {**made, "$defs": schema["$defs"]} if "$defs" in schema else made


def merged(written: Resource, found: Resource | None) -> Resource:
    """A resource with everything that the user wrote; what was found fills the rest."""
    if found is None:
        return written
    values = found.model_dump()
    for key in written.model_fields_set:
        value = getattr(written, key)
        if key == "capabilities":
            known = {name: capability.model_dump() for name, capability in value.items()}
            values[key] = {**values[key], **known}
        elif key == "pagination" and value is not None:
            # Key by key: a profile that gives a maximum keeps the parameters of the document.
            values[key] = {**(values[key] or {}), **value.model_dump(exclude_unset=True)}
        elif isinstance(value, BaseModel):
            values[key] = value.model_dump()
        else:
            values[key] = value
    return Resource.model_validate(values)


def matching(resource: Resource, among: Iterable[Resource]) -> Resource | None:
    """The resource with the same collection path, or None; whatever the parameters of a template are called."""
    path = resource.collection.rstrip("/")
    alike = [one for one in among if _unnamed(one.collection) == _unnamed(path)]
    same = next((one for one in alike if one.collection.rstrip("/") == path), None)
    if same is not None or not alike:
        return same
    other = alike[0]
    inside = other.collection.rstrip("/")
    below = other.item.removeprefix(inside) if other.item.startswith(inside) else "/{id}"
    return other.model_copy(update={"collection": resource.collection, "item": path + below})


def _unnamed(template: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", template.rstrip("/"))


def common_root(paths: Iterable[str]) -> str:
    """The path below which all collections and items are; empty if they share none.

    What is outside may be another application: its pages and its errors are not the API's.

    Args:
        paths: of collections and items, relative to the target URL. What follows a parameter is an item's.
    """
    shared: list[str] | None = None
    for path in paths:
        parents = path.partition("{")[0].rstrip("/").split("/")[:-1]
        length = min(len(parents), len(parents if shared is None else shared))
        same = [one for one in range(length) if shared is not None and parents[one] != shared[one]]
        shared = parents[: min([length, *same])]
    return "/".join(shared or [])
