"""A quota on requests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from harness.profile.capability import BY_PROFILE, State
from harness.profile.values import Model, Path


class RateLimit(Model):
    """A quota on requests, and an endpoint on which it can be used up.

    Declared here, or detected in responses or in the OpenAPI document.
    """

    path: Path = Field(description="A cheap GET that the quota counts, such as /status.")
    name: str = Field("", description="Name in the report; the path when omitted.")
    limit: int | None = Field(
        None, gt=0, description="Requests in a window; taken from responses when omitted."
    )
    window: float | None = Field(
        None, gt=0, description="Seconds of a window; taken from responses when omitted."
    )
    credential: str | None = Field(
        None,
        description="Name of a credential that only this test uses, for the requests that use up the quota.",
    )
    tiers: dict[str, int] = Field(
        default_factory=dict, description="Limits of further credentials, by name, in the same window."
    )
    scope: Literal["credential", "address", "shared"] | None = Field(
        None,
        description="Who has a quota of its own: each credential, each client address, or nobody (a tenant shares it).",
    )
    longest_wait: float = Field(
        30.0, gt=0, le=3600, description="Longest time in seconds that a rule waits until the quota is back."
    )
    state: State = Field(State.DECLARED, description="How the quota was found; declared when omitted.")
    because: str = Field(BY_PROFILE, description="The declaration or the observation that shows it.")

    @model_validator(mode="after")
    def _named(self) -> RateLimit:
        given = set(self.model_fields_set)
        if not self.name:
            self.name = self.path.strip("/").replace("/", "-") or "root"
        self.__pydantic_fields_set__ = given
        return self
