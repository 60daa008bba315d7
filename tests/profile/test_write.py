"""A written conformance.toml loads to the same profile, and holds no secret."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.profile.models import (
    Capability,
    CredentialConfig,
    Locking,
    Profile,
    RateLimit,
    Resource,
    State,
    Waiver,
)
from harness.profile.read import load
from harness.profile.write import write
from harness.target.secrets import Secrets, secret_part


def reloaded(text: str, **environ: str) -> Profile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conformance.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, path.parent, environ).profile


def full() -> Profile:
    return Profile(
        openapi=False,
        setup=["PUT /buckets/b"],
        volatile=["/at"],
        consistency_window=3.5,
        strict=True,
        methods={"head": False},
        resources=[
            Resource(
                collection="/v1/orders",
                item="/v1/orders/{id}/",
                items="/data",
                body={"name": "$5 ${X} $$", "deep": {"a": [1, {"b": 2.5}]}, "": True, "a b.c": "ü\n\t'"},
                update_body={"note": None},
                create_schema={"enum": [None, "'''", "\x7f", "${Y}"], "pattern": "^a$"},
                patch=[],
                put_creates=False,
                locking=Locking(version="/version"),
                capabilities={"patch": Capability(state=State.ABSENT, because="the profile says so")},
            ),
            Resource(collection="/users", name="people"),
        ],
        rate_limits=[
            RateLimit(path="/limited", limit=10, window=1, credential="flood", tiers={"gold": 20}),
            RateLimit(path="/search", name="searches", scope="shared", longest_wait=90),
        ],
        waivers=[Waiver(rule="A", reason="b", owner="c", until=dt.date(2030, 1, 1))],
    )


def test_a_full_profile_loads_back() -> None:
    assert reloaded(write(full())) == full()


def test_an_empty_profile_is_an_empty_file() -> None:
    assert write(Profile()) == "#:schema conformance.schema.json\n"
    assert reloaded(write(Profile())) == Profile()


def test_evidence_stands_beside_what_it_shows() -> None:
    profile = Profile(
        strict=True,
        resources=[
            Resource(
                collection="/orders",
                items="/data",
                body={"a": 1},
                capabilities={"list": Capability(state=State.DECLARED, because="OpenAPI: GET /orders")},
            )
        ],
    )
    text = write(profile, {"resources[0].items": "GET /orders\nanswered {data}", "strict": "asked for"})
    assert text.splitlines() == [
        "#:schema conformance.schema.json",
        "strict = true # asked for",
        "",
        "[[resources]]",
        'collection = "/orders"',
        'items = "/data" # GET /orders answered {data}',
        "# list: declared (OpenAPI: GET /orders)",
        "",
        "[resources.body]",
        "a = 1",
    ]
    loaded = reloaded(text)
    profile.resources[0].capabilities = {}
    assert loaded == profile


@pytest.mark.parametrize(
    ("value", "secrets", "written"),
    [
        ("Bearer abcdef", {"TOKEN": "abcdef"}, "Bearer ${TOKEN}"),
        ("Bearer abcdef", {}, "Bearer ${DEFAULT_AUTHORIZATION}"),
        ("abcdef", {}, "${DEFAULT_AUTHORIZATION}"),
        ("Basic anna:abcdef", {"TOKEN": "abcdef", "USER_NAME": "anna"}, "Basic ${USER_NAME}:${TOKEN}"),
        ("Bearer abcdef-hunter2", {"TOKEN": "abcdef"}, "Bearer ${DEFAULT_AUTHORIZATION}"),
        ("Bearer a$b${c}", {}, "Bearer ${DEFAULT_AUTHORIZATION}"),
    ],
)
def test_no_secret_is_written(value: str, secrets: dict[str, str], written: str) -> None:
    profile = Profile(credentials={"default": CredentialConfig(headers={"Authorization": value})})
    text = write(profile, secrets=secrets)
    assert f'"{written}"' in text
    assert secret_part("Authorization", value) not in text
    known = Secrets(secrets)
    known.name_of("default", "Authorization", secret_part("Authorization", value))
    assert reloaded(text, **known.values) == profile


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
BODY = st.dictionaries(st.text(max_size=5) | st.just("$${A}"), JSON, max_size=4)


@given(body=BODY, schema=BODY, name=st.text(min_size=1, max_size=9), evidence=st.text(max_size=20))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_profile_loads_back(body: Any, schema: Any, name: str, evidence: str) -> None:
    resource = Resource(collection="/orders", name=name, body=body, update_body=schema, create_schema=schema)
    profile = Profile(resources=[resource], only=[name, evidence])
    text = write(
        profile, {"only": evidence, "resources[0].body": evidence, "resources[0].create_schema": evidence}
    )
    assert reloaded(text) == profile
