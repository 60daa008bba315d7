"""FILE: uploads by tus."""

from __future__ import annotations

import base64
import hashlib
import secrets
from contextlib import suppress

from harness import MUST, WRITE, advise, control, evidence, expect, inconclusive, rule, warn
from harness.client.client import exchange_of
from harness.rules.checks import Undecided

from . import draft_uploads, tus_uploads
from .tus_judge import append_faults, created_faults, difference, status_faults

PARTS = 3
NOT_FOUND = (403, 404, 410)
EXTRA = 16
"""Bytes that are too many."""


def a_length():
    """The length of an upload: one that nobody else is likely to have."""
    return 20_000 + secrets.randbelow(10_000)


def shown(reply):
    """A response in one line."""
    return exchange_of(reply).summary()


@rule(
    "FILE-010",
    MUST,
    refs=["tus 1.0.0, Core Protocol", "tus 1.0.0, Creation", "tus 1.0.0, Termination"],
    effect=WRITE,
)
def test_tus_core_requests(client, profile, survey, target, ledger):
    """Implement the core requests of tus exactly

    Why: clients of tus rely on the offset alone: one that is wrong, or a chunk that is taken at another offset, damages
        the file, and nobody notices.
    Fix: use a library of tus, and let gateways pass PATCH, HEAD and the fields of tus; compare Upload-Offset with what
        is stored, under a lock.
    Probe: an upload is created, filled in three chunks, and read back if the server gives it back. In another one,
        chunks are sent with an offset that lies behind and one that lies ahead, with another version of the protocol
        and another media type; the offset is read again after each. Both are removed, if the server can do that.
    Advice: a wrong status of what was refused, where nothing was changed and clients do not decide by it.
    """
    server = tus_uploads.of(client, profile, survey, target, ledger)
    whole(server)
    announced(server)
    refused(server)
    too_large(server)


def announced(server):
    """Judge the response to OPTIONS."""
    offer, reply = server.asked()
    if reply.status_code >= 500:
        expect(False, "204 or 200 with Tus-Version for OPTIONS", shown(reply))
    if reply.status_code in (200, 204) and not offer.versions:
        advise("Tus-Version in a successful response to OPTIONS", f"{shown(reply)}: no Tus-Version")
    if offer.has("checksum") and not offer.algorithms:
        advise("Tus-Checksum-Algorithm beside the checksum extension", f"{shown(reply)}: no such field")


def begun(server, length):
    """A new upload, whose creation and first HEAD are judged.

    Raises:
        Undecided: uploads are not created by tus, or it is refused with 4xx.
    """
    names = ", ".join(server.offer.extensions or ())
    control(server.offer.may_have("creation"), f"uploads are created by tus: Tus-Extension names {names}")
    reply = server.post(length)
    if reply.status_code >= 500:
        failed(server, length, reply)
    if not reply.is_success:
        inconclusive(f"an upload could not be created: {shown(reply)}")
    faults = created_faults(reply.status_code, reply.headers)
    expect(
        not faults,
        "Location and Tus-Resumable in the response to POST",
        f"{shown(reply)}: {'; '.join(faults)}",
    )
    if reply.status_code != 201:
        warn("201 for the creation of an upload", shown(reply))
    made = server.taken(reply, length)
    with suppress(Undecided):
        server.prove(made)
    try:
        at_offset(made, 0)
        control(made.own, f"{made.url} is new, and the run's own")
    except BaseException:
        made.remove()
        raise
    return made


def failed(server, length, reply):
    """A creation was answered with a server error: break the rule if it is without metadata, too.

    Raises:
        Undecided: it is the metadata.
    """
    plain = server.plain().post(length)
    if plain.is_success and "location" in plain.headers:
        server.discard(server.taken(plain, length))
    expect(plain.status_code < 500, "201 with Location for POST with Upload-Length", shown(reply))
    inconclusive(
        f"{shown(reply)} with Upload-Metadata {', '.join(server.metadata)}, and {plain.status_code} without: set "
        "`metadata` in [files]"
    )


def at_offset(upload, offset):
    """Break the rule unless HEAD shows this offset."""
    reply = upload.head()
    if upload.complete and reply.status_code in NOT_FOUND:
        warn(
            "Upload-Offset in the response to HEAD, also when the upload is complete",
            f"{shown(reply)} after the last chunk: a client that did not get its response sends the file again",
        )
        return
    expect(reply.is_success, "200 or 204 for HEAD of an upload", shown(reply))
    faults = status_faults(reply.headers, offset, upload.length)
    expect(
        not faults,
        f"Upload-Offset {offset}, Upload-Length, Cache-Control: no-store and Tus-Resumable in the response to HEAD",
        f"{shown(reply)}: {'; '.join(faults)}",
    )


def whole(server):
    """An upload in several chunks, which is read back, and removed."""
    content = secrets.token_bytes(a_length())
    size = len(content) // PARTS + 1
    upload = begun(server, len(content))
    try:
        for start in range(0, len(content), size):
            part = content[start : start + size]
            appended(upload, start, part)
            at_offset(upload, start + len(part))
        got = upload.content()
        wrong = None if got is None else difference(content, got)
        expect(
            wrong is None,
            "the content that was sent, in the order of its chunks",
            f"GET {upload.url}: {wrong}",
        )
    finally:
        gone = upload.remove()
    if gone is not None and gone.status_code not in NOT_FOUND and server.offer.has("termination"):
        terminated(upload, gone)
    evidence(
        f"an upload of {len(content)} bytes in {PARTS} chunks had the right offset after each"
        + (", and the right content" if got is not None else "; the server does not give it back by GET")
    )


def appended(upload, offset, part):
    """Break the rule unless a chunk is taken."""
    reply = upload.append(offset, part)
    if reply.status_code == 413:
        inconclusive(
            f"{shown(reply)} for a chunk of {len(part)} bytes: a gateway in front may have that limit"
        )
    expect(reply.is_success, "204 for a chunk at the current offset", shown(reply))
    faults = append_faults(reply.headers, offset + len(part))
    expect(
        not faults,
        "the new Upload-Offset, and Tus-Resumable, in the response to PATCH",
        f"{shown(reply)}: {'; '.join(faults)}",
    )
    if reply.status_code != 204:
        warn("204 for a chunk that was taken", shown(reply))


def terminated(upload, reply):
    """Judge a termination."""
    expect(reply.is_success, "204 for DELETE of an upload, with the termination extension", shown(reply))
    if reply.status_code != 204:
        advise("204 for DELETE of an upload", shown(reply))
    after = upload.head()
    if after.is_success:
        warn("404 or 410 for an upload that was terminated", shown(after))


def refused(server):
    """What must be refused without any change."""
    length = a_length()
    upload = begun(server, length)
    try:
        first = length // 2
        appended(upload, 0, secrets.token_bytes(first))
        part = secrets.token_bytes(16)
        for what, offset in (("behind", 0), ("ahead", first + 1)):
            reply = upload.append(offset, part)
            unchanged(upload, first, reply, f"an offset that lies {what} ({offset} instead of {first})")
            expect(
                reply.status_code == 409,
                "409 for an offset that is not the current one",
                f"{shown(reply)} for {offset} instead of {first}",
            )
        reply = upload.append(first, part, {"Tus-Resumable": "0.2.2"})
        unchanged(upload, first, reply, "version 0.2.2 of tus")
        if reply.status_code != 412:
            warn("412 for a version of tus that is not supported", f"{shown(reply)} for version 0.2.2")
        elif not reply.headers.get("tus-version"):
            advise("Tus-Version in a 412", f"{shown(reply)}: no Tus-Version")
        reply = upload.append(first, part, {"Content-Type": "application/octet-stream"})
        if reply.is_success:
            warn(
                "415 for a chunk that is not application/offset+octet-stream",
                f"{shown(reply)} for application/octet-stream",
            )
        elif reply.status_code != 415:
            advise("415 for a chunk of another media type", shown(reply))
    finally:
        upload.remove()


def unchanged(upload, offset, reply, what):
    """Break the rule if a request had an effect, or succeeded."""
    now = upload.offset()
    expect(now == offset, f"no effect of {what}", f"{shown(reply)}: the offset is {now}, and was {offset}")
    expect(400 <= reply.status_code < 500, f"4xx for {what}", shown(reply))


def too_large(server):
    """An upload beyond Tus-Max-Size is refused."""
    largest = server.offer.largest
    if not largest:
        return
    reply = server.post(largest + 1)
    if reply.is_success and reply.headers.get("location"):
        server.discard(server.taken(reply, largest + 1))
    expect(
        not reply.is_success,
        f"413 for an upload of more than Tus-Max-Size, {largest}",
        f"{shown(reply)} for Upload-Length {largest + 1}",
    )
    if reply.status_code != 413:
        warn(f"413 for an upload of more than Tus-Max-Size, {largest}", shown(reply))


@rule(
    "FILE-014",
    MUST,
    refs=[
        "tus 1.0.0, Core Protocol",
        "tus 1.0.0, Checksum",
        "draft-ietf-httpbis-resumable-upload-12, Upload Append",
    ],
    effect=WRITE,
)
def test_appends_are_bounded_and_checked(client, profile, survey, target, ledger):
    """Refuse chunks beyond the length of an upload, and discard chunks with a wrong checksum

    Why: a file that grows after it was complete is not the one that was checked or scanned; a chunk that was damaged on
        the way stays damaged for good if it is kept.
    Fix: compare offset plus content with Upload-Length before anything is written; calculate the checksum before the
        chunk becomes part of the file.
    Probe: half of an upload is sent. Then comes a chunk that is 16 bytes too long, then the right rest, then 16 bytes
        more. Where tus announces the checksum extension, a chunk with the right SHA-1 and one with a wrong one are
        sent. The offset is read after each, and the file at the end if the server gives it back. Uploads by the IETF's
        draft are tried where the profile names them (`resumable` in [files]).
    Advice: a chunk that is too long and is cut off at the length, or another 4xx than 460 for a wrong checksum.
    """
    for server in draft_uploads.all_of(client, profile, survey, target, ledger):
        beyond(server)
        if server.offer.has("checksum"):
            checked(server)


def beyond(server):
    """More is sent than the length that was announced."""
    content = secrets.token_bytes(a_length())
    length, first = len(content), len(content) // 2
    with server.upload(length) as upload:
        taken(upload, 0, content[:first])
        reply = upload.append(first, content[first:] + secrets.token_bytes(EXTRA))
        now = upload.known_offset()
        what = f"{shown(reply)} for {length - first + EXTRA} bytes at offset {first} of {length}"
        expect(
            now is None or first <= now <= length,
            "an offset that is never beyond the length",
            f"{what}: the offset is {now}",
        )
        expect(reply.status_code < 500, "4xx for a chunk beyond the length", what)
        if reply.is_success:
            advise("4xx for a chunk beyond the length", f"{what}: it is cut off at the length")
        evidence(f"{what}; {'the upload is gone' if now is None else f'the offset is {now}'}")
        if now is not None:
            completed(upload, now, content)
            return
    with server.upload(length) as upload:
        completed(upload, 0, content)


def completed(upload, offset, content):
    """An upload is completed, and more is sent.

    Args:
        offset: where the upload is.
        content: of the whole upload.
    """
    length = len(content)
    if offset < length:
        taken(upload, offset, content[offset:])
    reply = upload.append(length, secrets.token_bytes(EXTRA))
    what = f"{shown(reply)} for {EXTRA} bytes more after the upload was complete"
    after = upload.known_offset()
    expect(
        after in (None, length), "no append to an upload that is complete", f"{what}: the offset is {after}"
    )
    expect(400 <= reply.status_code < 500, "4xx for an append to an upload that is complete", what)
    got = upload.content()
    wrong = None if got is None else difference(content, got)
    expect(
        wrong is None,
        "the file as it was before the chunks that were refused",
        f"GET {upload.url}: {wrong}",
    )
    evidence(f"{what}; the offset is {after if after is not None else 'not shown any more'}")


def taken(upload, offset, part, headers=None):
    """The control: a chunk is taken."""
    reply = upload.append(offset, part, headers)
    control(reply.is_success, f"a chunk at the current offset is taken: {shown(reply)}")
    now = upload.offset() if offset + len(part) < upload.length else offset + len(part)
    control(
        now == offset + len(part), f"{shown(reply)} for {len(part)} bytes at {offset}: the offset is {now}"
    )


def checked(server):
    """A chunk with a wrong checksum."""
    part = secrets.token_bytes(a_length() // 2)
    with server.upload(2 * len(part)) as upload:
        reply = upload.append(0, part, {"Upload-Checksum": sha1(part)})
        expect(
            reply.is_success,
            "204 for a chunk with the right SHA-1, with the checksum extension",
            shown(reply),
        )
        damaged = bytes([part[0] ^ 1]) + part[1:]
        reply = upload.append(len(part), damaged, {"Upload-Checksum": sha1(part)})
        now = upload.offset()
        what = f"{shown(reply)} for a chunk with a wrong SHA-1"
        expect(
            now == len(part),
            "no change by a chunk with a wrong checksum",
            f"{what}: the offset is {now}, and was {len(part)}",
        )
        expect(400 <= reply.status_code < 500, "460 for a chunk with a wrong checksum", what)
        if reply.status_code != 460:
            advise("460 for a chunk with a wrong checksum", what)
        taken(upload, len(part), part, {"Upload-Checksum": sha1(part)})
        got = upload.content()
        wrong = None if got is None else difference(part + part, got)
        expect(wrong is None, "the file without the chunk that was refused", f"GET {upload.url}: {wrong}")
        evidence(f"{what}; the offset stayed {len(part)}")


def sha1(content):
    """A value of Upload-Checksum."""
    return f"sha1 {base64.b64encode(hashlib.sha1(content).digest()).decode()}"
