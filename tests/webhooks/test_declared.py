"""The table [webhooks]: mistakes in one line, secrets kept out of reports, a port that is taken."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from harness.bad_input import BadInput
from harness.run.prepare import prepare
from tests import servers
from tests.servers import Crud
from tests.sessions import here

pytest_plugins = ["pytester"]
SUBSCRIBE = '[webhooks]\nsubscribe = "/webhooks"\nbody = { url = "{url}" }\n'
EVENTS = '[webhooks.events]\n"order.created" = "orders"\n'


def prepared(folder: Path, profile: str):
    (folder / "conformance.toml").write_text(profile)
    return prepare("http://127.0.0.1:9", directory=folder, environ={"HOOK": "a secret of hooks"})


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (SUBSCRIBE, "webhooks.events"),
        (SUBSCRIBE + "[webhooks.events]\n", "webhooks.events"),
        ('[webhooks]\nsubscribe = "/webhooks"\n' + EVENTS, "must hold the receiver's URL"),
        ("[webhooks]\n" + EVENTS, "give `listen` the port"),
        (SUBSCRIBE + 'receiver = "https://hooks.example.com"\n' + EVENTS, "needs a fixed port"),
        (SUBSCRIBE + 'receiver = "hooks.example.com"\n' + EVENTS, "not an http or https URL"),
        (SUBSCRIBE + 'listen = "8099"\n' + EVENTS, "not HOST:PORT"),
        (SUBSCRIBE + 'signature = "strip"\n' + EVENTS, "webhooks.signature"),
        (SUBSCRIBE + 'signature = { field = "X-S", signed = "{time}" }\n' + EVENTS, "{time} is not known"),
        (
            SUBSCRIBE + 'signature = { field = "X-S", signed = "{timestamp}" }\n' + EVENTS,
            "put {body} into it",
        ),
        (
            SUBSCRIBE + '[webhooks.events]\n"order.created" = "/orders"\n',
            "does not say what causes the event",
        ),
        (SUBSCRIBE + 'listen = "192.0.2.1:0"\n' + EVENTS, "cannot listen at 192.0.2.1:0"),
        (SUBSCRIBE + 'authority = "ca.pem"\n' + EVENTS, "webhooks.authority: ca.pem cannot be read"),
        (SUBSCRIBE + 'authority = "conformance.toml"\n' + EVENTS, "holds no certificate with its key"),
    ],
)
def test_mistakes_give_one_line(tmp_path: Path, profile: str, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        prepared(tmp_path, profile)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_port_that_is_taken_ends_the_run_before_it_begins(pytester, monkeypatch) -> None:
    monkeypatch.delenv("CONFORMANCE_TARGET_URL", raising=False)
    with servers.http(Crud()) as api, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = SUBSCRIBE + f'listen = "127.0.0.1:{port}"\n' + EVENTS
        done = here(pytester, "--target-url", api.url, files={"conformance.toml": text})
    assert done.code == 4
    assert f"conformance.toml: webhooks.listen: cannot listen at 127.0.0.1:{port}" in done.error
    assert "name another port" in done.error


def test_a_secret_is_kept_out_of_the_profile(tmp_path: Path) -> None:
    target, profile = prepared(tmp_path, SUBSCRIBE + 'shared_secret = "${HOOK}"\n' + EVENTS)
    assert "a secret of hooks" not in repr(profile) + profile.model_dump_json() + repr(target)
    assert target.private["webhooks_secret"] == "a secret of hooks"
    assert "a secret of hooks" in target.secrets.values()
