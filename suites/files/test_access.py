"""FILE: who may read a file, and remove it."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness import CRITICAL, MUST, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.survey.secured import secured

from .others import kept_from_others
from .uploading import uploads

REFUSALS = (401, 403, 404, 410)


@rule(
    "FILE-015",
    MUST,
    refs=["RFC 9110 section 11.4", "OpenAPI Security Requirement Object", "OWASP API1:2023"],
    impact=CRITICAL,
    effect=WRITE,
)
def test_files_are_kept_from_those_who_may_not_have_them(client, ledger, profile, survey):
    """Refuse a file to whoever may not have it, its bytes as well as its metadata

    Why: bytes are often served by other code than JSON, such as a handler of static files, which forgot the check. A
        URL with an id in it is in logs, mails and histories.
    Fix: check in the handler of the content what that of the metadata checks, and look a file up together with its
        owner; or hand out signed URLs that end soon.
    Probe: a file is uploaded, and read. Then it is read by clients that are refused its metadata: one without
        credentials, and `other`; without credentials also where the OpenAPI document requires some. `other` also reads
        and deletes a file, where `private` in [files] says that files are private, or a file of its own under the same
        name shows it. Bytes at a URL with a query, which may be a signature, are left alone.
    """
    applies(
        client.credential in client.target.credentials,
        "a credential is configured: give one with --header, or in [credentials.default]",
    )
    store = uploads(client, ledger, profile, survey)
    content = store.name().encode()
    reply, stored = store.send(content)
    control(stored is not None, f"a file is accepted: {exchange_of(reply).summary()}")
    got = store.read(stored)
    control(got.is_of(stored), f"the file is read: {got.shown}")
    applies(not urlsplit(got.exchange.url).query, "the URL of a file has no query, which may be a signature")
    judged = content_as_metadata(store, stored, got.exchange.url, content, survey)
    private = profile.files.private if profile.files is not None else None
    judged += kept_from_others(store, stored, got.exchange.url, content, private)
    applies(judged, "somebody is refused the metadata of a file, or `other` may have no file of this client")
    evidence("; ".join(judged))


def content_as_metadata(store, stored, place, content, survey):
    """Break the rule where bytes are less protected than what is known of them; what was judged, a line each."""
    client, about = store.client, store.removal_url(stored)
    declared = secured(survey, client, "GET", place)
    # Bytes elsewhere may be meant for whoever has their URL.
    below = place.startswith(f"{about.rstrip('/')}/") and client.get(about).is_success
    if not (declared or below):
        return []
    strangers = [client.under(None).apart()]
    strangers += [client.under("other")] if "other" in client.target.credentials else []
    judged = []
    for stranger in strangers:
        who = f"as client `{stranger.credential}`" if stranger.credential else "without credentials"
        if not (declared and not stranger.credential):
            seen = stranger.get(about)
            if not below or seen.status_code not in REFUSALS:
                evidence(f"not judged: {exchange_of(seen).summary()} {who}, who may read files")
                continue
        judged.append(refused(stranger, place, content, who, MUST if declared else SHOULD))
    return judged


def refused(stranger, url, content, who, level):
    """Break the rule where a stranger gets the bytes; the answer in one line."""
    reply = stranger.get(url, headers={"Accept": "*/*"})
    summary = f"{exchange_of(reply).summary()} {who}"
    if reply.status_code >= 500 or reply.status_code == 429:
        inconclusive(f"{summary}: no refusal")
    expect(
        content not in reply.content,
        f"a refusal {who}",
        f"{summary}, with the bytes of the file",
        level=level,
    )
    return summary
