"""Resource objects of JSON:API 1.1, as far as requests for items need to know them. Pure."""

from __future__ import annotations

from harness.http.content import MISSING, at
from harness.profile.models import Resource

JSON_API = "application/vnd.api+json"
ATTRIBUTES = "/data/attributes"


def resource_type(known: Resource) -> str:
    """The `type` that an update must name (JSON:API 1.1 section 9.2); empty where bodies are no such documents.

    It is that of the accepted create body, else the last part of the path of the collection.
    """
    if known.bare or known.representation != ATTRIBUTES:
        return ""
    named = MISSING if known.body is None else at(known.body, "/data/type")
    if isinstance(named, str):
        return named
    return known.collection.rstrip("/").rsplit("/", 1)[-1] if known.media_type == JSON_API else ""
