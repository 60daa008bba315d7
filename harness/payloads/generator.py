"""The process that generates values of JSON Schemas, by schemathesis on hypothesis.

It reads a line with a schema, a seed and perhaps a number of values, writes a line with values, and ends with its
input. Whoever asks bounds the time; memory is bounded here, where the system can do that. It works in a folder of its
own, so that no `.hypothesis` is left where the user works.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import signal
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from harness.payloads.constraints import Json, Schema

EXAMPLES = 3
"""Values that are generated; the first is the plainest, and some are good to choose from."""
MEMORY = 1024 * 1024 * 1024
"""Bytes that the process may take beyond what it has once everything is imported."""
MOST_OCTETS = 4 * 1024 * 1024
"""Values that take more bytes are none that a request could carry."""
READY = "ready"
NOTHING = "[]"


def _drawn(schema: Schema, seed: int, count: int = EXAMPLES) -> list[Json]:
    import hypothesis
    import schemathesis

    loaded = schemathesis.openapi.from_dict(_document(schema))
    strategy = loaded["/"]["POST"].as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    found: list[Json] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        database=None,
        max_examples=count,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        found.append(case.body)

    collect()
    return [copy.deepcopy(value) for value in found]


def _document(schema: Schema) -> Schema:
    """A document with one operation that takes the schema; its `$defs` are where OpenAPI has them."""
    moved = _moved(schema)
    definitions = moved.pop("$defs", {})
    return {
        "openapi": "3.1.0",
        "info": {"title": "one body", "version": "1"},
        "components": {"schemas": definitions},
        "paths": {
            "/": {
                "post": {
                    "requestBody": {"required": True, "content": {"application/json": {"schema": moved}}},
                    "responses": {"200": {"description": "OK"}},
                }
            }
        },
    }


def _moved(node: Any) -> Any:
    if isinstance(node, dict):
        made = {key: _moved(value) for key, value in node.items()}
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            made["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
        elif isinstance(reference, str):
            # It would be fetched, and be it a file of the user's.
            del made["$ref"]
        return made
    return [_moved(value) for value in node] if isinstance(node, list) else node


def answer(line: str) -> str:
    """The values for one line of input, as a line; none where nothing could be generated."""
    try:
        shown = json.dumps(_drawn(*json.loads(line)))
    except Exception:
        # Whatever a stranger's schema does to a generator: there is no value then, and that is all.
        return NOTHING
    return shown if len(shown) <= MOST_OCTETS else NOTHING


def _bound_memory() -> None:
    """Limit the address space if /proc shows how much is in use (Linux)."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main() -> None:
    """Answer each line of standard input, until it ends."""
    import hypothesis
    import schemathesis
    from hypothesis import configuration

    assert hypothesis
    assert schemathesis
    # Ctrl-C is for the process that asks; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory()
    warnings.simplefilter("ignore")
    # What a library prints must not be taken for an answer.
    out, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        configuration.set_hypothesis_home_dir(folder)
        print(READY, file=out, flush=True)
        for line in sys.stdin:
            print(answer(line), file=out, flush=True)


if __name__ == "__main__":
    main()
