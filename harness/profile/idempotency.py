"""Idempotency keys: how a request carries one, and what the API promises for it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.profile.values import Model, Pointer


class Idempotency(Model):
    """How a request carries an idempotency key, and what the API promises for it."""

    field: str = Field("Idempotency-Key", description="Header field that carries the key.")
    body: Pointer | None = Field(
        None, description="Member that carries the key, inside the representation, instead of a field."
    )
    required: bool = Field(False, description="Whether a create without a key is refused.")
    key_format: Literal["bare", "string"] | None = Field(
        None,
        description="Whether keys are sent bare (when omitted) or as a Structured Field String, in quotes (RFC 9651).",
    )
    methods: list[str] = Field(
        default_factory=lambda: ["POST"], description="Methods that take a key: POST, and PATCH of an item."
    )
    exactly_once: bool = Field(
        False,
        description="Whether the API promises that a key takes effect once: a breach of that is then a failure.",
    )
    stale_ok: bool = Field(
        False, description="Whether a replay may show the current state instead of the stored response."
    )
    retention: float | None = Field(
        None, gt=0, description="Seconds for which the API promises to remember a key."
    )
