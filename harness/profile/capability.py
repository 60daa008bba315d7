"""Capabilities: what a resource can do, and the evidence for it."""

from __future__ import annotations

from enum import Enum

from pydantic import Field

from harness.profile.values import Model


class State(str, Enum):
    """How a capability was found."""

    DECLARED = "declared"
    DETECTED = "detected"
    CONTRADICTED = "contradicted"
    ABSENT = "absent"


BY_PROFILE = "the profile says so"
"""Evidence of a capability that the user states with true or false."""
BY_DOCUMENT = "OpenAPI"
"""Beginning of evidence from the OpenAPI document."""


class Capability(Model):
    """Something that a resource can or cannot do, with the evidence."""

    state: State
    because: str = Field(description="The declaration or the observation that shows it.")

    @property
    def there(self) -> bool:
        return self.state in (State.DECLARED, State.DETECTED)

    @property
    def given(self) -> bool:
        """Whether the user states it; observation never contradicts that."""
        return self.because == BY_PROFILE
