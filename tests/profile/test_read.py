"""conformance.toml: what is read, and every mistake in one line."""

from __future__ import annotations

import contextlib
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.bad_input import BadInput
from harness.profile.models import Profile, State
from harness.profile.read import Loaded, load, schema


def loaded(folder: Path, text: str, **environ: str) -> Loaded:
    (folder / "conformance.toml").write_text(text, encoding="utf-8")
    return load(None, folder, environ)


def test_nothing_there_is_an_empty_profile(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    assert load(None, tmp_path, {}) == Loaded(Profile(), {}, None)


def test_conformance_toml_comes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance]\nstrict = true\n", encoding="utf-8")
    assert load(None, tmp_path, {}).profile.strict
    assert load(None, tmp_path, {}).source == "pyproject.toml"
    assert not loaded(tmp_path, "").profile.strict
    assert load(Path("pyproject.toml"), tmp_path, {}).profile.strict


def test_a_whole_profile(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        """
        openapi = false
        [[resources]]
        collection = "/${BASE}/orders"
        body = { name = "$$5 and $5 and $${X}", due = 2024-02-03 }
        create_schema = '{"enum": [null, "${BASE}"]}'
        capabilities = { patch = false }
        [[waivers]]
        rule = "COND-004"
        reason = "later"
        owner = "us"
        until = 2030-01-01
        """,
        BASE="v1",
    ).profile
    (one,) = found.resources
    assert found.openapi is False
    assert one.collection == "/v1/orders"
    assert one.body == {"name": "$5 and $5 and ${X}", "due": "2024-02-03"}
    assert one.create_schema == {"enum": [None, "v1"]}
    assert one.capabilities["patch"].state is State.ABSENT
    assert found.waivers[0].until == dt.date(2030, 1, 1)


@pytest.mark.parametrize(
    ("field", "secrets"),
    [
        ('Authorization = "Bearer ${TOKEN}"', {"TOKEN": "s3cret"}),
        ('Authorization = "Bearer abcdef"', {"OTHER_AUTHORIZATION": "abcdef"}),
        ('Authorization = "Basic dTpw"', {"OTHER_AUTHORIZATION": "dTpw"}),
        ('Authorization = "abcdef"', {"OTHER_AUTHORIZATION": "abcdef"}),
        ('X-Api-Key = "two words"', {"OTHER_X_API_KEY": "two words"}),
        ('X-Api-Key = "a$$b"', {"OTHER_X_API_KEY": "a$b"}),
        (
            'Cookie = "sid=${TOKEN}; p=hunter2"',
            {"TOKEN": "s3cret", "OTHER_COOKIE": "sid=s3cret; p=hunter2", "OTHER_COOKIE_P": "hunter2"},
        ),
        ('Authorization = "Basic ${USER}:${TOKEN}"', {"USER": "anna", "TOKEN": "s3cret"}),
    ],
)
def test_secrets(tmp_path: Path, field: str, secrets: dict[str, str]) -> None:
    text = f"[credentials.other.headers]\n{field}\n"
    assert loaded(tmp_path, text, TOKEN="s3cret", USER="anna", REST="x").secrets == secrets


def test_names_of_secrets_are_unique(tmp_path: Path) -> None:
    text = '[credentials."a b".headers]\nX-Y = "first"\n[credentials.a-b.headers]\nX_Y = "second"\n'
    assert loaded(tmp_path, text).secrets == {"A_B_X_Y": "first", "A_B_X_Y_2": "second"}


RESOURCE = '[[resources]]\ncollection = "/orders"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = 1\nb = = 2", "not TOML: Invalid value (at line 2, column 5)"),
        ("a = [1,\n", "not TOML: Invalid value (at line 1, column 8)"),
        ("a = 1\na = 2", "not TOML: Cannot overwrite a value"),
        ("stric = true", "unknown key stric; did you mean strict?"),
        ('[[resources]]\ncolection = "/a"', "unknown key resources[0].colection; did you mean collection?"),
        ("xyzzy = 1", "unknown key xyzzy"),
        (
            RESOURCE + "[resources.locking]\nverson = '/v'",
            "unknown key resources[0].locking.verson; did you mean version?",
        ),
        ("[[resources]]\nname = 'a'", "resources[0].collection is missing"),
        (
            "strict = 'perhaps'",
            "strict: it should be a valid boolean, unable to interpret input, not this text",
        ),
        (
            "consistency_window = 99",
            "consistency_window: it should be less than or equal to 60, not this integer",
        ),
        ("only = 'orders'", "only: it should be a valid list, not this text"),
        ("resources = 5", "resources: it should be a valid list, not this integer"),
        ("openapi = 5", "openapi: it should be a valid string, not this integer"),
        (RESOURCE + "items = 'data'", "resources[0].items: 'data' is not a JSON Pointer"),
        (RESOURCE + "items = '/a~2'", "resources[0].items: '/a~2' is not a JSON Pointer"),
        (RESOURCE + "item = '/orders'", "resources[0]: item: '/orders' has no {id} in it"),
        (
            '[[resources]]\ncollection = "https://a/b"',
            "resources[0].collection: 'https://a/b' must be a path",
        ),
        (RESOURCE + "body = '{'", "resources[0].body is not JSON"),
        (
            "openapi = '${SPEC}'",
            "openapi needs the environment variable SPEC, which is not set; run: export SPEC=...",
        ),
        ("openapi = '${}'", "openapi: ${} names no environment variable"),
        ("only = ['${A}', '${B}']", "only[0] needs the environment variable A, which is not set"),
        (
            "[credentials.default.headers]\nX-Key = '${EMPTY}'",
            "credentials.default.headers.X-Key needs the environment variable EMPTY, which is empty",
        ),
        ("[[rate_limits]]\npath = 'limited'", "rate_limits[0].path: 'limited' must be a path"),
        ("[[rate_limits]]\nlimit = 5", "rate_limits[0].path is missing"),
        (
            "[[rate_limits]]\npath = '/a'\nlimit = 0",
            "rate_limits[0].limit: it should be greater than 0, not this integer",
        ),
        (
            "[[rate_limits]]\npath = '/a'\nwindows = 1",
            "unknown key rate_limits[0].windows; did you mean window?",
        ),
        (
            "[[rate_limits]]\npath = '/a'\nscope = 'ip'",
            "rate_limits[0].scope: it should be 'credential', 'address' or 'shared', not this text",
        ),
        ("[credentials.a]\nheader = {}", "unknown key credentials.a.header; did you mean headers?"),
        ("[[waivers]]\nrule = 'A'\nreason = 'b'\nowner = 'c'\nuntil = 'soon'", "waivers[0].until"),
    ],
)
def test_mistakes_are_one_line_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        loaded(tmp_path, text, EMPTY="")
    line = str(caught.value)
    assert line.startswith("conformance.toml: ")
    assert says in line
    assert "\n" not in line


def test_further_mistakes_are_counted(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        loaded(tmp_path, "strict = 5\nonly = 5\nstric = true")
    assert str(caught.value) == "conformance.toml: unknown key stric; did you mean strict? (and 1 more)"


def test_keys_of_pyproject_are_reported_in_full(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance]\nstric = true\n", encoding="utf-8")
    with pytest.raises(
        BadInput, match=r"pyproject\.toml: unknown key tool\.conformance\.stric; did you mean strict\?"
    ):
        load(None, tmp_path, {})


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for name, says in [
        ("gone.toml", "gone.toml: the file does not exist"),
        ("folder.toml", "folder.toml: it is a directory, not a file; give the path of a conformance.toml"),
        ("latin.toml", "latin.toml: it is not UTF-8 at byte 5"),
        ("pyproject.toml", "pyproject.toml: it has no table [tool.conformance]"),
    ]:
        with pytest.raises(BadInput) as caught:
            load(Path(name), tmp_path, {})
        assert str(caught.value) == says
    (tmp_path / "conformance.toml").mkdir()
    with pytest.raises(BadInput, match="directory"):
        load(None, tmp_path, {})


def test_a_secret_is_not_repeated_in_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        loaded(tmp_path, "[credentials.default]\nheaders = 'Bearer ${TOKEN}'", TOKEN="s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        RESOURCE + "capabilities = { patch = false }\nbody = '{}'\ncreate_schema = { type = 'object' }",
        "openapi = false\n[credentials.default.headers]\nA = 'b'",
    ],
)
def test_the_schema_for_editors_accepts_what_loads(tmp_path: Path, text: str) -> None:
    Draft202012Validator.check_schema(schema())
    loaded(tmp_path, text)
    assert Draft202012Validator(schema()).is_valid(tomllib.loads(text))
    assert not Draft202012Validator(schema()).is_valid({"stric": True})


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.integers() | st.sampled_from(["'a'", "'/a'", "true", "1.5", "2024-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda ones: "[" + ", ".join(map(str, ones)) + "]")
        | st.dictionaries(st.sampled_from(["collection", "headers", "body", "id"]), inner, max_size=2).map(
            lambda ones: "{" + ", ".join(f"{key} = {one}" for key, one in ones.items()) + "}"
        )
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(Profile.model_fields)), VALUES)
@settings(deadline=None)
def test_no_value_gives_a_traceback(tmp_path_factory: pytest.TempPathFactory, key: str, value: Any) -> None:
    folder = tmp_path_factory.getbasetemp()
    with contextlib.suppress(BadInput):
        assert loaded(folder, f"{key} = {value}").source == "conformance.toml"
