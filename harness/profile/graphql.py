"""The GraphQL endpoint of an API."""

from __future__ import annotations

from pydantic import Field

from harness.profile.values import Model, Path


class GraphQL(Model):
    """The GraphQL endpoint."""

    url: Path = Field(description="Path of the endpoint, such as /graphql.")
