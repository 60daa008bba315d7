"""What a schema offers to rules: something that can be created, read and removed, a way to nest, lists. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

CREATES = re.compile(r"(?:create|add|insert|new)_?(?=[A-Z]|[a-z]|_)|[a-z]\w*?(?:Create|Add)\Z")
REMOVES = re.compile(r"(?:delete|remove|destroy)_?(?=[A-Z]|[a-z]|_)|[a-z]\w*?(?:Delete|Remove)\Z")
UPDATES = re.compile(r"(?:update|edit|change|modify|set)_?(?=[A-Z]|[a-z]|_)|[a-z]\w*?(?:Update|Edit)\Z")
LIMITS = re.compile(r"first|last|limit|take|count|size|page_?size|per_?page|top|max(?:Results)?|num", re.I)
_VERB = re.compile(r"create|add|insert|new|delete|remove|destroy|update|edit|change|modify|set", re.I)
DEEP = 6
"""How deep input objects are filled."""


class Unfillable(Exception):
    """A required argument whose value cannot be guessed."""


@dataclass(frozen=True)
class Crud:
    """A type whose items can be created, read and removed by their id.

    Attributes:
        type: name of the object type.
        create, remove, read: names of the fields.
        values: arguments of the create; `text` is somewhere in them.
        kept: how the create's result leads to the item, such as ("note",) for a payload; empty where it is the item.
        text: member of the item that shows the text.
        remove_id, read_id: names of the arguments with the id.
        removed: selection of the result of the removal; empty for a leaf.
        update: name of the field that changes an item, the name of its id, and its other arguments; None without one.
    """

    type: str
    create: str
    remove: str
    read: str
    values: dict[str, Any]
    kept: tuple[str, ...]
    text: str
    remove_id: str
    read_id: str
    removed: str
    update: tuple[str, str, dict[str, Any]] | None = None


@dataclass(frozen=True)
class Fields:
    """The fields of queries and of mutations, by name."""

    queries: Mapping[str, GraphQLField]
    mutations: Mapping[str, GraphQLField]


def fields_of(schema: GraphQLSchema) -> Fields:
    """The fields of a schema; none for what it does not have."""
    query, mutation = schema.query_type, schema.mutation_type
    return Fields(query.fields if query else {}, mutation.fields if mutation else {})


def crud(schema: GraphQLSchema, text: str) -> Crud | None:
    """The first type whose items can be created with a text, read and removed; None without one."""
    fields = fields_of(schema)
    mutations, queries = fields.mutations, fields.queries
    for name, field in mutations.items():
        if not CREATES.match(name):
            continue
        for kept, found in results(field):
            shown = text_member(found)
            remove = _by_id(mutations, REMOVES, found, name)
            read = _reader(queries, found)
            if shown is None or remove is None or read is None or "id" not in found.fields:
                continue
            try:
                values = arguments(field, text)
            except Unfillable:
                continue
            if text not in set(texts(values)):
                continue
            removed = "" if is_leaf_type(get_named_type(mutations[remove[0]].type)) else "{ __typename }"
            return Crud(
                found.name,
                name,
                remove[0],
                read[0],
                values,
                kept,
                shown,
                remove[1],
                read[1],
                removed,
                _updater(mutations, found, name, text),
            )
    return None


def results(field: GraphQLField) -> Iterator[tuple[tuple[str, ...], GraphQLObjectType]]:
    """The object types that a mutation gives, itself or inside a payload, with the way there."""
    outer = get_named_type(field.type)
    if is_list_type(get_nullable_type(field.type)) or not isinstance(outer, GraphQLObjectType):
        return
    yield (), outer
    for name, inner in outer.fields.items():
        found = get_named_type(inner.type)
        if isinstance(found, GraphQLObjectType) and not is_list_type(get_nullable_type(inner.type)):
            yield (name,), found


def text_member(found: GraphQLObjectType) -> str | None:
    """A member with free text, as is best for marking an item."""
    names = [
        name
        for name, field in found.fields.items()
        if get_named_type(field.type).name == "String" and not field.args and not name.startswith("_")
    ]
    preferred = ("name", "title", "text", "description", "subject", "content", "body", "label")
    return next((one for one in preferred if one in names), None)


def _by_id(
    fields: Mapping[str, GraphQLField], verb: re.Pattern[str], found: GraphQLObjectType, create: str
) -> tuple[str, str] | None:
    """The mutation of a verb that names the same thing as the create and wants nothing but an id."""
    thing = _VERB.sub("", create, count=1).strip("_").lower()
    for name, field in fields.items():
        if not verb.match(name) or _VERB.sub("", name, count=1).strip("_").lower() != thing:
            continue
        needed = [arg for arg, one in field.args.items() if is_required_argument(one)] or list(field.args)[:1]
        if len(needed) == 1 and _is_id(needed[0], field.args[needed[0]]):
            return name, needed[0]
    return None


def _updater(
    fields: Mapping[str, GraphQLField], found: GraphQLObjectType, create: str, text: str
) -> tuple[str, str, dict[str, Any]] | None:
    thing = _VERB.sub("", create, count=1).strip("_").lower()
    for name, field in fields.items():
        if not UPDATES.match(name) or _VERB.sub("", name, count=1).strip("_").lower() != thing:
            continue
        ids = [arg for arg, one in field.args.items() if _is_id(arg, one)]
        if len(ids) != 1 or get_named_type(field.type) is not found:
            continue
        try:
            values = arguments(field, text, optional=True, given=ids[0])
        except Unfillable:
            continue
        if text in set(texts(values)):
            return name, ids[0], values
    return None


def _reader(fields: Mapping[str, GraphQLField], found: GraphQLObjectType) -> tuple[str, str] | None:
    """The query that gives one item by its id."""
    for name, field in fields.items():
        if get_named_type(field.type) is not found or is_list_type(get_nullable_type(field.type)):
            continue
        needed = [arg for arg, one in field.args.items() if is_required_argument(one)] or list(field.args)[:1]
        if len(needed) == 1 and _is_id(needed[0], field.args[needed[0]]):
            return name, needed[0]
    return None


def node_reader(schema: GraphQLSchema, type: str) -> tuple[str, str] | None:
    """The query that gives any object by its id, such as `node(id:)`, and its argument; None where none gives the type.

    Args:
        type: name of an object type, which an interface of that query covers.
    """
    wanted = schema.get_type(type)
    if not isinstance(wanted, GraphQLObjectType):
        return None
    for name, field in fields_of(schema).queries.items():
        inner = get_nullable_type(field.type)
        needed = [arg for arg, one in field.args.items() if is_required_argument(one)] or list(field.args)[:1]
        if (
            is_abstract_type(inner)
            and schema.is_sub_type(inner, wanted)
            and len(needed) == 1
            and _is_id(needed[0], field.args[needed[0]])
        ):
            return name, needed[0]
    return None


def _is_id(name: str, argument: GraphQLArgument) -> bool:
    kind = get_nullable_type(argument.type)
    return getattr(kind, "name", "") in ("ID", "String", "Int") and name.lower().endswith("id")


def arguments(
    field: GraphQLField, text: str, *, optional: bool = False, given: str | None = None
) -> dict[str, Any]:
    """Values of the arguments that a field needs; texts have the given value.

    Args:
        optional: whether input objects that may be left out are filled, too.
        given: the name of an argument that is left out, as its value is known.

    Raises:
        Unfillable: a value cannot be guessed.
    """
    return {
        name: value_of(argument.type, text, name)
        for name, argument in field.args.items()
        if (name != given and is_required_argument(argument))
        or (optional and isinstance(get_named_type(argument.type), GraphQLInputObjectType))
    }


def value_of(kind: GraphQLInputType, text: str, name: str = "", depth: int = 0) -> Any:
    """A value of an input type.

    Raises:
        Unfillable: it cannot be guessed, such as the id of something else.
    """
    inner = get_nullable_type(kind)
    if is_list_type(inner):
        return []
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    if isinstance(inner, GraphQLInputObjectType):
        if depth > DEEP:
            raise Unfillable(name)
        fields = inner.fields
        wanted = [one for one, field in fields.items() if is_required_input_field(field)]
        shown = [
            one
            for one in ("name", "title", "text", "description")
            if one in fields and get_named_type(fields[one].type).name == "String"
        ]
        names = dict.fromkeys([*wanted, *shown[:1]])
        return {one: value_of(fields[one].type, text, one, depth + 1) for one in names}
    plain: dict[str, Any] = {"String": text, "Int": 1, "Float": 1.5, "Boolean": False}
    known = getattr(inner, "name", "")
    if known not in plain:
        raise Unfillable(name)
    return plain[known]


def texts(value: Any) -> Iterator[str]:
    """The texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)


def listing(schema: GraphQLSchema, type: str) -> tuple[tuple[str, ...], str] | None:
    """How to list the items of a type: the way from the query to the list, and what to select there; None without one.

    The list is the field itself, `edges { node }`, or a member that is a list, as `nodes` or `items`.
    """
    for name, field in fields_of(schema).queries.items():
        if any(is_required_argument(one) for one in field.args.values()):
            continue
        inner = get_named_type(field.type)
        if is_list_type(get_nullable_type(field.type)):
            if inner.name == type:
                return (name,), "{ id }"
            continue
        for member, listed in inner.fields.items() if isinstance(inner, GraphQLObjectType) else ():
            edge = get_named_type(listed.type)
            if not is_list_type(get_nullable_type(listed.type)) or listed.args:
                continue
            if edge.name == type:
                return (name, member), "{ id }"
            node = edge.fields.get("node") if isinstance(edge, GraphQLObjectType) else None
            if node is not None and get_named_type(node.type).name == type:
                return (name, member), "{ node { id } }"
    return None


def nesting(schema: GraphQLSchema, longest: int = 4) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """A way of fields from the query to an object, and one from there back to the same type; None without one.

    No field of them needs an argument; lists are asked for one item, so that the query grows and the work does not.
    """
    if schema.query_type is None:
        return None
    waiting: list[tuple[tuple[str, ...], Any, tuple[str, ...]]] = [((), schema.query_type, ())]
    while waiting:
        way, found, seen = waiting.pop(0)
        for name, field in found.fields.items():
            inner = get_named_type(field.type)
            if any(is_required_argument(one) for one in field.args.values()):
                continue
            if not isinstance(inner, GraphQLObjectType | GraphQLInterfaceType) or inner.name.startswith("__"):
                continue
            path = (*way, name + one_of(field))
            if inner.name in seen:
                start = seen.index(inner.name) + 1
                return path[:start], path[start:]
            if len(path) < longest + 2:
                waiting.append((path, inner, (*seen, inner.name)))
    return None


def one_of(field: GraphQLField) -> str:
    """The argument that makes a list give one item; empty where there is none."""
    for name, argument in field.args.items():
        if name in ("first", "limit", "take", "pageSize") and get_named_type(argument.type).name == "Int":
            return f"({name}: 1)"
    return ""


def nested(outer: tuple[str, ...], loop: tuple[str, ...], depth: int) -> str:
    """A query that nests at least so many fields."""
    names = list(outer)
    while len(names) < depth:
        names += loop
    return "{ " + " { ".join(names) + " { __typename " + "} " * len(names) + "}"


def unlimited(schema: GraphQLSchema) -> list[str]:
    """Fields of the query that list objects and take no argument which limits how many."""
    return [
        name
        for name, field in fields_of(schema).queries.items()
        if is_list_type(get_nullable_type(field.type))
        and isinstance(get_named_type(field.type), GraphQLObjectType | GraphQLInterfaceType)
        and not any(LIMITS.search(one) for one in field.args)
    ]
