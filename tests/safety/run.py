"""A run as its parts make it up, in this process: survey, rules' requests, clean-up, and what follows a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from harness.bad_input import BadInput
from harness.cleanup.recovery import recover
from harness.client.eventually import eventually
from harness.ledger.journal import Journal
from harness.ledger.ledger import Ledger
from harness.payloads import changed
from harness.profile.models import Capability, Idempotency, Locking, Profile, Resource, State
from harness.race import Request, race
from harness.resource.item import Item
from harness.resource.raced_creates import race_creates, race_puts
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Broken, NotApplicable, Undecided
from harness.survey.ask.probe import survey
from harness.survey.ask.triggers import provoke
from harness.survey.outcome import Survey
from suites.conditional.probes import stale_writes
from suites.errors.probes import absent_requests
from suites.idempotency.probes import Keyed, new_key
from tests.clients import client_of
from tests.safety.model_server import BASE, Model

ENDS = (Undecided, NotApplicable, Broken)
"""How a rule may end."""
RACERS = 3
_HAS = ("create", "list", "read", "replace", "update", "delete", "tag", "etag", "conditional", "idempotency")


def declared(collection: str, **more: Any) -> Resource:
    """A collection as a profile describes it, with a body that meets an item of somebody else by its reference."""
    return Resource(
        **{
            "collection": f"/{collection}",
            "items": "",
            "body": {"note": "a note of ours", "customer_ref": "REF-0001", "kind": "small", "size": 3},
            "change": "/note",
            "patch": ["application/merge-patch+json"],
            "put_creates": True,
            "new_id": "word",
            "idempotency": Idempotency(),
            "capabilities": {name: Capability(state=State.DETECTED, because="seen") for name in _HAS},
            **more,
        }
    )


NESTED = Profile.model_validate(
    {
        "consistency_window": 0,
        "resources": [
            {"collection": "/customers/{customer}/notes", "parent": "customers", "body": {"note": "a note"}},
            {"collection": "/customers"},
        ],
    }
)
"""Notes below a customer that the run makes."""


class Run:
    """What one process of a run does to the model server.

    Args:
        model: the server.
        url: its URL.
        folder: for the ledger on disk.
    """

    def __init__(self, model: Model, url: str, folder: Path) -> None:
        self.model, self.folder = model, folder
        self._open = ExitStack()
        self.client = self._open.enter_context(client_of(url + BASE, timeout=5.0, requests=5000))
        self.path = folder / "ledger-x.jsonl"
        self.journal = Journal(self.path, "main.", self.client.recorder.redactor.text)
        self.journal.begin("x", self.client.target.url)
        self.ledger, self.parents = Ledger(journal=self.journal), Ledger(journal=self.journal)
        self.found: Survey | None = None
        self.resource = ResourceUnderTest(declared("orders"), self.client, self.ledger)
        self.items: list[Item] = []

    # -- steps -----------------------------------------------------------------------------------------

    def survey(self, profile: Profile | None = None) -> None:
        """Learn what the server is, and go on with what was found."""
        written = profile or Profile(consistency_window=0)
        with bearing(BadInput):
            given = None if self.model.documented else False
            self.found = survey(self.client, written, given, self.parents)
        if self.found is not None and self.found.profile.resources:
            known = self.found.profile.resources[0]
            self.resource = ResourceUnderTest(known, self.client, self.ledger, written.volatile)
            self.resource.sample_id = self.found.sample_ids.get(known.name)

    def declare(self, *, locks: bool = False) -> None:
        self.resource = ResourceUnderTest(
            declared("orders", locking=Locking(if_match=locks)), self.client, self.ledger
        )

    def create(self) -> None:
        with bearing():
            self.items.append(self.resource.create())

    def post(self) -> None:
        with bearing():
            self.resource.post()

    def post_again(self) -> None:
        """The same body twice."""
        with bearing():
            body = self.resource.body()
            self.resource.post(body)
            self.resource.post(body)

    def put_new(self, id: str) -> None:
        with bearing():
            self.resource.put_new(id, self.resource.body())

    def put(self, which: int) -> None:
        with bearing():
            item = self._item(which)
            item.put(item.put_body(change=True))

    def patch(self, which: int) -> None:
        with bearing():
            item = self._item(which)
            made = changed(self.resource.known, item.sent)
            headers = {**item.write_fields(), "Content-Type": "application/merge-patch+json"}
            item.client.patch(item.url, json=made[0] if made else {}, headers=headers)

    def delete(self, which: int) -> None:
        with bearing():
            self._item(which).delete()

    def act_below(self, which: int) -> None:
        """A POST to the item, and to what lies below it, as transitions and rules about 405 send."""
        with bearing():
            item = self._item(which)
            item.client.post(item.url, json={"note": "x"})
        with bearing():
            item = self._item(which)
            item.client.post(f"{item.url}/pay", json={})

    def keyed(self) -> None:
        """A keyed create, its replay, another body under the key, and what came of all that."""
        with bearing():
            keyed, key, body = Keyed(self.resource), new_key(), self.resource.body()
            replies = [keyed.first(key, body), keyed.post(key, body)]
            keyed.not_ours(replies[1], body)
            for id in keyed.items(body, replies):
                self.items.append(Item(self.resource, id, body, replies[0]))
            keyed.post(key, self.resource.body())

    def lose_answer(self) -> None:
        with bearing():
            keyed, key, body = Keyed(self.resource), new_key(), self.resource.body()
            self.resource.reserve(bodies=[keyed.body(body, key)])
            sent = self.model.posts
            keyed.lose_answer(key, body)
            # The suites wait for as long as an impatient client does.
            eventually(lambda: self.model.posts > sent, 5.0)
            again = keyed.post(key, body)
            keyed.found_again(body, [again])

    def race_creates(self) -> None:
        def act() -> None:
            fields = self.resource.fields_for_create()
            requests = [
                Request("POST", self.resource.url, fields, json=self.resource.body()) for _ in range(RACERS)
            ]
            for reply in race_creates(self.resource, requests).replies:
                id = self.resource.id_in(reply) if reply.is_success else None
                if id is not None:
                    self.items.append(Item(self.resource, id, {}, reply))

        self._raced(act)

    def race_puts(self, id: str) -> None:
        def act() -> None:
            request = Request(
                "PUT",
                self.resource.item_url(id),
                {"Content-Type": "application/json"},
                json=self.resource.body(),
            )
            race_puts(self.resource, id, request.times(RACERS))

        self._raced(act)

    def race_on(self, which: int, method: str) -> None:
        """Concurrent writes to one item."""

        def act() -> None:
            fields = {"Content-Type": "application/json"}
            body = None if method == "DELETE" else {"note": "a raced note"}
            race(self.client, Request(method, self._item(which).url, fields, json=body).times(RACERS))

        self._raced(act)

    def absent(self) -> None:
        """PUT, PATCH and DELETE of an item that does not exist."""
        with bearing():
            if self.resource.sample_id is None and self.items:
                self.resource.sample_id = self.items[-1].id
            for _ in absent_requests(self.resource):
                pass

    def stale(self) -> None:
        with bearing():
            stale_writes(self.resource, 0.0)

    def provoke(self) -> None:
        with bearing():
            found = self.found or Survey(Profile())
            provoke(self.resource, self.items[-1] if self.items else None, found, first_resource=True)

    # -- ends ------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """The end of a rule, or of a worker: what it created is removed."""
        with bearing():
            self.ledger.clear()
        self.items.clear()

    def end(self) -> None:
        """The end of the run."""
        with bearing():
            self.ledger.clear()
            self.parents.clear()
        self.kill()
        self.recover(every=False)

    def kill(self) -> None:
        """End at once: what is left is what stands on disk."""
        self.journal.close()
        self._open.close()
        self.items.clear()

    def recover(self, *, every: bool = True) -> None:
        """`python -m harness cleanup`, or, without `every`, what ends a run."""
        if not self.path.exists():
            return
        with client_of(self.client.target.url, timeout=5.0) as client, bearing():
            recover(self.path, client, every=every)

    def _raced(self, act: Callable[[], None]) -> None:
        self.model.racing = True
        try:
            with bearing():
                act()
        finally:
            self.model.race_is_over()

    def _item(self, which: int) -> Item:
        if not self.items:
            raise Undecided("there is no item to write to")
        return self.items[which % len(self.items)]


@contextmanager
def bearing(*others: type[Exception]) -> Iterator[None]:
    """A rule's end is none of the test's business: only what has reached the server is."""
    try:
        yield
    except (*ENDS, *others):
        pass
