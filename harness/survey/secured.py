"""Which operations need a credential, by the OpenAPI document."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness.client.client import Client
from harness.http.path_templates import matches
from harness.survey.outcome import Survey


def secured(survey: Survey, client: Client, method: str, url: str) -> bool:
    """Whether the OpenAPI document requires a credential for a request."""
    path = urlsplit(url).path.removeprefix(client.target.base_path) or "/"
    found = (one.partition(" ") for one in survey.secured)
    return any(
        verb == method and (template == path or matches(template, path)) for verb, _, template in found
    )
