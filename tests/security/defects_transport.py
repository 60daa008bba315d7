"""Defects of TLS and of what is served without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

from harness.reference.call import Call, Reply
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.security.secured import Refusing, context, declared, secured


class Twice(WirePolicy):
    """The application sends the policy, and so does the proxy in front of it."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        reply.fields.append("Strict-Transport-Security", "max-age=31536000")
        return reply


class PolicyInClear(Refusing):
    """The proxy adds its fields to every server it has."""

    fields = ((b"strict-transport-security", b"max-age=63072000"),)


def over_tls(rule: str, name: str, serve: Callable[[], AbstractContextManager[str]]) -> Defect:
    # Of a malformed request the server's own library says no more than 400, without Date; of a long one, too, where
    # the network cuts it so that the library sees its beginning alone.
    perhaps = frozenset({"WIRE-005", "WIRE-006"})
    return Defect(rule, name, serve, ("documents",), perhaps=perhaps, profile=declared)


DEFECTS: tuple[Defect, ...] = (
    over_tls("SEC-001", "Strict-Transport-Security is sent twice", lambda: secured({"wire": Twice})),
    over_tls("SEC-002", "the API is served without TLS, too", lambda: secured(plain=None)),
    over_tls("SEC-002", "HSTS is sent without TLS", lambda: secured(plain=PolicyInClear)),
    over_tls("SEC-003", "TLS 1.1 is accepted", lambda: secured(tls=context(old=True))),
    over_tls(
        "SEC-003",
        "the certificate ends in three days",
        lambda: secured(tls=context(until=dt.datetime.now(dt.UTC) + dt.timedelta(days=3))),
    ),
)
