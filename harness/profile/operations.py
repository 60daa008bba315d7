"""Long-running operations that the run may start."""

from __future__ import annotations

from pydantic import Field, model_validator

from harness.profile.values import Json, Model, Path


class LongRunningOperation(Model):
    """A POST that starts work which goes on after the response; the run sends it, so choose a harmless one."""

    path: Path = Field(description="Path to which the POST is sent, such as /exports.")
    body: Json = Field(None, description="JSON content that starts it; none when omitted.")
    failing_body: Json = Field(
        None, description="JSON content that is accepted, and whose operation then fails; none when omitted."
    )
    invalid_body: Json = Field(
        None, description="JSON content that must be refused at once; none when omitted."
    )
    monitor: Path | None = Field(
        None,
        description="Path of the status monitor with {id}, such as /operations/{id}, where responses have the id "
        "of the operation and no link to it.",
    )
    cancel: str | None = Field(
        None,
        description="How an operation is cancelled: a path with {id}, such as 'POST /operations/{id}/cancel', or "
        "'DELETE' or 'PATCH' for that of the monitor.",
    )
    cancel_body: Json = Field(
        None, description='JSON that cancels it, such as { status = "cancelled" }; no content when omitted.'
    )
    keyed: bool = Field(
        False,
        description="Whether the start honours Idempotency-Key: two starts under one key are one operation.",
    )
    private: bool = Field(
        False, description="Whether only the client that started an operation may see it and cancel it."
    )
    max_seconds: float | None = Field(
        None, gt=0, le=600, description="Seconds after which an operation must have ended; none when omitted."
    )

    @model_validator(mode="after")
    def _places_with_ids(self) -> LongRunningOperation:
        if self.monitor is not None and "{id}" not in self.monitor:
            raise ValueError(f"`monitor` {self.monitor!r} has no {{id}} in it: write /operations/{{id}}")
        if self.cancel is not None and self.cancel.startswith("PATCH") and self.cancel_body is None:
            raise ValueError(
                f'`cancel` {self.cancel!r} needs a `cancel_body`, such as {{ status = "cancelled" }}'
            )
        if self.cancel in (None, "DELETE", "PATCH"):
            return self
        method, _, path = self.cancel.partition(" ")
        if method not in ("POST", "PUT", "PATCH", "DELETE") or not path.startswith("/") or "{id}" not in path:
            raise ValueError(
                f"`cancel` {self.cancel!r} names no request: write 'DELETE', or 'POST /operations/{{id}}/cancel'"
            )
        return self
