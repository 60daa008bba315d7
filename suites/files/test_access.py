"""FILE: who may read the bytes of a file."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness import CRITICAL, MUST, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.survey.secured import secured

from .uploading import uploads

REFUSALS = (401, 403, 404, 410)


@rule(
    "FILE-015",
    MUST,
    refs=["RFC 9110 section 11.4", "OpenAPI Security Requirement Object", "OWASP API1:2023"],
    impact=CRITICAL,
    effect=WRITE,
)
def test_content_is_as_protected_as_its_metadata(client, ledger, profile, survey):
    """Refuse the bytes of a file to whoever is refused what is known of it

    Why: bytes are often served by other code than JSON, such as a handler of static files, which forgot the check. A
        URL with an id in it is in logs, mails and histories.
    Fix: check in the handler of the content what that of the metadata checks, or hand out signed URLs that end soon.
    Probe: a file is uploaded, and read. Then it is read by clients that are refused its metadata: one without
        credentials, and `other`; without credentials also where the OpenAPI document requires some. Bytes at a URL
        with a query, which may be a signature, are left alone, and so are undocumented ones that are not below the
        metadata.
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
    place, about = got.exchange.url, store.removal_url(stored)
    declared = secured(survey, client, "GET", place)
    # Bytes elsewhere may be meant for whoever has their URL.
    below = place.startswith(f"{about.rstrip('/')}/") and client.get(about).is_success
    applies(
        not urlsplit(place).query and (declared or below),
        "the document requires a credential for the bytes of a file, or their URL is below that of its metadata",
    )
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
    control(judged, "somebody should be refused the metadata of a file")
    evidence("; ".join(judged))


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
