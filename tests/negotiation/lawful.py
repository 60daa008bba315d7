"""Lawful APIs of unusual media types, codings and connections."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from harness.reference.call import Call, Reply
from harness.reference.coding import Coding
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.negotiation import JSON, Negotiator
from harness.reference.openapi import describe
from harness.reference.reader import Reader
from harness.reference.representation import Representation
from harness.reference.wire import WirePolicy
from tests.matrix.gateway import Rewriting, gateway
from tests.matrix.variant import Variant, variant


class AcceptDisregarded(Negotiator):
    """JSON to everybody (RFC 9110 section 12.4.1), except where GraphQL over HTTP asks for more."""

    def check(self, call: Call) -> None:
        if "graphql" in call.path:
            super().check(call)


class JsonDescribed(Description):
    """The document of an API that has nothing else."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        for path in document["paths"].values():
            if "get" in path:
                path["get"]["responses"]["200"]["content"].pop("text/csv", None)
        return call.policies.representation.selected(call, document)


class TypesOfAllItems(Description):
    """A document with the types of all items; each item has one of them."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        for path, methods in document["paths"].items():
            if path.endswith("/{id}"):
                methods["get"]["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
        return call.policies.representation.selected(call, document)


class JsonAssumed(Reader):
    """Content without Content-Type is JSON (RFC 9110 section 8.3), except for QUERY (RFC 10008 section 2)."""

    def media_type(self, call: Call) -> str | None:
        labelled = "content-type" in call.headers or call.method == "QUERY"
        return super().media_type(call) if labelled else JSON


class FormsToo(Reader):
    """Creates take forms as well, and the document does not say so."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        if (call.headers.get("content-type") or "").startswith("application/x-www-form-urlencoded"):
            return JSON, {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        return super().read(call, *types)


class BasicPlaneOnly(Reader):
    """Characters beyond the basic plane are refused."""

    def parse(self, content: bytes) -> Any:
        value = super().parse(content)
        if max(json.dumps(value, ensure_ascii=False)) > "\uffff":
            raise Problem("validation_failed", "Characters beyond U+FFFF cannot be stored.")
        return value


class GzipDecoded(Reader):
    """Content in gzip is taken."""

    def read(self, call: Call, *types: str) -> tuple[str, Any]:
        if (call.values("content-encoding") or "").lower() == "gzip":
            call.body = gzip.decompress(call.body)
        return super().read(call, *types)

    def check_coding(self, call: Call) -> None:
        if (call.values("content-encoding") or "").lower() != "gzip":
            super().check_coding(call)


class Uncompressed(Coding):
    """No response is compressed, so that its length tells nothing of secrets in it."""

    def choose(self, call: Call, content: bytes) -> str | None:
        return None


class WithCharset(Representation):
    """JSON with a charset, which means nothing (RFC 8259 section 11)."""

    def fields(self, call: Call) -> dict[str, str]:
        fields = super().fields(call)
        return {**fields, "Content-Type": f"{fields['Content-Type']}; charset=UTF-8"}


class OneRequestEach(WirePolicy):
    """A connection for each request, as every response says (RFC 9112 section 9.3)."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Connection"] = "close"
        return finished


class BehindCache(WirePolicy):
    """A CDN in front that passes everything on."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Via"] = "1.1 varnish (Varnish/7.4), 1.1 edge-7"
        finished.fields["Age"] = "0"
        finished.fields["X-Cache"] = "MISS"
        finished.fields["Cache-Status"] = "ExampleCache; fwd=uri-miss"
        return finished


class Clockless(WirePolicy):
    """No clock, and so no Date (RFC 9110 section 6.6.1)."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        del finished.fields["Date"]
        return finished


class PreferenceHonoured(CollectionEndpoint):
    """return=minimal is carried out, and said to be (RFC 7240 section 4.2)."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        if reply.status == 201 and call.values("prefer") == "return=minimal":
            short = call.policies.representation.encode({"id": json.loads(reply.body)["id"]})
            reply.body = short
            del reply.fields["ETag"]
            reply.fields["Preference-Applied"] = "return=minimal"
        return reply


class ImpatientBalancer(Rewriting):
    """A load balancer that ends idle connections soon."""

    patience = 0.3


VARIANTS: tuple[Variant, ...] = (
    variant(
        "disregards Accept", warned=("NEGO-004",), negotiator=AcceptDisregarded, description=JsonDescribed
    ),
    variant("each item has one of the documented types", description=TypesOfAllItems),
    variant("takes content without a label for JSON", warned=("GQL-004",), reader=JsonAssumed),
    variant("takes forms as well", reader=FormsToo),
    variant("refuses what is not in the basic plane", reader=BasicPlaneOnly),
    variant("takes content in gzip", reader=GzipDecoded),
    variant(
        "does not compress, on purpose", profile="[negotiation]\ncompression = false\n", coding=Uncompressed
    ),
    variant("JSON with a charset", representation=WithCharset),
    variant("a connection for each request", wire=OneRequestEach),
    variant("behind a cache", wire=BehindCache),
    variant("no clock", profile='clock = "none"\n', wire=Clockless),
    variant("carries out return=minimal", collection=PreferenceHonoured),
    Variant("a load balancer that ends idle connections", partial(gateway, ImpatientBalancer)),
)
