"""The SQLite database: items, idempotency keys, rate-limit hits, operations.

Correct with several processes on one file: every write is one short BEGIN IMMEDIATE transaction, uniqueness
is a constraint, and replacing an item is a compare-and-set on its version.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.reference import times
from harness.reference.call import Document

Transaction = sqlite3.Connection

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL, version INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, data TEXT NOT NULL, unique_value TEXT,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS items_unique ON items (kind, owner, unique_value);
CREATE INDEX IF NOT EXISTS items_of_owner ON items (kind, owner, created, id);
CREATE INDEX IF NOT EXISTS items_of_all ON items (kind, created, id);
CREATE TABLE IF NOT EXISTS keys (
    scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, claim TEXT NOT NULL,
    since INTEGER NOT NULL, status INTEGER, fields TEXT, body BLOB,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hits (client TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS hits_of_client ON hits (client, at);
CREATE TABLE IF NOT EXISTS buckets (client TEXT PRIMARY KEY, level REAL NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, status TEXT NOT NULL, progress INTEGER NOT NULL,
    request TEXT NOT NULL, result TEXT, error TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
COLUMNS = "kind, id, owner, version, created, updated, data"


@dataclass(frozen=True)
class StoredItem:
    """A stored item; `data` holds its members except identity, version and times."""

    kind: str
    id: str
    owner: str
    version: int
    created: int
    updated: int
    data: Document


class Duplicate(Exception):
    """Another item of the owner has the same unique value."""


class Raced(Exception):
    """Another writer was faster: decide again on the present state."""


def item_of(row: tuple[str, str, str, int, int, int, str]) -> StoredItem:
    """The item in a row of COLUMNS."""
    return StoredItem(*row[:6], json.loads(row[6]))


class Store:
    """A pool of connections to one database file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.secret = b""
        self._idle: list[sqlite3.Connection] = []
        # SQLite's own waiting is a back-off that can starve a writer; within a process a lock is fair enough.
        self._writing = threading.Lock()

    def open(self) -> None:
        """Create what is missing in the file, and learn its secret."""
        with self.read() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)
            fresh = secrets.token_bytes(32)
            connection.execute("INSERT OR IGNORE INTO settings VALUES ('secret', ?)", (fresh,))
            self.secret = connection.execute("SELECT value FROM settings WHERE name = 'secret'").fetchone()[0]

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A connection outside any transaction: each statement sees the last committed state."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = sqlite3.connect(self.path, timeout=15, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield connection
        finally:
            self._idle.append(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A write transaction: committed at the end, rolled back by any exception."""
        with self._writing, self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def find(self, kind: str, id: str) -> StoredItem | None:
        """The item as last committed."""
        with self.read() as connection:
            row = connection.execute(
                f"SELECT {COLUMNS} FROM items WHERE kind = ? AND id = ?", (kind, id)
            ).fetchone()
        return item_of(row) if row else None

    def insert(
        self, tx: Transaction, kind: str, id: str, owner: str, data: Document, unique: str | None
    ) -> StoredItem:
        """A new item; Raced where the id is taken, Duplicate where the unique value is."""
        created = times.now()
        values = (kind, id, owner, 1, created, created, json.dumps(data), unique)
        try:
            tx.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError as error:
            raise self.conflict(error) from None
        return StoredItem(kind, id, owner, 1, created, created, data)

    def replace(
        self, tx: Transaction, item: StoredItem, data: Document, unique: str | None, guarded: bool = True
    ) -> StoredItem:
        """New data for the item, if it is as it was read (else Raced); unguarded: whatever it is now."""
        guard, values = (
            (" AND version = ? AND created = ?", (item.version, item.created)) if guarded else ("", ())
        )
        try:
            row = tx.execute(
                "UPDATE items SET version = version + 1, updated = max(?, updated + 1), data = ?,"
                " unique_value = ?"
                f" WHERE kind = ? AND id = ?{guard} RETURNING {COLUMNS}",
                (times.now(), json.dumps(data), unique, item.kind, item.id, *values),
            ).fetchone()
        except sqlite3.IntegrityError as error:
            raise self.conflict(error) from None
        if row is None:
            raise Raced
        return item_of(row)

    def remove(self, tx: Transaction, item: StoredItem, guarded: bool = True) -> None:
        """Delete the item, if it is still as it was read (else Raced)."""
        guard, values = (
            (" AND version = ? AND created = ?", (item.version, item.created)) if guarded else ("", ())
        )
        found = tx.execute(
            f"DELETE FROM items WHERE kind = ? AND id = ?{guard}", (item.kind, item.id, *values)
        )
        if found.rowcount == 0:
            raise Raced

    def page(
        self,
        kind: str,
        owner: str | None,
        filters: Mapping[str, str],
        after: tuple[int, str] | None,
        count: int,
        member: str | None = None,
        descending: bool = True,
    ) -> list[StoredItem]:
        """Up to `count` items that follow the keyset position, ties broken by id.

        Newest first by default; by a member of theirs where one is named.
        """
        key = "created" if member is None else "json_extract(data, ?)"
        named = [] if member is None else [f"$.{member}"]
        where, values = self.chosen(kind, owner, filters)
        if after is not None:
            where += f" AND ({key}, id) {'<' if descending else '>'} (?, ?)"
            values += [*named, *after]
        way = "DESC" if descending else "ASC"
        with self.read() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM items WHERE {where} ORDER BY {key} {way}, id {way} LIMIT ?",
                (*values, *named, count),
            ).fetchall()
        return [item_of(row) for row in rows]

    def slice(
        self, kind: str, owner: str | None, filters: Mapping[str, str], start: int, count: int
    ) -> tuple[list[StoredItem], int]:
        """Up to `count` items from a row number on, newest first, and how many there are in all."""
        where, values = self.chosen(kind, owner, filters)
        with self.read() as connection:
            # Both statements see one state.
            connection.execute("BEGIN")
            total = connection.execute(f"SELECT count(*) FROM items WHERE {where}", values).fetchone()[0]
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM items WHERE {where} ORDER BY created DESC, id DESC LIMIT ? OFFSET ?",
                (*values, count, start),
            ).fetchall()
            connection.execute("COMMIT")
        return [item_of(row) for row in rows], total

    @staticmethod
    def chosen(kind: str, owner: str | None, filters: Mapping[str, str]) -> tuple[str, list[Any]]:
        """The condition that selects the items of a list, and its values."""
        where, values = ["kind = ?"], [kind]
        if owner is not None:
            where.append("owner = ?")
            values.append(owner)
        for name, value in filters.items():
            where.append("json_extract(data, ?) = ?")
            values += [f"$.{name}", value]
        return " AND ".join(where), values

    @staticmethod
    def conflict(error: sqlite3.IntegrityError) -> Exception:
        """Which constraint was broken."""
        return Raced() if error.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY" else Duplicate()
