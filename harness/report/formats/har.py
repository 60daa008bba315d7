"""HAR 1.2: every exchange of a run for the tools that read network logs. As redacted as the report is.

The exchanges carry instants of a monotonic clock. The first of them is put at the begin of the run, and the others
keep their distance to it: dates are right within the start-up of the harness.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from harness.http.exchange import Body, Exchange, Fields
from harness.report.model import Report
from harness.report.text import encodable

UNKNOWN = -1
"""The value that HAR gives to an unknown length."""
_URI = "!#$%&'()*+,-./:;=?@[]_~"


def render(report: Report) -> str:
    """The exchanges of a run as HTTP Archive, in the order in which they were sent."""
    exchanges = sorted(report.exchanges, key=lambda exchange: (exchange.started, exchange.id))
    began = exchanges[0].started if exchanges else 0.0
    start = _moment(report.run.started)
    log = {
        "version": "1.2",
        "creator": {"name": "pytest-rest-conformance", "version": report.run.harness},
        "comment": f"Run {report.run.id} of {report.target.url}. Secrets are shown as $NAME or [redacted].",
        "entries": [_entry(exchange, start, exchange.started - began) for exchange in exchanges],
    }
    return encodable(json.dumps({"log": log}, ensure_ascii=False, indent=1)) + "\n"


def _moment(started: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(started)
    except ValueError:
        moment = dt.datetime.fromtimestamp(0, dt.UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _entry(exchange: Exchange, start: dt.datetime, after: float) -> dict[str, Any]:
    took = max(round((exchange.ended - exchange.started) * 1000, 3), 0)
    entry: dict[str, Any] = {
        "startedDateTime": (start + dt.timedelta(seconds=after)).isoformat(timespec="milliseconds"),
        "time": took,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        # Only the whole is measured.
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_id": exchange.id,
    }
    if exchange.connection:
        entry["connection"] = exchange.connection
    if exchange.credential:
        entry["_credential"] = exchange.credential
    if exchange.attempt > 1:
        entry["_attempt"] = exchange.attempt
    if exchange.error:
        entry["comment"] = entry["response"]["_error"] = exchange.error
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    url = quote(encodable(exchange.url), safe=_URI)
    made: dict[str, Any] = {
        "method": exchange.method,
        "url": url,
        "httpVersion": exchange.http_version or "unknown",
        "cookies": [],
        "headers": _headers(exchange.request_fields),
        "queryString": [{"name": name, "value": value} for name, value in _query(exchange.url)],
        "headersSize": UNKNOWN,
        "bodySize": exchange.request_body.size,
    }
    if exchange.request_body.size:
        media = exchange.request_field("content-type") or ""
        made["postData"] = {"mimeType": media, "text": exchange.request_body.text}
        if exchange.request_body.cut:
            made["postData"]["comment"] = _cut(exchange.request_body)
    return made


def _response(exchange: Exchange) -> dict[str, Any]:
    content: dict[str, Any] = {
        "size": exchange.response_body.size,
        "mimeType": exchange.field("content-type") or "",
    }
    if exchange.response_body.text:
        content["text"] = exchange.response_body.text
    if exchange.response_body.cut:
        content["comment"] = _cut(exchange.response_body)
    return {
        # 0 is what browsers write where no response came.
        "status": exchange.status or 0,
        "statusText": exchange.reason,
        "httpVersion": exchange.http_version or "unknown",
        "cookies": [],
        "headers": _headers(exchange.response_fields),
        "content": content,
        "redirectURL": (exchange.field("location") or "") if 300 <= (exchange.status or 0) < 400 else "",
        "headersSize": UNKNOWN,
        "bodySize": exchange.response_body.size if exchange.status else UNKNOWN,
    }


def _headers(fields: Fields) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in fields]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []


def _cut(body: Body) -> str:
    if body.unshown:
        return f"{body.size:,} bytes, binary{f', SHA-256 {body.sha256}' if body.sha256 else ''}; not kept"
    return f"the first {len(body.text):,} characters of {body.size:,} bytes were recorded"
