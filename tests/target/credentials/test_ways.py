"""Every kind of credential, sent in each of the three ways, recorded without its value, and sent again by the shell."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest
import trustme

from harness.client.budget import Budget
from harness.client.client import Client, exchange_of
from harness.client.raw import connection
from harness.client.recorder import Recorder
from harness.http.exchange import Exchange
from harness.race.race import race
from harness.race.requests import Request
from harness.rules.checks import Undecided
from harness.run.prepare import prepare
from tests import servers
from tests.clients import sending_anything
from tests.servers import Answer, Seen, Server

SECRET = "s3cret+/=&'\"$x"
COOKIE = "s3cret-cookie+/=:$x"
PLAIN = "s3cret-and-plain"


@contextmanager
def opened(url: str, folder: Path, profile: str, environ: dict[str, str]) -> Iterator[Client]:
    (folder / "conformance.toml").write_text(profile, encoding="utf-8")
    target, _ = prepare(url, directory=folder, environ={"PATH": os.environ["PATH"], **environ})
    client = Client.open(target, sending_anything(Recorder(target, Budget(1000))))
    try:
        yield client
    finally:
        client.close()


def sent_by(client: Client, path: str) -> list[Exchange]:
    """A request in each of the three ways: over httpx, on a raw connection, in a race."""
    exchanges = [exchange_of(client.get(path)), exchange_of(client.post(path, json={"a": 1}))]
    with connection(client) as wire:
        exchanges.append(wire.ask("GET", client.url(path), odd=True)[0])
    raced = race(client, [Request("GET", path), Request("PUT", path, json={})])
    assert raced.overlap == 2
    return exchanges + [member.exchange for member in raced.members if member.exchange is not None]


def by_shell(line: str, folder: Path, environ: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        capture_output=True,
        env={"PATH": os.environ["PATH"], **environ},
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def essence(seen: Seen) -> tuple[object, ...]:
    # curl writes the digits of %2B in lower case.
    return (
        seen.method,
        unquote(seen.path),
        seen.field("authorization"),
        seen.field("cookie"),
        seen.field("x-key"),
    )


WAYS = {
    "header": ('headers = { X-Key = "key ${API_KEY}" }', {"API_KEY": PLAIN}),
    "a variable in lower case": ('bearer = "${token}"', {"token": PLAIN}),
    "bearer": ('bearer = "${TOKEN}"', {"TOKEN": PLAIN}),
    "basic": ('basic = { user = "ann b", password = "${PW}" }', {"PW": SECRET}),
    "query": ('query = { "api key" = "${KEY}" }', {"KEY": SECRET}),
    "cookies": ('cookies = { sid = "${SID}", lang = "xyzzy" }', {"SID": COOKIE, "DEFAULT_LANG": "xyzzy"}),
    "command": (
        f'command = {{ run = ["{sys.executable}", "-c", "print(\'{PLAIN}\')"] }}',
        {"DEFAULT_TOKEN": PLAIN},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_carries_it_and_the_shell_can_repeat_it(way: str, tmp_path: Path) -> None:
    table, environ = WAYS[way]
    closing: list[tuple[str, str]] = []
    with (
        servers.http(lambda seen: Answer(200, b"{}", closing)) as server,
        opened(server.url, tmp_path, f"[credentials.default]\n{table}\n", environ) as client,
    ):
        exchanges = sent_by(client, "/x?q=%41&r")
        seen = [one for one in server.seen if one.path.startswith("/x")]
        assert len(seen) == 5
        carried = {essence(one)[2:] for one in seen}, {one.path for one in seen}
        assert (len(carried[0]), len(carried[1])) == (1, 1)
        assert seen[0].path.startswith("/x?q=%41&r")
        for secret in (*environ.values(), base64.b64encode(f"ann b:{SECRET}".encode()).decode()):
            assert secret not in repr(exchanges)
            assert json.dumps(secret)[1:-1] not in repr(exchanges)
        # So that the shell need not wait for the end of a raw connection.
        closing.append(("Connection", "close"))
        for exchange in exchanges:
            assert exchange.url == f"{server.url}/x?q=%41&r"
            before = len(server.seen)
            by_shell(exchange.as_curl(), tmp_path, environ)
            (again,) = server.seen[before:]
            same = next(one for one in seen if one.method == exchange.method)
            assert essence(again) == essence(same), exchange.as_curl()


def test_a_link_with_somebody_elses_key_is_asked_for_under_ones_own(tmp_path: Path) -> None:
    profile = (
        '[credentials.default]\nquery = { key = "${A}" }\n[credentials.other]\nquery = { key = "${B}" }\n'
    )
    with (
        servers.http(servers.always(200, b"{}")) as server,
        opened(server.url, tmp_path, profile, {"A": "aaaa1", "B": "bbbb1"}) as client,
    ):
        for one in (client, client.under("other"), client.under(None)):
            assert exchange_of(one.get("/x?key=aaaa1&page=2")).url == f"{server.url}/x?page=2"
        assert [one.path for one in server.seen] == [
            "/x?page=2&key=aaaa1",
            "/x?page=2&key=bbbb1",
            "/x?page=2",
        ]


def test_a_media_type_of_the_profile_goes_before_the_usual_one(tmp_path: Path) -> None:
    profile = '[credentials.default]\nheaders = { content-type = "application/vnd.api+json" }\n'
    with (
        servers.http(servers.always(200, b"{}")) as server,
        opened(server.url, tmp_path, profile, {}) as client,
    ):
        client.post("/x", json={})
        client.post("/x", json={}, headers={"Content-Type": "text/plain"})
        client.under(None).post("/x", json={})
        sent = [
            [value for name, value in one.fields if name.lower() == "content-type"] for one in server.seen
        ]
    assert sent == [["application/vnd.api+json"], ["text/plain"], ["application/json"]]


# -- client certificates -----------------------------------------------------------------------------------


@contextmanager
def guarded_by_certificate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that lets nobody in without a certificate."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    for name in ("ann", "bob"):
        issued = authority.issue_cert(f"{name}@example.org", common_name=name)
        issued.private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with servers.http(servers.always(200, b"{}"), context) as server:
        yield server


PAIR = """
[credentials.default]
certificate = { file = "ann.pem" }
[credentials.other]
certificate = { file = "bob.pem" }
"""


def test_a_client_certificate_goes_each_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        guarded_by_certificate(tmp_path, monkeypatch) as server,
        opened(server.url, tmp_path, PAIR, {}) as client,
    ):
        exchanges = sent_by(client, "/x")
        assert [one.status for one in exchanges] == [200] * 5
        assert exchange_of(client.under("other").get("/y")).status == 200
        assert [one.certificate for one in exchanges] == [(("--cert", "ann.pem"),)] * 5
        before = len(server.seen)
        by_shell(exchanges[0].as_curl(), tmp_path, {"CURL_CA_BUNDLE": "ca.pem"})
        assert len(server.seen) == before + 1
        # Nobody gets in without one: what was shown above was shown.
        for _ in range(4):
            with pytest.raises(Undecided):
                client.under(None).get("/z")
        # The server is not taken for dead that hangs up on strangers.
        assert client.recorder.died is None
        assert client.get("/x").status_code == 200
        with pytest.raises(Undecided, match="different client certificates"):
            race(client, [Request("GET", "/x"), Request("GET", "/x", credential="other")])
        both = [Request("GET", "/r", credential="other")] * 2
        assert race(client, both).overlap == 2
        assert "/z" not in [one.path for one in server.seen]
