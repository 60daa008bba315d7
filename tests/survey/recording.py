"""Samples of real servers as JSON files.

`python -m tests.survey.recording URL FOLDER 'SERVER VERSION' ['NAME: VALUE' ...]` records one file a resource.

What is kept of an exchange is what inference looks at; request fields, which may hold secrets, are not.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.http.content import MISSING
from harness.http.exchange import Body, Exchange
from harness.ledger.ledger import Ledger
from harness.profile.models import Resource
from harness.rules.rule import Effect
from harness.run.prepare import prepare
from harness.survey.ask.explore import Explorer
from harness.survey.ask.probe import survey
from harness.survey.infer.samples import ResourceSamples, Sample
from harness.target.target import Limits

SAMPLES = Path(__file__).parent.parent / "samples"
KEPT = (
    "content-type",
    "location",
    "etag",
    "link",
    "next-page",
    "x-total-count",
    "allow",
    "accept-patch",
    "total-records",
)


def written(samples: ResourceSamples) -> dict[str, Any]:
    """Samples as plain JSON; what was not asked is left out."""
    found = {}
    for field in fields(samples):
        value = getattr(samples, field.name)
        if value not in (None, [], False):
            found[field.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Sample):
        exchange, parts = value.exchange, urlsplit(value.exchange.url)
        answer: dict[str, Any] = {
            "request": f"{exchange.method} {parts.path}{'?' + parts.query if parts.query else ''}",
            "status": exchange.status,
            "fields": {name: text for name, text in exchange.response_fields if name.lower() in KEPT},
        }
        return answer if value.value is MISSING else {**answer, "body": value.value}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def read(kept: dict[str, Any], base: str) -> ResourceSamples:
    """The samples that `written()` put down."""
    return ResourceSamples(**{name: _sampled(name, value, base) for name, value in kept.items()})


def _sampled(name: str, value: Any, base: str) -> Any:
    if isinstance(value, dict) and "request" in value:
        method, _, path = value["request"].partition(" ")
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(base))
        exchange = Exchange(
            id=name,
            method=method,
            url=origin + path,
            request_fields=(),
            request_body=Body(),
            status=value["status"],
            response_fields=tuple(value["fields"].items()),
        )
        return Sample(exchange, value.get("body", MISSING))
    if isinstance(value, list):
        made = [_sampled(name, one, base) for one in value]
        return tuple(made) if any(isinstance(one, Sample) for one in made) else made
    return value


def record(url: str, folder: Path, server: str, headers: list[str]) -> None:
    """Survey a server, and keep what each of its resources answered."""
    target, profile = prepare(
        url, directory=Path(tempfile.mkdtemp()), headers=headers, limits=Limits(effects=Effect.WRITE)
    )
    client = Client.open(target, Recorder(target, Budget(1000), "s"))
    kept: list[tuple[Resource, ResourceSamples]] = []
    explore = Explorer.explore

    def keeping(self: Explorer, resource: Resource, seed: int) -> Any:
        declared = resource.model_copy(deep=True)
        known, item, samples = explore(self, resource, seed)
        kept.append((declared, samples))
        return known, item, samples

    Explorer.explore = keeping  # type: ignore[method-assign]
    parents = Ledger()
    try:
        found = survey(client, profile, None, parents)
    finally:
        parents.clear()
    for declared, samples in kept:
        known = found.profile.resource(declared.name)
        expected = known.model_dump(mode="json", exclude_defaults=True)
        for name in ("create_schema", "methods", "capabilities", "body", "accepts", "offers"):
            expected.pop(name, None)
        expected["capabilities"] = {
            name: one.state.value
            for name, one in sorted(known.capabilities.items())
            if name not in ("openapi", "delete", "schema")
        }
        declared.create_schema = None
        text = {
            "server": server,
            "base": url,
            "declared": declared.model_dump(mode="json", exclude_defaults=True, exclude={"methods"}),
            "samples": written(samples),
            "expected": expected,
        }
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{server.split()[0]}-{declared.name}.json".lower()
        (folder / name).write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n")
        print(name)


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
