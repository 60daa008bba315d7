"""Lists: by keyset cursor, newest first or sorted by a member; or by page number, with totals."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from harness.reference.call import Call, Document
from harness.reference.errors import Problem
from harness.reference.store import StoredItem

Position = tuple[Any, str]
LONGEST_SEARCH = 200


class Pages:
    """What lists of both kinds have in common: the page size, and filters."""

    size = "limit"
    default = 20
    maximum = 100

    def page(self, call: Call) -> tuple[Document, str | None]:
        """The list document, and the value of its Link field if it has one."""
        raise NotImplementedError

    def parameters(self, call: Call) -> Mapping[str, str]:
        """Where the parameters come from: the query alone, never content (RFC 9110 section 9.3.1)."""
        return call.query

    def limit(self, call: Call) -> int:
        """The page size: 1 to the maximum, else 400."""
        value = self.parameters(call).get(self.size, str(self.default))
        if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or not 1 <= int(value) <= self.maximum:
            self.invalid_limit(call, value)
        return int(value)

    def invalid_limit(self, call: Call, value: str) -> None:
        """400 that names the parameter."""
        detail = f"{self.size} must be a whole number from 1 to {self.maximum}."
        raise Problem("invalid_parameter", detail, parameter=self.size)

    def filters(self, call: Call) -> dict[str, str]:
        """The filters of the query, by parameter; a bound that is no number is refused."""
        parameters = self.parameters(call)
        found = {name: parameters[name] for name in call.resource.selecting if name in parameters}
        for name, value in found.items():
            if name in call.resource.filters:
                continue
            if name == "q":
                self.check_search(value)
            elif not re.fullmatch(r"-?[0-9]{1,15}", value, re.ASCII):
                self.invalid_bound(call, name, value)
        return found

    def check_search(self, value: str) -> None:
        """400 for a text that is too long."""
        if len(value) > LONGEST_SEARCH:
            raise Problem("invalid_parameter", f"q has at most {LONGEST_SEARCH} characters.", parameter="q")

    def invalid_bound(self, call: Call, name: str, value: str) -> None:
        """400 that names the parameter."""
        raise Problem("invalid_parameter", f"{name} must be a whole number.", parameter=name)

    def owner(self, call: Call) -> str | None:
        """Whose items are listed; None for everybody's."""
        return call.policies.authenticator.owner_filter(call.principal)

    def data(self, call: Call, items: list[StoredItem]) -> list[Document]:
        """The items as the list shows them."""
        of, selection = call.policies.representation.of, call.policies.selection
        return [selection.apply(call, of(call.resource, item)) for item in items]

    def target(self, call: Call, **position: str) -> str:
        """The path and query of another page of the same list: page size, filters and order are kept."""
        parameters = self.parameters(call)
        names = (self.size, "sort", "fields", *call.resource.selecting)
        kept = {name: parameters[name] for name in names if name in parameters}
        return f"{quote(call.path)}?{urlencode({**kept, **position})}"


class Paginator(Pages):
    """Pages by cursor; a cursor is sealed, and bound to resource, caller, filters and order."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        """The list document, and the value of its Link field if there is a next page."""
        limit, filters = self.limit(call), self.filters(call)
        self.order(call)
        items = self.fetch(call, filters, self.after(call, filters), limit + 1)
        shown, more = items[:limit], len(items) > limit
        cursor = self.cursor(call, filters, shown[-1]) if more else None
        return self.document(call, shown, cursor), self.link(call, cursor) if cursor else None

    def order(self, call: Call) -> tuple[str | None, bool]:
        """The member that the list is sorted by (None: the time of creation), and whether descending."""
        value = self.parameters(call).get("sort")
        if value is None:
            return None, True
        member = value.removeprefix("-")
        if member not in call.resource.sortable:
            detail = f"sort must be one of: {', '.join(call.resource.sortable) or 'nothing'}."
            raise Problem("invalid_parameter", detail, parameter="sort")
        return member, value != member

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        """The position that the cursor names; None at the start of the list."""
        cursor = self.parameters(call).get("cursor")
        if cursor is None:
            return None
        text = self.unseal(call.store.secret, self.binding(call, filters), cursor)
        if text is None:
            self.invalid_cursor(call)
        value, id = json.loads(text)
        return value, id

    def invalid_cursor(self, call: Call) -> NoReturn:
        """400."""
        raise Problem("invalid_cursor", "The cursor was not issued for this query.", parameter="cursor")

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        """The items that follow the position."""
        member, descending = self.order(call)
        name = call.resource.name
        return call.store.page(name, self.owner(call), filters, after, count, member, descending)

    def document(self, call: Call, items: list[StoredItem], cursor: str | None) -> Document:
        """The list envelope."""
        return {"data": self.data(call, items), "next_cursor": cursor, "has_more": cursor is not None}

    def link(self, call: Call, cursor: str) -> str:
        """A next link (RFC 8288)."""
        return f'<{self.target(call, cursor=cursor)}>; rel="next"'

    def cursor(self, call: Call, filters: Mapping[str, str], last: StoredItem) -> str:
        """The cursor that continues after an item."""
        text = json.dumps(self.position(call, last)).encode()
        return self.seal(call.store.secret, self.binding(call, filters), text)

    def position(self, call: Call, last: StoredItem) -> Position:
        """Where the list continues after an item: its key, and its id to break ties."""
        member, _ = self.order(call)
        return last.created if member is None else last.data[member], last.id

    def binding(self, call: Call, filters: Mapping[str, str]) -> bytes:
        """What a cursor is bound to."""
        bound = [call.resource.name, call.principal.name, filters, self.order(call)]
        return json.dumps(bound, sort_keys=True).encode()

    def seal(self, secret: bytes, binding: bytes, text: bytes) -> str:
        """Authenticated and unreadable: the HMAC serves as the nonce of the key stream (as SIV does)."""
        tag = self.tag(secret, binding, text)
        return base64.urlsafe_b64encode(tag + self.mask(secret, tag, text)).rstrip(b"=").decode()

    def unseal(self, secret: bytes, binding: bytes, cursor: str) -> bytes | None:
        """The sealed text; None where the cursor was made or changed by others."""
        try:
            sealed = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (UnicodeEncodeError, binascii.Error):
            return None
        tag = sealed[:16]
        text = self.mask(secret, tag, sealed[16:])
        genuine = hmac.compare_digest(tag, self.tag(secret, binding, text))
        # The comparison of texts refuses other spellings of the same bytes.
        return text if genuine and self.seal(secret, binding, text) == cursor else None

    def tag(self, secret: bytes, binding: bytes, text: bytes) -> bytes:
        """The authentication tag."""
        return hmac.digest(secret, b"tag\0" + binding + b"\0" + text, "sha256")[:16]

    def mask(self, secret: bytes, tag: bytes, text: bytes) -> bytes:
        """The text, or what hides it, under the key stream of the tag."""
        stream = hashlib.shake_256(b"mask\0" + secret + tag).digest(len(text))
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))


class Numbered(Pages):
    """Pages by number, newest first, with totals and links to the neighbours."""

    size = "per_page"

    def page(self, call: Call) -> tuple[Document, str | None]:
        """The list document, and the value of its Link field."""
        size, number = self.limit(call), self.number(call)
        items, total = self.fetch(call, (number - 1) * size, size)
        last = max(1, math.ceil(total / size))
        return self.document(call, items, number, size, total), self.link(call, number, last)

    def number(self, call: Call) -> int:
        """The page number: from 1 on, else 400."""
        value = self.parameters(call).get("page", "1")
        if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or int(value) < 1:
            self.invalid_number(call, value)
        return int(value)

    def invalid_number(self, call: Call, value: str) -> None:
        """400 that names the parameter."""
        raise Problem("invalid_parameter", "page must be a whole number from 1 on.", parameter="page")

    def fetch(self, call: Call, start: int, count: int) -> tuple[list[StoredItem], int]:
        """The items from a row number on, and how many there are in all."""
        return call.store.slice(call.resource.name, self.owner(call), self.filters(call), start, count)

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        """The list envelope."""
        pages = math.ceil(total / size)
        data = self.data(call, items)
        return {"data": data, "page": number, "per_page": size, "total": total, "total_pages": pages}

    def link(self, call: Call, number: int, last: int) -> str:
        """Links to the first, previous, next and last page (RFC 8288)."""
        pages = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
        return ", ".join(
            f'<{self.target(call, page=str(page))}>; rel="{relation}"'
            for relation, page in pages.items()
            if 1 <= page <= last
        )
