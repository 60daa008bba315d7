"""FILE: uploads that are interrupted and go on."""

from __future__ import annotations

import secrets

from harness import CRITICAL, MUST, WRITE, control, evidence, expect, rule
from harness.client.client import exchange_of

from . import tus_uploads
from .tus_judge import difference, resumed_faults

CUTS = 2


@rule(
    "FILE-011",
    MUST,
    refs=["tus 1.0.0, Core Protocol"],
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
        was sent, and the file must be the same byte for byte, if the server gives it back.
    """
    server = tus_uploads.of(client, profile, survey, target, ledger)
    content = secrets.token_bytes(160_000 + secrets.randbelow(40_000))
    length, step = len(content), len(content) // 4
    seen = []
    with server.upload(length) as upload:
        reply = upload.append(0, content[:step])
        control(reply.is_success, f"a chunk is taken: {exchange_of(reply).summary()}")
        before = upload.offset()
        control(before == step, f"the offset after a chunk of {step} bytes is {step}, not {before}")
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
        expect(
            reply.is_success,
            "204 for the rest of an upload that was interrupted",
            exchange_of(reply).summary(),
        )
        got = upload.content()
        wrong = None if got is None else difference(content, got)
        expect(
            wrong is None,
            "the content that was sent, in spite of the interruptions",
            f"GET {upload.url}: {wrong}; {'; '.join(seen)}",
        )
        if got is None:
            complete = upload.offset()
            expect(
                complete == length,
                f"the offset {length} of a complete upload",
                f"HEAD {upload.url}: {complete}",
            )
    evidence("; ".join(seen))
    evidence(
        f"the {length} bytes were read back unchanged"
        if got is not None
        else "the server does not give uploads back by GET: only the offset was compared"
    )
