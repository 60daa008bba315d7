"""The recorder's part in a race: what may be sent, what it costs, and the exchanges that come of it.

Members of a race do not pass through the recorder's transport, yet nothing leaves without budget, origin and effects
having been asked, nor is kept without redaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.exchange import Exchange
from harness.race.track import Run
from harness.recorder import Recorder


def admit(recorder: Recorder, requests: Sequence[httpx.Request]) -> None:
    """Let requests pass, or say why not, and spend the budget for all of them, at the run's pace.

    Raises:
        Undecided: refused by origin or effects, over budget, or the target has died.
    """
    for request in requests:
        recorder.admit(request.method, request.url)
    recorder.budget.take(len(requests))


def keep(recorder: Recorder, run: Run, now: float) -> tuple[Exchange | None, httpx.Response | None]:
    """Record a member; None, None where there was no connection to send it on.

    Args:
        recorder: the client's.
        run: the member, answered or settled.
        now: when the race was over, for members without an answer.
    """
    if run.port is None:
        return None, None
    response = _response(run) if run.done is not None and run.reason is None else None
    octets = bytes(run.content)
    started = run.released if run.released is not None else run.parked
    exchange = recorder.record(
        run.request,
        run.request.content,
        response,
        octets,
        run.reason,
        started if started is not None else now,
        run.done if run.done is not None else now,
        run.request.extensions.get("conformance", {}),
    )
    if response is None:
        return exchange, None
    response.extensions = {**response.extensions, "exchange": exchange, "octets": octets}
    try:
        response.read()
    except httpx.DecodingError as problem:
        run.reason = f"its content cannot be decoded: {problem}"
        return exchange, None
    return exchange, response


def _response(run: Run) -> httpx.Response:
    extensions: dict[str, Any] = {"http_version": run.version, "network_stream": Peer(run.port or 0)}
    if run.phrase or run.stream is None:
        extensions["reason_phrase"] = run.phrase
    if run.stream is not None:
        extensions["stream_id"] = run.stream
    return httpx.Response(
        run.status or 0,
        headers=run.fields,
        stream=httpx.ByteStream(bytes(run.content)),
        request=run.request,
        extensions=extensions,
    )


@dataclass(frozen=True)
class Peer:
    """What the recorder asks a network stream for: the client's end of the connection."""

    port: int

    def get_extra_info(self, info: str) -> Any:
        return ("", self.port) if info == "client_addr" else None
