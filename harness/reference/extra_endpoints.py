"""Endpoints that are no resources of the business: entry point, description, problem types, rate limit."""

from __future__ import annotations

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import KINDS, Problem
from harness.reference.openapi import describe


class Root:
    """The entry point, which links to everything."""

    def get(self, call: Call) -> Reply:
        """Links to the collections, and to the description (RFC 8631)."""
        links = {resource.name: f"/v1/{resource.name}" for resource in call.policies.resources}
        document = {
            "name": "Demo API",
            "links": {
                **links,
                "limited": "/v1/limited",
                "openapi": "/v1/openapi.json",
                "graphql": "/v1/graphql",
            },
        }
        reply = call.policies.representation.selected(call, document)
        if reply.status == 200:
            reply.fields["Link"] = '</v1/openapi.json>; rel="service-desc"'
        return reply


class Description:
    """The OpenAPI document."""

    def get(self, call: Call) -> Reply:
        """OpenAPI 3.1."""
        return call.policies.representation.selected(
            call, describe(call.policies.limiter, call.policies.resources)
        )


class ProblemTypes:
    """Documentation of the problem types (RFC 9457 section 3.1.1)."""

    def get(self, call: Call) -> Reply:
        """What a type URI means."""
        code = call.parameters["code"]
        kind = KINDS.get(code)
        if kind is None:
            raise Problem("not_found", "There is no problem type with this code.")
        document = {"code": code, "title": kind.title, "status": kind.status, "description": kind.meaning}
        return call.policies.representation.selected(call, document)


class Limited:
    """A resource with a quota."""

    def get(self, call: Call) -> Reply:
        """A constant, or 429."""
        fields = call.policies.limiter.admit(call)
        reply = call.policies.representation.selected(call, {"message": "You are within your quota."})
        for name, value in fields.items():
            reply.fields[name] = value
        return reply


class Jwks:
    """The public keys of the issuer."""

    def get(self, call: Call) -> Reply:
        """A JWK set (RFC 7517 section 5)."""
        return call.policies.representation.selected(call, call.policies.tokens.published())


class Catalogue:
    """The API catalogue of the host (RFC 9727)."""

    def get(self, call: Call) -> Reply:
        """A linkset in JSON (RFC 9264 section 4.2) with this API in it."""
        reply = call.policies.representation.selected(call, {"linkset": self.entries(call)})
        reply.fields["Content-Type"] = "application/linkset+json"
        return reply

    def entries(self, call: Call) -> list[Document]:
        """One entry for each API."""
        document = {"href": f"{call.origin}/v1/openapi.json", "type": "application/json"}
        return [{"anchor": f"{call.origin}/v1", "service-desc": [document]}]
