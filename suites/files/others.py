"""Files of one client, and requests of another one for them."""

from __future__ import annotations

from harness import CRITICAL, MUST, evidence, expect
from harness.client.client import Client, exchange_of
from harness.client.eventually import eventually
from harness.http.fields import FRESH

from .stored import Stored
from .uploading import Uploads

EXPECTED = "403 or 404 for client B, and client A's file as it was"


def kept_from_others(
    store: Uploads, stored: Stored, url: str, content: bytes, private: bool | None
) -> list[str]:
    """Break the rule by a file of client A that client B reads or removes; what was judged, a line each.

    Reading is a breach where the profile says that files are private, or where each client has files of its own under
    one name.

    Args:
        url: of the content.
        private: what the profile says of it.
    """
    client = store.client
    name = client.target.another(client.credential)
    if name is None:
        return []
    b = client.under(name)
    seen = b.get(url)
    said = f"client B: {exchange_of(seen).summary()}"
    if not (seen.is_success and seen.content == content):
        return [_removed(store, b, stored, said)]
    said = f"{said} shows the file that client A uploaded"
    if client.under(None).get(url).is_success and not private:
        evidence(f"{said}, as everybody is shown it")
        return []
    separate = None if private else _separate(store, b, url, content)
    expect(not private and separate is None, EXPECTED, f"{said}{separate or ''}", level=MUST, impact=CRITICAL)
    evidence(f"{said}; nothing says that files are private (`private` in [files])")
    return []


def _removed(store: Uploads, b: Client, stored: Stored, said: str) -> str:
    """Break the rule by a file that client B removes, though it is refused its content; what was seen."""
    url = store.removal_url(stored)
    with b.recorder.ownership.granting("DELETE", url):
        reply = b.delete(url)
    after = store.get(stored.places[0])
    if reply.is_success:
        eventually(lambda: not store.get(stored.places[0]).is_of(stored), store.window)
        after = store.get(stored.places[0])
    expect(
        after.exchange.status not in (404, 410),
        EXPECTED,
        f"client B: {exchange_of(reply).summary()}, then client A: {after.exchange.summary()}; before, {said}",
        level=MUST,
        impact=CRITICAL,
    )
    return f"{said}; {exchange_of(reply).summary()}; client A still has the file"


def _separate(store: Uploads, b: Client, url: str, content: bytes) -> str | None:
    """What shows that each client has a file of its own under one name; None where they share it, or that is unknown.

    Client B uploads to the URL of client A's file, which belongs to the run.
    """
    if store.how.method != "PUT" or store.how.create is not None:
        return None
    own = b"of client B: " + content
    with b.recorder.ownership.granting("PUT", url), b.recorder.ownership.granting("DELETE", url):
        reply = b.put(url, content=own, headers={"Content-Type": store.how.kind, "If-None-Match": "*"})
        if not reply.is_success:
            return None
        try:
            mine, theirs = b.get(url, headers=FRESH), store.client.get(url, headers=FRESH)
            differs = mine.content == own and not eventually(
                lambda: store.client.get(url, headers=FRESH).content != content, store.window
            )
        finally:
            removed = b.delete(url)
    if not differs:
        return None
    left = "" if removed.is_success else f"; {exchange_of(removed).summary()}: that one could not be removed"
    return (
        f"; {exchange_of(reply).summary()} gives client B a file of its own under that name, and client A still has "
        f"its own: {exchange_of(theirs).summary()}{left}"
    )
