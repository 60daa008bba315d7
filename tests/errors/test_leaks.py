"""Leaks: every pattern on what it is for, and all of them on what they must leave alone."""

from __future__ import annotations

import json

import pytest

from harness.http.exchange import Body, Exchange
from harness.http.leaks import is_private, leaks, of_exchange, powered_by, readable
from harness.rules.passive import Record
from suites.errors.passive import disclosed

LEAKING = [
    ("a Python stack trace", "Traceback (most recent call last):\n  ..."),
    ("a Python stack trace", 'File "/srv/app/views.py", line 12, in get'),
    ("a Java stack frame", "\tat com.example.shop.Orders.find(Orders.java:42)"),
    ("a Java stack frame", "at java.base/java.lang.Thread.run(Thread.java:829)".replace("java.base/", "")),
    ("a Java stack frame", "at sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)"),
    ("a .NET stack frame", "   at Shop.Api.Orders.Find(Guid id) in C:\\agent\\Orders.cs:line 42"),
    ("a .NET stack frame", "   at System.Text.Json.JsonSerializer.Read(Stream s)\n   at Shop.Api.Run()"),
    ("a Node.js stack frame", "at parse (/srv/api/node_modules/body-parser/lib/types/json.js:96:19)"),
    ("a Node.js stack frame", "at AsyncResource.runInAsyncScope (node:async_hooks:206:9)"),
    ("a Node.js stack frame", "at file:///app/server.mjs:10:3"),
    ("a Ruby stack frame", "app/controllers/orders_controller.rb:12:in `show'"),
    ("a PHP stack frame", "#0 /var/www/html/index.php(12): Kernel->handle()"),
    ("a PHP stack frame", "Undefined variable $x in /var/www/html/public/index.php on line 3"),
    ("a PHP stack frame", "PHP Fatal error: Out of memory"),
    ("a Go panic", "goroutine 17 [running]:"),
    ("a Go panic", "runtime error: index out of range [3] with length 3"),
    ("a Rust panic", "thread 'main' panicked at src/main.rs:10:5"),
    ("the name of an exception class", "com.fasterxml.jackson.core.JsonParseException: Unexpected character"),
    ("the name of an exception class", "System.Data.SqlClient.SqlException"),
    ("the name of an exception class", "django.core.exceptions.ValidationError"),
    ("the name of an exception class", "psycopg2.IntegrityError"),
    ("the name of an exception class", "ActiveRecord::RecordNotFound"),
    ("the name of an exception class", "Illuminate\\Database\\QueryException"),
    ("the name of an exception class", "PrismaClientKnownRequestError"),
    ("a database error", "SQLSTATE[23505]: Unique violation"),
    ("a database error", 'duplicate key value violates unique constraint "users_email_key"'),
    ("a database error", "UNIQUE constraint failed: users.email"),
    ("a database error", "You have an error in your SQL syntax; check the manual"),
    ("a database error", "ORA-00942: table or view does not exist"),
    ("a database error", "E11000 duplicate key error collection: shop.users"),
    ("a database error", "Cast to ObjectId failed for value"),
    ("a database error", 'invalid input syntax for type uuid: "abc"'),
    ("an SQL statement", "SELECT id, name FROM users WHERE id = 1"),
    ("an SQL statement", 'INSERT INTO "orders" ("id", "amount") VALUES'),
    ("the path of a file", "no template in /var/www/shop/templates/error.erb"),
    ("the path of a file", "C:\\inetpub\\wwwroot\\shop\\web.config"),
    ("the path of a file", "/app/orders/views.py"),
    ("the path of a file", "/opt/node/lib/node_modules/express/lib/router.js"),
    ("an internal address", "connect ECONNREFUSED 127.0.0.1:5432"),
    ("an internal address", "dial tcp 10.2.3.4:6379: connect: connection refused"),
    (
        "an internal address",
        'connection to server at "localhost", port 5432 failed'.replace('", port ', ":", 1),
    ),
    ("an internal address", "postgres://db.prod.internal/shop"),
    ("an internal address", "http://orders.default.svc.cluster.local:8080/health"),
    ("an internal address", "see http://192.168.1.20:3000/docs"),
    ("a framework's debug page", "You're seeing this error because you have DEBUG = True in your settings"),
    ("a framework's debug page", "Using the URLconf defined in shop.urls, Django tried these"),
    ("a framework's debug page", "Whoops, looks like something went wrong."),
]
HARMLESS = [
    "java",
    "The java client is deprecated",
    "at 10:30",
    "Meet at /room:10:30",
    "/v1/orders/123",
    "/data/attributes/name",
    "#/components/schemas/Order",
    "error in line 3 of your JSON",
    "Parse error at offset 5: Invalid value.",
    "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    "Unexpected token } in JSON at position 12",
    "JSON parse error: Expecting ',' delimiter: line 1 column 5 (char 4)",
    "version 10.0.0.1",
    "Your address 10.0.0.5 is not allowed",
    "connection from 10.0.0.5:51234 was refused",
    "2026-11-21T10:30:00.000Z",
    "https://errors.pydantic.dev/2.5/v/missing",
    "https://api.example.com/problems/not-found",
    "https://tools.ietf.org/html/rfc9110#section-15.5.5",
    "urn:problem:com.example.shop.OutOfStockError",
    "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
    "type.googleapis.com/google.rpc.BadRequest",
    "NotFoundError",
    "ValidationException",
    "order.NotFoundError",
    "Resource not found",
    "Please select a plan from the list",
    "SELECT a plan",
    "You cannot update the order set for delivery",
    "Delete from the cart where possible",
    'column "Price" does not exist',
    "the request was refused",
    "an exception was made for your order",
    "Cannot POST /v1/items",
    "/home/orders",
    "/app/main.js",
    "/users/4711/settings.php",
    "See /docs/errors.html",
    "The file report.py is too large",
    "C: is not a currency",
    "System.Text is not a media type",
    "Java SE 17",
    "SQL injection attempts are logged",
    "trace id 4bf92f3577b34da6a3ce929d0e0e4736",
    "error.internal",
    "node:test",
    "[redacted]",
    "JSON::API",
]


@pytest.mark.parametrize(("what", "text"), LEAKING)
def test_leak_is_found(what: str, text: str) -> None:
    assert what in {leak.what for leak in leaks(text)}


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_no_leak(text: str) -> None:
    assert leaks(text) == []


@pytest.mark.parametrize(("what", "text"), LEAKING)
def test_echo_is_no_leak(what: str, text: str) -> None:
    assert leaks(f"not valid: {text}", sent=f"q={text}") == []


def exchange(
    text: str, media: str = "application/json", url: str = "https://api.example.com/v1/orders"
) -> Exchange:
    fields = (("Content-Type", media), ("X-Powered-By", "Express"), ("X-Frame-Options", "DENY"))
    sent = Body('{"note": "SELECT a FROM b WHERE c"}', 35)
    return Exchange(
        "1", "POST", url, (), sent, status=400, response_fields=fields, response_body=Body(text, len(text))
    )


def test_strings_of_json_are_decoded() -> None:
    text = json.dumps({"detail": 'File "x.py", line 3, in f', "hint": "C:\\Users\\a\\shop"})
    assert {leak.what for leak in of_exchange(exchange(text))} == {
        "a Python stack trace",
        "the path of a file",
    }


def test_path_in_a_frame_is_reported_once() -> None:
    assert [leak.what for leak in leaks('File "/srv/shop/api/x.py", line 3, in f')] == [
        "a Python stack trace"
    ]


def test_what_the_body_said_is_an_echo() -> None:
    assert of_exchange(exchange('{"detail": "bad note: SELECT a FROM b WHERE c"}')) == []


def test_tags_are_read_as_a_reader_does() -> None:
    page = (
        "<html><link href='/var/www/shop/a/x.php'><pre>SyntaxError: Unexpected end<br> &nbsp; at parse "
        "(/srv/api/lib/json.js:96:19)<br></pre></html>"
    )
    assert {leak.what for leak in of_exchange(exchange(page, "text/html"))} == {"a Node.js stack frame"}
    assert "x.php" not in readable(page, "text/html")
    django = "<p>You're seeing this error because you have <code>DEBUG = True</code> in your file.</p>"
    assert {leak.what for leak in of_exchange(exchange(django, "text/html"))} == {"a framework's debug page"}


def test_private_addresses_are_no_secret_on_a_private_network() -> None:
    text = '{"type": "http://192.168.7.7/problems/x"}'
    assert of_exchange(exchange(text))
    assert not of_exchange(exchange(text, url="http://10.0.0.9:8080/v1/orders"))


def test_is_private() -> None:
    for url in ("http://127.0.0.1:8/", "http://10.1.1.1/", "http://localhost/", "http://api.internal/"):
        assert is_private(url)
    for url in ("https://api.example.com/", "http://93.184.216.34/"):
        assert not is_private(url)


def test_powered_by() -> None:
    assert powered_by(exchange("{}")) == ["X-Powered-By: Express"]


def test_leaks_are_looked_for_in_all_errors_of_a_run() -> None:
    def one(status: int, text: str) -> Exchange:
        shown = Body(text, len(text))
        kept = (("Content-Type", "application/json"),)
        return Exchange(
            "1", "POST", "http://h/v1/loans", (), Body(), status, response_fields=kept, response_body=shown
        )

    trace = json.dumps({"fault": {"text": 'File "/srv/app/loans.py", line 12, in lend'}})
    exchanges = (one(201, trace), one(422, json.dumps({"fault": {"text": "not a date"}})), one(500, trace))
    found = list(disclosed(Record(exchanges)))
    assert len(found) == 1
    assert found[0].shown_by == exchanges[2].summary()
    assert "a Python stack trace" in str(found[0])
