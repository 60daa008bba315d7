"""Whether an OpenAPI document is valid, and says what a client has to expect. No I/O.

The kept validator of the OpenAPI specifications judges. It takes a second for half a megabyte: documents that are much
larger are not put to it.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import endpoints

LARGEST = 3_000_000
"""Characters of a document that is validated."""
MOST = 10
_SUCCESS = re.compile(r"2(\d\d|XX)|3(?!04)(\d\d|XX)|101|default", re.IGNORECASE)


def faults(document: Node) -> list[str]:
    """What a document breaks of the specification that it names, at most ten faults.

    Raises:
        ValueError: it names a version that the validator does not have.
    """
    # Takes half a second to import.
    import openapi_spec_validator as validators

    version = str(document.get("openapi") or document.get("swagger") or "")
    known: dict[str, Any] = {
        "2.0": validators.OpenAPIV2SpecValidator,
        "3.0": validators.OpenAPIV30SpecValidator,
        "3.1": validators.OpenAPIV31SpecValidator,
        "3.2": getattr(validators, "OpenAPIV32SpecValidator", None),
    }
    validator = known.get(version[:3])
    if validator is None:
        raise ValueError(f"version {version or 'unknown'}")
    try:
        found = list(itertools.islice(validator(document).iter_errors(), MOST))
    except Exception as problem:
        # References that lead nowhere end the library's search.
        return [f"{type(problem).__name__}: {problem}"[:300]]
    return [
        f"{'/'.join(map(str, one.absolute_path)) or 'the document'}: {one.message}"[:300] for one in found
    ]


def silent(document: Node) -> tuple[list[str], list[str]]:
    """Operations without a documented success, and those without any documented error, as `GET /orders`."""
    no_success, no_error = [], []
    for endpoint in endpoints(document, ""):
        for method, operation in endpoint.operations.items():
            responses = operation.get("responses")
            statuses = (
                [str(one) for one in resolve(document, responses)] if isinstance(responses, dict) else []
            )
            name = f"{method} {endpoint.written or endpoint.path}"
            if not any(_SUCCESS.fullmatch(one) for one in statuses):
                no_success.append(name)
            if not any(one[:1] == "4" or one == "default" for one in statuses):
                no_error.append(name)
    return no_success, no_error
