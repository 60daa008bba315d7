"""FILE: uploads, of files of the run's own."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of

from .judge import metadata_fault, runs_scripts, split_fields, suggested_name, unsafe_name, unsniffed
from .oversized import PATIENCE, PIECE, oversized
from .uploading import ABSENT, uploads, way_of
from .ways import fields, sample_contents

LARGEST = 1024 * 1024
SMALLEST = 4096
"""Bytes of a file that no gateway refuses for its size."""
MORE = 1024 * 1024
"""Bytes beyond the maximum, at most."""
SCRIPT = b"<!DOCTYPE html><html><body><script>document.title = 'conformance'</script></body></html>\n"
HOSTILE_NAMES = {
    "a path": "../../conformance-{mark}.txt",
    "a path of Windows": "..\\..\\conformance-{mark}.txt",
    "a NUL": "conformance-{mark}.php\x00.png",
    "markup": "<svg onload=alert(1)>{mark}.html",
    "1,024 characters": "{mark}" + "a" * 1020 + ".txt",
    "a mark that turns the order of letters": "conformance-{mark}-\u202egnp.exe",
    "a line break": "conformance-{mark}\r\nX-Conformance: 1.txt",
}


@rule(
    "FILE-001",
    MUST,
    refs=["RFC 7578 section 4", "RFC 9110 section 8.3"],
    impact=CRITICAL,
    effect=WRITE,
)
def test_uploaded_bytes_come_back(client, ledger, profile, survey):
    """Give back exactly the bytes that were uploaded

    Why: a file is of use only as it was. One changed byte makes an archive that cannot be opened and a contract whose
        signature is not valid, and nobody notices before the original is gone.
    Fix: treat content as bytes from the socket to the disk: no text mode, no re-encoding, no trimming of line ends; end
        a part of a form at its delimiter only.
    Probe: a plain file first. Then files with all kinds of line ends and delimiters of forms in them, with every byte,
        of one byte, of none, and of 1 MiB or the declared maximum, as an opaque media type; each is read back and
        compared by SHA-256, or smaller ones where that is refused with 413. An empty file may be refused. Size, hash
        and form fields in the metadata are compared.
    """
    applies(
        profile.files is None or not profile.files.transforms,
        "files are kept as they are: the profile says that the API changes them",
    )
    store = uploads(client, ledger, profile, survey, judged=True)
    size = min(LARGEST, store.how.max_bytes or LARGEST)
    contents = {**sample_contents(size, store.name().encode()), "no bytes": b""}
    sent_fields = fields(store.how.form or {})
    refused, small, compared = [], "", 0
    for what, content in contents.items():
        reply, stored = store.send(content)
        shown = exchange_of(reply).summary()
        while reply.status_code == 413 and len(content) > SMALLEST:
            # A gateway in front may take less than the API does.
            small = f"{shown} for {len(content)} bytes"
            content = content[: len(content) // 4]
            reply, stored = store.send(content)
            shown, what = exchange_of(reply).summary(), f"{len(content)} random bytes"
        if stored is None:
            expect(reply.status_code < 500, "an upload without a server error", f"{shown} for {what}")
            if content:
                refused.append(f"{shown} for {what}")
            continue
        got = store.read(stored)
        expect(
            got.is_of(stored),
            f"the {stored.size} bytes that were uploaded, SHA-256 {stored.sent[:16]}…",
            f"{shown} for {what}; then {got.shown}",
        )
        fault = metadata_fault(stored.value, stored.size, stored.sent, sent_fields)
        expect(
            fault is None,
            "metadata of the file that was uploaded",
            f"{shown} for {what}: {fault}",
            level=SHOULD,
        )
        compared += 1
        store.remove(stored)
    control(compared, f"a file is accepted: {'; '.join(refused)}")
    for one in refused:
        note(f"{one}: not compared")
    evidence(f"{store.how.name}: {compared} files came back byte for byte")
    if small:
        smaller(small, store.how.max_bytes)


def smaller(refusal, most):
    """A file within the maximum was refused with 413; undecided where the profile declares that maximum.

    Args:
        refusal: the exchange, and the size.
        most: bytes of the largest file; None where nothing says it.
    """
    if most is not None:
        inconclusive(
            f"{refusal}, where `max_bytes` in [files] is {most}: a gateway in front may have a smaller limit"
        )
    note(f"{refusal}: smaller files were compared")


@rule(
    "FILE-002",
    SHOULD,
    refs=["RFC 7578 section 4.2", "RFC 6266 section 4.3", "OWASP API8:2023"],
    effect=WRITE,
)
def test_names_and_types_of_clients_are_not_trusted(client, ledger, profile, survey):
    """Treat names and media types of uploaded files as untrusted

    Why: a page that somebody uploaded, opened from the API's own origin, acts as whoever opens it. A name with a path
        in it is written where an attacker wants it.
    Fix: choose the name on disk yourself; take only listed media types; serve downloads with Content-Disposition:
        attachment, a cleaned name, and X-Content-Type-Options: nosniff, best from another origin.
    Probe: files whose names have paths, NUL, markup, line breaks and 1,024 characters in forms; a page with a script
        as text/html, and as image/png; a media type that the profile does not list. To refuse is as good as to store
        safely.
    Advice: without nosniff, only old browsers take a file for a page; and what PUT stores under a name of the client's,
        such as WebDAV or a bucket, is often meant to be shown.
    """
    store = uploads(client, ledger, profile, survey)
    judged = _names(store) if store.how.named else 0
    judged += _scripts(store)
    types = store.how.types
    if types:
        reply, stored = store.send(b"MZ conformance\n", store.name(".exe"), "application/x-msdownload")
        judged += 1
        if stored is not None and "application/x-msdownload" not in types:
            warn(
                f"415 or 422 for a media type that is not among the accepted ones, {', '.join(types)}",
                f"{exchange_of(reply).summary()} for application/x-msdownload",
            )
    control(judged, "a file with a hostile name or type is stored or refused")


def _names(store):
    judged = 0
    for what, template in HOSTILE_NAMES.items():
        name = template.replace("{mark}", store.client.recorder.ownership.token)
        reply, stored = store.send(b"conformance\n", name)
        shown = f"{exchange_of(reply).summary()} for a name with {what}"
        judged += 1
        expect(reply.status_code < 500, "a file, or a refusal, whatever its name", shown)
        if stored is None:
            continue
        got = store.read(stored)
        bad = unsafe_name(suggested_name(got.fields.get("content-disposition")))
        expect(
            bad is None,
            "Content-Disposition with a safe name",
            f"{shown}; then {got.exchange.summary()}: {bad}",
        )
        split = split_fields(got.fields, "x-conformance")
        expect(
            split is None, "no field from a file name", f"{shown}; then {got.exchange.summary()} with {split}"
        )
        store.remove(stored)
    return judged


def _scripts(store):
    judged = 0
    for kind, ending in (("text/html", ".html"), ("image/svg+xml", ".svg"), ("image/png", ".png")):
        content = (
            SCRIPT
            if kind != "image/svg+xml"
            else b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>\n'
        )
        reply, stored = store.send(content, store.name(ending), kind)
        shown = f"{exchange_of(reply).summary()} of a page with a script as {kind}"
        judged += 1
        expect(reply.status_code < 500, "a file, or a refusal, whatever its type", shown)
        if stored is None:
            continue
        got = store.read(stored)
        if got.exchange.status != 200:
            continue
        why = runs_scripts(got.fields, got.beginning)
        expect(
            why is None,
            "a refusal, or a download with Content-Disposition: attachment, or in a sandbox",
            f"{shown}; then {got.exchange.summary()}: {why}",
            # A server of a web site, or of buckets, gives back on purpose what was put there.
            impact=MINOR if store.how.method == "PUT" else None,
        )
        if not unsniffed(got.fields):
            advise(
                "X-Content-Type-Options: nosniff in downloads",
                f"{got.exchange.summary()} with Content-Type: {got.fields.get('content-type')} without it",
            )
        store.remove(stored)
    return judged


@rule(
    "FILE-003",
    SHOULD,
    refs=["RFC 9110 section 15.5.14", "RFC 9110 section 10.1.1", "OWASP API4:2023"],
    effect=WRITE,
    waits=2 * PATIENCE,
)
def test_oversized_uploads_are_refused_early(client, ledger, profile, survey):
    """Refuse an upload beyond the maximum with 413, before all of it was read

    Why: a server that takes everything and then looks at the size can be filled by a few clients. A client that sends
        Expect: 100-continue waits for the refusal, to be spared sending a gigabyte in vain.
    Fix: compare Content-Length with the maximum before anything is read; count what comes without a length, and stop.
    Probe: an upload of up to 1 MiB more than `max_bytes` of the profile, first with its length and Expect:
        100-continue, then in chunks without a length. Nothing is sent after a refusal. 411 is fine for chunks.
    Advice: a refusal after everything was read costs time, and lets nothing in.
    """
    applies(way_of(profile, survey) is not None, ABSENT)
    applies(
        profile.files is not None and profile.files.max_bytes, "the profile declares `max_bytes` in [files]"
    )
    store = uploads(client, ledger, profile, survey)
    for chunked in (False, True):
        # With room for a form around the file: a server may judge the whole content by its length.
        most = store.how.max_bytes
        tried = oversized(store, most, most + min(most, MORE) + 2 * PIECE, chunked=chunked)
        if tried.stored:
            expect(False, f"413 for a file of more than {store.how.max_bytes} bytes", tried.shown)
        if tried.status is not None and tried.status >= 500:
            expect(False, "413, not a server error", tried.shown)
        if tried.status is None:
            note(f"{tried.shown}: the connection was closed without a response")
        elif tried.status in (401, 403):
            inconclusive(tried.shown)
        elif tried.all_sent:
            advise("a refusal before all of the file was sent", tried.shown)
        evidence(tried.shown)


@rule(
    "FILE-009",
    SHOULD,
    refs=["RFC 9110 section 14.5", "RFC 9110 section 9.3.4"],
    impact=CRITICAL,
    effect=WRITE,
)
def test_content_range_does_not_replace_a_file(client, ledger, profile, survey):
    """Refuse PUT with Content-Range, unless parts of files can be written

    Why: a client that sends the first five bytes of ten means these five. A server that takes them for the whole file
        has lost the rest.
    Fix: answer 400 to PUT with Content-Range, or write just that part.
    Probe: a file of ten bytes is replaced as a whole first; then come five bytes with Content-Range: bytes 0-4/10, and
        the file is read.
    """
    store = uploads(client, ledger, profile, survey)
    before, part = b"ABCDEFGHIJ", b"12345"
    reply, stored = store.send(b"0123456789")
    control(stored is not None, f"a file of ten bytes is accepted: {exchange_of(reply).summary()}")
    url = place = store.read(stored).exchange.url
    refusals = (404, 405, 501)
    if store.how.create is not None:
        # A URL that was handed out may serve once.
        place, refusals = stored.exchange.url, (403, 404, 405, 409, 410, 501)
    headers = {"Content-Type": store.how.kind}
    whole = _put(store, place, before, headers)
    shown = exchange_of(whole).summary()
    applies(whole.status_code not in refusals, f"PUT replaces a file: {shown}")
    control(
        whole.is_success and store.settled(url, before).beginning == before, f"PUT replaces a file: {shown}"
    )
    reply = _put(store, place, part, {**headers, "Content-Range": "bytes 0-4/10"})
    after = store.settled(url, before, part, part + before[5:])
    observed = f"{exchange_of(reply).summary()} with Content-Range: bytes 0-4/10; then {after.shown}"
    crashed = reply.status_code >= 500 and reply.status_code != 501
    expect(not crashed, "400, or a part that is written", observed, impact=MAJOR)
    if profile.files is not None and profile.files.partial_put:
        control(reply.is_success, f"a part is accepted, as the profile says: {observed}")
        expect(after.beginning == part + before[5:], "five new bytes, and five old ones", observed)
        return
    if after.beginning == part + before[5:] and reply.is_success:
        note(f"{observed}: the part was written; `partial_put = true` in [files] declares that")
        return
    expect(after.beginning == before, "400, and the ten bytes of before", observed)
    if reply.is_success:
        warn("400 for PUT with Content-Range", f"{observed}: nothing was written")


def _put(store, url, content, headers):
    """Replace a file that was uploaded, and read there, by this rule."""
    with store.client.recorder.ownership.granting("PUT", url):
        return store.client.put(url, content=content, headers=headers)
