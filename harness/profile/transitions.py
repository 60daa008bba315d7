"""Requests that move an item from one state to another."""

from __future__ import annotations

from pydantic import Field

from harness.profile.values import Json, Model, Path


class Transition(Model):
    """A request that moves an item from one state to another; one table for each state that it may leave."""

    name: str = Field(description="Name in the report, such as pay.")
    path: Path = Field(description="Path, with {id}, such as /orders/{id}/pay.")
    method: str = Field("POST", description="Method of the request.")
    body: Json = Field(None, description="JSON content of the request; none when omitted.")
    before: Json = Field(description="The state before it, as an item shows it.")
    after: Json = Field(description="The state after it.")
