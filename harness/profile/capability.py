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
    """Declared, and refused as something that does not exist."""
    BROKEN = "broken"
    """Declared, or accepted by the target, and not working: a valid request was answered 5xx, or had no effect."""
    REFUSED = "refused"
    """Declared, and refused with 4xx: the request may be at fault."""
    ABSENT = "absent"


BY_PROFILE = "the profile says so"
"""Evidence of a capability that the user states with true or false."""
BY_DOCUMENT = "OpenAPI"
"""Beginning of evidence from the OpenAPI document."""


class Capability(Model):
    """Something that a resource can or cannot do, with the evidence."""

    state: State
    because: str = Field(description="The declaration or the observation that shows it.")
    declaration: str = Field(
        "", description="What declares it, in the profile or the document; empty where nothing does."
    )
    denied: str = Field(
        "", description="What the target answered against it; empty where nothing speaks against it."
    )
    exchanges: list[str] = Field([], description="Ids of the exchanges of the survey that show it.")

    @property
    def there(self) -> bool:
        return self.state in (State.DECLARED, State.DETECTED)

    @property
    def doubtful(self) -> bool:
        """Whether it is neither there nor absent: a rule that needs it applies, and cannot be decided."""
        return self.state in (State.CONTRADICTED, State.BROKEN, State.REFUSED)

    @property
    def given(self) -> bool:
        """Whether the user states it; observation never contradicts that."""
        return self.because == BY_PROFILE
