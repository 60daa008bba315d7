"""The GraphQL endpoint of an API."""

from __future__ import annotations

from pydantic import Field

from harness.profile.values import Model, Path


class GraphQL(Model):
    """The GraphQL endpoint."""

    url: Path | None = Field(
        None, description="Path of the endpoint, such as /graphql; found where the API names it."
    )
    schema_file: str | None = Field(
        None,
        description="File with the schema, in the schema definition language or as JSON of introspection, relative to "
        "the profile; for an endpoint that refuses introspection.",
    )
