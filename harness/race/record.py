"""The recorder's part in a race: what may be sent, what it costs, and the exchanges that come of it.

Members of a race do not pass through the recorder's transport, yet nothing leaves without budget, origin and effects
having been asked, nor is kept without redaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.client.recorder import Recorder
from harness.http.decoding import TooMuch, answer, decoded
from harness.http.exchange import Exchange
from harness.race.track import MOST_OCTETS, Run


def admit(recorder: Recorder, requests: Sequence[httpx.Request]) -> None:
    """Let requests pass, or say why not, and spend the budget for all of them, at the run's pace.

    Raises:
        Undecided: refused by origin or effects, over budget, or the target has died.
    """
    for request in requests:
        recorder.admit(request.method, request.url)
    recorder.budget.take(len(requests))
    for request in requests:
        recorder.about_to_send(request)


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
    octets, plain = bytes(run.content), b""
    if response is not None:
        try:
            plain = decoded(response.headers, octets, MOST_OCTETS)
        except httpx.DecodingError as problem:
            run.reason = (
                str(problem) if isinstance(problem, TooMuch) else f"its content cannot be decoded: {problem}"
            )
    started = run.released if run.released is not None else run.parked
    exchange = recorder.log.record(
        run.request,
        run.request.content,
        response,
        octets,
        run.reason,
        started if started is not None else now,
        run.done if run.done is not None else now,
        run.request.extensions.get("conformance", {}),
    )
    if response is None or run.reason is not None:
        return exchange, None
    response = answer(response, plain)
    response.request = run.request
    response.extensions = {**response.extensions, "exchange": exchange, "octets": octets}
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
        stream=httpx.ByteStream(b""),
        extensions=extensions,
    )


@dataclass(frozen=True)
class Peer:
    """What the recorder asks a network stream for: the client's end of the connection."""

    port: int

    def get_extra_info(self, info: str) -> Any:
        return ("", self.port) if info == "client_addr" else None
