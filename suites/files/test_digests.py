"""FILE: integrity fields (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib

from harness import MUST, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import content_of, exchange_of
from harness.rules.rule import Effect

from .digests import FIELDS, wrong
from .reading import digested
from .uploading import uploads

WANTED = {"Want-Repr-Digest": "sha-256=10", "Want-Content-Digest": "sha-256=10"}
ABSENT = (
    "a response has Content-Digest or Repr-Digest, or the profile says that uploads are checked by digests"
)


@rule(
    "FILE-013",
    MUST,
    refs=["RFC 9530 section 2", "RFC 9530 section 3"],
    rougher=WRITE,
)
def test_digests_are_those_of_the_content(client, ledger, survey, profile):
    """Send only digests that are those of the content

    Why: a client that checks a digest which is wrong throws a good file away, again and again; one that learns to
        ignore digests no longer notices a bad one.
    Fix: compute Content-Digest over the content as it is sent, content coding included, and Repr-Digest over the whole
        representation, also in a 206; let no proxy behind that change the content.
    Probe: the digests of a whole representation are computed again, of a part of it, and of it in gzip. Where the
        profile says that uploads are checked, one with the right Content-Digest is accepted, and one with a wrong
        digest must be refused.
    """
    checks = profile.files is not None and profile.files.digests
    places = digested(client, survey, profile)
    applies(places or checks, ABSENT)
    compared = [judge(client, url) for url in places]
    if checks and client.target.limits.effects >= Effect.WRITE:
        compared.append(judge_upload(uploads(client, ledger, profile, survey)))
    if not sum(compared):
        inconclusive("no digest was seen whose algorithm is known")
    evidence(f"{sum(compared)} digests compared")


def judge(client, url):
    """Compare the digests of a representation, of a part of it, and of it in gzip; returns how many there were."""
    whole = client.get(url, headers=WANTED)
    control(whole.status_code == 200, f"a GET is answered 200: {exchange_of(whole).summary()}")
    count = compared(whole, content_of(whole), "")
    coded = client.get(url, headers={**WANTED, "Accept-Encoding": "gzip"})
    if coded.status_code == 200 and coded.headers.get("content-encoding"):
        count += compared(coded, content_of(coded), f" in {coded.headers['content-encoding']}")
    part = client.get(url, headers={**WANTED, "Range": "bytes=0-9"})
    if part.status_code == 206 and not part.headers.get("content-encoding"):
        again = client.get(url)
        if content_of(again) != content_of(whole):
            inconclusive(f"{url}: the representation changes by itself")
        count += compared(part, content_of(whole), " with Range: bytes=0-9")
    return count


def compared(reply, representation, how):
    """Compare the digests of a response with its content, and with the whole representation."""
    count = 0
    for field, content in zip(FIELDS, (content_of(reply), representation), strict=True):
        value = reply.headers.get(field)
        if value is None:
            continue
        why, number = wrong(value, content)
        count += number
        name = field.title()
        expect(
            why is None,
            f"a {name} of {'the content as sent' if field == FIELDS[0] else 'the whole representation'}",
            f"{exchange_of(reply).summary()}{how}, {name}: {value}: {why}",
        )
    return count


def judge_upload(store):
    """Upload with a right and with a wrong digest; returns how many were sent."""
    reply, stored = store.send(b"conformance: right\n", digest=digest_of)
    control(stored is not None, f"a right Content-Digest is accepted: {exchange_of(reply).summary()}")
    reply, stored = store.send(b"conformance: wrong\n", digest=lambda content: digest_of(content + b"."))
    shown = f"{exchange_of(reply).summary()} with a Content-Digest that is not that of the content"
    expect(400 <= reply.status_code < 500, "400, as the profile says that digests are checked", shown)
    return 2


def digest_of(content):
    """The value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
