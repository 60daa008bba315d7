"""Lawful APIs of unusual state: load balancers with cookies, connections that end after an error."""

from __future__ import annotations

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


VARIANTS: tuple[Variant, ...] = (
    variant("a load balancer with cookies", on=("documents",), profile=CLIENTS, wire=Balanced),
)
