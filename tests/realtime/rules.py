"""One rule of the suite, put to a server in this process: what it finds, without a run of pytest around it."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile, Resource
from harness.reference import ALICE, BOB, Policies, build
from harness.reference.server import serve
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Broken, NotApplicable, Undecided, listening
from harness.rules.figures import Figure
from harness.rules.rule import Effect
from harness.survey.outcome import Survey
from harness.target.credentials.resolved import Credential
from harness.target.target import DEFAULT, Limits, Target
from suites.realtime import test_access, test_consistency, test_polling, test_streams, test_websockets

RULES: dict[str, Callable[..., None]] = {
    "RT-001": test_streams.test_streams_are_well_formed,
    "RT-002": test_streams.test_streams_resume,
    "RT-003": test_streams.test_streams_are_prompt_and_alive,
    "RT-004": test_access.test_streams_are_authorised_like_any_resource,
    "RT-005": test_consistency.test_events_and_state_agree,
    "RT-006": test_polling.test_long_polls_are_held_and_lose_nothing,
    "RT-007": test_websockets.test_handshakes_are_completed_or_refused,
    "RT-008": test_websockets.test_the_protocol_is_kept_after_the_handshake,
}
DOCUMENTS = Resource.model_validate(
    {
        "collection": "/documents",
        "name": "documents",
        "item": "/documents/{id}",
        "id": "/id",
        "body": {"title": "Minutes"},
        "change": "/title",
        "locking": {"version": "/version"},
        "capabilities": dict.fromkeys(("create", "read", "replace", "list"), True),
    }
)


@dataclass(frozen=True)
class Outcome:
    """What a rule found.

    Attributes:
        ending: `pass`, `breach`, `inconclusive` or `not applicable`.
        text: why; of a breach, what was observed.
        evidence, notes, figures: what it recorded.
    """

    ending: str
    text: str = ""
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass
class Api:
    """A server to put rules to."""

    client: Client
    profile: Profile

    def put(self, code: str) -> Outcome:
        """Put a rule to it."""
        ledger = Ledger()

        def make_resource(name: str) -> ResourceUnderTest:
            return ResourceUnderTest({"documents": DOCUMENTS}[name], self.client, ledger)

        with listening() as remarks:
            ending, text = "pass", ""
            try:
                RULES[code](self.client, self.profile, Survey(self.profile), make_resource)
            except Broken as broken:
                ending, text = "breach", broken.breach.observed
            except NotApplicable as absent:
                ending, text = "not applicable", str(absent)
            except Undecided as undecided:
                ending, text = "inconclusive", str(undecided)
        if remarks.breaches and ending in ("pass", "inconclusive"):
            ending, text = "breach", remarks.breaches[0].observed
        return Outcome(ending, text, tuple(remarks.evidence), tuple(remarks.notes), tuple(remarks.figures))


@contextmanager
def api(
    url: str,
    profile: str,
    *,
    effects: Effect = Effect.WRITE,
    timeout: float = 10.0,
    seconds: float | None = None,
) -> Iterator[Api]:
    """A client of a server, and what its owner declares.

    Args:
        profile: as in `conformance.toml`.
        seconds: `--max-time`.
    """
    people = {DEFAULT: ALICE, "other": BOB}
    credentials = {name: Credential({"Authorization": f"Bearer {token}"}) for name, token in people.items()}
    target = Target(url, credentials, {}, Limits(effects=effects, timeout=timeout, max_requests=2000))
    declared = Profile.model_validate(tomllib.loads(profile))
    if declared.cookie is not None:
        target = replace(target, private={"cookie_login_body": json.dumps(declared.cookie.login_body)})
    client = Client.open(target, Recorder(target, Budget(2000, seconds=seconds)))
    try:
        yield Api(client, declared)
    finally:
        client.close()


@contextmanager
def reference(profile: str, *, ws: Any = "wsproto", **policies: Callable[[], Any]) -> Iterator[Api]:
    """The reference API with some policies exchanged.

    Args:
        ws: uvicorn's implementation of WebSocket.
    """
    changed = replace(Policies(), **{name: policy() for name, policy in policies.items()})
    with (
        tempfile.TemporaryDirectory(prefix="realtime-", ignore_cleanup_errors=True) as folder,
        serve(build(changed, Path(folder) / "demo.db"), ws=ws) as url,
        api(url, profile) as made,
    ):
        yield made
