"""Optimistic locking: what guards a write."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.profile.values import Model, Pointer


class Locking(Model):
    """Optimistic locking: what a write must carry to be accepted."""

    version: Pointer | None = Field(
        None, description="Version member that a write must carry, inside the representation."
    )
    if_match: bool = Field(
        False, description="Whether a write without If-Match is refused (428); detected when omitted."
    )
    if_match_for: list[Literal["PUT", "PATCH", "DELETE"]] = Field(
        default_factory=list,
        description="Methods that are refused without If-Match, where `if_match` is true; all when omitted.",
    )
