"""Where event streams and WebSockets are found: in the document, and where the survey came across one."""

from __future__ import annotations

import json

import pytest

from harness.bad_input import BadInput
from harness.client.client import Unreadable
from harness.profile.models import Profile
from harness.profile.read import load
from harness.rules.checks import NotApplicable
from harness.survey.openapi.document import parse
from harness.survey.openapi.promises import promises
from harness.survey.outcome import Survey
from suites.realtime.sources import Given, about, socket_of, streams
from tests import servers
from tests.client.test_open_responses import stream
from tests.clients import unguarded

STREAM = {"200": {"description": "", "content": {"text/event-stream": {}}}}
EITHER = {"200": {"description": "", "content": {"text/event-stream": {}, "application/json": {}}}}
SWITCH = {"101": {"description": "Switching Protocols"}}
NEEDED = [{"name": "topic", "in": "query", "required": True, "schema": {"type": "string"}}]


def document(paths):
    """The promises of a document with these GETs."""
    made = {name: {"get": operation} for name, operation in paths.items()}
    text = json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": made})
    return promises(parse(text.encode(), "openapi.json"), "")


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        ({"responses": STREAM}, (("/events", True),)),
        ({"responses": EITHER}, (("/events", False),)),
        ({"responses": STREAM, "parameters": NEEDED}, ()),
        ({"responses": {"200": {"description": "", "content": {"application/json": {}}}}}, ()),
    ],
)
def test_documented_streams(operation, found):
    assert document({"/events": operation, "/items/{id}/events": {"responses": STREAM}}).streams == found


def test_documented_websockets():
    made = document({"/socket": {"responses": SWITCH}, "/live": {"responses": STREAM, "x-websocket": True}})
    assert made.websockets == ("/live", "/socket")


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        ([{"url": "https://a.example/v1"}, {"url": "wss://a.example/live"}], ("/live",)),
        ([{"url": "ws://a.example/v1/live"}, {"url": "https://a.example/v1"}], ("/live",)),
        # It says only that the API speaks WebSocket somewhere, or is another machine's.
        ([{"url": "https://a.example/v1"}, {"url": "wss://a.example/v1"}], ()),
        ([{"url": "https://a.example/v1"}, {"url": "wss://b.example/live"}], ()),
        ([{"url": "https://a.example/v1"}], ()),
    ],
)
def test_servers_that_speak_websocket(servers, found):
    text = json.dumps(
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": servers, "paths": {"/a": {}}}
    )
    assert promises(parse(text.encode(), "openapi.json"), "/v1").websockets == found


def test_a_path_with_a_server_that_speaks_websocket():
    live = {"get": {"servers": [{"url": "wss://a.example/v1"}], "responses": {}}}
    text = json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "servers": [{"url": "https://a.example/v1"}],
            "paths": {"/live": live, "/items/{id}/live": live},
        }
    )
    assert promises(parse(text.encode(), "openapi.json"), "/v1").websockets == ("/live",)


NEXT = {"type": "object", "properties": {"events": {"type": "array"}, "next": {"type": "string"}}}
SINCE = {"name": "since", "in": "query", "schema": {"type": "string"}}
WAIT = {"name": "timeout", "in": "query", "schema": {"type": "integer", "maximum": 60}}


@pytest.mark.parametrize(
    ("summary", "given", "schema", "found"),
    [
        ("Long polling for changes", [SINCE, WAIT], NEXT, ("/updates?timeout=2", 2.0, "since", "/next")),
        ("A long-poll that is held for 25 seconds", [SINCE], NEXT, ("/updates", 25.0, "since", "/next")),
        ("Long polling for changes", [SINCE], NEXT, None),
        ("Long polling for changes", [WAIT], NEXT, None),
        ("Long polling for changes", [SINCE, WAIT], {"type": "array"}, None),
        ("Changes", [SINCE, WAIT], NEXT, None),
        ("Long polling", [SINCE, WAIT, *NEEDED], NEXT, None),
    ],
)
def test_documented_long_polling(summary, given, schema, found):
    content = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    made = document({"/updates": {"summary": summary, "parameters": given, "responses": content}}).polls
    assert [(one.path, one.timeout, one.cursor, one.next) for one in made] == ([found] if found else [])


@pytest.mark.parametrize(
    ("path", "collections", "name"),
    [
        ("/orders/events", {"orders": "/orders", "users": "/users"}, "orders"),
        ("/events?topic=a", {"orders": "/v1/orders"}, "orders"),
        ("/events", {"orders": "/orders", "users": "/users"}, None),
        ("/users/orders/events", {"orders": "/orders", "users": "/users"}, None),
        ("/events", {}, None),
    ],
)
def test_what_a_stream_is_about(path, collections, name):
    assert about(path, collections) == name


def given(client, **survey):
    profile = Profile()
    return Given(client, profile, Survey(profile, **survey), lambda name: None)


def test_a_stream_that_the_survey_came_across_is_followed_and_not_waited_for():
    with servers.raw(stream(b"data: 1\n\n")) as url, unguarded(f"{url}/v1") as client:
        with pytest.raises(Unreadable, match="an event stream"):
            client.get("/events?topic=a")
        found = streams(given(client, exchanges=client.recorder.exchanges))
    assert [one.path for one in found] == ["/events?topic=a"]
    (exchange,) = client.recorder.exchanges
    assert (exchange.status, exchange.error) == (200, "an event stream, which goes on: it was not followed")


def test_without_any_there_is_none():
    with servers.http(lambda seen: None) as server, unguarded(server.url) as client:
        for look in (streams, socket_of):
            with pytest.raises(NotApplicable):
                look(given(client))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[streams]]\npath = "events"\n', "path"),
        ('[[streams]]\npath = "/events"\ntrigger = "post /x"\n', "trigger"),
        ('[[streams]]\npath = "/events"\ntrigger = "POST /x"\n', "trigger_body"),
        (
            '[[streams]]\npath = "/events"\ntrigger = "orders"\ntrigger_body = { a = "{mark}" }\n',
            "trigger_body",
        ),
        ('[longpoll]\npath = "/updates"\n', "timeout"),
        ('[longpoll]\npath = "/updates"\ntimeout = 30\ncursor = "since"\n', "next"),
        ('[websocket]\npath = "/socket"\nsubprotocols = ["a b"]\n', "subprotocols"),
    ],
)
def test_mistakes_in_the_profile_name_the_key(tmp_path, text, key):
    (tmp_path / "conformance.toml").write_text(text)
    with pytest.raises(BadInput) as problem:
        load(None, tmp_path, {})
    assert "\n" not in str(problem.value)
    assert key in str(problem.value)
