"""Defects of header fields that only a linter sees."""

from __future__ import annotations

from harness.reference.call import Call, Reply
from harness.reference.negotiation import JSON
from harness.reference.representation import Representation
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class Charset(Representation):
    """JSON with a parameter behind the media type."""

    parameter: str

    def fields(self, call: Call) -> dict[str, str]:
        fields = super().fields(call)
        kind = fields["Content-Type"]
        return {**fields, "Content-Type": f"{kind}; {self.parameter}" if kind == JSON else kind}


class ParameterWithoutValue(Charset):
    """`charset` was read from a setting that is not set."""

    parameter = "charset"


class QuotedName(WirePolicy):
    """A file name is put into the field as it is."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Content-Disposition"] = "inline; filename=order (copy).json"
        return finished


class TwoLocations(WirePolicy):
    """Application and framework both set Content-Location."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        if reply.status == 201:
            finished.fields.append("Content-Location", "/v1/latest")
            finished.fields.append("Content-Location", "/v1/newest")
        return finished


class SingleQuotes(Charset):
    """Quoted as in the source code of the framework."""

    parameter = "charset='utf-8'"


class RequestFieldsReturned(WirePolicy):
    """A debugging aid that was never removed."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["User-Agent"] = call.headers.get("user-agent", "")
        return finished


DEFECTS: tuple[Defect, ...] = (
    defect("LINT-001", "charset has no value", representation=ParameterWithoutValue),
    defect("LINT-001", "a file name is not quoted", wire=QuotedName),
    defect("LINT-001", "Content-Location is sent twice", wire=TwoLocations),
    defect("LINT-002", "charset is in single quotes", representation=SingleQuotes),
    defect("LINT-002", "a request field is in the response", wire=RequestFieldsReturned),
)
