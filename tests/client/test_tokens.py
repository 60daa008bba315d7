"""Access tokens: fetched before the first request, renewed before they expire; what is said where there is none."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from harness.bad_input import BadInput
from harness.client.budget import Budget
from harness.client.client import Client, exchange_of
from harness.client.credentials_in_use import remarks
from harness.client.oauth2 import EARLY
from harness.client.recorder import Recorder
from harness.rules.checks import Undecided
from harness.run.prepare import prepare
from harness.target.credentials.resolved import Certificate, Credential, Grant, Token
from harness.target.target import Target
from tests import servers
from tests.clients import sending_anything
from tests.servers import Answer, Seen

SECRET = "s3cret:/ client"


class Issuer:
    """A token endpoint: numbers its tokens."""

    def __init__(self, **more: object) -> None:
        self.more: dict[str, object] = {"token_type": "bearer", "expires_in": 3600, **more}
        self.answer: Answer | None = None
        self.seen: list[Seen] = []

    def __call__(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        shown = {"access_token": f"access-token-{len(self.seen)}", **self.more}
        return self.answer or Answer(200, json.dumps(shown).encode(), [("Content-Type", "application/json")])


def grant(url: str, **more: object) -> Grant:
    values = {"client_id": "us", "client_secret": SECRET, "where": ("conformance.toml", "the.key"), **more}
    return Grant(url, **values)  # type: ignore[arg-type]


def unguarded(url: str, held: Credential) -> Client:
    target = Target(url, {"default": held}, {"CLIENT_SECRET": SECRET})
    return Client.open(target, sending_anything(Recorder(target, Budget(100))))


def test_a_token_is_fetched_once_renewed_before_its_end_and_never_kept() -> None:
    issuer = Issuer()

    def echo(seen: Seen) -> Answer:
        return Answer(200, f'{{"you sent": "{seen.field("authorization")}"}}'.encode(), [])

    with servers.http(issuer) as tokens, servers.http(echo) as api:
        client = unguarded(api.url, Credential({"X-Tenant": "a"}, grant=grant(tokens.url)))
        for _ in range(2):
            client.get("/")
        assert len(issuer.seen) == 1
        held = client.recorder.wallet._held["default"]
        assert held.token is not None
        assert held.token.until is not None
        assert 0 < time.monotonic() + 3600 - EARLY - held.token.until < 30
        client.recorder.wallet._held["default"] = Credential(
            held.fields, grant=held.grant, token=Token(held.token.value, time.monotonic())
        )
        reply = client.get("/")
        client.close()
    assert [seen.field("authorization") for seen in api.seen] == [
        "Bearer access-token-1",
        "Bearer access-token-1",
        "Bearer access-token-2",
    ]
    assert api.seen[0].field("x-tenant") == "a"
    kept = exchange_of(reply)
    assert kept.request_field("authorization") == "Bearer $DEFAULT_ACCESS_TOKEN"
    assert kept.names == ("DEFAULT_ACCESS_TOKEN",)
    assert "access-token" not in repr(client.recorder.exchanges)


class Revoking:
    """An API that takes only some tokens: none before, all but these afterwards."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)

    def __call__(self, seen: Seen) -> Answer:
        token = str(seen.field("authorization")).removeprefix("Bearer ")
        return Answer(200 if token in self.good else 401, b"{}", [])


def test_a_token_that_is_refused_after_it_was_taken_is_renewed_and_the_request_repeated() -> None:
    issuer, api = Issuer(), Revoking("access-token-1")
    with servers.http(issuer) as tokens, servers.http(api) as target:
        client = unguarded(target.url, Credential(grant=grant(tokens.url)))
        assert client.get("/").status_code == 200
        api.good = {"access-token-2"}
        assert client.post("/", json={}).status_code == 200
        assert [seen.method for seen in target.seen] == ["GET", "POST", "POST"]
        # A 401 to another credential than ours is what was asked for.
        assert client.get("/", headers={"Authorization": "Bearer nonsense"}).status_code == 401
        assert client.get("/", headers={"Authorization": None}).status_code == 401
        # Nor is a target that refuses the new token, too, asked again and again.
        api.good = set()
        assert client.get("/").status_code == 401
        client.close()
    assert len(issuer.seen) == 3
    assert len(target.seen) == 7


def test_a_token_that_was_never_taken_is_not_fetched_again() -> None:
    issuer = Issuer()
    with servers.http(issuer) as tokens, servers.http(Revoking()) as target:
        client = unguarded(target.url, Credential(grant=grant(tokens.url)))
        assert client.get("/").status_code == 401
        client.close()
    assert len(issuer.seen) == len(target.seen) == 1


@pytest.mark.parametrize("way", ["basic", "post"])
def test_what_is_sent_to_the_token_endpoint(way: str) -> None:
    issuer = Issuer()
    more = {"authentication": way, "scope": "read write", "parameters": {"audience": "https://api"}}
    with servers.http(issuer) as tokens, servers.http(servers.always(200, b"{}")) as api:
        unguarded(api.url, Credential(grant=grant(tokens.url + "/token", **more))).close()
        assert api.seen == []
    (seen,) = issuer.seen
    form = parse_qs(seen.body.decode())
    assert (seen.method, seen.path) == ("POST", "/token")
    assert (form["grant_type"], form["scope"], form["audience"]) == (
        ["client_credentials"],
        ["read write"],
        ["https://api"],
    )
    # RFC 6749 section 2.3.1: each encoded as in a form, then by the Basic scheme.
    coded = base64.b64encode(b"us:s3cret%3A%2F+client").decode()
    assert seen.field("authorization") == (f"Basic {coded}" if way == "basic" else None)
    assert form.get("client_secret") == ([SECRET] if way == "post" else None)


def test_workers_are_given_tokens_that_are_good() -> None:
    issuer = Issuer()
    with servers.http(issuer) as tokens, servers.http(servers.always(200, b"{}")) as api:
        first = unguarded(api.url, Credential(grant=grant(tokens.url)))
        second = unguarded(api.url, first.recorder.wallet.held["default"])
        second.get("/")
        first.close()
        second.close()
    assert len(issuer.seen) == 1
    assert api.seen[0].field("authorization") == "Bearer access-token-1"
    assert "access-token" not in repr(second.recorder.exchanges)


def test_a_token_from_the_targets_own_origin_is_spent_from_the_budget() -> None:
    with servers.http(Issuer()) as api:
        client = unguarded(api.url, Credential(grant=grant(api.url + "/token")))
        assert client.recorder.budget.sent == len(api.seen) == 1
        assert remarks(client.target) == []
        client.close()


def test_a_token_that_the_budget_does_not_allow_is_reported_before_the_run() -> None:
    target = Target("http://127.0.0.1:9", {"default": Credential(grant=grant("http://127.0.0.1:9/token"))})
    with pytest.raises(BadInput, match="no token was fetched: budget: all 0 requests of --max-requests"):
        Client.open(target, sending_anything(Recorder(target, Budget(0))))


def test_a_certificate_that_is_not_used_is_reported() -> None:
    held = {"default": Credential(certificate=Certificate("a.pem"))}
    assert remarks(Target("https://api.example.com", held)) == []
    assert "not used" in remarks(Target("http://api.example.com", held))[0]


def test_a_secret_that_is_too_short_to_be_found_is_reported() -> None:
    (shown,) = remarks(Target("http://127.0.0.1:9", secrets={"PIN": "123", "KEY": "1234"}))
    assert shown.startswith("the secret PIN has fewer than 4 characters")


def test_a_name_that_is_nearly_one_of_ours_is_reported() -> None:
    def shown(*names: str) -> list[str]:
        return remarks(Target("http://127.0.0.1:9", {name: Credential({"A": "b"}) for name in names}))

    assert shown("default", "other", "readonly", "admin", "expired", "flood", "others", "admin2") == []
    assert shown("defualt", "other") == [
        "no shipped rule uses a credential called 'defualt'; did you mean 'default'?"
    ]


def test_another_origin_is_reported() -> None:
    target = Target(
        "https://api.example.com",
        {
            "default": Credential(grant=grant("https://id.example.com/token?tenant=x")),
            "other": Credential(grant=grant("http://api.example.com:8080/token")),
            "mine": Credential(grant=grant("https://api.example.com:443/token")),
        },
    )
    assert remarks(target) == [
        "tokens for the credential 'default' come from https://id.example.com/token, another origin",
        "tokens for the credential 'other' come from http://api.example.com:8080/token, another origin, "
        "unencrypted",
    ]


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, b'{"error": "invalid_client", "error_description": "s3cret:/ client"}', "401: invalid_client"),
        (302, b"", "302: no access token"),
        (200, b"<html>log in</html>", "200: no access token"),
        (200, b"[1]", "200 with an invalid token response"),
        (
            200,
            b'{"access_token": "a", "expires_in": "soon", "token_type": "bearer"}',
            "an invalid token response",
        ),
        (200, b'{"access_token": 5, "token_type": "bearer"}', "without a usable token"),
        (200, b'{"access_token": "a\\nb", "token_type": "bearer"}', "without a usable token"),
        (200, b'{"access_token": "a b", "token_type": "bearer"}', "without a usable token"),
        (500, b'{"access_token": "abcd", "token_type": "bearer"}', "500 without a usable token"),
        (200, b'{"access_token": "abcd", "token_type": "DPoP"}', "not of type Bearer"),
    ],
)
def test_an_endpoint_that_gives_no_token_ends_the_run_before_it_begins(
    status: int, body: bytes, says: str
) -> None:
    issuer = Issuer()
    issuer.answer = Answer(status, body, [("Location", "/elsewhere")])
    with servers.http(issuer) as tokens, pytest.raises(BadInput) as caught:
        unguarded("http://127.0.0.1:9", Credential(grant=grant(tokens.url)))
    line = str(caught.value)
    assert line.startswith(f"conformance.toml: the.key: the token endpoint {tokens.url} ")
    assert says in line
    assert "s3cret" not in line
    assert len(issuer.seen) == 1


def test_what_is_lawful_in_a_token_response() -> None:
    for shown in ({"scope": "less"}, {"expires_in": None}, {"token_type": "BEARER", "more": [1]}):
        issuer = Issuer(**shown)
        if shown.get("expires_in", 1) is None:
            del issuer.more["expires_in"]
        with servers.http(issuer) as tokens:
            client = unguarded("http://127.0.0.1:9", Credential(grant=grant(tokens.url, scope="less more")))
            client.close()
            assert client.recorder.wallet.carried("default").fields == {
                "Authorization": "Bearer access-token-1"
            }


def test_a_renewal_that_fails_leaves_the_rule_undecided() -> None:
    issuer = Issuer()
    with servers.http(issuer) as tokens, servers.http(servers.always(200, b"{}")) as api:
        client = unguarded(api.url, Credential(grant=grant(tokens.url), token=Token("old-token", 0.0)))
        issuer.answer = Answer(503, b"", [])
        with pytest.raises(Undecided, match="no new token for the credential 'default'"):
            client.get("/")
        client.close()
    assert api.seen == []


def test_an_endpoint_that_is_not_there() -> None:
    with servers.raw(servers.closes) as gone, pytest.raises(BadInput, match="did not answer"):
        unguarded("http://127.0.0.1:9", Credential(grant=grant(gone)))


# -- commands ----------------------------------------------------------------------------------------------


def shown(folder: Path, command: str) -> str:
    (folder / "conformance.toml").write_text(f"[credentials.default]\ncommand = {command}\n")
    with pytest.raises(BadInput) as caught:
        prepare("http://127.0.0.1:9", directory=folder, environ={"PATH": "/usr/bin:/bin", "X": "s3cret"})
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('{ run = ["no-such-program-here"] }', "command.run: program not found; give its path"),
        (
            '{ run = ["sh", "-c", "echo ${X}; exit 3"] }',
            "command: the program ended with exit code 3; run it by hand",
        ),
        (
            '{ run = ["sh", "-c", "echo ${X} >&2"] }',
            "command: the program printed no token; it must print the token",
        ),
        ('{ run = ["echo", "${X}", "two"] }', "command: the program printed no token"),
        (
            '{ run = ["sh", "-c", "sleep 60 & wait"], timeout = 0.2 }',
            "command: the program took longer than 0.2 s",
        ),
        ('{ run = ["."] }', "command.run: it cannot be run (Permission denied)"),
        ("{ run = [] }", "credentials.default.command.run: "),
        ('{ run = ["x"], field = "a b" }', "'a b' is not a name that can be sent"),
    ],
)
def test_a_command_that_gives_no_token_is_one_line(tmp_path: Path, command: str, says: str) -> None:
    line = shown(tmp_path, command)
    assert line.startswith("conformance.toml: credentials.default.command")
    assert says in line


def test_a_command_runs_once_beside_the_profile(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "conformance.toml").write_text(
        "[credentials.default]\n"
        'command = { run = ["sh", "-c", "echo x >> runs; echo tok-en-1"], field = "X-Token", scheme = "" }\n'
    )
    target, profile = prepare(
        "http://127.0.0.1:9",
        directory=tmp_path,
        profile="conf/conformance.toml",
        environ={"PATH": "/usr/bin:/bin"},
    )
    assert (tmp_path / "conf" / "runs").read_text() == "x\n"
    assert target.credentials["default"].fields == {"X-Token": "tok-en-1"}
    assert target.secrets == {"DEFAULT_TOKEN": "tok-en-1"}
    assert "echo" not in profile.model_dump_json()
