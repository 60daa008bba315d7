"""How clients learn of events as they happen: event streams, long polling, WebSocket."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from harness.profile.values import Json, Model, Path, Pointer

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def _trigger(value: str) -> str:
    method, _, rest = value.strip().partition(" ")
    if not (method.isupper() and rest.startswith("/")) and (rest or method.startswith("/") or not method):
        raise ValueError(
            f"{value!r} does not say what causes an event: write the name of a resource, of which an item is created, "
            "or a request, such as 'POST /announcements'"
        )
    return value.strip()


def _tokens(values: list[str]) -> list[str]:
    for one in values:
        if not _TOKEN.match(one):
            raise ValueError(
                f"{one!r} is not the name of a subprotocol: it is a token of RFC 9110, such as 'v1.json'"
            )
    return values


class Source(Model):
    """Where events are got, and what causes one."""

    path: Path = Field(description="Path of the GET, with its query.")
    trigger: Annotated[str, AfterValidator(_trigger)] | None = Field(
        None,
        description="What causes an event: the name of a resource, of which an item is created, or a request, such as "
        "'POST /announcements'. Without it the run only listens.",
    )
    trigger_body: Json = Field(
        None,
        description="JSON content of that request; {mark} in it becomes a text by which the event is recognised.",
    )
    private: bool | None = Field(
        None,
        description="Whether a client may only see events of its own items; false says that events are public. When "
        "omitted, the run asks who may read the item.",
    )

    @model_validator(mode="after")
    def _body_of_a_request(self) -> Source:
        request = self.trigger is not None and " " in self.trigger
        if self.trigger_body is not None and not request:
            raise ValueError(
                "`trigger_body` is the content of a request: give `trigger` one, such as 'POST /messages'"
            )
        if request and "{mark}" not in repr(self.trigger_body):
            raise ValueError(
                '`trigger_body` must hold {mark}, by which events are recognised: { text = "{mark}" }'
            )
        return self


class Stream(Source):
    """An event stream (text/event-stream)."""

    latency: float = Field(5.0, gt=0, le=600, description="Seconds within which an event must arrive.")
    heartbeat: float | None = Field(
        None,
        gt=0,
        le=600,
        description="Seconds within which the API promises an event or a comment; 30 are advised when omitted.",
    )
    resume: bool | None = Field(
        None,
        description="Whether Last-Event-ID resumes; expected where events have ids when omitted.",
    )
    json_data: bool = Field(False, description="Whether the data of each event is JSON.")
    at_least_once: bool = Field(False, description="Whether an event may arrive more than once.")
    coalescing: bool = Field(False, description="Whether one event may stand for several changes of an item.")
    changes: bool = Field(False, description="Whether changes of an item of the resource cause events, too.")


class LongPoll(Source):
    """Long polling: a GET that is answered when there is an event."""

    timeout: float = Field(
        gt=0, le=600, description="Seconds after which the API answers a request without an event."
    )
    latency: float = Field(1.0, gt=0, le=600, description="Seconds within which an event must be answered.")
    cursor: str | None = Field(
        None,
        description="Query parameter with the place to continue at; without it, validators: If-None-Match and "
        "If-Modified-Since.",
    )
    next: Pointer | None = Field(None, description="Location of the next cursor in responses.")
    start: str | None = Field(None, description="Cursor of the first request; none when omitted.")
    at_least_once: bool = Field(False, description="Whether an event may arrive more than once.")

    @model_validator(mode="after")
    def _continues(self) -> LongPoll:
        if (self.cursor is None) != (self.next is None):
            raise ValueError('`cursor` and `next` belong together: cursor = "since", next = "/next"')
        return self


class WebSocket(Source):
    """A WebSocket endpoint (RFC 6455)."""

    latency: float = Field(5.0, gt=0, le=600, description="Seconds within which an event must arrive.")
    subprotocols: Annotated[list[str], AfterValidator(_tokens)] = Field(
        default_factory=list, description="Subprotocols to offer; none when empty."
    )
    first_message: bool = Field(
        False, description="Whether a client is authenticated by its first message, and not by the handshake."
    )
