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
    owner: str = Field(description="Who is responsible for accepting it.")
    until: dt.date = Field(description="Last day on which it is accepted, such as 2027-01-31.")
    resource: str | None = Field(None, description="Name of the resource; every resource when omitted.")

    @field_validator("reason", "owner", "until", mode="before")
    @classmethod
    def _signed(cls, value: Any) -> Any:
        """Reject a draft of `--write-waivers` that was not filled in."""
        if isinstance(value, str) and value.strip().upper() in ("", "TODO"):
            raise ValueError("is not filled in: a waiver needs a reason, an owner and an end")
        return value

    def covers(self, rule: str, resource: str | None) -> bool:
        """Whether it accepts a finding of a rule on a resource; None for a rule without resource."""
        return self.rule == rule and self.resource in (None, resource)


class Methods(Model):
    """Deliberate deviations in methods."""

    head: bool = Field(True, description="False if HEAD is deliberately not supported.")


class Negotiation(Model):
    """Deliberate deviations and promises in content negotiation."""

    compression: bool = Field(
        True, description="False if responses are deliberately not compressed, such as against BREACH."
    )
    normalises: bool = Field(
        False, description="Whether texts are documented to be stored in a Unicode normalisation form."
    )


class WireRules(Model):
    """Which unusual requests may be sent on raw connections, and deliberate deviations of the server."""

    malformed: bool = Field(
        False,
        description="Whether malformed requests may be sent: without Host, or with a space before a colon.",
    )
    smuggling: bool = Field(
        False,
        description="Whether requests of ambiguous length may be sent, to a server that has no other users.",
    )
    clock: Literal["none"] | None = Field(
        None, description="none if the server has no clock and therefore must not send Date."
    )
    idle: float = Field(
        1.0, ge=0, le=30, description="Seconds without a request that a connection is expected to survive."
    )
