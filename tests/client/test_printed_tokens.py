"""Tokens that a program prints: it is run again when one has expired, and only then."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.rules.checks import Undecided
from harness.target.credentials.expiry import expiry
from harness.target.credentials.resolved import Credential, Program
from harness.target.target import Target
from tests import servers
from tests.clients import sending_anything
from tests.servers import Answer, Seen

pytestmark = pytest.mark.topic(name="client")
COUNTING = 'echo x >> runs; printf "printed-token-"; wc -l < runs'


def jwt(until: float) -> str:
    header, claims = (
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
        for one in ({"alg": "HS256"}, {"exp": until})
    )
    return f"{header}.{claims}.c2lnbmF0dXJl"


def client_of(url: str, folder: Path, line: str, first: str) -> Client:
    program = Program(["sh", "-c", line], where=("conformance.toml", "the.key"), directory=str(folder))
    target = Target(url, {"default": Credential(program.carried(first), program=program)}, {})
    return Client.open(target, sending_anything(Recorder(target, Budget(100))))


class Api:
    """401 for all tokens but one."""

    def __init__(self, good: str) -> None:
        self.good = good

    def __call__(self, seen: Seen) -> Answer:
        return Answer(200 if seen.field("authorization") == f"Bearer {self.good}" else 401, b"{}", [])


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text().split()) if (folder / "runs").exists() else 0


def test_a_token_that_is_refused_after_it_was_taken_is_printed_again(tmp_path: Path) -> None:
    api = Api("first-token-1")
    with servers.http(api) as target:
        client = client_of(target.url, tmp_path, COUNTING, "first-token-1")
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"Authorization": "Bearer nonsense"}).status_code == 401
        assert runs(tmp_path) == 0
        api.good = "printed-token-1"
        assert client.get("/").status_code == 200
        assert runs(tmp_path) == 1
        # One that the target never took is not printed again.
        client = client_of(target.url, tmp_path, COUNTING, "never-taken-1")
        assert client.get("/").status_code == 401
    assert runs(tmp_path) == 1


def test_a_program_that_prints_the_same_token_is_not_asked_again(tmp_path: Path) -> None:
    api = Api("first-token-1")
    with servers.http(api) as target:
        client = client_of(target.url, tmp_path, "echo x >> runs; echo first-token-1", "first-token-1")
        assert client.get("/").status_code == 200
        api.good = "another"
        assert [client.get("/").status_code for _ in range(3)] == [401, 401, 401]
        assert len(target.seen) == 4
    assert runs(tmp_path) == 1


def test_a_jwt_is_printed_again_before_it_expires(tmp_path: Path) -> None:
    later = jwt(time.time() + 600)
    with servers.http(Api(later)) as target:
        client = client_of(target.url, tmp_path, f"echo x >> runs; echo {later}", jwt(time.time() - 5))
        assert [client.get("/").status_code for _ in range(2)] == [200, 200]
        assert client.recorder.wallet.carried("default").fields == {"Authorization": f"Bearer {later}"}
        assert later not in repr(client.recorder.exchanges)
    assert runs(tmp_path) == 1


def test_a_program_that_fails_then_leaves_the_rule_undecided_and_names_the_key(tmp_path: Path) -> None:
    with servers.http(Api("x")) as target:
        client = client_of(target.url, tmp_path, "exit 3", jwt(time.time() - 5))
        with pytest.raises(
            Undecided, match=r"^credentials\.default: its token has expired; .*the\.key: .*code 3"
        ):
            client.get("/")
    assert target.seen == []


def test_programs_do_not_make_credentials_differ() -> None:
    fields = {"Authorization": "Bearer x"}
    assert Credential(fields, program=Program(["a"])) == Credential(fields, program=Program(["b"]))
    assert "secret" not in repr(Program(["printer", "secret"]))
    assert expiry(Credential(fields)) is None
