"""What the target's OpenAPI document says, read once for the whole survey."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from harness.client.client import Client
from harness.profile.models import Resource
from harness.survey.ask import mount
from harness.survey.infer import rate_limits
from harness.survey.openapi import promises
from harness.survey.openapi import resources as openapi
from harness.survey.openapi.document import Node
from harness.survey.openapi.promises import Promises


@dataclass
class Document:
    """What an OpenAPI document says, as far as a survey needs it; empty where there is none."""

    url: str | None = None
    content: Node = field(default_factory=dict)
    base: str = ""
    declared: list[Resource] = field(default_factory=list)
    documented: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    promises: Promises = field(default_factory=Promises)
    rate_limited: list[str] = field(default_factory=list)
    answered: dict[str, httpx.Response] = field(default_factory=dict)
    """Responses to GET requests by path, received while the base path of the document was looked for."""


def read(client: Client, found: tuple[str, Node] | None, warnings: list[str]) -> Document:
    """Read the OpenAPI document that was found; the parts that cannot be read become warnings."""
    if found is None:
        return Document()
    url, content = found
    base = client.target.base_path
    answered = mount.settle(client, content, warnings)
    if line := rows_by_filter(content):
        warnings.append(line)
    notes: list[str] = []
    declared = openapi.resources(content, base, notes)
    declared += openapi.below(content, base, declared, notes)
    warnings += [f"the OpenAPI document is read in part: {line}" for line in notes]
    return Document(
        url,
        content,
        base,
        declared,
        openapi.documented(content, base),
        openapi.written(content, base),
        promises.promises(content, base),
        rate_limits.documented(content, base),
        answered,
    )


def rows_by_filter(content: Node) -> str:
    """What a run cannot test of PostgREST; empty for any other document. Pure.

    Its rows have no URL of their own: `/films?id=eq.1` is a filter, and a DELETE of it removes whatever that matches.
    """
    described = content.get("externalDocs")
    if not isinstance(described, dict) or "postgrest" not in str(described.get("url")).lower():
        return ""
    return (
        "PostgREST addresses rows by a filter (/films?id=eq.1), not by URLs of their own: its collections are "
        "only read, and the rules about items do not apply: a DELETE whose filter is not understood removes all rows"
    )
