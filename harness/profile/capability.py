"""Capabilities: what a resource can do, and the evidence for it."""

from __future__ import annotations

from enum import Enum

from pydantic import Field

from harness.profile.values import Model


class State(str, Enum):
    """How a capability came to be known."""

    DECLARED = "declared"
    DETECTED = "detected"
    CONTRADICTED = "contradicted"
    ABSENT = "absent"


BY_PROFILE = "the profile says so"
"""Why a capability is known that the user states with true or false."""
BY_DOCUMENT = "OpenAPI"
"""How the reasons begin that are the document's."""


class Capability(Model):
    """Something that a resource can do, or cannot, and how that is known."""

    state: State
    because: str = Field(description="The declaration or the observation that says so.")

    @property
    def there(self) -> bool:
        return self.state in (State.DECLARED, State.DETECTED)

    @property
    def given(self) -> bool:
        """Whether the user states it: no observation contradicts that."""
        return self.because == BY_PROFILE
