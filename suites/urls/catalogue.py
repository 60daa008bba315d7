"""API catalogues (RFC 9727) as linksets in JSON (RFC 9264 section 4.2). Pure; no I/O."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

CATALOGUE = "/.well-known/api-catalog"
LINKSET = "application/linkset+json"
_DESCRIPTIONS = ("service-desc", "service-doc", "service-meta", "status")


def _contexts(content: Any) -> list[dict[str, Any]]:
    linkset = content.get("linkset") if isinstance(content, dict) else None
    return [one for one in linkset if isinstance(one, dict)] if isinstance(linkset, list) else []


def faults_of(content: Any, url: str, target: str) -> list[str]:
    """What is wrong with a catalogue.

    Args:
        content: its JSON.
        url: where it is; relative references are resolved against it.
        target: URL of the API that should be in it.
    """
    linkset = content.get("linkset") if isinstance(content, dict) else None
    if not isinstance(linkset, list):
        return ["no array `linkset`"]
    faults = [f"entry {place} is no object" for place, one in enumerate(linkset) if not isinstance(one, dict)]
    for place, one in enumerate(_contexts(content)):
        if "anchor" in one and not isinstance(one["anchor"], str):
            faults.append(f"the `anchor` of entry {place} is no text")
        for relation, targets in one.items():
            if relation != "anchor" and not (
                isinstance(targets, list)
                and all(isinstance(t, dict) and isinstance(t.get("href"), str) for t in targets)
            ):
                faults.append(f"`{relation}` of entry {place} is no array of objects with `href`")
    if not faults and not any(_same(one, target) for one in _named(content, url)):
        faults.append(f"nothing in it names {target}")
    return faults


def descriptions(content: Any, url: str) -> list[str]:
    """URLs of the descriptions that a catalogue names; an `item` may be a base URL, where there is nothing to read."""
    return _targets(content, url, _DESCRIPTIONS)


def references(content: Any, url: str) -> list[str]:
    """URLs of the descriptions and APIs that a catalogue names."""
    return _targets(content, url, (*_DESCRIPTIONS, "item"))


def _targets(content: Any, url: str, relations: tuple[str, ...]) -> list[str]:
    found = []
    for one in _contexts(content):
        for relation in relations:
            targets = one.get(relation)
            for each in targets if isinstance(targets, list) else ():
                if isinstance(each, dict) and isinstance(each.get("href"), str):
                    found.append(urljoin(url, each["href"]))
    return list(dict.fromkeys(found))


def _named(content: Any, url: str) -> list[str]:
    anchors = [
        urljoin(url, one["anchor"]) for one in _contexts(content) if isinstance(one.get("anchor"), str)
    ]
    return [*anchors, *references(content, url)]


def _same(one: str, target: str) -> bool:
    return one.rstrip("/") == target.rstrip("/") or one.startswith(target.rstrip("/") + "/")
