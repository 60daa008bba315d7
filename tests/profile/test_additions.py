"""What `--resource`, `--body` and `--credential` add to a profile, and every mistake in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.profile.additions import Additions, body, credential, resource
from harness.profile.models import Profile
from harness.profile.read import Loaded, load, with_additions


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("/orders", {"collection": "/orders"}),
        ("POST /orders", {"collection": "/orders"}),
        ("/orders -> /order/{id}", {"collection": "/orders", "item": "/order/{id}"}),
        ("/Orders->/Orders({key})", {"collection": "/Orders", "item": "/Orders({id})"}),
        ("post /orders -> /orders/{order}", {"collection": "/orders", "item": "/orders/{id}"}),
        (
            "POST /orders/new -> /orders/{id}",
            {
                "collection": "/orders",
                "item": "/orders/{id}",
                "create": "/orders/new",
                "capabilities": {"create": True},
            },
        ),
        (
            "PUT /keys/{key}",
            {
                "collection": "/keys",
                "item": "/keys/{id}",
                "id": "/key",
                "create_method": "PUT",
                "put_creates": True,
                "capabilities": {"create": True},
            },
        ),
        (
            "PUT /stock/{warehouse}/{article}",
            {
                "collection": "/stock/t0123456789abcd",
                "name": "stock",
                "item": "/stock/t0123456789abcd/{id}",
                "id": "/article",
                "create_method": "PUT",
                "put_creates": True,
                "capabilities": {"create": True},
            },
        ),
        (
            "/shops/{shop}/shelves -> /shops/{shop}/shelves/{shelf}.json",
            {"collection": "/shops/{shop}/shelves", "item": "/shops/{shop}/shelves/{id}.json"},
        ),
    ],
)
def test_resources(text: str, made: dict[str, Any]) -> None:
    assert resource(text) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("orders", "--resource: 'orders' names no collection; write a path such as /orders"),
        ("", "--resource: '' names no collection"),
        ("GET /orders", "names no collection"),
        ("/orders -> /orders", "/orders has no {id} in it"),
        ("PUT /orders", "PUT takes the path of an item; write 'PUT /orders/{id}'"),
        ("https://elsewhere.example/orders", "names no collection"),
    ],
)
def test_resources_that_are_none(text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        resource(text)
    assert said in str(caught.value)


def test_bodies(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text('{"customer": "Ada ${X}"}')
    assert body('orders={"a": "b=c"}', tmp_path) == ("orders", {"a": "b=c"})
    assert body("orders=@order.json", tmp_path) == ("orders", {"customer": "Ada ${X}"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}', "does not say for which resource"),
        ("={}", "does not say for which resource"),
        ("orders={", "--body: the body of orders is not JSON"),
        ("orders=[]", "the body of orders is not a JSON object"),
        ("orders=@none.json", "none.json cannot be read (No such file or directory)"),
        ("orders=@.", "cannot be read (Is a directory)"),
    ],
)
def test_bodies_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        body(text, tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "made"),
    [
        ("other=Bearer t0ken", "other", {"bearer": "t0ken"}),
        ("other=t0ken", "other", {"bearer": "t0ken"}),
        ("other=Basic YTpi", "other", {"headers": {"Authorization": "Basic YTpi"}}),
        ("admin=X-Api-Key: ${a$b", "admin", {"headers": {"X-Api-Key": "$${a$$b"}}),
        ("other=env:OTHER_TOKEN", "other", {"bearer": "${OTHER_TOKEN}"}),
    ],
)
def test_credentials(text: str, name: str, made: dict[str, Any]) -> None:
    assert credential(text) == (name, made)


@pytest.mark.parametrize("text", ["s3cret", "other=", "=s3cret", "a b=s3cret", "other=env:s3cret-1"])
def test_credentials_that_are_none_are_not_repeated(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        credential(text)
    assert str(caught.value).startswith("--credential: ")
    assert "s3cret" not in str(caught.value)


def added(folder: Path, environ: dict[str, str], **given: tuple[str, ...]) -> Loaded:
    return with_additions(load(None, folder, environ), Additions(**given), folder, environ)


def test_options_win_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text(
        'strict = true\n[credentials.other]\nbearer = "old"\n[credentials.admin]\nbearer = "root-token"\n'
        '[[resources]]\ncollection = "/orders"\nid = "/number"\n[[resources]]\ncollection = "/more"\n'
    )
    found = added(
        tmp_path,
        {"OTHER_TOKEN": "Bearer t0ken-of-other"},
        resources=("/orders",),
        bodies=('orders={"a": 1}',),
        credentials=("other=env:OTHER_TOKEN",),
    )
    profile = found.profile
    assert profile.strict
    assert [(one.collection, one.id) for one in profile.resources] == [("/orders", "/number")]
    assert profile.bodies == {"orders": {"a": 1}}
    assert profile.credentials["other"].bearer == "t0ken-of-other"
    assert profile.credentials["admin"].bearer == "root-token"
    assert found.secrets["OTHER_TOKEN"] == "t0ken-of-other"


def test_nothing_added_is_the_file(tmp_path: Path) -> None:
    assert added(tmp_path, {}) == Loaded(Profile(), {}, None)


def test_a_variable_that_is_not_set_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        added(tmp_path, {}, credentials=("other=env:OTHER_TOKEN",))
    assert str(caught.value) == (
        "--credential: credentials.other.bearer needs the environment variable OTHER_TOKEN, which is not set; "
        "run: export OTHER_TOKEN=..."
    )


@pytest.mark.parametrize("twice", ["bodies", "credentials"])
def test_one_name_twice_is_one_line(tmp_path: Path, twice: str) -> None:
    with pytest.raises(BadInput) as caught:
        added(tmp_path, {}, **{twice: ("orders={}", "orders={}")})
    assert "orders is given twice; keep one" in str(caught.value)
