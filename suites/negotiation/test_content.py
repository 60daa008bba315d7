"""NEGO: content of requests and responses: text and media types (RFC 9110 section 8)."""

from __future__ import annotations

from harness import (
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    control,
    expect,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import content_of, exchange_of
from harness.client.eventually import eventually
from harness.http.content import (
    at,
    is_json,
    json_of,
    media_type,
    replaced,
    shown_at,
)
from harness.http.error_statuses import HOLDS, OPEN
from harness.resource.counting import listed
from harness.resource.file_store import stores_files
from harness.resource.harm import Watch
from harness.resource.tags import tag_pointer
from harness.rules.causes import CONTENT_TYPE_UNCHECKED, UNICODE_ALTERED, UNICODE_FAILS
from harness.rules.checks import Undecided
from harness.rules.faults import Fault, expect_none
from harness.survey.ask.triggers import MALFORMED

from .content import client_reads, labelled, takes_json
from .media import effect, label_ruling
from .unicode import SAMPLES, lost, utf8_fault


@rule(
    "NEGO-002",
    MUST,
    refs=["RFC 8259 section 8.1", "RFC 8259 section 8.2", "RFC 9110 section 9.3.4"],
    needs="create read tag",
    effect=WRITE,
)
def test_texts_come_back_as_they_were_sent(resource, profile, survey):
    """Encode JSON as UTF-8, and return Unicode text unchanged

    Why: names of people are cut at the first emoji, rewritten, or stored as question marks, and nobody notices.
    Fix: use UTF-8 throughout: the database's real UTF-8 (utf8mb4 in MySQL), no conversion, no undocumented
        normalisation; refuse text that cannot be stored with a 4xx.
    """
    takes_json(resource)
    resource.create()
    altered, refused, watch = [], [], Watch(resource)
    for sample in SAMPLES:
        harm = watch.known(sample.what)
        if harm:
            # It is not sent again, neither in the repetition nor to another resource.
            warn("the text stored and shown, or refused with a 4xx", harm)
            continue
        body = resource.body()
        where = tag_pointer(resource.known, body)
        control(where is not None, "a member should take a text")
        text = f"{at(body, where)[:24]} {sample.text}"
        reply = resource.post(replaced(body, where, text))
        summary = f"{sample.what}: {exchange_of(reply).summary()}"
        harm = watch.after(sample.what, reply) if sample.strange or reply.status_code >= 500 else ""
        if harm:
            warn("the text stored and shown, or refused with a 4xx", harm)
            continue
        if reply.status_code >= 500:
            if sample.strange and any((one.status or 0) >= 500 for _, one in survey.triggered(MALFORMED)):
                note(f"{summary}, as for all content that the parser rejects (see ERR-003)")
            else:
                cause = "" if sample.strange else UNICODE_FAILS
                warn("the text stored, or refused with a 4xx", summary, cause=cause)
            continue
        if not reply.is_success:
            refused += [] if sample.strange else [summary]
            continue
        url = resource.item_url(resource.id_in(reply) or "")
        eventually(lambda: client_reads(resource, url), profile.consistency_window)  # noqa: B023
        read = resource.client.get(url)
        control(read.is_success, f"the new item should be readable: {exchange_of(read).summary()}")
        for one in (reply, read):
            fault = utf8_fault(content_of(one)) if is_json(media_type(one)) else None
            expect(fault is None, "JSON in UTF-8", f"{sample.what}: {exchange_of(one).summary()}: {fault}")
        if not sample.strange:
            what = lost(text, shown_at(json_of(read), where), normalises=profile.negotiation.normalises)
            if what is not None:
                altered.append(f"{sample.what} in {where} {what} ({exchange_of(read).summary()})")
    for one in refused:
        note(f"{one}: refused, which a documented restriction allows")
    expect(not altered, "the text as sent", "; ".join(altered), level=SHOULD, cause=UNICODE_ALTERED)


@rule(
    "NEGO-006",
    SHOULD,
    refs=["RFC 9110 section 15.5.16", "RFC 9110 section 8.3"],
    needs="create",
    effect=WRITE,
)
def test_unsupported_media_types_get_415(resource, profile):
    """Reject an unsupported Content-Type with 415, and execute nothing

    Why: a server that accepts JSON labelled text/plain lets pages of other sites send it without a CORS
        preflight, with the user's cookies. One that answers 400 makes the client look for a fault in its JSON.
    Fix: compare the media type before parsing, and answer 415 for all unsupported types.
    Advice: where the content is refused with another 4xx, nothing is stored and no page of another site can write.
    """
    takes_json(resource)
    resource.create()
    broken, undecided, stored = [], [], []
    labels = ("text/plain", "application/xml", "application/x-www-form-urlencoded", None)
    for label in labels:
        if label in resource.known.accepts:
            continue
        body = resource.body()
        reply, (ruling, what) = labelled(resource, label, body)
        observed = f"Content-Type: {label or 'none'}: {exchange_of(reply).summary()}"
        if reply.is_success and not broken and stores_files(resource):
            not_applicable(f"{resource.name} stores any content as it is, with its media type")
        if ruling is OPEN:
            undecided.append(f"{observed}: {what}")
        elif ruling is not HOLDS:
            broken.append(Fault(observed, what, minor=400 <= reply.status_code < 500))
        elif what:
            note(f"{observed}: {what}")
        where = tag_pointer(resource.known, body) if resource.can("tag") else None
        if not reply.is_success and where is not None:
            stored.append((where, at(body, where), observed))
    counts = listed(resource, [(where, value) for where, value, _ in stored]) or []
    for (_, _, observed), count in zip(stored, counts, strict=False):
        if count:
            broken.append(Fault(observed, "refused, but an item with its text is listed"))
    broken += replaced_under(resource, "text/plain", profile.consistency_window)
    # A refusal with an effect, and a server error, have other causes.
    other = any("refused" in fault.what or "server error" in fault.what for fault in broken)
    expect_none(broken, "415, and no effect", cause="" if other else CONTENT_TYPE_UNCHECKED)
    for one in undecided:
        note(one)


def replaced_under(resource, label, window):
    """Faults of a PUT of JSON under an unsupported label, at most one."""
    if not resource.can("replace") or not resource.can("read"):
        return []
    item = resource.create()
    try:
        body = item.put_body(change=True)
    except Undecided:
        return []
    eventually(lambda: client_reads(resource, item.url), window)
    before = item.state()
    fields = {**item.write_fields(), "Content-Type": label}
    reply = resource.client.put(item.url, content=resource.written(body), headers=fields)
    kept = effect(before, item.state(), body)
    ruling, what = label_ruling(reply.status_code, label, kept=kept)
    observed = f"Content-Type: {label}: {exchange_of(reply).summary()}"
    if kept and not reply.is_success:
        return [Fault(observed, "refused, but the item has changed as requested")]
    refused = 400 <= reply.status_code < 500
    return [Fault(observed, what, minor=refused)] if ruling not in (HOLDS, OPEN) else []


@rule("NEGO-007", MUST, refs=["RFC 9110 section 8.3.1", "RFC 8259 section 11"], needs="create", effect=WRITE)
def test_spellings_of_a_media_type_are_equal(resource):
    """Accept equivalent spellings of a supported media type

    Why: client libraries write the type differently: some add charset, some quote it, some use capitals.
    Fix: parse the field, compare type and subtype case-insensitively, and ignore charset for JSON.
    Advice: capitals alone are a spelling that client libraries do not send.
    """
    takes_json(resource)
    media = resource.known.media_type
    resource.create()
    kind, _, subtype = media.partition("/")
    spellings = [f"{kind.title()}/{subtype.upper()}"]
    if media == "application/json":
        # Other types may define their own parameters, or forbid them.
        spellings += ["application/json; charset=utf-8", 'application/json;charset="UTF-8"']
    broken = []
    for spelling in spellings:
        reply = resource.post(headers={"Content-Type": spelling})
        # A conflict with an existing item shows nothing about the media type.
        control(reply.status_code != 409, f"another item should be created: {exchange_of(reply).summary()}")
        if not reply.is_success:
            broken.append(f"Content-Type: {spelling}: {exchange_of(reply).summary()}")
    capitals = all(one.startswith(f"Content-Type: {spellings[0]}:") for one in broken)
    expect(
        not broken,
        f"success, as with {media}",
        "; ".join(broken),
        impact=MINOR if capitals else None,
    )
