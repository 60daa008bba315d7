"""What generated bodies take for the operations of real documents. Not run in CI.

The first operations with a JSON body of each document, in turn: the schema of its body, made self-contained as a run
does, and as many generated values as SCH-003 to SCH-005 ask for. The generator is a process of its own.

    python benchmarks/generation.py [OPERATIONS] FILE ...

Goals: 50 operations in less than 30 s and 300 MB.
"""

from __future__ import annotations

import resource
import sys
import time
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.payloads import generating
from harness.payloads.generated import several
from harness.survey.openapi.document import parse
from harness.survey.openapi.operations import endpoints, request_content
from harness.survey.openapi.schemas import Schemas

GENERATED = 6
"""Values of a schema that a rule takes."""


def bodies(file: Path) -> list[tuple[str, Any]]:
    """The operations of a document with a JSON body, each with its schema."""
    document = parse(file.read_bytes(), file.name)
    schemas, found = Schemas(document), []
    for endpoint in endpoints(document, ""):
        for method, operation in endpoint.operations.items():
            content = request_content(document, endpoint, operation)
            if content.json and isinstance(content.schema, dict):
                found.append(
                    (f"{file.name} {method} {endpoint.path}", schemas.inlined(content.schema, "a body"))
                )
    return found


def main(count: int, files: list[Path]) -> None:
    listed = [bodies(file) for file in files]
    taken = [one for one in chain.from_iterable(zip_longest(*listed)) if one is not None][:count]
    started, values, empty, slowest = time.perf_counter(), 0, [], (0.0, "")
    for seed, (name, schema) in enumerate(taken):
        began = time.perf_counter()
        made = several(schema, seed, GENERATED)
        slowest = max(slowest, (time.perf_counter() - began, name))
        values += len(made)
        if not made:
            empty.append(name)
    seconds = time.perf_counter() - started
    generating.shared.end()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    busy = usage.ru_utime + usage.ru_stime
    print(f"{len(taken)} operations of {len(files)} documents: {values} valid values, none for {len(empty)}")
    print(
        f"{seconds:.1f} s ({busy:.1f} s busy in the generator); {usage.ru_maxrss / 1024:.0f} MB; here {own:.0f} MB"
    )
    print(f"slowest: {slowest[1]}, {slowest[0]:.1f} s")
    for name in empty[:10]:
        print(f"none: {name}")


if __name__ == "__main__":
    given = sys.argv[1:]
    number = int(given.pop(0)) if given and given[0].isdigit() else 50
    main(number, [Path(one) for one in given])
