"""FILE: uploads by tus."""

from __future__ import annotations

import base64
import hashlib
import secrets

from harness import MUST, WRITE, advise, control, evidence, expect, inconclusive, rule, warn
from harness.client.client import exchange_of

from . import tus_uploads
from .tus_judge import VERSION, append_faults, created_faults, difference, number, status_faults

SPEC = "tus 1.0.0"
PARTS = 3


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
def test_tus_core_requests(client, profile, survey, target):
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
    server = tus_uploads.of(client, profile, survey, target)
    announced(server)
    whole(server)
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
    expect(reply.status_code < 500, "201 with Location for POST with Upload-Length", shown(reply))
    if not reply.is_success:
        inconclusive(f"an upload could not be created: {shown(reply)}")
    faults = created_faults(reply.status_code, reply.headers)
    expect(not faults, "Location and Tus-Resumable in the response to POST", f"{shown(reply)}: {'; '.join(faults)}")
    if reply.status_code != 201:
        warn("201 for the creation of an upload", shown(reply))
    made = server.taken(reply, length)
    at_offset(made, 0)
    server.prove(made)
    return made


def at_offset(upload, offset):
    """Break the rule unless HEAD shows this offset."""
    reply = upload.head()
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
        expect(wrong is None, "the content that was sent, in the order of its chunks", f"GET {upload.url}: {wrong}")
    finally:
        gone = upload.remove()
    if gone is not None and server.offer.has("termination"):
        terminated(upload, gone)
    evidence(
        f"an upload of {len(content)} bytes in {PARTS} chunks had the right offset after each"
        + (", and the right content" if got is not None else "; the server does not give it back by GET")
    )


def appended(upload, offset, part):
    """Break the rule unless a chunk is taken."""
    reply = upload.append(offset, part)
    expect(reply.is_success, "204 for a chunk at the current offset", shown(reply))
    faults = append_faults(reply.headers, offset + len(part))
    expect(
        not faults, "the new Upload-Offset, and Tus-Resumable, in the response to PATCH", f"{shown(reply)}: {'; '.join(faults)}"
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
            expect(reply.status_code == 409, "409 for an offset that is not the current one", f"{shown(reply)} for {offset} instead of {first}")
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
        made = server.taken(reply, largest + 1)
        made.own = number(made.head().headers.get("upload-length")) == largest + 1
        made.remove()
    expect(
        not reply.is_success,
        f"413 for an upload of more than Tus-Max-Size, {largest}",
        f"{shown(reply)} for Upload-Length {largest + 1}",
    )
    if reply.status_code != 413:
        warn(f"413 for an upload of more than Tus-Max-Size, {largest}", shown(reply))
