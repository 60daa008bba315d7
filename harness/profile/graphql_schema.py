"""The GraphQL schema that a profile names: a text in the schema definition language, or an introspection result. Pure.

graphql-core is imported where there is such a file only: it takes longer to import than a profile takes to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql import GraphQLSchema


def parsed(text: str) -> GraphQLSchema:
    """The schema of a text (GraphQL section 3), or of the JSON that introspection gives (GraphQL section 4).

    Directives that the text uses and does not define are accepted: federated schemas have them.

    Raises:
        ValueError: says in one line why it is none.
    """
    from graphql import GraphQLError, build_schema

    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        found = _of_json(text)
    else:
        try:
            found = build_schema(text, assume_valid_sdl=True)
        except GraphQLError as problem:
            where = f" at line {problem.locations[0].line}" if problem.locations else ""
            raise ValueError(f"{problem.message.rstrip('.')}{where}") from None
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as problem:
            raise ValueError(str(problem).splitlines()[0] if str(problem) else "it is no schema") from None
    if found.query_type is None:
        raise ValueError("it has no type for queries")
    return found


def _of_json(text: str) -> GraphQLSchema:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is neither JSON nor a schema") from None
    inner = value.get("data", value) if isinstance(value, Mapping) else None
    found = of_introspection(inner)
    if found is None:
        raise ValueError('the JSON is no result of introspection, {"__schema": ...}')
    return found


def of_introspection(data: Any) -> GraphQLSchema | None:
    """The schema of the data of a response to the introspection query; None where there is none."""
    from graphql import build_client_schema

    if not isinstance(data, Mapping) or not isinstance(data.get("__schema"), Mapping):
        return None
    try:
        return build_client_schema(dict(data))  # type: ignore[arg-type]
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return None
