"""FILE: uploads that are interrupted and go on."""

from __future__ import annotations

import secrets

from harness import CRITICAL, MUST, WRITE, control, evidence, expect, rule
from harness.client.client import exchange_of

from . import draft_uploads, presigned
from .s3_judge import completed, completion
from .s3_sessions import asked, in_short, session
from .tus_judge import difference, resumed_faults

CUTS = 2


@rule(
    "FILE-011",
    MUST,
    refs=[
        "tus 1.0.0, Core Protocol",
        "draft-ietf-httpbis-resumable-upload-12, Offset Retrieval",
        "draft-ietf-httpbis-resumable-upload-12, Upload Append",
        "Amazon S3 API Reference, CompleteMultipartUpload",
    ],
    effect=WRITE,
    impact=CRITICAL,
)
def test_interrupted_uploads_are_resumed(client, profile, survey, target, ledger):
    """Resume interrupted uploads without loss or duplication

    Why: connections of phones end in the middle of a chunk every day. An offset that counts bytes which were not
        stored, or leaves out some that were, damages the file, and client and server both believe it to be sound.
    Fix: count only what is stored, and store it before it is counted; give the offset from the same place.
    Probe: a quarter of an upload is sent and acknowledged. Then, twice, the connection ends in the middle of a chunk,
        and the offset is read. The rest is sent from there. The offset must be between what was acknowledged and what
        was sent, and the file must be the same byte for byte, if the server gives it back. Uploads by the IETF's draft
        are tried where the profile names them (`resumable` in [files]), with interop version 8. In a store with the API
        of S3 ([files.s3]) an upload in parts is interrupted in its second part, and ended with and without it.
    """
    store = presigned.store_of(client, profile, target, ledger)
    if store is not None:
        in_parts(store)
    for server in draft_uploads.all_of(client, profile, survey, target, ledger, needed=store is None):
        if isinstance(server, draft_uploads.Resumable):
            opened(server)
            states(server)
        interrupted(server)


def interrupted(server):
    """An upload whose connection ends twice."""
    content = secrets.token_bytes(160_000 + secrets.randbelow(40_000))
    length, step = len(content), len(content) // 4
    seen = []
    with server.upload(length) as upload:
        taken(upload, content[:step])
        before = step
        for _ in range(CUTS):
            sent = before + (length - before) // 3
            upload.cut(before, content[before:sent], length - before)
            now = upload.settled(before, sent)
            fault = resumed_faults(before, sent, now)
            what = f"{sent - before} of {length - before} bytes were sent at offset {before}, and the connection ended"
            expect(
                fault is None, "an offset between what was acknowledged and what was sent", f"{what}: {fault}"
            )
            seen.append(f"{what}: the offset is {now}")
            before = now
        reply = upload.continued(before, content)
        expect(reply.is_success, "success for the rest of an upload that was interrupted", shown(reply))
        compared(upload, content, "; ".join(seen))
    evidence("; ".join(seen))


def shown(reply):
    """A response in one line."""
    return exchange_of(reply).summary()


def taken(upload, part):
    """The control: the first chunk is taken."""
    reply = upload.append(0, part)
    control(reply.is_success, f"a chunk is taken: {shown(reply)}")
    now = upload.offset()
    control(now == len(part), f"the offset after a chunk of {len(part)} bytes is {len(part)}, not {now}")


def compared(upload, content, seen):
    """Break the rule unless an upload is complete, and the same."""
    got = upload.content()
    if got is None:
        now = upload.known_offset()
        expect(
            now in (None, len(content)),
            "the offset of a complete upload",
            f"HEAD {upload.url}: {now}; {seen}",
        )
        evidence("the server does not give uploads back by GET: only the offset was compared")
        return
    wrong = difference(content, got)
    expect(
        wrong is None,
        "the content that was sent, in spite of the interruptions",
        f"GET {upload.url}: {wrong}; {seen}",
    )
    evidence(f"the {len(content)} bytes were read back unchanged")


def in_parts(store):
    """An upload in parts whose second part is interrupted, and left out when it ends."""
    content = secrets.token_bytes(60_000 + secrets.randbelow(10_000))
    with session(store) as upload:
        reply = upload.part(1, content)
        tag = reply.headers.get("etag", "")
        control(reply.is_success and tag, f"a part is taken, with an ETag: {in_short(reply)}")
        cut_part(upload, content)
        reply = upload.request("POST", completion([(1, tag), (2, tag)]))
        made = asked(store, upload.name, "GET")
        what = f"{in_short(reply)} for an upload whose second part is missing"
        expect(not made.is_success, "no object without all of its parts", f"{what}: there is one")
        expect(
            not completed(reply.status_code, reply.text),
            "4xx for an upload whose second part is missing",
            what,
        )
        reply = upload.request("POST", completion([(1, tag)]))
        control(completed(reply.status_code, reply.text), f"an upload of one part ends: {in_short(reply)}")
        wrong = difference(content, asked(store, upload.name, "GET").content)
        expect(wrong is None, "the object as its part was sent", f"GET {upload.name}: {wrong}")
        evidence(f"{what}; then the object was what its one part was")


def cut_part(upload, content):
    """The connection ends in the middle of a second part, where the store lists what it has."""
    listed = upload.parts()
    if listed is None:
        evidence("the store does not list the parts of an upload: none was interrupted")
        return
    control(listed.get(1) == len(content), f"a part of {len(content)} bytes is listed with that size")
    sent = len(content) // 2
    upload.cut(2, content[:sent], len(content))
    size = upload.noticed(2)
    what = f"{sent} of {len(content)} bytes of part 2 were sent, and the connection ended"
    expect(size is None, "no part that did not arrive whole", f"{what}: it is listed with {size} bytes")
    evidence(f"{what}: it is not listed")


def opened(server):
    """Break the rule if uploads that are declared always fail; FILE-010 does that for tus."""
    reply = server.post(1_000)
    if reply.is_success and "location" in reply.headers:
        server.discard(server.taken(reply, 1_000))
    expect(reply.status_code < 500, "2xx with Location for POST with Upload-Complete: ?0", shown(reply))


def states(server):
    """What the draft asks of an upload besides: its state, and the offset beside a conflict."""
    content = secrets.token_bytes(6_000)
    first = len(content) // 2
    with server.upload(len(content)) as upload:
        taken(upload, content[:first])
        state = upload.head().headers.get("upload-complete")
        expect(
            state == "?0",
            "Upload-Complete: ?0 for an upload that is not complete",
            f"HEAD {upload.url}: {state}",
        )
        reply = upload.append(first + 1, content[first + 1 :])
        now = upload.offset()
        what = f"{shown(reply)} for offset {first + 1} instead of {first}"
        expect(now == first, "no effect of a chunk at another offset", f"{what}: the offset is {now}")
        expect(reply.status_code == 409, "409 for a chunk at another offset", what)
        given = reply.headers.get("upload-offset")
        expect(given == str(first), f"Upload-Offset: {first} in a 409", f"{what}: {given}")
        reply = upload.append(first, content[first:])
        expect(reply.is_success, "success for the last chunk", shown(reply))
        state = upload.head().headers.get("upload-complete")
        expect(
            state in ("?1", None), "Upload-Complete: ?1 for a complete upload", f"HEAD {upload.url}: {state}"
        )
