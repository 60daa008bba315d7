"""What the owner of the API accepts or has decided: waivers, and deviations that are deliberate."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field, field_validator

from harness.profile.values import Model


class Waiver(Model):
    """A finding that its owner accepts until a date."""

    rule: str = Field(description="Code of the rule, such as COND-004.")
    reason: str = Field(description="Why the finding is accepted.")
    owner: str = Field(description="Who answers for that.")
    until: dt.date = Field(description="Last day on which it holds, such as 2027-01-31.")
    resource: str | None = Field(None, description="Name of the resource; every resource when omitted.")

    @field_validator("reason", "owner", "until", mode="before")
    @classmethod
    def _signed(cls, value: Any) -> Any:
        """Refuse a waiver that `--write-waivers` drafted and nobody signed."""
        if isinstance(value, str) and value.strip().upper() in ("", "TODO"):
            raise ValueError("is not filled in: a waiver needs a reason, an owner and an end")
        return value

    def covers(self, rule: str, resource: str | None) -> bool:
        """Whether it accepts a finding of a rule on a resource; None for a rule without resource."""
        return self.rule == rule and self.resource in (None, resource)


class Methods(Model):
    """Deviations in methods that the API owns up to."""

    head: bool = Field(True, description="False where HEAD is switched off on purpose.")


class Negotiation(Model):
    """What the API owns up to in representing content."""

    compression: bool = Field(
        True, description="False where responses are not compressed on purpose, such as against BREACH."
    )
    normalises: bool = Field(
        False, description="Whether texts are documented to be stored in a Unicode normalisation form."
    )


class WireRules(Model):
    """Which odd requests may be sent on raw connections, and what the server owns up to."""

    malformed: bool = Field(
        False,
        description="Whether malformed requests may be sent: without Host, with a blank before a colon.",
    )
    smuggling: bool = Field(
        False,
        description="Whether requests of ambiguous length may be sent, to a server that nobody else uses.",
    )
    clock: Literal["none"] | None = Field(
        None, description="none where the server has no clock, so that it must not send Date."
    )
    idle: float = Field(
        1.0, ge=0, le=30, description="Seconds without a request that a connection is expected to survive."
    )
