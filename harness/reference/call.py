"""One request on its way through the API, and the reply to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders, QueryParams

if TYPE_CHECKING:
    from harness.reference.authenticator import Principal
    from harness.reference.policies import Policies
    from harness.reference.resources import ServedResource
    from harness.reference.routing import Route
    from harness.reference.store import Store

Document = dict[str, Any]


@dataclass
class Call:
    """A received request, with all that is needed to answer it.

    Attributes:
        late: whether its content did not arrive in time.
        connection: the client's end of it, as host and port.
        oversized: whether there was more content than is taken; the call then has less.
        unread: whether content was left unread.
        offers: media types of responses, where the route has its own.
        routes: every path of the API.
    """

    method: str
    path: str
    query: QueryParams
    headers: Headers
    body: bytes
    origin: str
    request_id: str
    policies: Policies
    store: Store
    oversized: bool = False
    unread: bool = False
    late: bool = False
    connection: str = ""
    media_type: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    routes: Sequence[Route] = ()
    principal: Principal = field(init=False)
    resource: ServedResource = field(init=False)

    def values(self, name: str) -> str | None:
        """The combined value of a list-based field, None where it is absent (RFC 9110 section 5.3)."""
        lines = self.headers.getlist(name)
        return ", ".join(lines) if lines else None


class Reply:
    """A response: status, fields and content."""

    def __init__(self, status: int, body: bytes = b"", fields: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.fields = MutableHeaders(headers=dict(fields or {}))
