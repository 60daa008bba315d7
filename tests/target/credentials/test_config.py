"""Credentials in the profile: what is refused, what goes before what, and what is shown of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import trustme
from jsonschema import Draft202012Validator

from harness.bad_input import BadInput
from harness.profile.read import load, schema
from harness.profile.write import write
from harness.run.prepare import prepare, together
from harness.target.credentials.resolved import with_query
from harness.target.target import Target

URL = "http://127.0.0.1:9"


def target(folder: Path, text: str, *headers: str, **environ: str) -> Target:
    (folder / "conformance.toml").write_text(text, encoding="utf-8")
    return prepare(URL, directory=folder, headers=headers, environ=environ)[0]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "it is empty; give one of headers, bearer, basic"),
        ('bearr = "x"', "unknown key credentials.default.bearr; did you mean bearer?"),
        ('bearer = "Bearer x"', "credentials.default.bearer: is not one word"),
        ('bearer = "${NONE}"', "credentials.default.bearer needs the environment variable NONE"),
        (
            'basic = { user = "a:b", password = "c" }',
            "credentials.default.basic.user: a user name cannot have",
        ),
        ('basic = { user = "a" }', "credentials.default.basic.password is missing"),
        ('bearer = "x"\nbasic = { user = "a", password = "b" }', "bearer and basic both give Authorization"),
        ('bearer = "x"\nheaders = { authorization = "y" }', "headers.authorization and bearer both give"),
        ('cookies = { a = "b;c" }', "the value of a has what no cookie may have"),
        ('cookies = { a = "b" }\nheaders = { Cookie = "c=d" }', "headers and cookies both give Cookie"),
        ('headers = { "a b" = "c" }', "'a b' is not a name that can be sent"),
        ('headers = { a = "c\\nd" }', "the value of a has a control character"),
        ("query = { a = 5 }", "credentials.default.query.a: it should be a valid string"),
        (
            'oauth2 = { token_url = "/token", client_id = "a", client_secret = "b" }',
            "credentials.default.oauth2.token_url: is not an absolute http or https URL",
        ),
        (
            'oauth2 = { token_url = "http://h/t", client_id = "a", client_secret = "b", authentication = "x" }',
            "oauth2.authentication: it should be 'basic' or 'post'",
        ),
        ('certificate = { file = "gone.pem" }', "certificate.file: gone.pem cannot be read (No such file"),
        (
            'certificate = { file = "conformance.toml" }',
            "certificate and private key cannot be used together",
        ),
    ],
)
def test_mistakes_are_one_line_with_file_key_and_mend(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        target(tmp_path, f"[credentials.default]\n{table}\n")
    assert str(caught.value).startswith("conformance.toml: ")
    assert says in str(caught.value)


def test_an_encrypted_key_needs_its_password_and_asks_nobody(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    issued = trustme.CA().issue_cert("ann@example.org")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "ann.pem")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    (tmp_path / "ann.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"s3cret"),
        )
    )
    table = '[credentials.default]\ncertificate = {{ file = "ann.pem", key = "ann.key"{} }}\n'
    for wrong in ("", ', password = "wrong"'):
        with pytest.raises(BadInput, match="an encrypted key needs its password"):
            target(tmp_path, table.format(wrong))
    found = target(tmp_path, table.format(', password = "${PW}"'), PW="s3cret")
    assert found.secrets == {"PW": "s3cret"}
    assert "s3cret" not in repr(found.credentials)


@pytest.mark.parametrize(
    "table",
    [
        'bearer = "${TOKEN}"',
        'basic = { user = "ann", password = "${TOKEN}" }',
        'headers = { Authorization = "Bearer ${TOKEN}" }',
        'command = { run = ["no-such-program-here", "${TOKEN}"] }',
        'oauth2 = { token_url = "http://127.0.0.1:9/t", client_id = "a", client_secret = "${TOKEN}" }',
    ],
)
def test_a_field_of_the_command_line_goes_before_all_that_would_give_it(tmp_path: Path, table: str) -> None:
    text = f'[credentials.default]\nquery = {{ version = "1" }}\n{table}\n'
    found = target(tmp_path, text, "authorization: Token t0ken", TOKEN="from-profile").credentials["default"]
    assert found.fields == {"authorization": "Token t0ken"}
    assert found.grant is None
    assert found.query == {"version": "1"}


def test_what_a_variable_holds_and_what_stands_in_the_file_are_secrets(tmp_path: Path) -> None:
    text = """
    [credentials.default]
    bearer = "${TOKEN}"
    query = { api_key = "literal-key", api-version = "2024-01" }
    [credentials.readonly]
    basic = { user = "ann", password = "pw" }
    [credentials.admin]
    oauth2 = { token_url = "http://h/t", client_id = "id", client_secret = "${TOKEN}-more" }
    """
    assert target(tmp_path, text, TOKEN="t0ken").secrets == {
        "TOKEN": "t0ken",
        "DEFAULT_API_KEY": "literal-key",
        "READONLY_PASSWORD": "pw",
        "ADMIN_CLIENT_SECRET": "t0ken-more",
    }


def test_each_cookie_is_a_secret_by_itself(tmp_path: Path) -> None:
    found = target(tmp_path, "", 'Cookie: sid=a-session; theme="b-quoted"').secrets
    assert found == {
        "DEFAULT_COOKIE": 'sid=a-session; theme="b-quoted"',
        "DEFAULT_COOKIE_SID": "a-session",
        "DEFAULT_COOKIE_THEME": "b-quoted",
    }


WHOLE = """
[credentials.default]
bearer = "${TOKEN}"
query = { api_key = "${KEY}" }
cookies = { sid = "literal-sid" }
certificate = { file = "a.pem", password = "${PW}" }

[credentials.other]
oauth2 = { token_url = "https://id/t", client_id = "us", client_secret = "${TOKEN}", scope = "a $5" }

[credentials.third]
headers = { X-Key = "key ${KEY}" }
command = { run = ["tool", "--key=${KEY}"], timeout = 5 }
"""


def test_what_init_writes_has_variables_in_place_of_secrets_and_loads_to_the_same(tmp_path: Path) -> None:
    environ = {"TOKEN": "t0ken-1", "KEY": "k3y-1", "PW": "pw-1"}
    (tmp_path / "conformance.toml").write_text(WHOLE)
    assert Draft202012Validator(schema()).is_valid(tomllib.loads(WHOLE))
    read = load(None, tmp_path, environ)
    text = write(
        read.profile.model_copy(update={"credentials": together(read.profile.credentials)}),
        secrets=read.secrets,
    )
    for secret in (*environ.values(), "literal-sid"):
        assert secret not in text
    (tmp_path / "conformance.toml").write_text(text)
    assert load(None, tmp_path, {**environ, "DEFAULT_SID": "literal-sid"}).profile == read.profile


def test_nothing_secret_is_left_in_the_profile_of_a_report(tmp_path: Path) -> None:
    environ = {"TOKEN": "t0ken-1", "KEY": "k3y-1", "PW": "pw-1"}
    (tmp_path / "conformance.toml").write_text(WHOLE)
    read = load(None, tmp_path, environ)
    for credential in read.profile.credentials.values():
        # What a traceback would show.
        assert not [
            secret for secret in (*environ.values(), "literal-sid") if secret in repr((read, credential))
        ]
        shown = credential.masked().model_dump_json()
        assert type(credential).model_validate_json(shown)
        for secret in (*environ.values(), "literal-sid", "tool", "a.pem"):
            assert secret not in shown


@pytest.mark.parametrize(
    ("url", "sent", "plain"),
    [
        ("http://h/x", "http://h/x?k=a%2Bb", "http://h/x"),
        ("http://h/x?", "http://h/x?k=a%2Bb", "http://h/x?"),
        ("http://h/x?a=%41&&b", "http://h/x?a=%41&b&k=a%2Bb", "http://h/x?a=%41&&b"),
        ("http://h/x?k=old&a=1#f", "http://h/x?a=1&k=a%2Bb#f", "http://h/x?a=1#f"),
        ("http://h/x?%6b=old", "http://h/x?k=a%2Bb", "http://h/x"),
        ("http://h/x?kk=1", "http://h/x?kk=1&k=a%2Bb", "http://h/x?kk=1"),
    ],
)
def test_the_query_of_a_credential_disturbs_no_other_octet(url: str, sent: str, plain: str) -> None:
    assert with_query(url, {"k": "a+b"}, {"k"}) == (sent, plain)
    assert with_query(url, {}, {"k"}) == (plain, plain)
    assert with_query(url, {}, set()) == (url, url)
