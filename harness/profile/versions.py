"""What clients of the API were written for, and how they choose a version."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from harness.profile.values import Model, Path, Pointer


class Pact(Model):
    """What consumers expect, as their tests wrote it down (Pact, versions 2 to 4)."""

    files: list[str] = Field(min_length=1, description="Pact files.")
    state_command: list[str] = Field(
        default_factory=list,
        description="Program and arguments that bring about a provider state; run without a shell, once for each state "
        'of an interaction. It reads {"state": ..., "params": {...}} from its standard input.',
    )
    timeout: float = Field(30.0, gt=0, le=600, description="Seconds for one run of that program.")


class Versions(Model):
    """The contracts of before, and the versions that are served."""

    baseline_schema: str | None = Field(
        None,
        description="The OpenAPI document that clients were written for, a file: what broke them since is judged.",
    )
    scheme: Literal["path", "field", "query", "media type"] | None = Field(
        None, description="How clients choose a version; found in the document where it says so."
    )
    name: str | None = Field(
        None, description="The field, or the parameter of the query, that chooses it: `Api-Version`."
    )
    declared: list[str] = Field(
        default_factory=list,
        description="The versions that are served: values of the field or parameter, media types, or paths on the "
        'target\'s origin, such as ["/v1", "/v2"].',
    )
    read: Path | None = Field(
        None, description="What is read in each version; the first collection that can be read when omitted."
    )
    members: dict[str, dict[Pointer, Pointer]] = Field(
        default_factory=dict,
        description="Members that another version calls otherwise, by resource: "
        '{ orders = { "/customer" = "/buyer" } }. The version of the target\'s URL comes first.',
    )
    recorded: str | None = Field(
        None, description="The conformance.json of an earlier run: its requests are repeated."
    )
    pact: Pact | None = Field(None, description="Pact files of consumers: their requests are repeated.")

    @model_validator(mode="after")
    def _whole(self) -> Versions:
        if self.scheme is None:
            return self
        if not self.declared:
            raise ValueError("`scheme` needs the versions in `declared`")
        if self.scheme in ("field", "query") and self.name is None:
            raise ValueError(f"`scheme` {self.scheme} needs the `name` of the {self.scheme}")
        if self.scheme == "path" and not all(one.startswith("/") for one in self.declared):
            raise ValueError("paths in `declared` begin with /")
        return self
