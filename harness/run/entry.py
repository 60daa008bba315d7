"""The base URL of the API where the user gave the URL of its document, or of one of its items."""

from __future__ import annotations

from dataclasses import replace

from harness.bad_input import BadInput
from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.http.content import json_of
from harness.profile.models import Profile
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.survey.ask import documents
from harness.survey.ask.reach import entered
from harness.survey.infer import entries
from harness.target.target import Target

REQUESTS = 12
"""Most requests, all of them GET."""


def settled(target: Target, written: Profile, openapi: str | bool | None) -> tuple[Target, Profile]:
    """The target at the base URL of its API, and the profile, which then names the document.

    Only URLs that look like those of a document or an item are requested here. A URL that turns out to be neither is
    left as it is.

    Args:
        target: as the user gave it.
        written: the profile as written.
        openapi: the value of `--openapi`; None where it is not given.
    """
    document = entries.may_be_document(target.url)
    item = entries.may_be_item(target.url) and not written.resources
    if not (document or item):
        return target, written
    limits = replace(target.limits, effects=Effect.READ)
    reading = replace(target, limits=limits)
    client = Client.open(reading, Recorder(reading, Budget(REQUESTS, limits.rps)))
    try:
        if document:
            return _by_document(client, target, written, openapi)
        return _by_item(client, target), written
    except (Undecided, BadInput):
        # The survey words what is wrong with the target.
        return target, written
    finally:
        client.close()


def _by_document(
    client: Client, target: Target, written: Profile, openapi: str | bool | None
) -> tuple[Target, Profile]:
    found = documents.at_entry(client, entered(client, client.get(target.url)))
    if found is None:
        return target, written
    url, content = found
    base = entries.base_of(content, url, target.origin)
    if base == target.url:
        return target, written
    why = f"{target.url} describes the API, which is tested at {base}, as the document says"
    if openapi is None and written.openapi is None:
        written = written.model_copy(update={"openapi": url})
    return replace(target, url=base, instead=why), written


def _by_item(client: Client, target: Target) -> Target:
    item = client.get(target.url)
    above = entries.collection_of(target.url)
    if not item.is_success or not isinstance(json_of(item), dict):
        return target
    listed = client.get(above)
    if listed.is_redirect or not listed.is_success:
        listed = client.get(above + "/")
    if not listed.is_success or not entries.is_item_of(json_of(item), json_of(listed), target.url):
        return target
    why = f"{target.url} is an item: its collection is tested, {above}"
    return replace(target, url=above, instead=why)
