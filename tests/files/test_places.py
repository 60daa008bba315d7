"""Where ranges are tried, on literal exchanges."""

from __future__ import annotations

from harness.http.exchange import Body, Exchange
from suites.files.places import MOST, places

BASE = "http://a.example/v1"


def seen(
    path: str, kind: str = "application/json", size: int = 10, status: int = 200, **fields: str
) -> Exchange:
    named = (("Content-Type", kind), *((name.replace("_", "-"), value) for name, value in fields.items()))
    return Exchange(
        path,
        "GET",
        BASE + path,
        (),
        Body(),
        status=status,
        response_fields=named,
        response_body=Body(size=size),
    )


def urls(*exchanges: Exchange, samples: tuple[str, ...] = (), documented: tuple[str, ...] = ()) -> list[str]:
    found = places(samples, documented, exchanges, [f"{BASE}/orders", f"{BASE}/files"], BASE)
    return [one.url.removeprefix(BASE) for one in found]


def test_one_of_each_kind_of_response() -> None:
    assert urls(
        seen("/orders/1"), seen("/orders/2", size=11), seen("/orders"), seen("/orders/9", "image/png")
    ) == [
        "/orders/2",
        "/orders",
        "/orders/9",
    ]


def test_what_says_most_comes_first() -> None:
    assert urls(
        seen("/orders"),
        seen("/files/1", "image/png", Accept_Ranges="bytes"),
        samples=(f"{BASE}/sample",),
        documented=(f"{BASE}/documented",),
    ) == ["/sample", "/files/1", "/documented", "/orders"]


def test_what_is_left_alone() -> None:
    assert not urls(
        seen("/orders", Accept_Ranges="none"),
        seen("/orders/1", status=206),
        seen("/orders/2", status=404),
        seen("/orders/3", size=0),
        seen("/elsewhere"),
    )


def test_there_is_a_bound() -> None:
    assert len(urls(*(seen(f"/orders/{letter}") for letter in "abcdefgh"))) == MOST
