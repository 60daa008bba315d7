"""Mistakes in credentials and keys that would cost rules: one line each, before the first rule."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from harness.bad_input import BadInput
from harness.reference.server import demo
from harness.reference.tokens import issue, issuer_keys, private_key
from harness.run.prepare import prepare
from harness.run.private import expiry
from harness.target.credentials.resolved import Credential
from tests.sessions import Done, here

pytest_plugins = ["pytester"]
SAME = '[credentials.default]\nbearer = "abcdefgh"\n[credentials.other]\nbearer = "abcdefgh"\n'
PUBLIC = json.dumps(issuer_keys().keys[0].as_dict(private=False))


def prepared(folder: Path, profile: str, **files: str):
    (folder / "conformance.toml").write_text(profile)
    for name, text in files.items():
        (folder / f"{name}.pem").write_text(text)
    return prepare("http://127.0.0.1:9", directory=folder, environ={})


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (
            SAME,
            "credentials.other is the same client as credentials.default, which rules about other clients' items",
        ),
        (
            f'[credentials.default]\nbearer = "{issue("alice", exp=int(time.time()) - 90)}"',
            "credentials.default: the token expired",
        ),
        ('[jwt]\ncredential = "tokn"\n[credentials.token]\nbearer = "a"', "no credential is called 'tokn'"),
        (
            '[jwt]\nkey_file = "nowhere.pem"',
            "jwt.key_file: nowhere.pem cannot be read (No such file or directory)",
        ),
        ('[jwt]\nkey_file = "broken.pem"', "jwt.key_file: is no key that can be used"),
        (f"[jwt]\nkey = '{PUBLIC}'", "jwt.key: is no private key"),
        ('[jwt]\njwks = "broken.pem"', "jwt.jwks: broken.pem is no JWK set (RFC 7517)"),
        ('[jwt]\nkey = "a"\nkey_file = "b"', "key and key_file both say how tokens are signed"),
        ('[[admin_operations]]\npath = "/orders/{id}"', "give both or neither"),
        ('[[admin_operations]]\npath = "/a"\nmethod = "TRACE"', "method"),
        ('[revoke]\nlogin = "/sessions"', "path"),
    ],
)
def test_one_line_each(tmp_path: Path, profile: str, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        prepared(tmp_path, profile, broken="no key")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_keys_and_logins_are_kept_out_of_the_profile(tmp_path: Path) -> None:
    text = "[jwt]\nkey = '''\n" + private_key() + "'''\n[revoke]\nlogin = '/s'\npath = '/s'\n"
    text += "login_body = { user = 'alice', password = 'correct horse' }\n"
    target, profile = prepared(tmp_path, text)
    assert "BEGIN" not in repr(profile) + profile.model_dump_json()
    assert "correct horse" not in repr(profile) + profile.model_dump_json() + repr(target)
    assert target.private["jwt_key"].strip() == private_key().strip()
    assert json.loads(target.private["login_body"])["password"] == "correct horse"
    assert "correct horse" in target.secrets.values()


def test_the_key_may_be_in_a_file(tmp_path: Path) -> None:
    target, _ = prepared(tmp_path, '[jwt]\nkey_file = "issuer.pem"', issuer=private_key())
    assert target.private["jwt_key"] == private_key()


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("Bearer opaque", None),
        ("Bearer a.b.c", None),
        (f"Bearer {issue('alice', exp=1234)}", 1234.0),
        (issue("alice", exp=1234), 1234.0),
        (f"Bearer {issue('alice', exp='soon')}", None),
        ("", None),
    ],
)
def test_the_end_of_a_token_is_read(value: str, until: float | None) -> None:
    assert expiry(Credential({"Authorization": value})) == until


def test_a_credential_that_no_collection_accepts_ends_the_run(pytester) -> None:
    with demo() as (url, _):
        done: Done = here(pytester, "--target-url", url, "--header", "Authorization: Bearer wrong-token-1")
    assert done.code == 4
    assert "the credential `default` is not accepted: GET /v1/" in done.error
    assert "wrong-token-1" not in done.out
