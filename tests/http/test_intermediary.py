"""Whether the API answered, or something in front of it."""

from __future__ import annotations

import pytest

from harness.http.exchange import Exchange
from harness.http.intermediary import errors, from_edge, servers
from tests.errors.sent import BASE, exchange

OK = exchange(200, {}, server="uvicorn")
NGINX = (
    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    "<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body></html>"
)


def html(status: int, text: str, **fields: str) -> Exchange:
    return exchange(status, text, media="text/html; charset=UTF-8", **fields)


@pytest.mark.parametrize(
    "error",
    [
        exchange(404, {"message": "Not Found"}, server="nginx"),
        exchange(404, {"message": "Not Found"}),
        exchange(502, {"message": "Bad Gateway"}, server="uvicorn"),
        exchange(504, None, server="uvicorn"),
        html(413, NGINX, server="uvicorn"),
        html(403, "<title>Attention Required! | Cloudflare</title>", server="uvicorn"),
        html(403, "<center>cloudflare</center>", server="uvicorn"),
        html(403, "Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295&#46;a4e16ab", server="uvicorn"),
        html(
            404, "<address>Apache/2.4.57 (Debian) Server at example.com Port 80</address>", server="uvicorn"
        ),
        html(
            503, "<h1>503 Service Unavailable</h1>\nNo server is available to handle this", server="uvicorn"
        ),
        exchange(503, "no healthy upstream", media="text/plain", server="uvicorn"),
        exchange(404, {"message": "no Route matched with those values"}, server="uvicorn"),
        exchange(403, {"message": "Missing Authentication Token"}, server="uvicorn"),
        exchange(404, {"statusCode": 404, "message": "Resource not found"}, server="uvicorn"),
    ],
    ids=lambda error: f"{error.status} {error.response_body.text[:30]}",
)
def test_edge_is_recognised(error: Exchange) -> None:
    assert from_edge(error, [OK])


@pytest.mark.parametrize(
    "error",
    [
        exchange(404, {"detail": "Not Found"}, server="uvicorn"),
        exchange(500, {"message": "Internal Server Error"}, server="uvicorn"),
        exchange(503, {"message": "busy"}, server="uvicorn"),
        html(404, "<html><h1>Not Found</h1></html>", server="uvicorn"),
        html(404, "<pre>Cannot GET /v1/x</pre>", server="uvicorn"),
        exchange(404, "404 page not found\n", media="text/plain", server="uvicorn"),
        exchange(401, None, server="uvicorn"),
        exchange(404, {"message": "nginx", "hint": "<center>nginx</center>"}, server="uvicorn"),
    ],
    ids=lambda error: f"{error.status} {error.response_body.text[:30]}",
)
def test_own_answers_are_not_the_edges(error: Exchange) -> None:
    assert from_edge(error, [OK]) is None


def test_without_successes_server_says_nothing() -> None:
    assert from_edge(exchange(404, {"detail": "x"}, server="gunicorn"), []) is None


def test_several_servers() -> None:
    both = [OK, exchange(200, {}, server="gunicorn"), exchange(404, {}, server="nginx")]
    assert servers(both) == {"uvicorn", "gunicorn"}
    assert from_edge(exchange(404, {"detail": "x"}, server="gunicorn"), both) is None


def test_api_whose_own_server_is_a_cdn() -> None:
    ok = exchange(200, {}, server="cloudflare")
    assert from_edge(exchange(404, {"code": "not_found"}, server="cloudflare"), [ok]) is None
    assert from_edge(html(403, "<h1>Blocked</h1>", server="cloudflare"), [ok])


def test_errors_are_split() -> None:
    own = exchange(404, {"detail": "x"}, server="uvicorn", id="2")
    edge = exchange(404, {"detail": "x"}, server="nginx", id="3")
    outside = exchange(
        404, {"detail": "x"}, server="uvicorn", url="https://api.example.com/openapi.json", id="4"
    )
    looked_for = exchange(404, {"detail": "x"}, server="uvicorn", url=f"{BASE}/openapi.json", id="5")
    unanswered = exchange(None, id="6")
    found = errors([OK, own, edge, outside, looked_for, unanswered], BASE)
    assert found.own == (own,)
    assert [one.id for one, _ in found.edge] == ["3"]
    assert "Server: nginx" in found.shown()
    assert errors([OK, own], BASE).shown() == ""


def test_the_root_is_the_apis_if_something_is_there() -> None:
    page = html(404, "<p>Not here</p>", server="uvicorn", url=BASE, id="7")
    assert errors([OK, page], BASE).own == ()
    assert errors([OK, page, exchange(200, {}, server="uvicorn", url=BASE, id="8")], BASE).own == (page,)
