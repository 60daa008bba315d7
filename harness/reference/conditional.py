"""Conditional requests (RFC 9110 section 13)."""

from __future__ import annotations

import re
from typing import Literal

from harness.reference import times
from harness.reference.call import Call
from harness.reference.errors import Problem
from harness.reference.representation import Validators

Outcome = Literal["proceed", "failed", "not modified"]
ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Preconditions:
    """Evaluates the precondition fields of a request against the current validators."""

    def check(self, call: Call, current: Validators) -> None:
        """Let an unsafe method proceed, or raise 412 or 428."""
        if call.resource.condition_required and current.exists and "if-match" not in call.headers:
            self.missing(call)
        if self.evaluate(call, current) != "proceed":
            self.failed(call)

    def evaluate(self, call: Call, current: Validators) -> Outcome:
        """The steps of RFC 9110 section 13.2.2, in their order."""
        safe = call.method in ("GET", "HEAD")
        match, none_match = call.values("if-match"), call.values("if-none-match")
        if match is not None and not safe:
            match = self.of_any_coding(call, match)
        unmodified, modified = call.headers.get("if-unmodified-since"), call.headers.get("if-modified-since")
        if match is not None:
            if not self.if_match(match, current):
                return "failed"
        elif unmodified is not None and not self.if_unmodified_since(unmodified, current):
            return "failed"
        if none_match is not None:
            if not self.if_none_match(none_match, current):
                return "not modified" if safe else "failed"
        elif safe and modified is not None and not self.if_modified_since(modified, current):
            return "not modified"
        return "proceed"

    def if_match(self, value: str, current: Validators) -> bool:
        """Section 13.1.1: strong comparison; `*` is true where there is a current representation."""
        if value.strip() == "*":
            return current.exists
        return any(self.strong(tag, current.etag) for tag in self.tags(value))

    def if_none_match(self, value: str, current: Validators) -> bool:
        """Section 13.1.2: weak comparison; `*` is false where there is a current representation."""
        if value.strip() == "*":
            return not current.exists
        return not any(self.weak(tag, current.etag) for tag in self.tags(value))

    def if_unmodified_since(self, value: str, current: Validators) -> bool:
        """Section 13.1.4; ignored where the date is not valid or there is no modification date."""
        since = times.seconds(value)
        return since is None or current.modified is None or current.modified // 1_000_000 <= since

    def if_modified_since(self, value: str, current: Validators) -> bool:
        """Section 13.1.3; ignored where the date is not valid or there is no modification date."""
        since = times.seconds(value)
        return since is None or current.modified is None or current.modified // 1_000_000 > since

    def of_any_coding(self, call: Call, value: str) -> str:
        """If-Match of a write, which may name the tag of a coded representation."""
        uncoded = ", ".join(call.policies.coding.uncoded(tag) for tag in self.tags(value))
        return value if value.strip() == "*" else uncoded

    def tags(self, value: str) -> list[str]:
        """The entity tags of a list (section 8.8.3)."""
        return [match.group() for match in ENTITY_TAG.finditer(value)]

    def strong(self, tag: str, current: str | None) -> bool:
        """Strong comparison (section 8.8.3.2): equal, and neither is weak."""
        return tag == current and not tag.startswith("W/")

    def weak(self, tag: str, current: str | None) -> bool:
        """Weak comparison (section 8.8.3.2): the opaque parts are equal."""
        return current is not None and tag.removeprefix("W/") == current.removeprefix("W/")

    def failed(self, call: Call) -> None:
        """412 (section 15.5.13)."""
        raise Problem(
            "precondition_failed", "The precondition does not hold for the current state; nothing was done."
        )

    def missing(self, call: Call) -> None:
        """428 that explains how to go on (RFC 6585 section 3)."""
        raise Problem(
            "precondition_required", "Send If-Match with the ETag of the representation you changed."
        )
