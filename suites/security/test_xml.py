"""SEC: document types in XML that a client sends."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    SHOULD,
    WRITE,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.client.listener import LOOPBACK, listening_at
from harness.http.content import replaced

from . import xml_documents
from .hostile import Probes
from .injection import shows_a_file

UNSUPPORTED = (404, 405, 406, 415, 501)


@rule(
    "SEC-012",
    SHOULD,
    refs=["OWASP API8:2023", "XML 1.0 section 4.4"],
    needs="create",
    effect=WRITE,
    impact=CRITICAL,
)
def test_document_types_in_xml_are_refused(resource, profile, target):
    """Refuse document types and external entities in XML

    Why: an external entity reads files of the server and sends requests into its network; nested ones fill its memory.
    Fix: refuse a DOCTYPE (in Java, the feature `disallow-doctype-decl`; in Python, defusedxml).
    Probe: a create is sent as XML, then with three levels of entities, and with entities at a URL of a listener of the
        run. What is stored is read back, and what the listener was asked for counts.
    """
    made = Probes(resource, None).texts()
    control(made is not None, f"a create of {resource.name} should take a text: set `change`")
    declared = [one for one in resource.known.accepts if xml_documents.is_xml(one)]
    media = declared[0] if declared else xml_documents.XML
    plain, shown = create(resource, media, "", "plain-7c1d")
    summary = exchange_of(plain).summary()
    understood = plain.is_success and "plain-7c1d" in shown
    if plain.status_code in UNSUPPORTED and not declared:
        not_applicable(f"{resource.name} takes no XML: {summary} with Content-Type: {media}")
    unread = f"{summary} with Content-Type: {media}" + (", without the text" if plain.is_success else "")
    # What a server that drops XML creates shows nothing of the run: one such item is enough.
    if not plain.is_success or understood:
        if understood:
            expanded(resource, media)
        fetched(resource, media, profile, target, understood=understood)
    if profile.non_production and understood:
        reply, shown = create(resource, media, xml_documents.external("file:///etc/passwd"), "&c;")
        expect(
            not shows_a_file(shown),
            "4xx for an external entity",
            f"{exchange_of(reply).summary()} with an entity at file:///etc/passwd: the item shows that file",
        )
    if not understood and declared:
        inconclusive(f"{media} is documented, and a valid body in it is not stored: {unread}")
    if not understood:
        not_applicable(f"{resource.name} takes no XML: {unread}")
    evidence(f"{summary} with {media}; no entity was expanded, and none was fetched")


def expanded(resource, media):
    """Break the rule if entities of the document itself are expanded."""
    reply, shown = create(resource, media, xml_documents.LEVELS, "&c;")
    expect(
        xml_documents.EXPANDED not in shown,
        "4xx for a document type, or text that is not expanded",
        f"{exchange_of(reply).summary()} with three levels of entities: the item shows them expanded",
        impact=MAJOR,
    )


def fetched(resource, media, profile, target, *, understood):
    """Break the rule if the target fetches an external entity."""
    address = profile.jwt.listener if profile.jwt is not None and profile.jwt.listener else None
    if address is None and not target.loopback:
        evidence(
            "external entities were not tried: the target cannot reach this machine; set `listener` in [jwt]"
        )
        return
    with listening_at({"/harness.txt": xml_documents.WORD.encode()}, address or LOOPBACK) as listener:
        url = f"{listener.url}/harness.txt"
        for declaration, entity in ((xml_documents.external(url), "&c;"), (xml_documents.parameter(url), "")):
            reply, _ = create(resource, media, declaration, entity)
            expect(
                not listener.seen,
                "4xx for an external entity",
                f"{exchange_of(reply).summary()} with an entity at a URL: the target sent {listener.seen[:1]} there",
            )
            if reply.is_success and not understood:
                return


def create(resource, media, declarations, entity):
    """A create in XML: the response, and what it and the item show."""
    body, place, text = Probes(resource, None).texts()
    body = replaced(body, place, f"{text} ENTITY!")
    root = xml_documents.root_of(resource.known.collection)
    content = xml_documents.document(root, resource.as_sent(body), declarations, entity)
    fields = {"Content-Type": media}
    reply = resource.post(replaced(body, place, text), content=content, headers=fields)
    id = resource.id_in(reply) if reply.is_success else None
    shown = resource.client.get(resource.item_url(id)).text if id is not None else ""
    return reply, reply.text + shown
