"""A conformant demo API, made of small replaceable policies.

``build()`` gives an ASGI application that keeps the semantics of RFC 9110, RFC 9457, RFC 5789, RFC 7396,
RFC 6902 and RFC 8288. A *defect* is one overridden method of one policy:

    class Forgetful(Collection):
        def location(self, call, item):
            return None

    app = build(replace(Policies(), collection=Forgetful()), database="demo.db")
"""

from __future__ import annotations

from harness.reference.application import Api, build
from harness.reference.authenticator import ADMIN, ALICE, ALICES_KEY, BOB, READER
from harness.reference.policies import Policies

__all__ = ["ADMIN", "ALICE", "ALICES_KEY", "BOB", "READER", "Api", "Policies", "build"]
