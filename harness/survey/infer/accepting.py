"""Media types to request if an item is refused to a client that accepts JSON and anything else. Pure."""

from __future__ import annotations

import re

import httpx

from harness.http.content import at, is_json, json_of, media_type
from harness.profile.models import Resource
from harness.resource.json_api import JSON_API

REFUSED = (400, 404, 406, 415)
"""How such a request is refused: 406, or a status of servers that look for their own types only."""
MOST = 6
_NAMED = re.compile(r"\bapplication/[\w.+-]*\b", re.ASCII)
_REGISTRY = "docker-distribution-api-version"
REGISTRY = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
"""Media types of manifests in a registry: clients must name those that they can read (OCI Distribution
Specification 1.1, "Pulling manifests"; OCI Image Specification 1.1, "Compatibility Matrix")."""


def types_to_name(known: Resource, refusal: httpx.Response) -> list[str]:
    """Media types of JSON that the refusal names (RFC 9110 section 15.5.7), or that the document gives for the item.

    Args:
        known: `offers` has the media types that a document promises for an item.
        refusal: response to GET of an item that was listed, or just created.
    """
    if refusal.status_code not in REFUSED:
        return []
    named = list(known.offers.get("item", []))
    if refusal.status_code in (406, 415):
        # The type of the refusal itself does not count.
        shown = refusal.text[:20_000] if media_type(refusal) != "text/html" else ""
        fields = [refusal.headers.get(name, "") for name in ("accept", "link", "alternates")]
        named += _NAMED.findall(" ".join([shown, *fields]))
    if _REGISTRY in refusal.headers and isinstance(at(json_of(refusal), "/errors"), list):
        named += REGISTRY
    usual = ["application/json", "application/problem+json"]
    if media_type(refusal) != JSON_API:
        # JSON:API has one media type, for errors, too.
        usual.append(media_type(refusal))
    return [one for one in dict.fromkeys(named) if is_json(one) and one not in usual][:MOST]
