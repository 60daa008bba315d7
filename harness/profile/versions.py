"""What clients of the API were written for."""

from __future__ import annotations

from pydantic import Field

from harness.profile.values import Model


class Versions(Model):
    """The contract of before."""

    baseline_schema: str | None = Field(
        None,
        description="The OpenAPI document that clients were written for, a file: what broke them since is judged.",
    )
