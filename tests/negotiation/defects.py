"""Defects of negotiation and encoding: for each NEGO rule at least one bug that real APIs have."""

from __future__ import annotations

import gzip
import json
import secrets
import unicodedata
from typing import Any, NoReturn

from harness.reference.call import Call, Document, Reply
from harness.reference.coding import Coding
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.errors import Problem
from harness.reference.negotiation import JSON, Negotiator
from harness.reference.pagination import Paginator
from harness.reference.reader import Reader
from harness.reference.representation import Representation
from harness.reference.store import StoredItem as Stored
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

# -- labels --------------------------------------------------------------------------------------------


class CreatedIsHtml(CollectionEndpoint):
    """A handler that writes its answer itself, under the default type of the framework."""

    def created(self, call: Call, item: Stored) -> Reply:
        reply = super().created(call, item)
        reply.fields["Content-Type"] = "text/html; charset=utf-8"
        return reply


class CreatedIsUnlabelled(CollectionEndpoint):
    """A handler that writes octets, and says nothing of them."""

    def created(self, call: Call, item: Stored) -> Reply:
        reply = super().created(call, item)
        del reply.fields["Content-Type"]
        return reply


# -- texts ---------------------------------------------------------------------------------------------


class ByteOrderMark(Representation):
    """A writer that marks all its texts."""

    def encode(self, document: Document) -> bytes:
        return b"\xef\xbb\xbf" + super().encode(document)


class Strings(Reader):
    """Something is done to every text of the content."""

    def change(self, text: str) -> str:
        raise NotImplementedError

    def parse(self, content: bytes) -> Any:
        return self.walk(super().parse(content))

    def walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.walk(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.walk(inner) for inner in value]
        return self.change(value) if isinstance(value, str) else value


class CutAtTheFirstEmoji(Strings):
    """A column in MySQL's utf8, which has three octets for a character at most."""

    def change(self, text: str) -> str:
        return next((text[:place] for place, char in enumerate(text) if char > "\uffff"), text)


class Normalised(Strings):
    """Texts are normalised on the way in, and nobody documents it."""

    def change(self, text: str) -> str:
        return unicodedata.normalize("NFC", text)


class NullCrashes(Strings):
    """A database that has no U+0000 in texts."""

    def change(self, text: str) -> str:
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return text


class SurrogateKept(Strings):
    """A lone surrogate is stored."""

    def parse(self, content: bytes) -> Any:
        try:
            return self.walk(json.loads(content.decode("utf-8")))
        except ValueError:
            return self.malformed(content)

    def change(self, text: str) -> str:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class ListWithSurrogate(Paginator):
    """What UTF-8 has no bytes for fails each list that it is in."""

    def data(self, call: Call, items: list[Stored]) -> list[Document]:
        found = super().data(call, items)
        if "\ufffd" in json.dumps(found, ensure_ascii=False):
            raise ValueError("surrogates not allowed")
        return found


# -- Accept --------------------------------------------------------------------------------------------


class CsvIsDocumentedOnly(Negotiator):
    """The document lists a type whose renderer was never installed."""

    def check(self, call: Call) -> None:
        super().check(call)
        call.media_type = JSON


class RangesAreNotKnown(Negotiator):
    """`application/*` is compared as if it were a type."""

    def quality(self, accept: str, kind: str) -> float:
        plain = [element for element in accept.split(",") if "/*" not in element or "*/*" in element]
        return super().quality(",".join(plain), kind)


class AcceptIsDisregarded(Negotiator):
    """JSON for whoever accepts nothing that is offered."""

    def refuse(self, call: Call, offered: tuple[str, ...]) -> None:
        call.media_type = JSON


class NoRendererCrashes(Negotiator):
    """The renderer for the type asked for is looked up in a table without a default."""

    def refuse(self, call: Call, offered: tuple[str, ...]) -> None:
        raise KeyError(call.values("accept"))


class UnacceptableIsABadRequest(Negotiator):
    """One status for whatever is wrong with a request."""

    def refuse(self, call: Call, offered: tuple[str, ...]) -> None:
        raise Problem("invalid_parameter", "The Accept field is not valid.", parameter="Accept")


class WeightsAreIgnored(Negotiator):
    """What is offered first wins, unless it is excluded."""

    def weight(self, parameters: list[str]) -> float:
        return 1.0 if super().weight(parameters) > 0 else 0.0


class OnlyLowerCaseWeights(Negotiator):
    """`Q=0.1` is taken for a parameter of the media type."""

    def quality(self, accept: str, kind: str) -> float:
        return super().quality(accept.replace("Q=", "level="), kind)


# -- request content -----------------------------------------------------------------------------------


class LabelIsIgnored(Reader):
    """Whatever is sent is parsed as JSON."""

    def media_type(self, call: Call) -> str | None:
        return JSON if call.method in ("POST", "PUT") else super().media_type(call)


class UnsupportedIsABadRequest(Reader):
    """The parser's error, whatever the reason."""

    def unsupported(self, call: Call, types: tuple[str, ...]) -> NoReturn:
        if call.method == "PATCH":
            super().unsupported(call, types)
        raise Problem("malformed_request", "The content could not be parsed.")


class StoredAndRefused(CollectionEndpoint):
    """A hook stores what came in before the type is looked at."""

    def post(self, call: Call) -> Reply:
        try:
            document = json.loads(call.body)
        except ValueError:
            return super().post(call)
        labelled = (call.headers.get("content-type") or "").startswith("application/xml")
        if labelled and not call.policies.validator.failures(call.resource, document, "create"):
            data = {**call.resource.writable(document), **call.resource.initial}
            with call.store.write() as tx:
                name, owner = call.resource.name, call.principal.name
                call.store.insert(tx, name, self.new_identifier(call), owner, data, secrets.token_hex(8))
        return super().post(call)


class CaseMatters(Reader):
    """The media type is compared as it stands."""

    def media_type(self, call: Call) -> str | None:
        return (call.headers.get("content-type") or "").partition(";")[0].strip() or None


class ParametersAreNotKnown(Reader):
    """The whole field is compared."""

    def media_type(self, call: Call) -> str | None:
        return (call.headers.get("content-type") or "").lower() or None


# -- codings -------------------------------------------------------------------------------------------


class CodedWithoutLabel(Coding):
    """A middleware compresses, and the next one replaces the fields."""

    def encode(self, reply: Reply, coding: str | None) -> Reply:
        reply = super().encode(reply, coding)
        if coding is not None:
            del reply.fields["Content-Encoding"]
        return reply


class LabelledWithoutCoding(Coding):
    """The label is set before it is decided that the content is too small."""

    def encode(self, reply: Reply, coding: str | None) -> Reply:
        before = reply.body
        reply = super().encode(reply, coding)
        if coding is not None:
            reply.body = before
        return reply


class CodedTwice(Coding):
    """Application and proxy both compress, and one label is left of it."""

    def encode(self, reply: Reply, coding: str | None) -> Reply:
        reply = super().encode(reply, coding)
        if coding is not None:
            reply.body = gzip.compress(reply.body, mtime=0)
        return reply


class CodingFails(Coding):
    """The library that compresses is not what the code was written for: each response to a browser is a 500."""

    def encode(self, reply: Reply, coding: str | None) -> Reply:
        if coding is not None and len(reply.body) >= 1024:
            raise TypeError("compress() got an unexpected keyword argument")
        return super().encode(reply, coding)


class NeverCoded(Coding):
    """Nobody has switched compression on."""

    def choose(self, call: Call, content: bytes) -> str | None:
        return None


class ExcludedIsAsked(Coding):
    """`gzip` is searched for in Accept-Encoding, and found in `gzip;q=0`."""

    def choose(self, call: Call, content: bytes) -> str | None:
        asked = "gzip" in (call.values("accept-encoding") or "")
        return "gzip" if asked and len(content) >= 1024 else None


class CodingForMediaTypes(Reader):
    """One handler of 415, which says all that it knows."""

    def unsupported(self, call: Call, types: tuple[str, ...]) -> NoReturn:
        listed = "Accept-Patch" if call.method == "PATCH" else "Accept"
        fields = {listed: ", ".join(types), "Accept-Encoding": "identity"}
        raise Problem("unsupported_media_type", f"Send {' or '.join(types)}.", fields)


class CodingIsIgnored(Reader):
    """Content-Encoding of requests is not looked at."""

    def check_coding(self, call: Call) -> None:
        pass


# -- preferences ---------------------------------------------------------------------------------------


class UnknownPreferenceIsRefused(Negotiator):
    """The field is validated against the preferences that are known."""

    def check(self, call: Call) -> None:
        preferred = call.values("prefer") or ""
        if "unknown" in preferred:
            raise Problem("invalid_parameter", "The preference is not known.", parameter="Prefer")
        super().check(call)


class AllIsSaidToBeApplied(WirePolicy):
    """Preference-Applied is the echo of Prefer."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        if (preferred := call.values("prefer")) is not None:
            finished.fields["Preference-Applied"] = preferred
        return finished


DEFECTS: tuple[Defect, ...] = (
    defect("NEGO-001", "the answer to a create is labelled HTML", collection=CreatedIsHtml),
    defect("NEGO-001", "the answer to a create is not labelled", collection=CreatedIsUnlabelled),
    defect("NEGO-002", "JSON begins with a byte order mark", representation=ByteOrderMark),
    # The values that SCH-007 reads back have an emoji, too.
    defect(
        "NEGO-002",
        "texts are cut at the first emoji",
        perhaps=frozenset({"SCH-007"}),
        reader=CutAtTheFirstEmoji,
    ),
    defect("NEGO-002", "texts are normalised", reader=Normalised),
    defect(
        "NEGO-002",
        "U+0000 crashes the handler",
        # Values of the schema have that character, too.
        perhaps=frozenset({"SCH-003"}),
        reader=NullCrashes,
    ),
    defect(
        "NEGO-002",
        "a lone surrogate breaks the list",
        on=("orders",),
        reader=SurrogateKept,
        paginator=ListWithSurrogate,
    ),
    defect(
        "NEGO-003",
        "a documented type is not served",
        # GraphQL has a media type of its own.
        perhaps=frozenset({"GQL-002"}),
        negotiator=CsvIsDocumentedOnly,
    ),
    defect("NEGO-003", "media ranges are not known", negotiator=RangesAreNotKnown),
    defect("NEGO-004", "an unacceptable Accept is disregarded", negotiator=AcceptIsDisregarded),
    defect("NEGO-004", "an unacceptable Accept crashes the handler", negotiator=NoRendererCrashes),
    defect("NEGO-004", "an unacceptable Accept is a 400", negotiator=UnacceptableIsABadRequest),
    defect(
        "NEGO-005",
        "quality values are ignored",
        # GraphQL negotiates, too.
        perhaps=frozenset({"GQL-002"}),
        negotiator=WeightsAreIgnored,
    ),
    defect("NEGO-005", "quality values are known in lower case only", negotiator=OnlyLowerCaseWeights),
    # GraphQL is read by the same code.
    defect(
        "NEGO-006",
        "the label of content is ignored",
        perhaps=frozenset({"GQL-004"}),
        reader=LabelIsIgnored,
    ),
    defect(
        "NEGO-006",
        "an unsupported type is a 400",
        perhaps=frozenset({"GQL-004"}),
        reader=UnsupportedIsABadRequest,
    ),
    defect("NEGO-006", "content of an unsupported type is stored", collection=StoredAndRefused),
    defect("NEGO-007", "the case of a media type matters", reader=CaseMatters),
    defect(
        "NEGO-007",
        "parameters of a media type are not known",
        # GraphQL is read by the same code.
        perhaps=frozenset({"GQL-001"}),
        reader=ParametersAreNotKnown,
    ),
    defect("NEGO-008", "gzip is not labelled", coding=CodedWithoutLabel),
    defect("NEGO-008", "what is labelled gzip is not", coding=LabelledWithoutCoding),
    defect("NEGO-008", "content is compressed twice", coding=CodedTwice),
    defect("NEGO-008", "compression fails", coding=CodingFails),
    defect("NEGO-008", "nothing is compressed", coding=NeverCoded),
    defect("NEGO-008", "gzip;q=0 is taken for gzip", coding=ExcludedIsAsked),
    defect("NEGO-009", "Accept-Encoding is in a 415 for a media type", reader=CodingForMediaTypes),
    defect("NEGO-009", "content codings of requests are ignored", reader=CodingIsIgnored),
    defect("NEGO-010", "an unknown preference is refused", negotiator=UnknownPreferenceIsRefused),
    defect("NEGO-010", "every preference is said to be applied", wire=AllIsSaidToBeApplied),
)
