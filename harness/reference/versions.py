"""Two versions of orders by path, and a resource whose version is chosen by a field."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.openapi_parts import errors, field, get_operation

RENAMED = {"customer": "buyer"}
"""Members of orders that the second version calls otherwise."""
PATH = "/statement"
FIELD = "Api-Version"
STATEMENTS: dict[str, Document] = {
    "1": {"period": "2025", "total": 1999},
    "2": {"period": "2025", "total": {"amount": 1999, "currency": "EUR"}},
}


class SecondVersion:
    """`/v2/orders`: the same orders, of which some members have other names."""

    def items(self, call: Call) -> Reply:
        """A page."""
        return self.translated(call.policies.collection.get(call))

    def get(self, call: Call) -> Reply:
        """An order."""
        return self.translated(call.policies.item.get(call))

    def put(self, call: Call) -> Reply:
        """Replace an order; what the second version does not have remains as it is."""
        _, document = call.policies.reader.read(call, "application/json")
        if isinstance(document, dict):
            own = {new: old for old, new in RENAMED.items()}
            document = {own.get(name, name): value for name, value in document.items()}
        asked = replace(call, body=json.dumps(document).encode())
        asked.principal, asked.resource = call.principal, call.resource
        return self.translated(call.policies.item.put(asked))

    def translated(self, reply: Reply) -> Reply:
        """A response in the words of the second version."""
        if reply.status in (200, 201) and reply.fields.get("Content-Type", "").startswith("application/json"):
            reply.body = json.dumps(self.words(json.loads(reply.body))).encode()
        return reply

    def words(self, value: Any) -> Any:
        """A representation, or a page of them, with the names of the second version."""
        if "data" in value:
            return value | {"data": [self.words(one) for one in value["data"]]}
        return {RENAMED.get(name, name): one for name, one in value.items()}


class Statement:
    """A resource with two versions; the first where the request names none."""

    def get(self, call: Call) -> Reply:
        """The statement in one of its versions, which the response names."""
        version = self.version(call, call.headers.get(FIELD, "1"))
        reply = call.policies.representation.selected(call, STATEMENTS[version])
        self.label(reply, version)
        return reply

    def version(self, call: Call, asked: str) -> str:
        """400 for a version that is not served."""
        if asked not in STATEMENTS:
            raise Problem("invalid_parameter", f"{FIELD} is one of {', '.join(STATEMENTS)}.", parameter=FIELD)
        return asked

    def label(self, reply: Reply, version: str) -> None:
        """Name the version, and the field that chose it (RFC 9110 section 12.5.5)."""
        reply.fields[FIELD] = version
        reply.fields["Cache-Control"] = "private, max-age=60"
        reply.fields.add_vary_header(FIELD)


def paths() -> dict[str, Any]:
    """The statement in the document."""
    total = {
        "type": "object",
        "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
    }
    schema = {
        "type": "object",
        "required": ["period", "total"],
        "properties": {"period": {"type": "string"}, "total": {"anyOf": [{"type": "integer"}, total]}},
    }
    found = get_operation("getStatement", "A statement, in two versions.", schema)
    parameter = field(FIELD, "The version of the statement; the first where it is left out.")
    found["parameters"].append(parameter | {"schema": {"type": "string", "enum": list(STATEMENTS)}})
    found["responses"] |= errors("400")
    return {PATH: {"get": found}}
