"""Items that the run creates through the endpoint, and removes.

It imports graphql-core, which takes a while: imported only where there is an endpoint.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from graphql import GraphQLArgument, ast_from_value, print_ast

from harness.client.client import exchange_of
from harness.http.content import MISSING, json_of
from harness.http.item_urls import key
from harness.ledger.calls import Calls
from harness.ledger.entries import CALLS, Entry
from harness.ledger.interrupt import uninterrupted
from harness.ledger.ledger import Ledger
from harness.resource.placing import left
from harness.rules.checks import Undecided, applies, control

from .endpoint import Endpoint, at_path, data_of
from .schema import Crud, Fields, crud, fields_of, node_reader

_IDS: WeakKeyDictionary[Any, dict[str, set[str]]] = WeakKeyDictionary()
"""Ids that creates have given, by recorder and create: once two have given two, each create gives a new item."""


def written(values: Mapping[str, Any], given: Mapping[str, GraphQLArgument]) -> str:
    """Arguments of a field in the text of a document."""
    parts = []
    for name, value in values.items():
        node = ast_from_value(value, given[name].type)
        parts.append(f"{name}: {print_ast(node) if node is not None else 'null'}")
    return ", ".join(parts)


class Own:
    """An item that the run has created through the endpoint.

    Attributes:
        id: its id.
        text: what it shows.
        name: in the ledger.
    """

    def __init__(self, endpoint: Endpoint, fields: Fields, plan: Crud, id: str, text: str) -> None:
        self.endpoint, self.fields, self.plan, self.id, self.text = endpoint, fields, plan, id, text
        self.name = f"{endpoint.url}#{plan.type}={quote(id, safe='')}"

    def removal(self) -> str:
        """The field that removes it."""
        field = self.fields.mutations[self.plan.remove]
        return (
            f"{self.plan.remove}({written({self.plan.remove_id: self.id}, field.args)}) {self.plan.removed}"
        )

    def change(self, text: str) -> str | None:
        """The field that changes its text; None where there is none."""
        if self.plan.update is None:
            return None
        name, id, values = self.plan.update
        changed = {id: self.id, **replaced(values, PLACEHOLDER, text)}
        return f"{name}({written(changed, self.fields.mutations[name].args)}) {{ {self.plan.text} }}"

    def reading(self) -> str:
        """The field that reads it."""
        given = written({self.plan.read_id: self.id}, self.fields.queries[self.plan.read].args)
        return f"{self.plan.read}({given}) {{ id {self.plan.text} }}"

    def shown_as_node(self, endpoint: Endpoint) -> str | None:
        """The text that the query for objects of any type shows, such as `node(id:)`; None without it."""
        schema = self.endpoint.schema()
        found = None if schema is None else node_reader(schema, self.plan.type)
        if found is None:
            return None
        name, argument = found
        given = written({argument: self.id}, self.fields.queries[name].args)
        fields = f"... on {self.plan.type} {{ {self.plan.text} }}"
        item = at_path(endpoint.data(f"{{ item: {name}({given}) {{ {fields} }} }}"), ["item"])
        return None if item is None else str(item.get(self.plan.text))

    def shown(self, endpoint: Endpoint | None = None) -> str | None:
        """The text that a read shows now; None where it shows no item."""
        item = at_path((endpoint or self.endpoint).data(f"{{ item: {self.reading()} }}"), ["item"])
        if item is None:
            return None
        return str(item.get(self.plan.text)) if str(item.get("id")) == self.id else None


PLACEHOLDER = "conformance-placeholder"


def replaced(value: Any, old: str, new: str) -> Any:
    """The value with one text exchanged."""
    if isinstance(value, Mapping):
        return {name: replaced(one, old, new) for name, one in value.items()}
    return new if value == old else value


def plan_of(endpoint: Endpoint) -> tuple[Fields, Crud]:
    """How items are created, read and removed.

    Raises:
        Undecided: the schema is not shown, or has no such type.
    """
    schema = endpoint.needed_schema()
    found = crud(schema, PLACEHOLDER)
    applies(found is not None, "the schema has a type whose items can be created, read by id and deleted")
    assert found is not None
    return fields_of(schema), found


def reading(endpoint: Endpoint, id: str) -> str:
    """A query that reads an item by an id.

    Raises:
        NotApplicable, Undecided: the schema has no such query, or is not shown.
    """
    fields, plan = plan_of(endpoint)
    given = written({plan.read_id: id}, fields.queries[plan.read].args)
    return f"{{ item: {plan.read}({given}) {{ id }} }}"


@contextmanager
def owned(endpoint: Endpoint, ledger: Ledger) -> Iterator[Own]:
    """An item of the run's own, which is removed at the end.

    It counts as the run's own if the create shows the run's text, a read by its id does, and creates give a new id each
    time, which the first rule of a process shows by two of them.

    Raises:
        Undecided: there is none.
    """
    fields, plan = plan_of(endpoint)
    ids = _IDS.setdefault(endpoint.client.recorder, {}).setdefault(f"{endpoint.url}#{plan.create}", set())
    first = _created(endpoint, ledger, fields, plan, ids)
    try:
        control(first.id not in ids, f"each create gives a new id, not {first.id!r} again")
        control(first.shown() == first.text, f"{plan.create} can be read by its id {first.id!r}")
        if not ids:
            second = _created(endpoint, ledger, fields, plan, ids)
            try:
                control(first.id != second.id, f"two creates give two ids, not {first.id!r} twice")
                ledger.sure({first.name, second.name})
            finally:
                ledger.remove(second.name)
            ids.add(second.id)
        ids.add(first.id)
        yield first
    finally:
        ledger.remove(first.name)


def _created(endpoint: Endpoint, ledger: Ledger, fields: Fields, plan: Crud, ids: Collection[str]) -> Own:
    """An item, which is in the ledger before the response comes.

    Args:
        ids: of items that were created before, and shown to be new.
    """
    token = endpoint.client.recorder.ownership.token
    text = f"conformance-{token}-{uuid.uuid4().hex[:8]}"
    values = written(replaced(plan.values, PLACEHOLDER, text), fields.mutations[plan.create].args)
    selection = f"{{ id {plan.text} }}"
    for name in reversed(plan.kept):
        selection = f"{{ {name} {selection} }}"
    budget = endpoint.client.recorder.budget
    budget.reserve(CALLS)
    budget.count_create(key(endpoint.url))
    try:
        entry = Entry(endpoint.url, endpoint.client)
        planned = ledger.begin(entry, f"mutation {plan.create} with the text {text} at {endpoint.url}")
    except Undecided:
        budget.count_create(key(endpoint.url), -1)
        budget.release(CALLS)
        raise
    with uninterrupted():
        try:
            reply = endpoint.post(f"mutation {{ made: {plan.create}({values}) {selection} }}")
        except BaseException as problem:
            (ledger.lose if left(problem) else ledger.drop)(planned)
            raise
        made = at_path(data_of(reply), ["made", *plan.kept])
        item = made if isinstance(made, Mapping) else {}
        own = Own(endpoint, fields, plan, str(item.get("id")), text)
        if item.get("id") is None:
            if reply.status_code >= 500 or json_of(reply) is MISSING:
                ledger.lose(planned, exchange_of(reply).summary())
            else:
                ledger.drop(planned)
        else:
            look, gone = (
                {"query": f"{{ item: {own.reading()} }}"},
                {"query": f"mutation {{ {own.removal()} }}"},
            )
            # Until two creates have given two items, this may be one that was there before.
            sure = bool(ids) and own.id not in ids
            ledger.made(planned, own.name, sure=sure, calls=Calls(endpoint.url, look, gone, token))
    shown = item.get("id") is not None and item.get(plan.text) == text
    control(shown, f"{plan.create} creates an item with the given text: {exchange_of(reply).summary()}")
    return own
