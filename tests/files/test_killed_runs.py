"""What a killed run leaves in file stores is removed by its ledger: uploads by tus, objects, uploads in parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.__main__ import main
from harness.cleanup.recovery import recover
from harness.client.client import Client
from harness.ledger.journal import Journal, read
from harness.ledger.ledger import Ledger
from harness.profile.models import Files, Profile
from harness.reference import ALICE, Policies, build
from harness.reference.objects import KEY_ID, SECRET, Objects
from harness.reference.presigned import Presigned
from harness.reference.server import serve
from harness.reference.tus import Tus
from suites.files import presigned
from suites.files.s3_sessions import session
from suites.files.tus_judge import Place
from suites.files.tus_uploads import Server
from tests.clients import client_of

AUTHORIZATION = f"Bearer {ALICE}"
STORE = {"path": "/objects/{name}", "key_id": KEY_ID, "secret": SECRET}
HANDED = {"path": "/presigned", "body": {"name": "{name}"}}
KEYS = {"s3_secret": SECRET, "s3_key_id": KEY_ID, "s3_region": "us-east-1"}
PROFILE = f"""
[files.s3]
path = "/objects/{{name}}"
key_id = "{KEY_ID}"
secret = "{SECRET}"
"""


@contextmanager
def killed(folder: Path, **policies: Any) -> Iterator[tuple[Client, Ledger, Path]]:
    """A run that writes a ledger, and is then no more."""
    path = folder / "ledger-x.jsonl"
    with (
        serve(build(Policies(**policies), folder / "files.db")) as url,
        client_of(url, headers={"Authorization": AUTHORIZATION}) as client,
    ):
        client = replace(client, target=replace(client.target, private=KEYS))
        journal = Journal(path, "main.")
        journal.begin("x", url)
        yield client, Ledger(journal=journal), path


def store_of(client: Client, ledger: Ledger) -> presigned.Store:
    store = presigned.store_of(client, Profile(files=Files(s3=STORE)), client.target, ledger)
    assert store is not None
    return store


def test_an_upload_by_tus(tmp_path: Path) -> None:
    policy = Tus()
    with killed(tmp_path, tus=policy) as (client, ledger, path):
        server = Server(client, Place(client.target.url + "/uploads", "the test", True), ledger)
        server.prove(server.create(100))
        assert len(policy.uploads) == 1
        with client_of(client.target.url, headers={"Authorization": AUTHORIZATION}) as another:
            assert not recover(path, another).left
        assert not policy.uploads
    assert not path.exists()


def test_an_object_behind_a_presigned_url_that_the_api_handed_out(tmp_path: Path) -> None:
    policy = Presigned()
    with killed(tmp_path, presigned=policy) as (client, ledger, path):
        (source,) = presigned.sources(client, Profile(files=Files(presigned=HANDED)), client.target, ledger)
        with source.objects() as put:
            assert put(source.ask()).is_success
            assert policy.blobs
            with client_of(client.target.url, headers={"Authorization": AUTHORIZATION}) as another:
                assert not recover(path, another).left
            assert not policy.blobs
            assert not path.exists()


def test_objects_and_uploads_in_parts_need_the_profile(tmp_path: Path, monkeypatch, capsys) -> None:
    policy = Objects()
    with killed(tmp_path, objects=policy) as (client, ledger, path):
        store = store_of(client, ledger)
        with store.objects() as put, session(store) as parts:
            assert put(store.ask()).is_success
            assert parts.part(1, b"conformance").is_success
            assert (len(policy.objects), len(policy.sessions)) == (1, 1)
            assert SECRET not in path.read_text()
            monkeypatch.chdir(tmp_path)
            arguments = ["cleanup", str(path), "--header", f"Authorization: {AUTHORIZATION}"]
            assert main(arguments) == 1
            assert "give the profile with [files.s3]" in capsys.readouterr().out
            (tmp_path / "conformance.toml").write_text(PROFILE)
            assert main(arguments) == 0
            assert (len(policy.objects), len(policy.sessions)) == (0, 0)
            assert not path.exists()


def test_what_is_removed_is_struck_out(tmp_path: Path) -> None:
    with killed(tmp_path, objects=Objects()) as (client, ledger, path):
        store = store_of(client, ledger)
        with store.objects() as put, session(store) as parts:
            assert put(store.ask()).is_success
            assert parts.part(1, b"conformance").is_success
        assert not read(path).open
        assert client.recorder.budget.committed == client.recorder.budget.sent
    assert not ledger.leftovers


@pytest.mark.parametrize("line", ['{"make": "1", "fields": 3}', '{"make": "1", "unseen": "x"}'])
def test_a_line_without_its_keys_is_refused(tmp_path: Path, line: str) -> None:
    from harness.bad_input import BadInput

    path = tmp_path / "ledger-x.jsonl"
    Journal(path).begin("x", "http://127.0.0.1:9")
    path.write_text(path.read_text() + line + "\n{}\n")
    with pytest.raises(BadInput):
        read(path)
