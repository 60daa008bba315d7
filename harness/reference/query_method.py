"""QUERY of a collection: the parameters of its list as content (RFC 10008)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.datastructures import QueryParams

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.reader import JSON

ACCEPT_QUERY = f'"{JSON}"'


class Queries:
    """A safe request with content: the page that GET would answer, with the same parameters."""

    def query(self, call: Call) -> Reply:
        """200 with the first page."""
        parameters = self.parameters(call)
        asked = replace(call, query=QueryParams(parameters))
        asked.principal, asked.resource = call.principal, call.resource
        document, _ = call.policies.paginator.page(asked)
        reply = call.policies.representation.reply(call, 200, document)
        reply.fields["Accept-Query"] = ACCEPT_QUERY
        return reply

    def parameters(self, call: Call) -> dict[str, str]:
        """The parameters; refused without a media type, and where the content is not of it (section 2)."""
        return self.checked(call, call.policies.reader.read(call, JSON)[1])

    def checked(self, call: Call, document: Any) -> dict[str, str]:
        """422 for what is no parameter of the list (section 2.1)."""
        allowed = {*call.resource.selecting, "limit", "sort"}
        if not isinstance(document, dict) or not set(document) <= allowed:
            raise Problem(
                "validation_failed", f"Send an object with some of {', '.join(sorted(allowed))} in it."
            )
        return {name: str(value) for name, value in document.items()}
