"""Lists by keyset cursor, newest first."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import quote, urlencode

from harness.reference.call import Call, Document
from harness.reference.errors import Problem
from harness.reference.store import Item

Position = tuple[int, str]


class Paginator:
    """Pages of a collection; a cursor is sealed, and bound to resource, caller and filters."""

    default = 20
    maximum = 100

    def page(self, call: Call) -> tuple[Document, str | None]:
        """The list document, and the value of its Link field if there is a next page."""
        limit, filters = self.limit(call), self.filters(call)
        items = self.fetch(call, filters, self.after(call, filters), limit + 1)
        shown, more = items[:limit], len(items) > limit
        cursor = self.cursor(call, filters, shown[-1]) if more else None
        return self.document(call, shown, cursor), self.link(call, cursor) if cursor else None

    def parameters(self, call: Call) -> Mapping[str, str]:
        """Where the parameters come from: the query alone, never content (RFC 9110 section 9.3.1)."""
        return call.query

    def limit(self, call: Call) -> int:
        """The page size: 1 to the maximum, else 400."""
        value = self.parameters(call).get("limit", str(self.default))
        if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or not 1 <= int(value) <= self.maximum:
            self.invalid_limit(call, value)
        return int(value)

    def invalid_limit(self, call: Call, value: str) -> None:
        """400 that names the parameter."""
        detail = f"limit must be a whole number from 1 to {self.maximum}."
        raise Problem("invalid_parameter", detail, parameter="limit")

    def filters(self, call: Call) -> dict[str, str]:
        """The equality filters of the query."""
        parameters = self.parameters(call)
        return {name: parameters[name] for name in call.resource.filters if name in parameters}

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        """The position that the cursor names; None at the start of the list."""
        cursor = self.parameters(call).get("cursor")
        if cursor is None:
            return None
        text = self.unseal(call.store.secret, self.binding(call, filters), cursor)
        if text is None:
            self.invalid_cursor(call)
        created, id = json.loads(text)
        return created, id

    def invalid_cursor(self, call: Call) -> NoReturn:
        """400."""
        raise Problem("invalid_cursor", "The cursor was not issued for this query.", parameter="cursor")

    def fetch(self, call: Call, filters: Mapping[str, str], after: Position | None, count: int) -> list[Item]:
        """The items that follow the position."""
        owner = call.policies.authenticator.owner_filter(call.principal)
        return call.store.page(call.resource.name, owner, filters, after, count)

    def document(self, call: Call, items: list[Item], cursor: str | None) -> Document:
        """The list envelope."""
        of = call.policies.representation.of
        data = [of(call.resource, item) for item in items]
        return {"data": data, "next_cursor": cursor, "has_more": cursor is not None}

    def link(self, call: Call, cursor: str) -> str:
        """A next link that keeps limit and filters (RFC 8288)."""
        parameters = self.parameters(call)
        kept = {name: parameters[name] for name in ("limit", *call.resource.filters) if name in parameters}
        return f'<{quote(call.path)}?{urlencode({**kept, "cursor": cursor})}>; rel="next"'

    def cursor(self, call: Call, filters: Mapping[str, str], last: Item) -> str:
        """The cursor that continues after an item."""
        text = json.dumps([last.created, last.id]).encode()
        return self.seal(call.store.secret, self.binding(call, filters), text)

    def binding(self, call: Call, filters: Mapping[str, str]) -> bytes:
        """What a cursor is bound to."""
        return json.dumps([call.resource.name, call.principal.name, filters], sort_keys=True).encode()

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
        # The comparison of texts refuses other spellings of the same octets.
        return text if genuine and self.seal(secret, binding, text) == cursor else None

    def tag(self, secret: bytes, binding: bytes, text: bytes) -> bytes:
        """The authentication tag."""
        return hmac.digest(secret, b"tag\0" + binding + b"\0" + text, "sha256")[:16]

    def mask(self, secret: bytes, tag: bytes, text: bytes) -> bytes:
        """The text, or what hides it, under the key stream of the tag."""
        stream = hashlib.shake_256(b"mask\0" + secret + tag).digest(len(text))
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))
