"""What clients of the API were written for, and how they choose a version."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.profile.values import Model, Path, Pointer


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
