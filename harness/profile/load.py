"""What load a target may be put under, and what its owner promises of latency."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.profile.values import Model, Path


class Load(Model):
    """The load that rules of `--effects load` put on the target.

    One client, of the credential `default`, sends a few requests a second and is measured; another floods.
    """

    path: Path | None = Field(
        None,
        description="A GET that both clients may send, such as /orders; the first list that is found when omitted.",
    )
    other_version: Path | None = Field(
        None,
        description="A GET of another version, on the target's origin, such as /v2/orders: a flood of `path` must not "
        "affect it. The owner says so; versions may share everything.",
    )
    flooder: str = Field("other", description="Name of the credential of the client that floods.")
    rate: float = Field(4.0, gt=0, le=200, description="Requests a second of the client that is measured.")
    flood: float = Field(50.0, gt=0, le=2000, description="Requests a second of the client that floods.")
    seconds: float = Field(
        20.0,
        gt=0,
        le=600,
        description="Seconds without the flood, and then with it; slow clients stay as long.",
    )
    recovery: float = Field(
        30.0, gt=0, le=600, description="Seconds after which the flood must be forgotten."
    )
    idle: float = Field(
        0.0,
        ge=0,
        le=3600,
        description="Seconds without requests, after which the first one is measured, twice; 0 leaves that out.",
    )
    scenario: Literal["flood", "payflow"] = Field(
        "flood",
        description="How the flood is made: `flood` is a constant rate; `payflow` a client that repeats each failed "
        "request at once, ten times a second, and ignores Retry-After.",
    )
    slow: int = Field(50, ge=1, le=500, description="Connections of clients that send a byte a second.")


class Slo(Model):
    """An objective for an operation: what the API's owner promises of it."""

    path: Path = Field(description="The path of a GET.")
    ms: float = Field(gt=0, description="Milliseconds within which a response is complete.")
    percentile: float = Field(
        95.0, gt=0, lt=100, description="Percentage of the requests of which that is true."
    )
    availability: float | None = Field(
        None, gt=0, le=100, description="Percentage of the requests that are answered without a server error."
    )
    samples: int = Field(300, ge=20, le=100_000, description="Requests that are measured.")
    rate: float = Field(5.0, gt=0, le=200, description="Requests a second.")
