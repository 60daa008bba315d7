"""The schema of the GraphQL endpoint: notes of their owner, as a Relay-style connection, and how they are changed."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema

from harness.reference.call import Call, Document
from harness.reference.store import StoredItem

KIND = "graphql-notes"
PAGE, LARGEST_PAGE = 10, 50
SDL = """
type Query { me: User!, note(id: ID!): Note, notes(first: Int, after: String): NoteConnection! }
type Mutation {
  createNote(input: NoteInput!): Note!
  updateNote(id: ID!, input: NoteInput!): Note!
  deleteNote(id: ID!): ID!
}
type User { name: String!, notes(first: Int, after: String): NoteConnection! }
type Note { id: ID!, text: String!, owner: User! }
type NoteEdge { cursor: String!, node: Note! }
type PageInfo { hasNextPage: Boolean!, endCursor: String }
type NoteConnection { edges: [NoteEdge!]!, pageInfo: PageInfo! }
input NoteInput { text: String! }
"""


def schema() -> GraphQLSchema:
    """The schema; values are resolved by the methods of the root object."""
    return build_schema(SDL)


def problem(message: str, code: str) -> GraphQLError:
    """An error of a field, with a stable code for programs."""
    return GraphQLError(message, extensions={"code": code})


@dataclass
class Root:
    """What the fields of queries and mutations give, for one caller."""

    call: Call

    def me(self, info: Any) -> User:
        """The caller."""
        return User(self, self.call.principal.name)

    def note(self, info: Any, id: str) -> Note | None:
        """A note of the caller, or null."""
        found = self.call.store.find(KIND, id)
        return Note(self, found) if found is not None and self.sees(found) else None

    def notes(self, info: Any, first: int | None = None, after: str | None = None) -> Document:
        """A page of the caller's notes."""
        return self.page(self.call.policies.authenticator.owner_filter(self.call.principal), first, after)

    def createNote(self, info: Any, input: Document) -> Note:  # noqa: N802 (the name of the field)
        """A new note of the caller."""
        self.check(input)
        with self.call.store.write() as tx:
            id, name = f"note_{secrets.token_hex(10)}", self.call.principal.name
            return Note(self, self.call.store.insert(tx, KIND, id, name, {"text": input["text"]}, None))

    def updateNote(self, info: Any, id: str, input: Document) -> Note:  # noqa: N802
        """A note of the caller with another text."""
        self.check(input)
        found = self.own(id)
        with self.call.store.write() as tx:
            return Note(self, self.call.store.replace(tx, found, {"text": input["text"]}, None))

    def deleteNote(self, info: Any, id: str) -> str:  # noqa: N802
        """Remove a note of the caller."""
        found = self.own(id)
        with self.call.store.write() as tx:
            self.call.store.remove(tx, found)
        return id

    def own(self, id: str) -> StoredItem:
        """The note, or the same error for what is absent and for what belongs to others."""
        found = self.call.store.find(KIND, id)
        if found is None or not self.may_change(found):
            raise problem("There is no note with this id.", "NOT_FOUND")
        return found

    def sees(self, found: StoredItem) -> bool:
        """Whether the caller may read a note."""
        return self.call.policies.authenticator.sees(self.call.principal, found.owner)

    def may_change(self, found: StoredItem) -> bool:
        """Whether the caller may change or remove a note."""
        return self.sees(found)

    def check(self, input: Document) -> None:
        """Refuse a text that is empty or too long."""
        if not 0 < len(input["text"]) <= 1000:
            raise problem("A text has 1 to 1,000 characters.", "BAD_USER_INPUT")

    def page(self, owner: str | None, first: int | None, after: str | None) -> Document:
        """A page of the notes of an owner, or of all, newest first."""
        count = PAGE if first is None else first
        if not 0 <= count <= LARGEST_PAGE:
            raise problem(f"first is 0 to {LARGEST_PAGE}.", "BAD_USER_INPUT")
        start = 0 if after is None else self.position(after)
        items, total = self.call.store.slice(KIND, owner, {}, start, count)
        edges = [
            {"cursor": cursor(start + number), "node": Note(self, item)}
            for number, item in enumerate(items, start=1)
        ]
        end = edges[-1]["cursor"] if edges else None
        return {
            "edges": edges,
            "pageInfo": {"hasNextPage": start + len(edges) < total, "endCursor": end},
        }

    def position(self, after: str) -> int:
        """Where the page after a cursor starts."""
        try:
            return int(base64.b64decode(after, validate=True).decode().removeprefix("n:"))
        except ValueError:
            raise problem("This cursor was not issued here.", "BAD_USER_INPUT") from None


def cursor(number: int) -> str:
    """The opaque cursor of a place in a list."""
    return base64.b64encode(f"n:{number}".encode()).decode()


@dataclass
class User:
    """A user, with their notes."""

    root: Root
    name: str

    def notes(self, info: Any, first: int | None = None, after: str | None = None) -> Document:
        """A page of the user's notes; those of others are not shown."""
        return self.root.page(self.name, first, after)


class Note:
    """A note as the schema shows it."""

    def __init__(self, root: Root, item: StoredItem) -> None:
        self.id, self.text = item.id, item.data["text"]
        self.owner = User(root, item.owner)
