"""AUTH: what is looked for in all exchanges: hashes of passwords in representations. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record

CRYPT = re.compile(r"\$(?:2[aby]|argon2(?:id?|d)|scrypt|pbkdf2[\w-]*|[156y])\$[\w./+=,$-]{20,}")
"""Hashes in the format of crypt(3), which nothing but a password is stored in."""


def hashes(found: Record) -> Iterable[Fault]:
    """Hashes of passwords that a GET shows, unless a client has sent them."""
    sent = "\n".join(one.request_body.text for one in found.exchanges if "$" in one.request_body.text)
    for one in found.exchanges:
        if one.method != "GET" or one.status != 200:
            continue
        shown = CRYPT.search(one.response_body.text)
        if shown is not None and shown.group() not in sent:
            yield Fault(one.summary(), f"the hash of a password: {shown.group()[:12]}...")


JUDGES = (Judge("AUTH-015", "no hash of a secret in the response", hashes),)
