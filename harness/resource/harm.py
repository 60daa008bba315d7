"""Damage that a probe does: a collection that was readable before it, and is answered with server errors after it."""

from __future__ import annotations

import httpx

from harness.client.claims import Touched
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest

PATIENCE = 1.0
"""Seconds for which a server error may pass."""


class Watch:
    """Watches whether the collection stays readable while probes are sent that may damage it.

    Args:
        resource: whose collection is read; it need not have a list.
    """

    def __init__(self, resource: ResourceUnderTest) -> None:
        self.resource = resource
        self._budget = resource.client.recorder.budget
        self.readable = resource.can("list") and resource.client.get(resource.url).is_success

    def known(self, kind: str) -> str:
        """What this kind of probe has damaged in this run, so that it is not sent again; empty for nothing."""
        return self._budget.harm_of(kind)

    def after(self, kind: str, sent: httpx.Response) -> str:
        """What a probe has damaged, in a sentence; empty for nothing.

        What the probe created is removed, and the damage is recorded for the first screen of the report.

        Args:
            kind: of the probe, in words.
            sent: the response to it.
        """
        if not self.readable:
            return ""
        last: list[httpx.Response] = []

        def fails() -> bool:
            last[:] = [self.resource.client.get(self.resource.url)]
            return last[0].status_code >= 500

        if not fails() or eventually(lambda: not fails(), PATIENCE):
            return ""
        broken = exchange_of(last[0])
        cleaned = self._removed(sent) and not fails()
        shown = f"{exchange_of(sent).summary()} with {kind}; since then {broken.summary()}"
        shown += (
            ", until the item was removed" if cleaned else ", and nothing that the run can send repairs it"
        )
        self._budget.harmed(kind, shown)
        self.readable = cleaned
        shown = f"This run has damaged {self.resource.name}: {shown}"
        self.resource.ledger.touch(Touched(shown, exchange_of(sent).id))
        return shown

    def _removed(self, sent: httpx.Response) -> bool:
        """Whether the item of the probe was found and removed."""
        id = self.resource.id_in(sent) if sent.is_success else None
        return id is not None and Item(self.resource, id, None, sent).delete().is_success
