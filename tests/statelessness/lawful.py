"""Lawful APIs of unusual state: load balancers and CDNs with cookies, connections that end after an error."""

from __future__ import annotations

import secrets

from harness.reference.call import Call, Reply
from harness.reference.wire import WirePolicy
from tests.matrix.declared import CLIENTS
from tests.matrix.variant import Variant, variant


class Balanced(WirePolicy):
    """A load balancer sets its cookies, and ends connections after errors."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        finished.fields["Set-Cookie"] = "AWSALB=7c1d0f3e9a; Path=/; Secure; HttpOnly; SameSite=None"
        if finished.status >= 400:
            finished.fields["Connection"] = "close"
        return finished


class BehindCdn(WirePolicy):
    """A CDN adds a cookie of its own to each response, another one each time."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        value = secrets.token_hex(16)
        finished.fields["Set-Cookie"] = (
            f"__cf_bm={value}; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=None"
        )
        return finished


VARIANTS: tuple[Variant, ...] = (
    variant("a load balancer with cookies", on=("documents",), profile=CLIENTS, wire=Balanced),
    variant("a CDN with cookies", on=("documents",), profile=CLIENTS, wire=BehindCdn),
)
