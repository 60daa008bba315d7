"""Representations: what an item looks like, its validators, and the fields that go with it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.resources import ServedResource
from harness.reference.store import StoredItem


@dataclass(frozen=True)
class Validators:
    """The validators of a current representation (RFC 9110 section 8.8)."""

    exists: bool
    etag: str | None = None
    modified: int | None = None


class Representation:
    """Renders items and documents as JSON."""

    media_type = "application/json"

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        """The members of an item, as GET shows them."""
        shown = {name: value for name, value in item.data.items() if name not in resource.write_only}
        document: Document = {"id": item.id, **shown}
        if resource.versioned:
            document["version"] = item.version
        document["created_at"] = times.rfc3339(item.created)
        document["updated_at"] = times.rfc3339(item.updated)
        return document

    def encode(self, document: Document) -> bytes:
        """JSON in UTF-8, without a byte order mark (RFC 8259 section 8.1)."""
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def etag(self, content: bytes) -> str:
        """A strong entity tag: other bytes, other tag (RFC 9110 section 8.8.1)."""
        return '"' + hashlib.sha256(content).hexdigest()[:24] + '"'

    def validators(self, resource: ServedResource, item: StoredItem | None) -> Validators:
        """The validators of an item; of an absent one if None."""
        if item is None:
            return Validators(exists=False)
        if not resource.etag:
            return Validators(exists=True, modified=item.updated)
        return Validators(True, self.etag(self.encode(self.of(resource, item))), item.updated)

    def reply(self, call: Call, status: int, document: Document) -> Reply:
        """A response with content, without validators."""
        content = call.policies.negotiator.encode(call, document)
        return Reply(status, self.encode(document) if content is None else content, self.fields(call))

    def fields(self, call: Call) -> dict[str, str]:
        """Media type and caching: private, and revalidated each time (RFC 9111 section 5.2.2)."""
        return {
            "Content-Type": call.media_type or self.media_type,
            "Cache-Control": self.cache_control(call),
            "Vary": self.vary(call),
        }

    def cache_control(self, call: Call) -> str:
        """Who may store the response (RFC 9111 section 5.2.2)."""
        return "private, no-cache" if hasattr(call, "principal") else "no-cache"

    def vary(self, call: Call) -> str:
        """The request fields that select the representation (RFC 9110 section 12.5.5)."""
        negotiated = "Accept, Accept-Encoding"
        return f"{negotiated}, Authorization" if hasattr(call, "principal") else negotiated

    def item(self, call: Call, status: int, item: StoredItem) -> Reply:
        """A response with the new representation of the item and its validators (RFC 9110 section 8.8)."""
        reply = self.reply(call, status, self.of(call.resource, item))
        return self.validated(reply, self.validators(call.resource, item))

    def validated(self, reply: Reply, current: Validators) -> Reply:
        """The response with the validators as fields."""
        if current.etag is not None:
            reply.fields["ETag"] = current.etag
        if current.modified is not None:
            reply.fields["Last-Modified"] = times.http_date(current.modified)
        return reply

    def selected(self, call: Call, document: Document, current: Validators | None = None) -> Reply:
        """The answer to GET: 200, 304 or 412 as the preconditions say (RFC 9110 section 13.2.2)."""
        reply = self.reply(call, 200, document)
        coding = call.policies.coding.choose(call, reply.body)
        current = current or Validators(True, self.etag(reply.body))
        current = replace(current, etag=call.policies.coding.tag(current.etag, coding))
        outcome = call.policies.preconditions.evaluate(call, current)
        if outcome == "failed":
            raise Problem(
                "precondition_failed", "The current representation is not the one that If-Match names."
            )
        self.validated(reply, current)
        if outcome == "not modified":
            return self.not_modified(reply)
        return call.policies.coding.encode(reply, coding)

    def not_modified(self, reply: Reply) -> Reply:
        """304 with the fields that the 200 would have had (RFC 9110 section 15.4.5)."""
        kept = ("ETag", "Cache-Control", "Vary", "Last-Modified", "Content-Location", "Expires")
        return Reply(304, b"", {name: reply.fields[name] for name in kept if name in reply.fields})
