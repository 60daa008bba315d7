"""Errors as RFC 9457 problem details."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from harness.reference.call import Call, Document, Reply

log = logging.getLogger(__name__)
# Silent unless the host application configures logging.
log.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class ProblemKind:
    """A class of problem: what its type URI documents."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, ProblemKind] = {
    "malformed_request": ProblemKind(
        400, "Malformed request", "The content is not well-formed JSON in UTF-8."
    ),
    "malformed_patch": ProblemKind(
        400, "Malformed patch document", "The content is not a valid patch document."
    ),
    "invalid_parameter": ProblemKind(
        400, "Invalid parameter", "A query parameter or the identifier has a bad value."
    ),
    "invalid_cursor": ProblemKind(
        400, "Invalid cursor", "The cursor was not issued by this API for this query."
    ),
    "idempotency_key_missing": ProblemKind(400, "Idempotency key missing", "Send an Idempotency-Key field."),
    "idempotency_key_invalid": ProblemKind(
        400,
        "Idempotency key invalid",
        "An Idempotency-Key is 1 to 255 visible ASCII characters, bare or quoted.",
    ),
    "unauthenticated": ProblemKind(401, "Authentication required", "Send a valid bearer token."),
    "forbidden": ProblemKind(403, "Forbidden", "Your role does not allow this."),
    "not_found": ProblemKind(404, "Not found", "There is no such resource, or it is not visible to you."),
    "method_not_allowed": ProblemKind(
        405, "Method not allowed", "The Allow field lists the methods of this resource."
    ),
    "not_acceptable": ProblemKind(406, "Not acceptable", "Accept excludes every media type that is offered."),
    "request_timeout": ProblemKind(408, "Request timeout", "The content did not arrive in time."),
    "duplicate": ProblemKind(
        409, "Duplicate value", "Another resource already has this value of a unique field."
    ),
    "invalid_state": ProblemKind(
        409, "Invalid state", "The resource is in a state that does not permit this action."
    ),
    "version_conflict": ProblemKind(
        409, "Version conflict", "The resource has changed: read it and try again."
    ),
    "patch_conflict": ProblemKind(
        409, "Patch not applicable", "The patch does not fit the state of the resource."
    ),
    "request_in_progress": ProblemKind(
        409,
        "Request in progress",
        "A request with the same Idempotency-Key is running: retry a little later.",
    ),
    "precondition_failed": ProblemKind(
        412, "Precondition failed", "The resource has changed, or already exists."
    ),
    "offset_conflict": ProblemKind(
        409, "Offset conflict", "The upload has another offset: ask for it by HEAD."
    ),
    "expired": ProblemKind(410, "Expired", "This existed for a limited time, which is over."),
    "content_too_large": ProblemKind(413, "Content too large", "Send less content."),
    "digest_mismatch": ProblemKind(
        400, "Digest mismatch", "The content is not what Content-Digest says: send it again."
    ),
    "range_not_satisfiable": ProblemKind(
        416, "Range not satisfiable", "The range begins behind the end of the representation."
    ),
    "unsupported_media_type": ProblemKind(
        415, "Unsupported media type", "Send one of the documented media types."
    ),
    "validation_failed": ProblemKind(
        422, "Validation failed", "The content breaks the schema: see the errors member."
    ),
    "unprocessable_patch": ProblemKind(
        422, "Unprocessable patch", "The patch asks for an operation that is not known."
    ),
    "idempotency_key_reused": ProblemKind(
        422, "Idempotency key reused", "The Idempotency-Key was already used with a different payload."
    ),
    "precondition_required": ProblemKind(
        428, "Precondition required", "Send If-Match with the current entity tag."
    ),
    "checksum_mismatch": ProblemKind(
        460, "Checksum mismatch", "The content does not have the checksum that was sent with it."
    ),
    "rate_limited": ProblemKind(429, "Too many requests", "Wait for the time that Retry-After names."),
    "internal_error": ProblemKind(500, "Internal error", "The server failed; the request may be retried."),
    "not_implemented": ProblemKind(501, "Not implemented", "The server does not recognise this method."),
    "busy": ProblemKind(503, "Busy", "Too many writers compete for this resource: retry a little later."),
}


class Problem(Exception):
    """A reason to refuse a request; becomes the error response."""

    def __init__(
        self, code: str, detail: str, fields: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.fields = dict(fields or {})
        self.members = members


class Problems:
    """How a Problem is rendered (RFC 9457)."""

    media_type = "application/problem+json"

    def render(self, call: Call, problem: Problem) -> Reply:
        """The error response."""
        reply = Reply(self.http_status(call, problem), self.content(call, problem))
        reply.fields["Content-Type"] = self.content_type(call, problem)
        reply.fields["Cache-Control"] = "no-store"
        for name, value in self.fields(call, problem).items():
            reply.fields[name] = value
        return reply

    def http_status(self, call: Call, problem: Problem) -> int:
        """The status code of the response."""
        return KINDS[problem.code].status

    def content_type(self, call: Call, problem: Problem) -> str:
        """The media type of the error."""
        return self.media_type

    def content(self, call: Call, problem: Problem) -> bytes:
        """The bytes of the error."""
        return json.dumps(self.document(call, problem), ensure_ascii=False).encode()

    def document(self, call: Call, problem: Problem) -> Document:
        """The problem object (RFC 9457 section 3): standard members, then extensions."""
        return {
            "type": self.type_uri(call, problem),
            "title": self.title(call, problem),
            "status": self.status_member(call, problem),
            "detail": self.detail(call, problem),
            "instance": self.instance(call, problem),
            "code": self.code(call, problem),
            "request_id": call.request_id,
            "doc_url": self.type_uri(call, problem),
            **self.extensions(call, problem),
        }

    def type_uri(self, call: Call, problem: Problem) -> str:
        """An absolute URI that resolves to documentation (RFC 9457 section 3.1.1)."""
        return f"{call.origin}/v1/problems/{problem.code}"

    def title(self, call: Call, problem: Problem) -> str:
        """A summary that never changes between occurrences (RFC 9457 section 3.1.3)."""
        return KINDS[problem.code].title

    def status_member(self, call: Call, problem: Problem) -> int:
        """The same status code as the response has (RFC 9457 section 3.1.2)."""
        return KINDS[problem.code].status

    def detail(self, call: Call, problem: Problem) -> str:
        """What is wrong with this very request (RFC 9457 section 3.1.4)."""
        return problem.detail or KINDS[problem.code].meaning

    def instance(self, call: Call, problem: Problem) -> str:
        """A URI reference of the occurrence (RFC 9457 section 3.1.5)."""
        return quote(call.path) + "#" + call.request_id

    def code(self, call: Call, problem: Problem) -> str:
        """The stable token that programs switch on."""
        return problem.code

    def extensions(self, call: Call, problem: Problem) -> Document:
        """Extension members of this kind (RFC 9457 section 3.2), such as the list of failing fields."""
        return dict(problem.members)

    def fields(self, call: Call, problem: Problem) -> dict[str, str]:
        """Header fields that go with the problem, such as Allow or Retry-After."""
        return dict(problem.fields)

    def unexpected(self, call: Call, error: Exception) -> Problem:
        """An unforeseen failure: logged, and reported without implementation detail (RFC 9457 section 4)."""
        log.error("request %s failed", call.request_id, exc_info=error)
        return Problem("internal_error", "The server could not complete the request.")
