"""Rules on uploads without a run around them, on real sockets: defective servers, and what a run may not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.client.client import Client
from harness.ledger.ledger import Ledger
from harness.profile.models import Files as Declared
from harness.profile.models import Profile
from harness.reference import ALICE, Policies, build
from harness.reference.call import Call, Reply
from harness.reference.objects import KEY_ID, SECRET, Objects
from harness.reference.server import serve
from harness.reference.tus import Tus, Upload
from harness.rules.checks import Broken, NotApplicable, Undecided, listening
from harness.rules.rule import Effect
from harness.rules.verdict import Breach, Impact, Level
from harness.run.prepare import prepare
from harness.survey.outcome import Survey
from suites.files import test_presigned as presigned
from suites.files import test_resuming as resuming
from suites.files import test_tus as tus
from suites.files.tus_judge import Place
from suites.files.tus_uploads import Server
from tests.clients import client_of

CORE, RESUMED = tus.test_tus_core_requests, resuming.test_interrupted_uploads_are_resumed
BOUNDED, PRESIGNED = tus.test_appends_are_bounded_and_checked, presigned.test_presigned_urls_are_limited
RULES = (CORE, RESUMED, BOUNDED)
TUS = {"tus": "/uploads"}
KEYS = {"s3_secret": SECRET, "s3_key_id": KEY_ID, "s3_region": "us-east-1"}
S3 = {"s3": {"path": "/objects/{name}", "key_id": KEY_ID, "secret": SECRET}}


class Cacheable(Tus):
    """The response to HEAD says nothing of caches."""

    def status(self, call: Call) -> Reply:
        reply = super().status(call)
        del reply.fields["Cache-Control"]
        return reply


class OldOffset(Tus):
    """The offset in the response to PATCH is that of before the chunk."""

    def append(self, call: Call) -> Reply:
        reply = super().append(call)
        reply.fields["Upload-Offset"] = call.headers["upload-offset"]
        return reply


class AnySize(Tus):
    """The announced largest size is not enforced."""

    def check_size(self, length: int) -> None:
        pass


class GoneWhenComplete(Tus):
    """A complete upload has another URL."""

    def status(self, call: Call) -> Reply:
        found = self.uploads.get(call.parameters["id"])
        if found is not None and found.offset == found.length:
            del self.uploads[found.id]
        return super().status(call)


class CountsAnnounced(Tus):
    """Room for the whole chunk is made before it arrives, and the offset is the size of the file."""

    def write(self, upload: Upload, call: Call) -> None:
        upload.content += call.body.ljust(int(call.headers["content-length"]), b"\0")


class AnyChecksum(Tus):
    """The checksum is announced, and never calculated."""

    def check_checksum(self, call: Call) -> None:
        pass


class AnySignature(Objects):
    """The signature is looked for, and not compared."""

    def check(self, call: Call) -> None:
        if "X-Amz-Signature" not in call.query:
            self.refuse("AccessDenied")


class OneForAll(Tus):
    """Whoever asks for an upload gets the same one, which a user has begun."""

    def create(self, call: Call) -> Reply:
        found = self.uploads.setdefault(
            "ours", Upload("ours", "alice", 50_000, "", 2**62, bytearray(b"a user's"))
        )
        return Reply(201, b"", {"Location": f"{self.path}/{found.id}"})


class AsAsked(OneForAll):
    """The same, and it takes on the length of the latest request, and is empty."""

    def create(self, call: Call) -> Reply:
        reply = super().create(call)
        self.uploads["ours"].length = self.number(call, "upload-length")
        self.uploads["ours"].content.clear()
        return reply


@contextmanager
def served(folder: Path, **policies: Any) -> Iterator[Client]:
    with (
        serve(build(Policies(**policies), folder / "files.db")) as url,
        client_of(url, headers={"Authorization": f"Bearer {ALICE}"}, effects=Effect.WRITE) as client,
    ):
        client = replace(client, target=replace(client.target, private=KEYS))
        yield client


def breaches(client: Client, rule: Callable[..., None], ledger: Ledger, **declared: Any) -> list[Breach]:
    """What a rule finds."""
    profile = Profile(files=Declared(**declared) if declared else None)
    given = {"client": client, "survey": Survey(profile), "profile": profile, "target": client.target}
    more: dict[str, Any] = {"ledger": ledger, **({"make_resource": None} if rule is PRESIGNED else {})}
    with listening() as remarks:
        try:
            rule(**given, **more)
        except Broken as problem:
            remarks.breaches.append(problem.breach)
    return remarks.breaches


@pytest.mark.parametrize(
    ("policies", "rule", "declared", "level", "impact"),
    [
        ({"tus": Cacheable()}, CORE, TUS, None, None),
        ({"tus": OldOffset()}, CORE, TUS, None, None),
        ({"tus": AnySize()}, CORE, TUS, None, None),
        ({"tus": GoneWhenComplete()}, CORE, TUS, Level.SHOULD, None),
        ({"tus": CountsAnnounced()}, RESUMED, TUS, None, None),
        ({"tus": AnyChecksum()}, BOUNDED, TUS, None, None),
        ({"objects": AnySignature()}, PRESIGNED, S3, None, Impact.CRITICAL),
    ],
)
def test_defects(
    tmp_path: Path,
    policies: dict[str, Any],
    rule: Callable[..., None],
    declared: dict[str, Any],
    level: Level | None,
    impact: Impact | None,
) -> None:
    with served(tmp_path, **policies) as client:
        found = breaches(client, rule, Ledger(), **declared)
    assert [(one.level, one.impact) for one in found] == [(level, impact)]


def test_uploads_and_objects_are_removed(tmp_path: Path) -> None:
    store, objects, ledger = Tus(), Objects(), Ledger()
    with served(tmp_path, tus=store, objects=objects) as client:
        for rule in (*RULES, PRESIGNED):
            assert not breaches(client, rule, ledger, **TUS, **S3)
    assert not store.uploads
    assert not objects.objects
    assert not objects.sessions
    assert not ledger.entries
    assert not ledger.leftovers


def test_an_upload_that_a_rule_leaves_is_removed_by_the_ledger(tmp_path: Path) -> None:
    store, ledger = Tus(), Ledger()
    with served(tmp_path, tus=store) as client:
        server = Server(client, Place(client.target.url + "/uploads", "the test", True), ledger)
        server.prove(server.create(100))
        assert len(store.uploads) == 1
        ledger.clear(last=True)
    assert not store.uploads
    assert not ledger.leftovers


def test_what_cannot_be_removed_is_listed(tmp_path: Path) -> None:
    ledger = Ledger()
    with served(tmp_path, tus=GoneWhenComplete()) as client:
        breaches(client, CORE, ledger, **TUS)
    assert len(ledger.leftovers) == 1


@pytest.mark.parametrize("store", [OneForAll(), AsAsked()])
@pytest.mark.parametrize("rule", RULES)
def test_an_upload_of_somebody_else_is_not_written_to(
    tmp_path: Path, store: Tus, rule: Callable[..., None]
) -> None:
    with served(tmp_path, tus=store) as client:
        try:
            breaches(client, rule, Ledger(), **TUS)
        except Undecided:
            pass
        assert {one.method for one in client.recorder.exchanges} <= {"OPTIONS", "POST", "HEAD", "GET"}
    assert "ours" in store.uploads


def test_nothing_is_sent_without_a_sign(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        for rule in (*RULES, PRESIGNED):
            with pytest.raises(NotApplicable):
                breaches(client, rule, Ledger())
        assert not client.recorder.exchanges


def test_a_read_only_run_sends_nothing_unsafe(tmp_path: Path) -> None:
    with (
        serve(build(Policies(), tmp_path / "files.db")) as url,
        client_of(url, headers={"Authorization": f"Bearer {ALICE}"}, effects=Effect.READ) as client,
    ):
        for rule in RULES:
            with pytest.raises(Undecided):
                breaches(client, rule, Ledger(), **TUS)
        assert {one.method for one in client.recorder.exchanges} <= {"OPTIONS"}


def prepared(folder: Path, profile: str) -> Any:
    (folder / "conformance.toml").write_text(profile)
    return prepare("http://127.0.0.1:9", directory=folder, environ={"S3": "a secret of a store"})


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ('[files.s3]\npath = "/b"\nkey_id = "k"\nsecret = "s"\n', "write '/bucket/{name}'"),
        ('[files.s3]\npath = "/b/{name}"\nkey_id = "k"\n', "files.s3.secret"),
        ('[files]\ntus = "uploads"\n', "files.tus"),
        ('[files.presigned]\npath = "/p"\nmethod = "PATCH"\n', "files.presigned.method"),
    ],
)
def test_mistakes_give_one_line(tmp_path: Path, profile: str, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        prepared(tmp_path, profile)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_secret_of_a_store_is_in_no_report(tmp_path: Path) -> None:
    text = '[files.s3]\npath = "/b/{name}"\nkey_id = "k"\nsecret = "${S3}"\n'
    target, profile = prepared(tmp_path, text)
    assert "a secret of a store" not in repr(profile) + profile.model_dump_json() + repr(target)
    assert target.private["s3_secret"] == "a secret of a store"


def test_signatures_of_urls_are_in_no_report(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        breaches(client, PRESIGNED, Ledger(), **S3)
        shown = [f"{one.url} {one.summary()}" for one in client.recorder.exchanges]
    assert any("X-Amz-Signature=[redacted]" in one for one in shown)
    assert not any("X-Amz-Signature=" in one.replace("X-Amz-Signature=[redacted]", "") for one in shown)
